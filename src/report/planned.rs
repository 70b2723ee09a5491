//! What `ecsight export --dry-run` says: the export plan, a row for each resource, before anything is written.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Changed;
use super::print::{self, table};
use crate::estate::{ResourceId, visible};
use crate::export::choices::{mode_word, reference_word};
use crate::export::{Choices, PlanRow, Preview, SELECTED, count};

/// The earlier export that a plan is compared with: its folder's name, and what would differ from it.
pub type Compared = Option<(String, Vec<Changed>)>;

/// The plan as JSON.
pub fn planned_json(preview: &Preview, choices: &Choices, compared: &Compared) -> String {
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
        "compared": compared.as_ref().map(|(folder, changed)| json!({
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
pub fn planned_text(preview: &Preview, choices: &Choices, compared: &Compared) -> String {
    let mut out = format!(
        "{} to import, {} skipped{}: folder {} ({}{}{}); nothing is written\n\n",
        preview.imports,
        preview.skips().count(),
        count(&preview.unread).map(|count| format!(", {count}")).unwrap_or_default(),
        visible(&preview.folder),
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
    let imported: Vec<Vec<String>> = preview
        .rows
        .iter()
        .filter(|row| row.skip.is_none())
        .flat_map(|row| {
            let all = row.addresses.iter().enumerate();
            all.map(|(at, address)| {
                let words = if at == 0 { named(preview, choices, row) } else { String::new() };
                vec![address.clone(), row.import_id.clone(), words]
            })
        })
        .collect();
    out.push_str(&table("To import", &["ADDRESS", "IMPORT ID", "NAMES"], &imported));
    let skipped: Vec<Vec<String>> = preview
        .skips()
        .map(|row| {
            let reason = row.skip.as_ref().map_or_else(String::new, |skip| skip.reason.clone());
            vec![row.id.to_string(), row.import_id.clone(), reason]
        })
        .collect();
    if !skipped.is_empty() {
        out.push('\n');
        out.push_str(&table("Skipped", &["RESOURCE", "IMPORT ID", "WHY"], &skipped));
    }
    for remark in &preview.remarks {
        out.push_str(&format!("note: {remark}\n"));
    }
    for unread in &preview.unread {
        out.push_str(&format!("{unread}\n"));
    }
    out.push('\n');
    match compared {
        None => out.push_str(&format!("no earlier export in a folder {}\n", preview.folder)),
        Some((folder, changed)) if changed.is_empty() => out.push_str(&format!("nothing differs from {folder}\n")),
        Some((folder, changed)) => {
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
