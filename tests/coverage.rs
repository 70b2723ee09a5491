//! The mapping tables against facts that are not ours: every member of the API's answers, and every argument of the
//! provider (`fixtures/`, read from the SDK's model and the provider's schema).
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use ecsight::estate::Kind;
use ecsight::terraform::Dialect;
use ecsight::terraform::mapping::{Many, Row, Shape, TypeMap, What};
use ecsight::terraform::types::{ALL, CONTAINER};

/// What the tables say of one member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Argument(String, String),
    ReadOnly,
    NotRepresentable,
    /// A step on the way to members that have rows of their own.
    Step,
}

type Members = BTreeMap<String, BTreeSet<Said>>;

fn plain(member: &str) -> String {
    member.split('.').map(|step| step.split('[').next().unwrap()).collect::<Vec<_>>().join(".")
}

fn join(around: &str, name: &str) -> String {
    if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") }
}

/// Every member that a table names, with what it says of it.
fn flatten(map: &TypeMap, rows: &[Row], dialect: Dialect, member: &str, argument: &str, out: &mut Members) {
    for row in rows.iter().filter(|row| row.holds(dialect)) {
        let mut say = |below: &str, said: Said| {
            let path = join(member, &plain(below));
            let mut steps = path.clone();
            while let Some((up, _)) = steps.rsplit_once('.') {
                steps = up.to_owned();
                out.entry(steps.clone()).or_default().insert(Said::Step);
            }
            let new = out.entry(path.clone()).or_default().insert(said.clone());
            assert!(new || said == Said::Step, "{}: {path} has two rows that say {said:?}", map.terraform_type);
            path
        };
        match row.what {
            What::Naming(_) => {}
            What::Arg(arg) => {
                let name = join(argument, arg.name);
                let path = say(arg.member, Said::Argument(map.terraform_type.into(), name.clone()));
                match arg.shape {
                    Shape::Containers => flatten(map, CONTAINER, dialect, &path, &name, out),
                    Shape::Pairs => {
                        for pair in ["key", "name", "value"] {
                            let said = Said::Argument(map.terraform_type.into(), name.clone());
                            out.entry(join(&path, pair)).or_default().insert(said);
                        }
                    }
                    _ => {}
                }
            }
            What::Block(block) if block.fixed => {}
            What::Block(block) => {
                let name = join(argument, block.name);
                let path = say(block.member, Said::Argument(map.terraform_type.into(), name.clone()));
                flatten(map, block.rows, dialect, &path, &name, out);
            }
            What::Key(key) => {
                let name = join(argument, key.member);
                let path = say(key.member, Said::Argument(map.terraform_type.into(), name.clone()));
                flatten(map, key.rows, dialect, &path, &name, out);
            }
            What::ReadOnly(members) => {
                for below in members {
                    say(below, Said::ReadOnly);
                }
            }
            What::NotRepresentable(below, ..) => {
                say(below, Said::NotRepresentable);
            }
        }
    }
}

fn members(kind: Kind, dialect: Dialect) -> Members {
    let mut out = Members::new();
    for map in ALL.iter().filter(|map| map.kind == kind && map.since <= dialect) {
        flatten(map, map.rows, dialect, "", "", &mut out);
    }
    out
}

/// What the tables say of a member: its own row, else the read-only or unrepresentable row of a member above it.
fn said(members: &Members, path: &str) -> Vec<Said> {
    let own: Vec<Said> = members.get(path).into_iter().flatten().filter(|s| **s != Said::Step).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let mut up = path;
    while let Some((above, _)) = up.rsplit_once('.') {
        up = above;
        let whole = |s: &&Said| matches!(s, Said::ReadOnly | Said::NotRepresentable);
        if let Some(said) = members.get(up).and_then(|all| all.iter().find(whole)) {
            return vec![said.clone()];
        }
    }
    members.get(path).into_iter().flatten().cloned().collect()
}

fn facts() -> Vec<[String; 5]> {
    let rows = include_str!("fixtures/ecs_members.csv").lines().skip(1);
    rows.map(|line| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells.try_into().expect("five cells")
    })
    .collect()
}

#[test]
fn every_member_of_the_api_has_exactly_one_row() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (shape, kind) in [
        ("Cluster", Kind::Cluster),
        ("CapacityProvider", Kind::CapacityProvider),
        ("Service", Kind::Service),
        ("TaskDefinition", Kind::TaskDefinition),
    ] {
        let members = members(kind, Dialect::V6);
        for [_, member, resource, argument, class] in facts().into_iter().filter(|f| f[0] == shape) {
            // Task sets are a resource of their own, which is not written yet: the whole list is named as such.
            let argument = argument.replace("[]", "");
            let want = match class.as_str() {
                _ if member.starts_with("taskSets") => Said::NotRepresentable,
                "argument" => Said::Argument(resource, argument),
                "read-only" => Said::ReadOnly,
                // What 6.0 removed is not representable in v6, though 3.39 has an argument for it.
                "deprecated" if said(&members, &member).is_empty() => continue,
                _ => Said::NotRepresentable,
            };
            checked += 1;
            let have = said(&members, &member);
            let step = have == [Said::Step];
            // One member may be the way to several arguments: `deploymentConfiguration`, `host`, `deployments`.
            if have != [want.clone()] && !step {
                wrong.push(format!("{shape}.{member}: facts {want:?}, tables {have:?}"));
            }
        }
    }
    assert!(checked > 500, "{checked}");
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Arguments: `(dialect, resource, argument)` -> required, optional, computed, default.
fn schema() -> BTreeMap<(String, String, String), [String; 4]> {
    include_str!("fixtures/provider_schema.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let c: Vec<&str> = line.splitn(7, ',').collect();
            let flags = [c[3].into(), c[4].into(), c[5].into(), c[6].trim_matches('"').into()];
            ((c[0].into(), c[1].into(), c[2].into()), flags)
        })
        .collect()
}

/// Calls `check` for every argument and block of a table.
fn each(rows: &[Row], dialect: Dialect, around: &str, check: &mut dyn FnMut(String, What)) {
    for row in rows.iter().filter(|row| row.holds(dialect)) {
        match row.what {
            What::Arg(arg) | What::Naming(arg) => check(join(around, arg.name), row.what),
            What::Block(block) => {
                let name = join(around, block.name);
                check(name.clone(), row.what);
                each(block.rows, dialect, &name, check);
            }
            _ => {}
        }
    }
}

#[test]
fn every_argument_of_the_tables_exists_and_every_argument_of_the_provider_is_in_a_table() {
    let schema = schema();
    let mut wrong = Vec::new();
    for (dialect, word) in [(Dialect::V3, "v3"), (Dialect::V6, "v6")] {
        for map in ALL.iter().filter(|map| map.since <= dialect) {
            let mut reached = BTreeSet::new();
            each(map.rows, dialect, "", &mut |argument, what| {
                reached.insert(argument.clone());
                if argument == "timeouts" {
                    return;
                }
                let key = (word.to_owned(), map.terraform_type.to_owned(), argument.clone());
                let Some([required, optional, _, default]) = schema.get(&key) else {
                    wrong.push(format!("{word} {} has no argument {argument}", map.terraform_type));
                    return;
                };
                if required.is_empty() && optional.is_empty() {
                    wrong.push(format!("{word} {} {argument} cannot be set", map.terraform_type));
                }
                if let What::Arg(arg) = what {
                    // 3.39 knows no metric math, so there the three are always in the answer.
                    let metric = argument.contains(".customized_metric_specification.") && dialect == Dialect::V3;
                    if !required.is_empty() && !arg.required && !metric {
                        wrong.push(format!("{word} {} {argument} is required", map.terraform_type));
                    }
                    let table = arg.default.value();
                    let table = table.as_str().map_or_else(|| table.to_string(), str::to_owned);
                    let same = match table.as_str() {
                        "null" | "false" => matches!(default.as_str(), "" | "false" | "0"),
                        text => default.to_uppercase().ends_with(&text.to_uppercase()) && !default.is_empty(),
                    };
                    if !same && arg.omit.is_none() {
                        wrong.push(format!(
                            "{word} {} {argument}: default {default:?}, table {table:?}",
                            map.terraform_type
                        ));
                    }
                }
                if let What::Block(block) = what {
                    assert!(block.many != Many::One || block.max == usize::MAX || block.fixed, "{argument}");
                }
            });
            for ((_, _, argument), [required, optional, ..]) in
                schema.iter().filter(|((d, resource, _), _)| d == word && resource == map.terraform_type)
            {
                let settable = !required.is_empty() || !optional.is_empty();
                if settable && !reached.contains(argument) && !is_left_out(map.terraform_type, argument) {
                    wrong.push(format!("{word} {} {argument} is in no table", map.terraform_type));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Arguments that no answer of the API holds, or that are not written: each for a reason.
fn is_left_out(resource: &str, argument: &str) -> bool {
    let first = argument.split('.').next().unwrap();
    // The provider's own: identity, merged tags, the region of another provider block.
    if matches!(first, "id" | "tags_all" | "region" | "timeouts") {
        return true;
    }
    match resource {
        // Orders to the provider, never read back.
        "aws_ecs_service" => {
            ["force_delete", "force_new_deployment", "sigint_rollback", "triggers", "wait_for_steady_state"]
                .contains(&first)
        }
        "aws_ecs_task_definition" => ["skip_destroy", "track_latest"].contains(&first),
        // Skipped whole, with the reason in the review.
        "aws_appautoscaling_policy" => first == "predictive_scaling_policy_configuration",
        _ => false,
    }
}
