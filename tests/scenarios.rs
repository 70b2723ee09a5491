//! One small data file per trap of the provider (`scenarios/`), all of them in one account: what the export writes, and
//! that its plan imports everything and changes nothing.
//!
//! A file says which rows of the provider's known traps it covers, its documents (what AWS would always add is added
//! here), what stands in the code of each address, and what is skipped with which reason.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/scenario.rs"]
mod scenario;
#[path = "support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ecsight::aws::demo::Account;
use engines::{environment, say};
use facts::Schema;
use plans::{dialect, ecsight, evidence, files, import_only, nothing_left_out, refusals, would_be};
use scenario::{Scenario, account, scenarios};
use serde_json::Value;
use server::Server;

/// The traps: config against API, as experiments with the real provider found them. Each is covered by a file.
const ROWS: &[&str] = &[
    "e1", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "b1", "b2", "b3", "b4", "b5", "b6", "b7",
    "b8", "b9", "c1", "c2", "c3", "c4", "c5", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11",
    "d12", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "g1", "g2", "g3", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "i1",
    "i2",
];

/// The code of an export: address to text, alignment and line breaks folded into single spaces; and `*`, all of it.
struct Code(BTreeMap<String, Text>);

/// With its comments, and without.
#[derive(Default)]
struct Text {
    whole: String,
    code: String,
}

impl Code {
    fn read(dir: &Path) -> Self {
        let mut all: BTreeMap<String, Text> = BTreeMap::new();
        let is_code = |name: &str| Path::new(name).extension().is_some_and(|e| e == "tf") && name != "imports.tf";
        for (_, bytes) in files(dir).into_iter().filter(|(name, _)| is_code(name)) {
            let mut address = String::new();
            for line in String::from_utf8_lossy(&bytes).lines() {
                let words: Vec<&str> = line.split('"').collect();
                if let ["resource ", kind, _, label, ..] = words[..] {
                    address = format!("{kind}.{label}");
                }
                let folded = line.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
                for address in [address.as_str(), "*"] {
                    let text = all.entry(address.to_owned()).or_default();
                    text.whole += &folded;
                    if !folded.starts_with('#') {
                        text.code += &folded;
                    }
                }
            }
        }
        Self(all)
    }

    /// What of a scenario's expectations does not hold.
    fn wrong(&self, scenario: &Scenario, dialect: &str, concise: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        for expected in &scenario.expect {
            if expected.dialect.as_deref().is_some_and(|d| d != dialect)
                || expected.concise.is_some_and(|c| c != concise)
            {
                continue;
            }
            let Some(text) = self.0.get(&expected.at) else {
                wrong.push(format!("{}: there is no {}", scenario.file, expected.at));
                continue;
            };
            let say =
                |what: &str, part: &str| format!("{}: {} {what} {part}\n  {}", scenario.file, expected.at, text.whole);
            wrong.extend(expected.has.iter().filter(|part| !text.whole.contains(*part)).map(|part| say("lacks", part)));
            wrong.extend(expected.lacks.iter().filter(|part| text.code.contains(*part)).map(|part| say("has", part)));
        }
        wrong
    }
}

/// Holds the skips of an export to those that the scenarios expect, both ways; gives their ARNs.
fn skipped(scenarios: &[&Scenario], evidence: &Value, dialect: &str) -> Vec<String> {
    let expected: Vec<(&str, &str)> = scenarios
        .iter()
        .flat_map(|scenario| &scenario.skips)
        .filter(|skip| skip.dialect.as_deref().is_none_or(|d| d == dialect))
        .map(|skip| (skip.resource.as_str(), skip.reason.as_str()))
        .collect();
    let skips = evidence["skips"].as_array().expect("skips").iter();
    let found: Vec<(String, &str)> = skips
        .map(|s| (s["resource"].as_str().unwrap().to_owned(), s["reason"].as_str().unwrap()))
        .filter(|(arn, _)| !arn.ends_with("/FARGATE") && !arn.ends_with("/FARGATE_SPOT"))
        .collect();
    let fits = |(arn, reason): &(String, &str), (resource, words): &(&str, &str)| {
        arn.ends_with(&format!(":{resource}")) && reason.contains(words)
    };
    for skip in &found {
        assert!(expected.iter().any(|e| fits(skip, e)), "{dialect}: {} is skipped: {}", skip.0, skip.1);
        assert!(!skip.1.contains("made-up-Otter9"), "a reason holds a credential: {}", skip.1);
    }
    for e in &expected {
        assert!(found.iter().any(|skip| fits(skip, e)), "{dialect}: {} is not skipped, or not because {}", e.0, e.1);
    }
    found.into_iter().map(|(arn, _)| arn).collect()
}

#[tokio::test]
async fn every_scenario_is_written_as_it_says_and_plans_import_only() {
    let Some(environment) = environment("scenarios: what the export writes, and its plan") else { return };
    let all = scenarios();
    let schema = Schema::read();
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs() {
        let here: Vec<&Scenario> = all.iter().filter(|scenario| scenario.is_for(dialect(&pair))).collect();
        let documents = account(&here);
        let server = Server::start(Account::from_json(&documents));
        for concise in [false, true] {
            let name = format!("{}-{}-{concise}", pair.command, dialect(&pair));
            let dir = folder.path().join(&name);
            let mut words = vec!["export", "--all", "--dialect", dialect(&pair), "--out", dir.to_str().expect("UTF-8")];
            words.extend(concise.then_some("--concise"));
            ecsight(&server, &words);
            let code = Code::read(&dir);
            let wrong: Vec<String> =
                here.iter().flat_map(|scenario| code.wrong(scenario, dialect(&pair), concise)).collect();
            assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
            let evidence = evidence(&dir);
            let skipped = skipped(&here, &evidence, dialect(&pair));
            let planned = environment.plan(&dir, &pair, &server.url()).await;
            import_only(&planned, &name);
            nothing_left_out(&schema, &pair, &planned, &evidence, 60);
            if pair.command == "terraform" && !concise {
                // What is skipped for the form of an argument, the provider does refuse.
                let reason = |arn: &&str| {
                    let skip = evidence["skips"].as_array().unwrap().iter().find(|s| s["resource"] == **arn).unwrap();
                    skip["reason"].as_str().unwrap().contains("the provider takes")
                };
                let formal: Vec<&str> = skipped.iter().map(String::as_str).filter(reason).collect();
                let would = folder.path().join(format!("{name}-would-be"));
                let written = would_be(&documents, &formal, dialect(&pair), &dir, &would);
                let refused = refusals(&environment, &pair, &would, None);
                assert!(written.len() >= 15, "{name}: only {} are skipped for their form", written.len());
                for (arn, address) in written {
                    assert!(
                        refused.iter().any(|(at, _)| *at == address),
                        "{name}: {arn} is skipped, and its code is valid"
                    );
                }
            }
        }
        assert_eq!(server.mutations(), 0);
    }
}

#[test]
fn every_known_trap_has_a_scenario() {
    let all = scenarios();
    let mut covered = BTreeMap::new();
    for scenario in &all {
        for row in &scenario.rows {
            assert!(ROWS.contains(&row.as_str()), "{}: {row} is no row", scenario.file);
            assert!(covered.insert(row.clone(), &scenario.file).is_none(), "{row} is covered twice");
        }
    }
    let uncovered: Vec<&&str> = ROWS.iter().filter(|row| !covered.contains_key(**row)).collect();
    assert!(uncovered.is_empty(), "no scenario covers {uncovered:?}");
}

/// True when a member of a document has a value, whatever lists stand on the way.
fn has(value: &Value, path: &[&str]) -> bool {
    match (value, path) {
        (Value::Array(items), [_, ..]) => items.iter().any(|item| has(item, path)),
        (_, [name, rest @ ..]) => value.get(name).is_some_and(|child| has(child, rest)),
        (Value::Null, []) => false,
        (Value::String(text), []) => !text.is_empty(),
        (Value::Array(items), []) => !items.is_empty(),
        (Value::Object(members), []) => !members.is_empty(),
        _ => true,
    }
}

/// Every member of the API that is an argument occurs with a value in a scenario or in the demo account: there is no
/// other bucket.
#[test]
fn every_argument_of_the_api_occurs_in_a_scenario_or_in_the_demo_account() {
    let all = scenarios();
    let demo = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let mut documents: BTreeMap<&str, Vec<(String, Value)>> = BTreeMap::new();
    for (shape, collection, text) in [
        ("Cluster", "clusters", include_str!("../assets/demo/clusters.json")),
        ("Service", "services", include_str!("../assets/demo/services.json")),
        ("TaskDefinition", "task_definitions", include_str!("../assets/demo/task_definitions.json")),
        ("CapacityProvider", "capacity_providers", include_str!("../assets/demo/capacity_providers.json")),
        ("ScalableTarget", "scalable_targets", include_str!("../assets/demo/scalable_targets.json")),
        ("ScalingPolicy", "scaling_policies", include_str!("../assets/demo/scaling_policies.json")),
    ] {
        let of = documents.entry(shape).or_default();
        of.push(("the demo account".into(), demo(text)));
        // What is refused proves nothing about what is written.
        for scenario in all.iter().filter(|scenario| !scenario.file.starts_with("refused")) {
            of.push((scenario.file.clone(), account(&[scenario])[collection].clone()));
        }
        for (_, value) in of.iter_mut().filter(|_| shape == "TaskDefinition") {
            let envelopes = value.as_array().into_iter().flatten();
            *value = envelopes
                .map(|envelope| {
                    let mut definition = envelope["taskDefinition"].clone();
                    definition["tags"] = envelope["tags"].clone();
                    definition
                })
                .collect();
        }
    }
    let mut by_file: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for facts::Member { shape, path: member, class, .. } in facts::members() {
        // Task sets are no resource yet: the whole list is named as not written.
        if class != "argument" || member.starts_with("taskSets") {
            continue;
        }
        checked += 1;
        let path: Vec<&str> = member.split('.').map(|step| step.trim_end_matches("[]")).collect();
        match documents[shape.as_str()].iter().find(|(_, value)| has(value, &path)) {
            Some((file, _)) => *by_file.entry(file).or_default() += 1,
            None => missing.push(format!("{shape}.{member}")),
        }
    }
    assert!(checked > 460, "{checked}");
    assert!(missing.is_empty(), "no scenario has a value for:\n{}", missing.join("\n"));
    for scenario in &all {
        let members = by_file.get(scenario.file.as_str()).copied().unwrap_or(0);
        say(&format!("scenario {}: rows {:?}, first to hold {members} members", scenario.file, scenario.rows));
    }
    let names: BTreeSet<&str> = all.iter().map(|scenario| scenario.file.as_str()).collect();
    assert_eq!(names.len(), all.len());
}
