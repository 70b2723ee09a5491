//! What an export would say otherwise than an earlier one on disk: a unified diff per file, without any credential.
//!
//! The files on disk may have been edited: what stands in them is hostile, and may hold credentials that are in no
//! document. What cannot be read well enough to find those is not shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::hidden::{Hidden, hidden};
use super::print::json;
use crate::estate::{Line, Rendered, visible};
use crate::export::Export;
use crate::secrets::redact;

/// Lines around a change.
const AROUND: usize = 3;

/// Longest text of a file's diff, in lines.
const LONGEST: usize = 2_000;

/// The file that an import writes into.
const MACHINE: &str = "evidence.json";

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
    // What the private files hold is hidden on both sides.
    let mut files = earlier.clone();
    let new = export.files.iter().filter(|(_, file)| file.private);
    files.extend(new.clone().map(|(name, file)| (format!("new/{name}"), file.text.clone())));
    let Hidden { values, unread } = hidden(&files);
    let holds_values = |name: &&String| ends(name, "tfvars") || name.ends_with(".tfvars.json");
    if let Some(file) = unread.iter().find(holds_values) {
        let file = file.strip_prefix("new/").unwrap_or(file);
        return vec![said(file, format!("{file} cannot be parsed, so nothing is compared"))];
    }
    let mut changed = Vec::new();
    for name in names {
        let (old, new) = (earlier.get(name), export.files.get(name));
        if private(name) {
            if old != new.map(|file| &file.text) {
                changed.push(said(name, "it holds values of credentials and is not compared".into()));
            }
        } else if unread.contains(name) {
            if old != new.map(|file| &file.text) {
                changed.push(said(name, "it differs; it cannot be parsed on disk, and is not shown".into()));
            }
        } else {
            let old = old.map_or_else(String::new, |text| exported(name, text));
            let old = redact(&old, &values);
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

/// A file as an export writes it: without what an import has added to the evidence.
fn exported(name: &str, text: &str) -> String {
    let parsed = || serde_json::from_str::<Value>(text).ok();
    match (name == MACHINE).then(parsed).flatten() {
        Some(Value::Object(mut members)) if members.contains_key("import") => {
            members.shift_remove("import");
            json(&members)
        }
        _ => text.to_owned(),
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

    /// Every place where a reader of an earlier folder may have put a credential.
    #[test]
    fn a_credential_is_found_wherever_somebody_has_put_it() {
        let secret = "Marmalade7Kestrel";
        let containers = |value: &str| {
            serde_json::json!([{"name": "a", "environment": [{"name": "DB_PASSWORD", "value": value}]}]).to_string()
        };
        let quoted = serde_json::Value::from(containers(secret)).to_string();
        let odd = r#"Mar"mal\ade7"#;
        let nested = serde_json::Value::from(containers(odd)).to_string();
        let places = [
            format!("variable \"p\" {{\n  sensitive = true\n  default   = \"{secret}\"\n}}\n"),
            format!("variable \"db_password\" {{\n  default = \"{secret}\"\n}}\n"),
            format!("variable \"m\" {{\n  sensitive = true\n  default = {{ a = [\"{secret}\"] }}\n}}\n"),
            format!("locals {{\n  db_password = \"{secret}\"\n}}\n"),
            format!("locals {{\n  a = {{ passwords = {{ db_password = \"{secret}\" }} }}\n}}\n"),
            format!("locals {{\n  a = sensitive(\"{secret}\")\n}}\n"),
            format!("locals {{\n  password = var.x ? \"{secret}\" : null\n}}\n"),
            format!("resource \"a\" \"b\" {{\n  container_definitions = {quoted}\n}}\n"),
            format!("resource \"a\" \"b\" {{\n  container_definitions = <<EOT\n{}\nEOT\n}}\n", containers(secret)),
            format!(
                "resource \"a\" \"b\" {{\n  container_definitions = <<-EOT\n    [{{\"cpu\": ${{var.cpu}},\n    \"environment\": \
                 [{{\"name\": \"DB_PASSWORD\", \"value\": \"{secret}\"}}]}}]\n  EOT\n}}\n"
            ),
            format!("resource \"aws_db_instance\" \"b\" {{\n  password = \"{secret}\"\n}}\n"),
            format!(
                "resource \"a\" \"b\" {{\n  env {{\n    name = \"DB_PASSWORD\"\n    value = \"{secret}\"\n  }}\n}}\n"
            ),
            format!("resource \"a\" \"b\" {{\n  tags = {{\n    api_token = \"{secret}\"\n  }}\n}}\n"),
            format!("resource \"a\" \"b\" {{\n  url = \"postgres://app:{secret}@db/x\"\n}}\n"),
            format!("# export DB_PASSWORD={secret}\n"),
            format!(
                "resource \"a\" \"b\" {{\n  container_definitions = jsonencode([{{ environment = [{{ name = \"DB_PASSWORD\", value = \"{secret}\" }}] }}])\n}}\n"
            ),
        ];
        for place in &places {
            let changed = changes(&earlier(&[("a.tf", place)]), &export(&[("a.tf", "x = 1\n", false)]));
            let text = changed.iter().map(|c| c.text.text()).collect::<String>();
            assert!(!text.contains(secret), "{text}");
            assert!(changed.iter().any(|c| c.counts.is_some()), "it is compared: {text} {place}");
        }
        let place = format!("resource \"a\" \"b\" {{\n  container_definitions = {nested}\n}}\n");
        let changed = changes(&earlier(&[("a.tf", &place)]), &export(&[("a.tf", "x = 1\n", false)]));
        let text = changed.iter().map(|c| c.text.text()).collect::<String>();
        assert!(!text.contains("mal"), "{text}");
        // A value of a tfvars file of either spelling that stands elsewhere as well, under a name that says nothing.
        for (file, text) in
            [("a.tfvars", format!("x = \"{secret}\"\n")), ("a.auto.tfvars.json", format!("{{\"x\":[\"{secret}\"]}}"))]
        {
            let old = earlier(&[(file, &text), ("a.tf", &format!("y = \"{secret}\"\n"))]);
            let text =
                changes(&old, &export(&[("a.tf", "x = 1\n", false)])).iter().map(|c| c.text.text()).collect::<String>();
            assert!(text.contains("y = ") && !text.contains(secret), "{text}");
        }
        // And in the files for readers and machines.
        for (file, text) in [
            ("evidence.json", format!("{{\"db_password\": \"{secret}\"}}")),
            ("ecsight.export.toml", format!("db_password = \"{secret}\"\n")),
            ("REVIEW.md", format!("DB_PASSWORD={secret}\n")),
        ] {
            let changed = changes(&earlier(&[(file, &text)]), &export(&[(file, "{}\n", false)]));
            let shown = changed.iter().map(|c| c.text.text()).collect::<String>();
            assert!(changed.len() == 1 && !shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn what_says_nothing_of_a_credential_stays_readable() {
        let old = "resource \"a\" \"b\" {\n  name = \"checkout-production\"\n  cpu = 256\n  role = \"arn:aws:iam::123456789012:role/app\"\n  password = var.db_password\n}\n";
        let changed = changes(&earlier(&[("a.tf", old)]), &export(&[("a.tf", "", false)]));
        let text = changed.iter().map(|c| c.text.text()).collect::<String>();
        assert!(!text.contains(crate::secrets::MARK), "{text}");
    }

    #[test]
    fn what_cannot_be_read_in_full_is_not_shown() {
        for text in [
            "x = {{ \"Marmalade7\"",
            "x = \"[{\\\"value\\\": \\\"Marmalade7\"\n",
            "x = <<EOT\n[{\"value\": \"Marmalade7\", ${join(\",\", var.x)} }]\nEOT\n",
            "x = <<-EOT\n    [{\"value\":\n\"Marmalade7\"}]\n  EOT\n",
            "x = <<EOT\n%{ for a in b }Marmalade7%{ endfor }\nEOT\n",
        ] {
            let changed = changes(&earlier(&[("a.tf", text)]), &export(&[("a.tf", "x = 1\n", false)]));
            assert_eq!(changed.len(), 1);
            assert_eq!(changed[0].text.text(), "it differs; it cannot be parsed on disk, and is not shown\n");
        }
    }

    #[test]
    fn what_an_import_has_added_to_the_evidence_is_no_difference() {
        let evidence = json(&serde_json::json!({"folder": "web", "imports": []}));
        let imported = json(&serde_json::json!({"folder": "web", "import": {"status": "done"}, "imports": []}));
        let new = export(&[("evidence.json", &evidence, false)]);
        assert!(changes(&earlier(&[("evidence.json", &imported)]), &new).is_empty());
        let other = json(&serde_json::json!({"folder": "api", "import": {"status": "done"}, "imports": []}));
        assert_eq!(changes(&earlier(&[("evidence.json", &other)]), &new)[0].counts, Some((1, 1)));
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
