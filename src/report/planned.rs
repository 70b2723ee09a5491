//! What `ecsight export --dry-run` says: the export plan, a row for each resource, before anything is written.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Changed;
use super::print::{self, table};
use crate::estate::{ResourceId, visible};
use crate::export::choices::{mode_word, reference_word};
use crate::export::{Choices, PlanRow, Preview, SELECTED, count};

/// Where an export would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A new folder of this path; with a number where that is taken.
    New(String),
    /// Exactly this folder.
    Exactly(String),
    /// This root module, beside what it has.
    Root(String),
}

/// What is said of an export that is not written, besides its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Where it would be written.
    pub target: Target,
    /// The export on disk that it is compared with, by its name, and what would differ from it.
    pub compared: Option<(String, Vec<Changed>)>,
    /// What else is to be said of the folder.
    pub remarks: Vec<String>,
}

impl Planned {
    /// What the real run would refuse.
    fn refusal(&self) -> Option<String> {
        match (&self.target, &self.compared) {
            (Target::Exactly(folder), Some(_)) => {
                Some(format!("{folder} exists already and is never overwritten: without --dry-run this is refused"))
            }
            _ => None,
        }
    }
}

/// The plan as JSON.
pub fn planned_json(preview: &Preview, choices: &Choices, planned: &Planned) -> String {
    let rows: Vec<Value> = preview
        .rows
        .iter()
        .map(|row| {
            let references = row.references.iter().map(|(kind, named)| {
                let mode = choices.options.mode(*kind);
                json!({"kind": kind, "mode": mode, "named": named})
            });
            json!({
                "resource": row.id.native,
                "kind": row.id.kind,
                "addresses": row.addresses,
                "import_id": row.import_id,
                "renamed": row.renamed,
                "skip": row.skip.as_ref().map(|s| json!({"reason": s.reason, "by_choice": s.by_choice})),
                "links": addresses(preview, &row.links),
                "literal_because_skipped": row.loose.iter().map(|id| &id.native).collect::<Vec<_>>(),
                "references": references.collect::<Vec<_>>(),
            })
        })
        .collect();
    print::json(&json!({
        "folder": preview.folder,
        "target": match &planned.target {
            Target::New(path) | Target::Exactly(path) | Target::Root(path) => path,
        },
        "refusal": planned.refusal(),
        "remarks": planned.remarks,
        "dialect": choices.options.dialect,
        "concise": choices.options.concise,
        "portable": choices.options.portable,
        "imports": preview.imports,
        "skips": preview.skips().count(),
        "rows": rows,
        "unread": preview.unread.iter().map(|u| json!({
            "resource": u.native(), "what": u.what(), "why": u.why,
        })).collect::<Vec<_>>(),
        "remarks": preview.remarks,
        "unused": preview.unused.iter().map(|(id, what)| json!({
            "resource": id.native, "what": what,
        })).collect::<Vec<_>>(),
        "compared": planned.compared.as_ref().map(|(folder, changed)| json!({
            "folder": folder,
            "changed": changed.iter().map(|change| json!({
                "file": change.file,
                "added": change.counts.map(|(added, _)| added),
                "removed": change.counts.map(|(_, removed)| removed),
                "lines": change.text.lines().iter().map(|line| &line.text).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })),
    }))
}

/// The plan for people.
pub fn planned_text(preview: &Preview, choices: &Choices, planned: &Planned) -> String {
    let target = match &planned.target {
        Target::New(path) => format!("folder {path}"),
        Target::Exactly(path) => format!("exactly the folder {path}"),
        Target::Root(path) => format!("into the root module {path}"),
    };
    let mut out = format!(
        "{} to import, {} skipped{}: {target} ({}{}{}); nothing is written\n\n",
        preview.imports,
        preview.skips().count(),
        count(&preview.unread).map(|count| format!(", {count}")).unwrap_or_default(),
        choices.options.dialect.word(),
        if choices.options.concise { ", concise" } else { "" },
        if choices.options.portable { ", portable" } else { "" },
    );
    // Likely slips of the pen come before what is as it was meant.
    let slips = unused(preview);
    for line in &slips {
        out.push_str(&format!("{line}\n"));
    }
    if !slips.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "To import ({})", preview.imports);
    for row in preview.rows.iter().filter(|row| row.skip.is_none()) {
        for (at, address) in row.addresses.iter().enumerate() {
            let _ = writeln!(out, "  {address}\n      id {}", row.import_id);
            let words = if at == 0 { named(preview, choices, row) } else { String::new() };
            if !words.is_empty() {
                let _ = writeln!(out, "      names {words}");
            }
        }
    }
    let skipped: Vec<&PlanRow> = preview.skips().collect();
    if !skipped.is_empty() {
        let _ = writeln!(out, "\nSkipped ({})", skipped.len());
    }
    for row in skipped {
        let _ = writeln!(out, "  {}", row.id);
        if let Some(skip) = &row.skip {
            let _ = writeln!(out, "      {}", skip.reason);
        }
    }
    for remark in &preview.remarks {
        out.push_str(&format!("note: {remark}\n"));
    }
    for unread in &preview.unread {
        out.push_str(&format!("{unread}\n"));
    }
    out.push('\n');
    for remark in &planned.remarks {
        let _ = writeln!(out, "note: {remark}");
    }
    if let Some(refusal) = planned.refusal() {
        let _ = writeln!(out, "note: {refusal}");
    }
    match (&planned.compared, &planned.target) {
        (None, Target::New(_)) => out.push_str(&format!("no earlier export in a folder {}\n", preview.folder)),
        (None, Target::Exactly(folder)) => out.push_str(&format!("{folder} holds nothing yet\n")),
        (None, Target::Root(_)) => out.push_str("only new files are added\n"),
        (Some((folder, changed)), _) if changed.is_empty() => out.push_str(&format!("nothing differs from {folder}\n")),
        (Some((folder, changed)), _) => {
            let rows: Vec<Vec<String>> = changed
                .iter()
                .map(|change| {
                    let not = || "not compared: it may hold credentials".to_owned();
                    let counts = change.counts.map_or_else(not, |(added, gone)| format!("+{added} -{gone}"));
                    vec![change.file.clone(), counts]
                })
                .collect();
            out.push_str(&table(&format!("What would differ from {folder}"), &["FILE", "LINES"], &rows));
        }
    }
    out.lines().map(|line| visible(line) + "\n").collect()
}

/// What was chosen for resources that the plan does not hold.
pub fn unused(preview: &Preview) -> Vec<String> {
    let word = |(id, what): &(ResourceId, &str)| match *what {
        SELECTED => format!("{id} was selected, and AWS says that it does not exist"),
        what => format!("a {what} was chosen for {id}, which is no part of this export"),
    };
    preview.unused.iter().map(word).collect()
}

/// `aws_ecs_cluster.prod; role, 2 subnet literal; cluster dev literal (skipped)`.
fn named(preview: &Preview, choices: &Choices, row: &PlanRow) -> String {
    let mut words: Vec<String> = addresses(preview, &row.links).into_iter().map(str::to_owned).collect();
    words.extend(row.loose.iter().map(|id| format!("{id} literally, it is skipped")));
    words.extend(row.references.iter().map(|(kind, named)| {
        let mode = mode_word(choices.options.mode(*kind));
        format!("{} {} {mode}", named.len(), reference_word(*kind))
    }));
    words.join("; ")
}

fn addresses<'p>(preview: &'p Preview, ids: &BTreeSet<ResourceId>) -> Vec<&'p str> {
    let rows = preview.rows.iter().filter(|row| ids.contains(&row.id));
    rows.filter_map(|row| row.addresses.first()).map(String::as_str).collect()
}
