//! Container definitions of any strings, read back by real engines: what `jsonencode` makes of the code is what AWS says,
//! and the plan imports it and changes nothing.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use ecsight::aws::demo::Account;
use engines::{Environment, Pair, Provider, environment};
use icu_normalizer::ComposingNormalizerBorrowed;
use plans::{dialect, ecsight, evidence, import_only};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use server::Server;

/// How many task definitions one account holds; each holds some ten strings.
const DEFINITIONS: usize = 24;

/// Any text: code of HCL, any Unicode, control characters, and now and then a very long one.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => hostile::hostile(),
        2 => any::<String>(),
        1 => "\\PC{0,40}",
        1 => "[\\x01-\\x1f\\x7f-\\x9f\u{2028}\u{2029}\u{feff}]{1,6}",
        1 => "(\\$|%|\\{|\\}|\"|\\\\|\n){1,12}",
        1 => hostile::hostile().prop_map(|piece| format!("x{piece}").repeat(4_000 / (piece.len() + 1))),
        1 => Just("e\u{301} \u{1100}\u{1161}\u{11a8} \u{212b}".to_owned()),
    ]
}

/// A container whose every string is any text.
fn container() -> impl Strategy<Value = Value> {
    let texts = prop::collection::vec(text(), 10);
    let map = prop::collection::btree_map(text(), text(), 0..3);
    (texts, map).prop_map(|(t, map): (Vec<String>, BTreeMap<String, String>)| {
        json!({"name": "app", "image": format!("i{}", t[0]), "cpu": 0, "memory": 64, "essential": true,
            "command": [t[1], t[2], ""], "entryPoint": [t[3]], "user": t[4], "workingDirectory": t[5],
            "environment": [{"name": t[6], "value": t[7]}], "dockerLabels": map,
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": t[8]}},
            "healthCheck": {"command": ["CMD-SHELL", t[9]], "interval": 30, "timeout": 5, "retries": 3},
            "mountPoints": [], "volumesFrom": [], "portMappings": []})
    })
}

/// The account, and what it says by family. The runner is seeded: each run sees the same strings.
fn account() -> (Value, BTreeMap<String, Value>) {
    let mut runner = TestRunner::deterministic();
    let mut said = BTreeMap::new();
    let mut definitions = Vec::new();
    for number in 0..DEFINITIONS {
        let mut containers = json!([container().new_tree(&mut runner).unwrap().current()]);
        if number == 0 {
            // Longer than a format string takes as a width.
            containers[0]["dockerLabels"] = json!({"a": "b", "${long}".repeat(10_000): "c"});
        }
        let family = format!("f{number}");
        let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:1");
        definitions.push(
            json!({"tags": [], "taskDefinition": {"taskDefinitionArn": arn, "family": family, "revision": 1,
            "status": "ACTIVE", "networkMode": "bridge", "volumes": [], "compatibilities": ["EC2"],
            "containerDefinitions": containers}}),
        );
        said.insert(family, containers);
    }
    // A scan lists families for what something runs; the others come with them.
    let arn = |resource: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{resource}");
    let cluster = json!({"clusterArn": arn("cluster/c"), "clusterName": "c", "status": "ACTIVE"});
    let service = json!({"serviceArn": arn("service/c/s"), "serviceName": "s", "clusterArn": arn("cluster/c"), "status": "ACTIVE",
        "desiredCount": 1, "launchType": "EC2", "schedulingStrategy": "REPLICA", "taskDefinition": arn("task-definition/f0:1"),
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}});
    (json!({"clusters": [cluster], "services": [service], "task_definitions": definitions}), said)
}

/// Engines hold every string in Unicode's composed form (NFC), in code and in state alike.
fn composed(value: &Value) -> Value {
    let text = |text: &str| ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned();
    match value {
        Value::String(s) => text(s).into(),
        Value::Array(items) => items.iter().map(composed).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(name, v)| (text(name), composed(v))).collect()),
        other => other.clone(),
    }
}

/// What the engine itself makes of the code: `container_definitions` of every resource as an output, without a provider.
fn evaluated(environment: &Environment, pair: &Pair, export: &Path, dir: &Path) -> BTreeMap<String, Value> {
    fs::create_dir_all(dir).unwrap();
    for name in ["variables.tf", "secrets.auto.tfvars"] {
        if export.join(name).exists() {
            fs::copy(export.join(name), dir.join(name)).unwrap();
        }
    }
    let mut outputs = String::new();
    let mut inside = false;
    for line in fs::read_to_string(export.join("task_definitions.tf")).unwrap().lines() {
        if let Some(label) = line.strip_prefix("resource \"aws_ecs_task_definition\" ") {
            outputs += &format!("output {label}\n");
        } else if line.starts_with("  container_definitions ") {
            outputs += &format!("  value {}\n", line.trim_start().trim_start_matches("container_definitions"));
            inside = true;
        } else if inside {
            outputs += &format!("{line}\n");
            if line == "  ])" {
                outputs += "}\n";
                inside = false;
            }
        }
    }
    fs::write(dir.join("outputs.tf"), outputs).unwrap();
    let run = |words: &[&str]| {
        let output = Command::new(environment.engine(pair).program())
            .args(words)
            .current_dir(dir)
            .envs(environment.variables())
            .output()
            .expect("the engine runs");
        assert!(output.status.success(), "{pair} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run(&["init", "-input=false", "-no-color"]);
    run(&["plan", "-input=false", "-no-color", "-out=plan"]);
    let shown: Value = serde_json::from_slice(&run(&["show", "-json", "plan"])).expect("JSON");
    let outputs = shown["planned_values"]["outputs"].as_object().expect("outputs");
    outputs
        .iter()
        .map(|(name, output)| {
            (name.clone(), serde_json::from_str(output["value"].as_str().expect("a text")).expect("JSON"))
        })
        .collect()
}

#[tokio::test]
async fn any_string_is_read_back_by_a_real_engine() {
    let Some(environment) = environment("container definitions of any strings, read by real engines") else { return };
    let (account, said) = account();
    let server = Server::start(Account::from_json(&account));
    let folder = tempfile::tempdir().expect("a folder");
    // Both engines and both providers once; the engine's own reading does not depend on the provider.
    let pairs = environment.pairs();
    let once = [("terraform", Provider::V6, true), ("tofu", Provider::V6, false), ("terraform", Provider::V3, false)];
    for (command, provider, concise) in once {
        let Some(pair) = pairs.iter().find(|p| p.command == command && p.provider == provider) else { continue };
        for concise in [false].into_iter().chain(concise.then_some(true)) {
            let dir = folder.path().join(format!("{command}-{}-{concise}", dialect(pair)));
            let mut words = vec!["export", "--all", "--dialect", dialect(pair), "--out", dir.to_str().expect("UTF-8")];
            words.extend(concise.then_some("--concise"));
            ecsight(&server, &words);
            let skips =
                evidence(&dir)["skips"].as_array().unwrap().iter().filter(|s| s["kind"] == "task_definition").count();
            assert_eq!(skips, 0, "{pair}: nothing here is refused");
            if !concise {
                let read = evaluated(&environment, pair, &dir, &dir.with_extension("outputs"));
                assert_eq!(read.len(), DEFINITIONS, "{pair}");
                for (family, containers) in &said {
                    assert_eq!(composed(&read[family]), composed(containers), "{pair}: {family}");
                }
            }
            let planned = environment.plan(&dir, pair, &server.url()).await;
            import_only(&planned, &format!("{pair}, concise {concise}"));
            assert_eq!(planned.report.counts.import, DEFINITIONS + 2, "{pair}");
        }
    }
}
