//! An export by the real binary over the loopback server, and what its plan must hold: nothing changes, nothing is left
//! out.
//!
//! Included by path beside `engines`, `facts` and `server`.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use ecsight::estate::{Document, Estate, Kind, News, Observation, ResourceId, Scope};
use ecsight::export::{Options, Plan, pane};
use ecsight::terraform::Dialect;
use serde_json::{Value, json};

use crate::engines::{Environment, Pair, Planned, Provider};
use crate::facts::Schema;
use crate::server::Server;

/// Runs the real binary against the loopback server.
pub fn ecsight(server: &Server, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ecsight"))
        .args(arguments)
        .args(["--endpoint-url", &server.url(), "--region", "eu-west-1"])
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

pub fn dialect(pair: &Pair) -> &'static str {
    match pair.provider {
        Provider::V3 => "v3",
        Provider::V6 => "v6",
    }
}

pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
        })
        .collect()
}

pub fn evidence(dir: &Path) -> Value {
    serde_json::from_slice(&fs::read(dir.join("evidence.json")).expect("evidence.json")).expect("JSON")
}

pub fn import_only(planned: &Planned, what: &str) {
    let wrong: Vec<String> = planned
        .report
        .resources
        .iter()
        .filter(|r| !r.verdict.is_harmless())
        .map(|r| {
            let causes: Vec<String> = r.verdict.causes().map(ToString::to_string).collect();
            format!("{}: {} ({})", r.address, r.verdict, causes.join("; "))
        })
        .collect();
    assert!(planned.report.is_import_only(), "{what}: {}\n{}", planned.report.counts, wrong.join("\n"));
}

/// The default of a settable argument; `None` for one that cannot be set.
fn default<'s>(schema: &'s Schema, dialect: &str, resource: &str, argument: &str) -> Option<&'s str> {
    let fact = schema.fact(dialect, resource, argument).filter(|fact| fact.is_settable());
    fact.map(|fact| fact.default.as_str())
}

/// Zero for the provider's SDK; a nullable number's "0" counts as zero too.
fn is_zero(value: &Value) -> bool {
    value == "0" || ecsight::terraform::is_zero(value)
}

/// True for a value that is neither zero nor the default: a block, when any of its arguments is.
fn is_significant(schema: &Schema, dialect: &str, resource: &str, argument: &str, value: &Value) -> bool {
    let Some(default) = default(schema, dialect, resource, argument) else { return false };
    let is_default = match value {
        // The facts name enumerations as Go does: SchedulingStrategyReplica.
        Value::String(text) => default.to_uppercase().ends_with(&text.to_uppercase()),
        other => {
            let text = other.to_string();
            text == default
        }
    };
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => items.iter().any(|block| {
            let members = block.as_object().into_iter().flatten();
            members
                .into_iter()
                .any(|(name, v)| is_significant(schema, dialect, resource, &format!("{argument}.{name}"), v))
        }),
        _ => !is_zero(value) && !is_default,
    }
}

/// Every settable argument of `before` that is neither zero nor its default and that the configuration does not write.
fn unwritten(
    schema: &Schema,
    dialect: &str,
    resource: &str,
    path: &str,
    before: &Value,
    written: &[&Value],
    out: &mut Vec<String>,
) {
    for (name, value) in before.as_object().into_iter().flatten() {
        let argument = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let own = matches!(name.as_str(), "id" | "tags_all" | "region");
        if own || !is_significant(schema, dialect, resource, &argument, value) {
            continue;
        }
        let given: Vec<&Value> = written.iter().filter_map(|w| w.get(name)).collect();
        match value.as_array().filter(|items| items.iter().all(Value::is_object)) {
            // A block: every one of them stands in the configuration, and so do their arguments.
            Some(blocks) => {
                let configured: Vec<&Value> = given.iter().filter_map(|g| g.as_array()).flatten().collect();
                if !configured.is_empty() && configured.len() < blocks.len() {
                    out.push(format!("{argument} ({} of {} blocks)", configured.len(), blocks.len()));
                }
                for block in blocks {
                    unwritten(schema, dialect, resource, &argument, block, &configured, out);
                }
            }
            None if given.is_empty() => out.push(argument),
            None => {}
        }
    }
}

/// Invariant 13, over the engine's own JSON.
pub fn nothing_left_out(schema: &Schema, pair: &Pair, planned: &Planned, evidence: &Value, at_least: usize) {
    let reasoned: Vec<String> = evidence["omissions"]
        .as_array()
        .expect("omissions")
        .iter()
        .map(|o| format!("{} {}", o["address"].as_str().expect("address"), o["argument"].as_str().expect("argument")))
        .collect();
    let configured: BTreeMap<&str, &Value> = planned.json["configuration"]["root_module"]["resources"]
        .as_array()
        .expect("resources")
        .iter()
        .map(|r| (r["address"].as_str().expect("address"), &r["expressions"]))
        .collect();
    let mut compared = 0;
    let mut missing = Vec::new();
    for change in planned.json["resource_changes"].as_array().expect("changes") {
        let address = change["address"].as_str().expect("address");
        let resource = change["type"].as_str().expect("type");
        let mut out = Vec::new();
        unwritten(schema, dialect(pair), resource, "", &change["change"]["before"], &[configured[address]], &mut out);
        compared += 1;
        missing.extend(
            out.into_iter()
                .map(|argument| format!("{address} {argument}"))
                .filter(|left| !reasoned.iter().any(|r| left == r || left.starts_with(&format!("{r}.")))),
        );
    }
    assert!(compared >= at_least, "{pair}: only {compared} resources were compared");
    assert!(missing.is_empty(), "{pair}: held by the state and not written:\n{}", missing.join("\n"));
}

/// One document of an account as `Account::from_json` takes it, alone: its code links to nothing.
fn alone(account: &Value, arn: &str) -> (Estate, ResourceId) {
    let scope = Scope::new("aws", "123456789012", "eu-west-1");
    let kinds = [
        (Kind::Cluster, "clusters", "clusterArn"),
        (Kind::Service, "services", "serviceArn"),
        (Kind::TaskDefinition, "task_definitions", "taskDefinitionArn"),
        (Kind::CapacityProvider, "capacity_providers", "capacityProviderArn"),
    ];
    for (kind, collection, name) in kinds {
        for document in account[collection].as_array().into_iter().flatten() {
            let mut value = document.clone();
            if kind == Kind::TaskDefinition {
                value = document["taskDefinition"].clone();
                value["tags"] = document["tags"].clone();
            }
            if value[name] != arn {
                continue;
            }
            let id = ResourceId::new(&scope, kind, arn);
            let raw = value.to_string().into();
            let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw };
            let mut estate = Estate::default();
            estate.fold([Observation { scope: scope.clone(), observed_at: 1, news: News::Described(document) }]);
            return (estate, id);
        }
    }
    panic!("the account has no {arn}");
}

/// Writes, into a folder of its own, the code and import blocks that skipped resources would have had. Gives ARN and
/// address of each. `export` is an export for the same provider.
pub fn would_be(account: &Value, arns: &[&str], dialect: &str, export: &Path, dir: &Path) -> Vec<(String, String)> {
    fs::create_dir_all(dir).expect("a folder");
    for name in ["versions.tf", "providers.tf"] {
        fs::copy(export.join(name), dir.join(name)).expect("a file");
    }
    let options = Options { dialect: if dialect == "v3" { Dialect::V3 } else { Dialect::V6 }, ..Options::default() };
    let (mut text, mut written) = (String::new(), Vec::new());
    for arn in arns {
        let (estate, id) = alone(account, arn);
        let selection = [id.clone()];
        let skip = Plan::of(&estate, &selection, &options).skips.into_iter().find(|skip| skip.resource == id);
        let code = pane(&estate, &id, &selection, &options).text();
        let header = code.lines().find(|line| line.starts_with("resource ")).expect("a block");
        let words: Vec<&str> = header.split('"').collect();
        // Two of them may have one name: each gets its own.
        let label = format!("{}_{}", words[3], written.len());
        let address = format!("{}.{label}", words[1]);
        text += &code.replace(header, &header.replace(&format!("\"{}\"", words[3]), &format!("\"{label}\"")));
        let import_id = skip.map(|skip| skip.import_id).unwrap_or_default();
        text += &format!("\nimport {{\n  to = {address}\n  id = {}\n}}\n\n", json!(import_id));
        written.push(((*arn).to_owned(), address));
    }
    // A credential would be a variable; its value is of no account here.
    let variables: BTreeSet<String> = text
        .split("var.")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .map(str::to_owned)
        .collect();
    for name in variables {
        text += &format!("variable \"{name}\" {{\n  default = \"x\"\n}}\n");
    }
    fs::write(dir.join("main.tf"), text).expect("written");
    written
}

/// What the engine refuses of a folder: address and words of every error. Validates, or plans against a server.
pub fn refusals(environment: &Environment, pair: &Pair, dir: &Path, server: Option<&str>) -> Vec<(String, String)> {
    let run = |words: &[&str]| {
        let output = Command::new(environment.engine(pair).program())
            .args(words)
            .current_dir(dir)
            .envs(environment.variables())
            .env("TF_IN_AUTOMATION", "1")
            .output()
            .expect("the engine runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    if let Some(url) = server {
        fs::write(dir.join("zz_override.tf"), pair.provider.override_text(url)).expect("written");
    }
    run(&["init", "-input=false", "-no-color"]);
    let said = |diagnostic: &Value| {
        let of = |member: &str| diagnostic[member].as_str().unwrap_or_default();
        // Where no address is given, the piece of code names it: `resource "aws_ecs_service" "web"`.
        let code: Vec<&str> = diagnostic["snippet"]["context"].as_str().unwrap_or_default().split('"').collect();
        let address = match (of("address"), &code[..]) {
            ("", ["resource ", kind, _, label, ..]) => format!("{kind}.{label}"),
            (address, _) => address.to_owned(),
        };
        (of("severity") == "error").then(|| (address, format!("{} {}", of("summary"), of("detail"))))
    };
    match server {
        None => {
            let answer: Value = serde_json::from_str(&run(&["validate", "-json"])).expect("JSON");
            answer["diagnostics"].as_array().into_iter().flatten().filter_map(said).collect()
        }
        Some(_) => run(&["plan", "-json", "-input=false", "-lock=false"])
            .lines()
            .filter_map(|line| said(&serde_json::from_str::<Value>(line).ok()?["diagnostic"]))
            .collect(),
    }
}
