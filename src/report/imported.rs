//! What an import did, as a section of `evidence.json` and in words. The times come from the caller; no value of a
//! credential is in it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::overview::iso;
use crate::drift::state::Comparison;
use crate::estate::{Timestamp, visible};
use crate::terraform::plan::Counts;

/// How far an import came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is on, or was killed before it could say how it ended.
    Started,
    /// The engine was stopped, or failed: the state may hold a part.
    BrokenOff,
    /// It is in the state, and could not be proved.
    Unproven,
    /// It is in the state; the second plan is not empty, or live and state differ.
    Differs,
    /// It is in the state, the second plan is empty, and live and state are the same.
    Done,
}

/// The record of one import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How far it came.
    pub status: Status,
    /// What happened, where the status needs words.
    pub words: Option<String>,
    /// Twelve digits.
    pub account: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// `Terraform 1.15.5`.
    pub engine: String,
    /// The version of hashicorp/aws.
    pub provider: Option<String>,
    /// Where the state lives.
    pub state: String,
    /// SHA-256 of the plan file that was shown and applied; `None` when there was nothing left to apply.
    pub plan: Option<String>,
    /// Resources that the folder imports.
    pub resources: usize,
    /// How many of them the state holds now, when it was read.
    pub in_state: Option<usize>,
    /// When the import began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// What the plan afterwards would do.
    pub second_plan: Option<SecondPlan>,
    /// Live against state.
    pub comparison: Option<Comparison>,
    /// Earlier imports of the folder that applied something, as their records said, the oldest first ([`history`]).
    pub earlier: Vec<Value>,
}

/// The plan after an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondPlan {
    /// Nothing to import, and nothing to change.
    pub empty: bool,
    /// What it would do.
    pub counts: Counts,
}

impl Record {
    /// The record as a section of `evidence.json`.
    pub fn section(&self) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of four-digit years are exact")]
        let time = |at: Timestamp| iso(at as f64 / 1000.0);
        json!({
            "status": self.status,
            "words": self.words,
            "account": self.account,
            "region": self.region,
            "engine": self.engine,
            "provider": self.provider,
            "state": self.state,
            "plan": self.plan.as_ref().map(|digest| json!({"algorithm": "sha256 of the plan file", "value": digest})),
            "resources": self.resources,
            "in_state": self.in_state,
            "started": time(self.started),
            "finished": self.finished.map(time),
            "second_plan": self.second_plan.map(|plan| json!({
                "empty": plan.empty,
                "import": plan.counts.import, "add": plan.counts.add,
                "change": plan.counts.change, "destroy": plan.counts.destroy,
            })),
            "comparison": self.comparison,
            "earlier": self.earlier,
        })
    }

    /// The text of an `evidence.json` with this record in it, in place of an earlier one.
    ///
    /// An empty text is an evidence that says nothing yet. The error says what is wrong with the text.
    pub fn written_into(&self, evidence: &str) -> Result<String, String> {
        let mut members = members(evidence)?;
        members.insert("import".into(), self.section());
        Ok(super::print::json(&Value::Object(members)))
    }

    /// What came of it, for people. `evidence` is the name of the file in which the whole stands.
    pub fn text(&self, evidence: &str) -> String {
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(&visible(text));
            out.push('\n');
        };
        if let Some(held) = self.in_state {
            line(&format!("the state holds {held} of {} resources: {}", self.resources, self.state));
        }
        if let Some(plan) = &self.second_plan {
            let verdict = if plan.empty { "empty".to_owned() } else { format!("NOT empty: {}", plan.counts) };
            line(&format!("second plan: {verdict}"));
        }
        if let Some(found) = &self.comparison {
            let unknown = if found.unknown.is_empty() {
                String::new()
            } else {
                format!(", {} resources could not be compared", found.unknown.len())
            };
            line(&format!(
                "live against state: compared {}, differing {}, not held by the provider {}{unknown}",
                found.compared,
                found.differing.len(),
                found.not_held.len(),
            ));
            for d in &found.differing {
                line(&format!("  ! {}: {} ({}): AWS {}, state {}", d.address, d.argument, d.field, d.live, d.state));
            }
            for unknown in &found.unknown {
                line(&format!("  ? {}: {}", unknown.address, unknown.why));
            }
            for held in found.not_held.iter().take(SHOWN) {
                line(&format!("    {}: {}: {}", held.address, held.field, held.why));
            }
            if found.not_held.len() > SHOWN {
                line(&format!("    and {} more, see {evidence}", found.not_held.len() - SHOWN));
            }
        }
        if let Some(words) = &self.words {
            line(words);
        }
        out
    }
}

/// How many members that the provider does not hold are listed in words.
const SHOWN: usize = 12;

/// What `evidence.json` says of an earlier import: its status and when it began.
pub fn earlier(evidence: &str) -> Result<Option<(String, String)>, String> {
    let members = members(evidence)?;
    let section = members.get("import");
    let text = |name: &str| section.and_then(|s| s.get(name)?.as_str()).map(visible);
    Ok(text("status").map(|status| (status, text("started").unwrap_or_default())))
}

/// Members of a record that stay when the next one takes its place: which plan was applied, by what, with what end.
const LASTING: [&str; 9] =
    ["status", "words", "engine", "provider", "state", "plan", "resources", "in_state", "started"];

/// What the next record has to keep of the imports so far: those that applied a plan, the oldest first.
pub fn history(evidence: &str) -> Vec<Value> {
    let members = members(evidence).unwrap_or_default();
    let Some(Value::Object(last)) = members.get("import") else { return Vec::new() };
    let mut all = last.get("earlier").and_then(Value::as_array).cloned().unwrap_or_default();
    if last.get("plan").is_some_and(|plan| !plan.is_null()) {
        let kept = LASTING.iter().filter_map(|name| Some(((*name).to_owned(), last.get(*name)?.clone())));
        all.push(Value::Object(kept.collect()));
    }
    all
}

/// The addresses that an export imports, as its `evidence.json` lists them.
pub fn addresses(evidence: &str) -> Vec<String> {
    let members = members(evidence).unwrap_or_default();
    let imports = members.get("imports").and_then(Value::as_array).into_iter().flatten();
    imports.filter_map(|import| import.get("address")?.as_str().map(str::to_owned)).collect()
}

fn members(evidence: &str) -> Result<Map<String, Value>, String> {
    if evidence.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(evidence) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("it is no JSON object".into()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::state::{Differing, NotHeld};

    fn record() -> Record {
        Record {
            status: Status::Differs,
            words: None,
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            engine: "Terraform 1.15.5".into(),
            provider: Some("3.39.0".into()),
            state: "the file terraform.tfstate".into(),
            plan: Some("ab".into()),
            resources: 2,
            in_state: Some(2),
            started: 1_767_323_045_000,
            finished: Some(1_767_323_046_000),
            second_plan: Some(SecondPlan { empty: false, counts: Counts { change: 1, ..Counts::default() } }),
            comparison: Some(Comparison {
                compared: 3,
                differing: vec![Differing {
                    address: "aws_ecs_service.web".into(),
                    argument: "desired_count".into(),
                    field: crate::estate::FieldPath::root().member("desiredCount"),
                    live: "4\u{1b}[2J".into(),
                    state: "3".into(),
                }],
                not_held: vec![NotHeld {
                    address: "aws_ecs_cluster.prod".into(),
                    field: crate::estate::FieldPath::root().member("settings"),
                    why: "not read".into(),
                }],
                unknown: vec![],
            }),
            earlier: vec![],
        }
    }

    #[test]
    fn the_section_stands_beside_what_was_there_and_replaces_an_earlier_one() {
        let first = record().written_into(r#"{"dialect":"v3","imports":[],"import":{"status":"started"}}"#).unwrap();
        let value: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(value["dialect"], "v3");
        assert_eq!(value["import"]["status"], "differs");
        assert_eq!(value["import"]["started"], "2026-01-02T03:04:05Z");
        assert_eq!(value["import"]["comparison"]["differing"][0]["field"], "desiredCount");
        assert_eq!(record().written_into(&first).unwrap(), first, "same input, same bytes");
        assert_eq!(earlier(&first).unwrap(), Some(("differs".into(), "2026-01-02T03:04:05Z".into())));
        assert_eq!(earlier("{}").unwrap(), None);
        assert!(record().written_into("[]").is_err() && record().written_into("{").is_err());
        assert!(record().written_into("").is_ok());
    }

    #[test]
    fn the_plan_of_an_earlier_import_is_kept() {
        let first = record().written_into("{}").unwrap();
        let again = Record { plan: None, earlier: history(&first), ..record() };
        let second = again.written_into(&first).unwrap();
        let third = Record { plan: None, earlier: history(&second), ..record() };
        assert_eq!(third.earlier, again.earlier, "one that applied nothing adds nothing");
        assert_eq!(again.section()["earlier"][0]["plan"]["value"], "ab");
        assert_eq!(again.section()["earlier"][0].get("comparison"), None);
        assert_eq!(history(""), Vec::<Value>::new());
        assert_eq!(addresses(r#"{"imports":[{"address":"aws_ecs_cluster.a"},{}]}"#), ["aws_ecs_cluster.a"]);
    }

    #[test]
    fn the_words_count_and_name_and_move_no_cursor() {
        let text = record().text("evidence.json");
        assert!(text.contains("compared 3, differing 1, not held by the provider 1"), "{text}");
        assert!(text.contains("aws_ecs_service.web: desired_count (desiredCount): AWS 4"), "{text}");
        assert!(text.contains("NOT empty") && text.contains("1 to change") && !text.contains('\u{1b}'), "{text}");
    }
}
