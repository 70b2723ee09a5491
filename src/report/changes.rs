//! What an export would say otherwise than an earlier one on disk: a unified diff per file, without any credential.
//!
//! The files on disk may have been edited: what stands in them is hostile, and may hold credentials that are in no
//! document. What cannot be read well enough to find those is not shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::estate::{Kind, Line, Rendered, visible};
use crate::export::Export;
use crate::secrets::{Masks, forms, redact};

/// Lines around a change.
const AROUND: usize = 3;

/// Longest text of a file's diff, in lines.
const LONGEST: usize = 2_000;

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub file: String,
    /// Lines that are new and lines that have gone; `None` when they were not compared.
    pub counts: Option<(usize, usize)>,
    /// The lines of its diff, or the reason why there are none; safe to print.
    pub text: Rendered,
}

/// The files in which an export differs from the files of an earlier one, in order of name.
pub fn changes(earlier: &BTreeMap<String, String>, export: &Export) -> Vec<Changed> {
    let ends = |name: &str, end: &str| Path::new(name).extension().is_some_and(|extension| extension == end);
    let private = |name: &str| ends(name, "tfvars") || export.files.get(name).is_some_and(|file| file.private);
    // What else stands there, a state for example, is not ours to show.
    let ours = |name: &&str| export.files.contains_key(*name) || ends(name, "tf");
    let names: BTreeSet<&str> =
        earlier.keys().map(String::as_str).filter(ours).chain(export.files.keys().map(String::as_str)).collect();
    let said = |file: &str, why: String| Changed {
        file: file.to_owned(),
        counts: None,
        text: Rendered::new(vec![Line::plain(visible(&why))]),
    };
    let mut values = match known(earlier, export) {
        Ok(values) => values,
        Err(file) => return vec![said(&file, format!("{file} cannot be parsed, so nothing is compared"))],
    };
    let mut unread = BTreeSet::new();
    for (name, text) in earlier.iter().filter(|(name, _)| ends(name, "tf")) {
        match hcl::parse(text) {
            Ok(body) => values.extend(pasted(&body)),
            Err(_) => {
                unread.insert(name.as_str());
            }
        }
    }
    values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    values.dedup();
    let mut changed = Vec::new();
    for name in names {
        let (old, new) = (earlier.get(name), export.files.get(name));
        if private(name) {
            if old != new.map(|file| &file.text) {
                changed.push(said(name, "it holds values of credentials and is not compared".into()));
            }
        } else if unread.contains(name) {
            changed.push(said(name, "it cannot be parsed on disk, and is not compared".into()));
        } else {
            let old = redact(old.map_or("", String::as_str), &values);
            let new = redact(new.map_or("", |file| file.text.as_str()), &values);
            if old != new {
                changed.push(diff(name, &old, &new));
            }
        }
    }
    changed
}

fn diff(file: &str, old: &str, new: &str) -> Changed {
    let diff = TextDiff::from_lines(old, new);
    let (mut added, mut gone) = (0, 0);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Insert => added += 1,
            ChangeTag::Delete => gone += 1,
            ChangeTag::Equal => {}
        }
    }
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        lines.push(Line::plain(hunk.header().to_string().trim_end()));
        for change in hunk.iter_changes() {
            lines.push(Line::plain(format!(
                "{}{}",
                change.tag(),
                visible(change.value().trim_end_matches(['\n', '\r']))
            )));
        }
    }
    if lines.len() > LONGEST {
        let more = lines.len() - LONGEST;
        lines.truncate(LONGEST);
        lines.push(Line::plain(format!("@@ {more} more lines @@")));
    }
    Changed { file: file.to_owned(), counts: Some((added, gone)), text: Rendered::new(lines) }
}

/// The values of the private files, of both sides. The name of a file that cannot be parsed, if there is one.
fn known(earlier: &BTreeMap<String, String>, export: &Export) -> Result<Vec<String>, String> {
    let old = earlier.iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|e| e == "tfvars"));
    let new = export.files.iter().filter(|(_, file)| file.private).map(|(name, file)| (name, &file.text));
    let mut values = Vec::new();
    for (name, text) in old.chain(new) {
        let body = hcl::parse(text).map_err(|_| name.clone())?;
        let texts = body.attributes().map(|attribute| hcl::Value::from(attribute.expr().clone()));
        values.extend(texts.filter_map(|value| value.as_str().map(forms)).flatten().filter(|value| !value.is_empty()));
    }
    Ok(values)
}

/// Credentials that stand in the container definitions of a file: somebody may have pasted them there.
fn pasted(body: &hcl::Body) -> Vec<String> {
    let resources = body.blocks().filter(|block| block.identifier() == "resource");
    let arguments = resources.flat_map(|block| block.body().attributes());
    let calls = arguments.filter_map(|attribute| match attribute.expr() {
        hcl::Expression::FuncCall(call) if attribute.key() == "container_definitions" => call.args.first(),
        _ => None,
    });
    let documents = calls.map(|expression| json!({"containerDefinitions": plain(expression)}));
    documents.flat_map(|document| Masks::of(Kind::TaskDefinition, &document).values(&document)).collect()
}

/// An expression as JSON: what is no literal stands as its source.
fn plain(expression: &hcl::Expression) -> Value {
    match expression {
        hcl::Expression::Null => Value::Null,
        hcl::Expression::Bool(is) => (*is).into(),
        hcl::Expression::Number(number) => json!(number),
        hcl::Expression::String(text) => text.as_str().into(),
        hcl::Expression::Array(items) => items.iter().map(plain).collect(),
        hcl::Expression::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (key_text(key), plain(value))).collect())
        }
        other => hcl::format::to_string(other).unwrap_or_default().into(),
    }
}

fn key_text(key: &hcl::ObjectKey) -> String {
    match key {
        hcl::ObjectKey::Identifier(name) => name.to_string(),
        hcl::ObjectKey::Expression(hcl::Expression::String(name)) => name.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::File;

    fn export(files: &[(&str, &str, bool)]) -> Export {
        let files = files.iter();
        let files = files
            .map(|(name, text, private)| ((*name).to_owned(), File { text: (*text).to_owned(), private: *private }));
        Export { files: files.collect(), ..Export::default() }
    }

    fn earlier(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_differs_is_shown_by_file() {
        let old =
            earlier(&[("a.tf", "x = 1\ny = 2\n"), ("b.tf", "z = 1\n"), ("terraform.tfstate", "{\"p\":\"Kestrel77\"}")]);
        let new = export(&[("a.tf", "x = 1\ny = 3\n", false), ("c.tf", "q = 1\n", false)]);
        let changed = changes(&old, &new);
        let counts: Vec<(&str, Option<(usize, usize)>)> = changed.iter().map(|c| (c.file.as_str(), c.counts)).collect();
        assert_eq!(counts, [("a.tf", Some((1, 1))), ("b.tf", Some((0, 1))), ("c.tf", Some((1, 0)))]);
        assert_eq!(changed[0].text.text(), "@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n");
        assert!(changes(&earlier(&[("a.tf", "x = 1\n")]), &export(&[("a.tf", "x = 1\n", false)])).is_empty());
    }

    #[test]
    fn no_credential_of_either_side_is_shown() {
        let pasted = "resource \"aws_ecs_task_definition\" \"a\" {\n  container_definitions = jsonencode([{\n    environment = \
                      [{ name = \"DB_PASSWORD\", value = \"Marmalade7\" }]\n  }])\n}\n";
        let old = earlier(&[
            ("secrets.auto.tfvars", "a = \"Kestrel77\"\n"),
            ("a.tf", "# Kestrel77 was here\n"),
            ("b.tf", pasted),
        ]);
        let new = export(&[
            ("secrets.auto.tfvars", "a = \"Osprey88\"\n", true),
            ("a.tf", "# Osprey88 is here\n", false),
            ("b.tf", "", false),
        ]);
        let changed = changes(&old, &new);
        let text = changed.iter().map(|c| c.text.text()).collect::<String>();
        assert!(changed.iter().any(|c| c.file == "secrets.auto.tfvars" && c.counts.is_none()), "{text}");
        for secret in ["Kestrel77", "Osprey88", "Marmalade7"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.contains("is here") && text.contains("DB_PASSWORD"), "{text}");
    }

    #[test]
    fn what_cannot_be_parsed_is_not_shown() {
        let text = |old: &[(&str, &str)]| {
            let changed = changes(&earlier(old), &export(&[("a.tf", "x = 1\n", false)]));
            changed.iter().map(|c| c.text.text()).collect::<String>()
        };
        assert!(text(&[("a.tf", "password = {{ Kestrel77")]).contains("cannot be parsed on disk"));
        let all = text(&[("a.tf", "x = 2\n"), ("secrets.auto.tfvars", "a = Kestrel77\"")]);
        assert_eq!(all, "secrets.auto.tfvars cannot be parsed, so nothing is compared\n");
        assert!(
            text(&[("a.tf", "# \u{1b}[31m\u{202e}\n")])
                .chars()
                .all(|c| c == '\n' || !c.is_control() && c != '\u{202e}')
        );
    }
}
