//! An export with its papers: `REVIEW.md` for people, `evidence.json` for machines, `ecsight.export.toml` for the next time.
//!
//! Neither holds a time or a count of calls: the same estate gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Kind};
use crate::estate::{self, Estate, Reference, ResourceId, Scope, StableKey, visible};
use crate::export::{CHOICES, Choices, Export, File, Mode, Options, closure, export, rests_on};
use crate::gate::{Mark, Review};

/// Writes an export of a selection and its papers: [`chosen`] for choices that nobody named a folder in.
pub fn dossier(estate: &Estate, selection: &[ResourceId], options: &Options) -> Result<Export, Error> {
    let scope = selection.first().map_or_else(|| Scope::new("", "", ""), |id| id.scope.clone());
    chosen(estate, &Choices::of(scope, selection, options.clone()))
}

/// Writes an export, the choices it was made with, and its review. Same estate and choices in, same bytes out.
///
/// An error of kind `NotFound` when nothing of the selection can be imported: there is no folder to write then.
pub fn chosen(estate: &Estate, choices: &Choices) -> Result<Export, Error> {
    let (selection, options) = (choices.selection(estate), &choices.options);
    let mut remarks = Vec::new();
    if let (Some(taken), Some(first)) = (&options.taken, selection.first()) {
        taken.dialect(Some(options.dialect))?;
        remarks = taken.remarks(&first.scope)?;
    }
    let mut export = export(estate, &selection, options);
    export.remarks.splice(0..0, remarks);
    export.unread = rests_on(estate, choices, std::mem::take(&mut export.unread));
    if let Some(folder) = &choices.folder {
        export.folder.clone_from(folder);
    }
    if export.imports.is_empty() {
        let why = match (export.skips.first(), export.unread.first()) {
            (Some(skip), _) => format!("{}: {}", skip.resource, skip.reason),
            (None, Some(unread)) => unread.to_string(),
            (None, None) => "there is nothing".into(),
        };
        return Err(Error::new(Kind::NotFound, format!("nothing can be imported ({})", visible(&why)))
            .hint("ecsight scan shows what was read and what was denied"));
    }
    // Only what the selection drags along: the papers do not depend on what else has been read.
    let review = Review::knowing(&estate.restricted(&closure(estate, &selection)), &export.credentials);
    // The choices of an export that was added to a root module would name what is there by now.
    if options.taken.is_none() {
        let (said, text) = (choices.text(&export.folder), export.known.mask(&choices.text(&export.folder)));
        if text != said {
            export.remarks.push(format!(
                "{CHOICES} names a resource whose name is a credential: it is masked there, and has to be named anew"
            ));
        }
        export.files.insert(CHOICES.into(), File { text, private: false });
    }
    let digest = digest(&export);
    let evidence = evidence(estate, &export, &review, options, &digest);
    let text = review_text(&export, &review, options, &digest);
    let (pretty, text) = (export.known.mask(&super::print::json(&evidence)), export.known.mask(&text));
    export.files.insert(options.file_name("evidence.json"), File { text: pretty, private: false });
    export.files.insert(options.file_name("REVIEW.md"), File { text, private: false });
    Ok(export)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 over the names and texts of the public files, in order of name.
fn digest(export: &Export) -> String {
    let public = export.files.iter().filter(|(_, file)| !file.private);
    digest_of(public.map(|(name, file)| (name.as_str(), file.text.as_str())))
}

/// The digest of `evidence.json` over files in order of name, so that a later reader can tell whether they were edited.
pub fn digest_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// The resources of an export, each once, with their addresses.
fn resources(export: &Export) -> Vec<(&ResourceId, Vec<&str>)> {
    let mut all: BTreeMap<&ResourceId, Vec<&str>> = BTreeMap::new();
    for import in &export.imports {
        all.entry(&import.resource).or_default().push(&import.address);
    }
    all.into_iter().collect()
}

/// What the documents of an export say beyond its files.
#[derive(Default)]
struct Papers<'a> {
    provenance: Vec<Value>,
    findings: Vec<Value>,
    /// What is named and not imported: roles, secrets, subnets ..., each with the addresses that name it.
    references: BTreeMap<Reference, BTreeSet<&'a str>>,
}

impl<'a> Papers<'a> {
    /// Reads each document once.
    fn of(estate: &Estate, export: &'a Export, review: &Review) -> Self {
        let mut papers = Self::default();
        for (id, addresses) in resources(export) {
            let document = estate.document(id);
            let value = document.map(|document| document.value()).unwrap_or_default();
            for mark in review.marks(id) {
                let key = StableKey::of(&mark.path, &value);
                papers.findings.push(json!({
                    "rule": mark.rule, "severity": mark.severity, "field": mark.path, "key": key, "text": mark.text,
                    "resource": id.native, "address": addresses.first(),
                }));
            }
            let (Some(document), Some(hidden)) = (document, export.credentials.get(id)) else { continue };
            for (path, reference) in estate::references(&value) {
                if hidden.hit(&path).is_none() {
                    papers.references.entry(reference).or_default().extend(addresses.first().copied());
                }
            }
            papers.provenance.push(json!({
                "resource": id.native,
                "kind": id.kind,
                "addresses": addresses,
                "operation": document.operation,
                // A hash over a document that holds credentials would let them be guessed: only of clean documents.
                "sha256": hidden.is_empty().then(|| hex(&Sha256::digest(document.raw.as_bytes()))),
            }));
        }
        papers
    }
}

fn evidence(estate: &Estate, export: &Export, review: &Review, options: &Options, digest: &str) -> Value {
    let Papers { provenance, findings, references: named } = Papers::of(estate, export, review);
    let references = references(export, named);
    let mut evidence = json!({
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "dialect": options.dialect,
        "concise": options.concise,
        "portable": options.portable,
        "digest": {"algorithm": "sha256 over NAME NUL TEXT NUL of every public file but this one and REVIEW.md", "value": digest},
        "imports": export.imports.iter().map(|i| json!({"address": i.address, "import_id": i.import_id})).collect::<Vec<_>>(),
        "skips": export.skips.iter().map(|s| json!({
            "resource": s.resource.native, "kind": s.resource.kind, "import_id": s.import_id, "reason": s.reason,
        })).collect::<Vec<_>>(),
        "unread": export.unread.iter().map(|u| json!({
            "resource": u.native(), "what": u.what(), "why": u.why,
        })).collect::<Vec<_>>(),
        "other_revisions": export.others.iter().map(|(exported, others)| json!({
            "exported": exported.native,
            "active": others.iter().map(|id| &id.native).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "references": references,
        "omissions": export.left.iter().map(|(address, left)| json!({
            "address": address, "argument": left.argument, "rule": left.rule, "field": left.path,
        })).collect::<Vec<_>>(),
        "not_written": export.notes.iter().map(|(address, note)| json!({
            "address": address, "field": note.path, "why": note.why,
        })).collect::<Vec<_>>(),
        "variables": export.variables.iter().map(|v| json!({
            "name": v.name, "address": v.address, "field": v.field, "reason": v.reason,
        })).collect::<Vec<_>>(),
        "findings": findings,
        "provenance": provenance,
    });
    if options.taken.is_some() {
        evidence["root_module"] = json!({
            "files": export.files.iter().filter(|(_, file)| !file.private).map(|(name, _)| name).collect::<Vec<_>>(),
            "held": export.held.iter().map(|held| json!({
                "resource": held.resource.native, "address": held.address, "linked": held.is_linked,
            })).collect::<Vec<_>>(),
            "remarks": export.remarks,
        });
    }
    evidence
}

/// What the exported resources name and do not import, each with the addresses that name it and how it is written there.
/// A field that no argument takes is named and written nowhere.
fn references(export: &Export, named: BTreeMap<Reference, BTreeSet<&str>>) -> Vec<Value> {
    /// Mode, what it is written as, and why not as chosen.
    type Ways<'a> = BTreeSet<(Mode, Option<&'a str>, Option<&'a str>)>;
    let mut written: BTreeMap<Reference, Ways<'_>> = BTreeMap::new();
    for one in &export.references {
        let reference = Reference { kind: one.kind, native: one.named.as_str().into() };
        written.entry(reference).or_default().insert((one.mode, one.by.as_deref(), one.why.as_deref()));
    }
    named
        .into_iter()
        .map(|(r, by)| {
            let written = written.get(&r).into_iter().flatten();
            let written: Vec<Value> =
                written.map(|(mode, by, why)| json!({"mode": mode, "as": by, "why": why})).collect();
            json!({"kind": r.kind, "named": r.native, "by": by, "written": written})
        })
        .collect()
}

/// Makes text safe inside a Markdown table cell.
fn cell(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "'")
}

fn table(out: &mut String, title: &str, head: &[&str], rows: Vec<Vec<String>>, none: &str) {
    let _ = writeln!(out, "\n## {title} ({})\n", rows.len());
    if rows.is_empty() {
        let _ = writeln!(out, "{none}");
        return;
    }
    let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "));
    }
}

fn review_text(export: &Export, review: &Review, options: &Options, digest: &str) -> String {
    let scope = export.imports.first().map(|i| i.resource.scope.to_string()).unwrap_or_default();
    let mut out = format!(
        "# Review of an import: {scope}\n\nResources that this folder imports: {}. It is meant to change none of them. Check that before anything is \
         applied:\n\n    ecsight verify .\n\nDialect {} · digest of the files `{digest}`\n",
        export.imports.len(),
        options.dialect.word(),
    );
    let marks: Vec<(String, Mark)> = resources(export)
        .into_iter()
        .flat_map(|(id, addresses)| {
            let address = addresses.first().copied().unwrap_or_default().to_owned();
            review.marks(id).into_iter().map(move |mark| (address.clone(), mark))
        })
        .collect();
    let findings = marks.iter().map(|(address, m)| {
        let severity = json!(m.severity).as_str().unwrap_or_default().to_owned();
        vec![m.rule.to_owned(), severity, address.clone(), m.path.to_string(), m.text.clone()]
    });
    table(
        &mut out,
        "Findings and drift",
        &["rule", "severity", "address", "field", "what was seen"],
        findings.collect(),
        "None of the rules that ran found anything.",
    );
    let skips = export.skips.iter().map(|s| vec![s.resource.to_string(), s.import_id.clone(), s.reason.clone()]);
    table(&mut out, "Skipped", &["resource", "import id", "why"], skips.collect(), "Nothing was skipped.");
    if options.taken.is_some() || !export.remarks.is_empty() {
        let own = if options.taken.is_some() { "The root module that this was added to" } else { "Notes" };
        let remarks = export.remarks.iter().map(|remark| vec![remark.clone()]);
        table(&mut out, own, &["what to know"], remarks.collect(), "Nothing to note.");
    }
    let unread = export.unread.iter().map(|u| vec![u.whose(), u.what(), u.why.clone()]);
    table(
        &mut out,
        "Not read",
        &["for", "what", "why"],
        unread.collect(),
        "Everything that this export rests on was read.",
    );
    let others = export.others.iter().map(|(exported, others)| {
        let revision = |id: &ResourceId| id.family_revision().map_or_else(String::new, |(_, n)| format!(":{n}"));
        let names: Vec<String> = others.iter().take(8).map(revision).collect();
        let more = others.len().saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        vec![exported.name().to_owned(), names.join(" ") + &more]
    });
    table(
        &mut out,
        "Other ACTIVE revisions, not imported",
        &["the newest of this export", "others, newest first"],
        others.collect(),
        "None.",
    );
    let notes = export.notes.iter().map(|(address, n)| vec![address.clone(), n.path.to_string(), n.why.clone()]);
    table(
        &mut out,
        "Set in AWS, not written",
        &["address", "field", "why"],
        notes.collect(),
        "Every member that is set stands in the code or is read-only.",
    );
    let left = export.left.iter().map(|(address, l)| vec![address.clone(), l.argument.clone(), l.rule.to_owned()]);
    table(&mut out, "Arguments left out by rule", &["address", "argument", "rule"], left.collect(), "None.");
    if options.references.values().any(|mode| *mode != Mode::Literal) {
        let rows: BTreeSet<Vec<String>> = export
            .references
            .iter()
            .map(|r| {
                let mode = r.by.clone().unwrap_or_else(|| "literal".into());
                vec![r.kind.word().to_owned(), r.named.clone(), mode, r.why.clone().unwrap_or_default()]
            })
            .collect();
        let head = ["kind", "as AWS tells it", "written as", "why not as chosen"];
        table(&mut out, "Named and not imported", &head, rows.into_iter().collect(), "Nothing.");
    }
    let variables =
        export.variables.iter().map(|v| vec![v.name.clone(), v.address.clone(), v.field.clone(), v.reason.to_owned()]);
    table(
        &mut out,
        "Credentials that became variables",
        &["variable", "address", "field", "why it is taken for one"],
        variables.collect(),
        "None.",
    );
    if !export.variables.is_empty() {
        out.push_str(&format!(
            "\nTheir values stand in `{}` (mode 0600, ignored by git) and, after the import, in the state. They also show in the output of every plan: a sensitive value would be a change on import, so the code takes the mark \
             off. Move them to Secrets Manager or SSM, and rotate them.\n",
            options.file_name("secrets.auto.tfvars"),
        ));
    }
    let imports = export.imports.iter().map(|i| vec![i.address.clone(), i.import_id.clone()]);
    table(&mut out, "Imports", &["address", "import id"], imports.collect(), "None.");
    out
}
