//! An export by the real binary over the loopback server, and what its plan must hold: nothing changes, nothing is left
//! out.
//!
//! Included by path beside `engines` and `server`.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::engines::{Pair, Planned, Provider};
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

/// The arguments of a provider that can be set, with their defaults.
pub struct Schema(BTreeMap<(String, String, String), String>);

impl Schema {
    pub fn read() -> Self {
        let text = include_str!("../fixtures/provider_schema.csv");
        let rows = text.lines().skip(1).filter_map(|line| {
            let cells: Vec<&str> = line.splitn(7, ',').collect();
            let settable = !cells[3].is_empty() || !cells[4].is_empty();
            let key = (cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned());
            settable.then(|| (key, cells[6].trim_matches('"').to_owned()))
        });
        Self(rows.collect())
    }

    /// The default of a settable argument; `None` for one that cannot be set.
    fn default(&self, dialect: &str, resource: &str, argument: &str) -> Option<&str> {
        self.0.get(&(dialect.into(), resource.into(), argument.into())).map(String::as_str)
    }
}

/// Zero for the provider's SDK; a nullable number's "0" counts as zero too.
fn is_zero(value: &Value) -> bool {
    value == "0" || ecsight::terraform::is_zero(value)
}

/// True for a value that is neither zero nor the default: a block, when any of its arguments is.
fn is_significant(schema: &Schema, dialect: &str, resource: &str, argument: &str, value: &Value) -> bool {
    let Some(default) = schema.default(dialect, resource, argument) else { return false };
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
