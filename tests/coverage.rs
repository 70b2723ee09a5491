//! The mapping tables against facts that are not ours: every member of the API's answers, and every argument of the
//! provider (`fixtures/`, read from the SDK's model and the provider's schema).
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/facts.rs"]
mod facts;
#[path = "support/model.rs"]
mod model;

use std::collections::{BTreeMap, BTreeSet};

use ecsight::estate::{FieldPath, Kind};
use ecsight::terraform::mapping::{Many, Row, Shape, TypeMap, What};
use ecsight::terraform::types::{ALL, CONTAINER};
use ecsight::terraform::{Dialect, Note, notes};
use facts::{Member, Schema};
use serde_json::{Value, json};

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

/// The members whose own row says that 3.39 has no argument for them.
fn later_only(rows: &[Row], since: Dialect, around: &str, out: &mut BTreeSet<String>) {
    for row in rows {
        let since = since.max(row.since);
        let paths: Vec<String> = row.members().iter().map(|member| join(around, &plain(member))).collect();
        if since > Dialect::V3 {
            out.extend(paths.iter().cloned());
        }
        let below = match row.what {
            What::Block(block) => block.rows,
            What::Key(key) => key.rows,
            What::Arg(arg) if arg.shape == Shape::Containers => CONTAINER,
            _ => &[],
        };
        for path in &paths {
            later_only(below, since, path, out);
        }
    }
}

/// The members above a path, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('.').map(|(up, _)| up), |up| up.rsplit_once('.').map(|(up, _)| up))
}

/// Every row that speaks of a member: its own, and the read-only or unrepresentable rows of members above it, which speak
/// of all below. `Step` when there is none but members below have rows.
fn said(members: &Members, path: &str) -> Vec<Said> {
    let own = members.get(path).into_iter().flatten().filter(|s| **s != Said::Step);
    let whole = |s: &&Said| matches!(s, Said::ReadOnly | Said::NotRepresentable);
    let over = above(path).filter_map(|up| members.get(up)).flat_map(|all| all.iter().filter(whole));
    let all: Vec<Said> = own.chain(over).cloned().collect();
    if all.is_empty() { members.get(path).into_iter().flatten().cloned().collect() } else { all }
}

/// Shapes that the API answers with, and the documents they are.
const SHAPES: [(&str, Kind); 6] = [
    ("Cluster", Kind::Cluster),
    ("CapacityProvider", Kind::CapacityProvider),
    ("Service", Kind::Service),
    ("TaskDefinition", Kind::TaskDefinition),
    ("ScalableTarget", Kind::ScalableTarget),
    ("ScalingPolicy", Kind::ScalingPolicy),
];

/// Members that are only the way to others, each of which has its own row.
const STEPS: [&str; 3] = ["Service.deployments", "Service.networkConfiguration", "TaskDefinition.volumes.host"];

/// What the tables should say of a member, by the facts.
fn wanted(fact: &Member) -> Said {
    match fact.class.as_str() {
        // Task sets are a resource of their own, which is not written: the whole list is named as such.
        _ if fact.path.starts_with("taskSets") => Said::NotRepresentable,
        "argument" => Said::Argument(fact.resource.clone(), fact.argument.replace("[]", "")),
        "read-only" => Said::ReadOnly,
        _ => Said::NotRepresentable,
    }
}

#[test]
fn every_member_of_the_api_has_exactly_one_row() {
    let (mut wrong, mut checked, mut steps) = (Vec::new(), 0, BTreeSet::new());
    for (shape, kind) in SHAPES {
        let (v3, v6) = (members(kind, Dialect::V3), members(kind, Dialect::V6));
        let mut later = BTreeSet::new();
        for map in ALL.iter().filter(|map| map.kind == kind) {
            later_only(map.rows, map.since, "", &mut later);
        }
        for fact in facts::members().into_iter().filter(|f| f.shape == shape) {
            let (want, path) = (wanted(&fact), fact.path.as_str());
            let have = said(&v6, path);
            checked += 1;
            if have == [Said::Step] {
                steps.insert((shape, path.to_owned()));
            } else if fact.class == "deprecated" {
                // 6.0 removed it: only 3.39 has the argument.
                let argument = matches!(said(&v3, path).as_slice(), [Said::Argument(..)]);
                if !have.is_empty() || !argument {
                    wrong.push(format!("{shape}.{path}: removed in v6, tables {have:?}"));
                }
            } else if have != [want.clone()] {
                wrong.push(format!("{shape}.{path}: facts {want:?}, tables {have:?}"));
            }
            // In 3.39 a member has one row that holds; or none, and then a row of later providers says since when. That
            // every argument of 3.39 is in a table is the other test's part.
            let old = said(&v3, path);
            let is_later = later.contains(path) || above(path).any(|up| later.contains(up));
            if old.len() > 1 || old.is_empty() && !is_later {
                wrong.push(format!("{shape}.{path}: v3 has {old:?}, said to be later: {is_later}"));
            }
        }
    }
    assert!(checked > 650, "{checked}");
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    let steps: Vec<String> = steps.into_iter().map(|(shape, path)| format!("{shape}.{path}")).collect();
    assert_eq!(steps, STEPS, "members without a row of their own");
}

/// Members that the tables read and that the shape has not, with the reason.
const BESIDE: [(&str, &str); 1] = [("ScalableTarget", "tags")]; // ListTagsForResource answers them.

#[test]
fn every_member_of_the_tables_is_one_of_the_api() {
    let facts = facts::members();
    let known: BTreeSet<(&str, &str)> = facts.iter().map(|f| (f.shape.as_str(), f.path.as_str())).collect();
    let mut wrong = Vec::new();
    for (shape, kind) in SHAPES {
        for dialect in [Dialect::V3, Dialect::V6] {
            for path in members(kind, dialect).keys() {
                // A list of pairs has keys or names, and maps have neither.
                let pair = [".key", ".name", ".value"].iter().any(|end| path.ends_with(end));
                let beside = BESIDE.iter().any(|(s, p)| *s == shape && path.split('.').next() == Some(p));
                if !known.contains(&(shape, path)) && !beside && !pair {
                    wrong.push(format!("{shape}.{path}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "in no answer of the API: {wrong:#?}");
}

/// A document that sets every member of a shape once.
fn document(facts: &[Member]) -> Value {
    fn put(value: &mut Value, steps: &[&str], of: &[&str]) {
        let [step, rest @ ..] = steps else { return };
        let new = || match of[0] {
            "list<structure>" => json!([{}]),
            "structure" => json!({}),
            of if of.starts_with("list") => json!(["word"]),
            of if of.starts_with("map") => json!({"a": "word"}),
            "string" => json!("word"),
            "boolean" => json!(true),
            _ => json!(7),
        };
        let object = if value.is_array() { &mut value[0] } else { value };
        let child = object.as_object_mut().unwrap().entry(*step).or_insert_with(new);
        put(child, rest, &of[1..]);
    }
    let types: BTreeMap<&str, &str> = facts.iter().map(|f| (f.path.as_str(), f.of.as_str())).collect();
    let mut out = json!({});
    for fact in facts {
        let steps: Vec<&str> = fact.path.split('.').collect();
        let of: Vec<&str> = (1..=steps.len()).map(|n| types[steps[..n].join(".").as_str()]).collect();
        put(&mut out, &steps, &of);
    }
    // The provider reads the PRIMARY deployment only.
    if let Some(deployment) = out.pointer_mut("/deployments/0") {
        deployment["status"] = "PRIMARY".into();
    }
    out
}

/// Wherever in a document a member stands that nobody has heard of, it is named, or what holds it is.
#[test]
fn an_unknown_member_is_named_at_every_depth() {
    let mut checked = 0;
    for (shape, kind) in SHAPES {
        let facts: Vec<Member> = facts::members().into_iter().filter(|f| f.shape == shape).collect();
        let whole = document(&facts);
        let places = facts.iter().filter(|f| f.of == "structure" || f.of == "list<structure>");
        let places: Vec<(String, String)> = std::iter::once((String::new(), String::new()))
            .chain(places.filter(|f| !f.path.ends_with("hookDetails")).map(|f| {
                let steps = f.path.split('.').collect::<Vec<_>>();
                let list = |n: usize| {
                    let path = steps[..=n].join(".");
                    facts.iter().any(|f| f.path == path && f.of.starts_with("list"))
                };
                let pointer = (0..steps.len()).map(|n| format!("/{}{}", steps[n], if list(n) { "/0" } else { "" }));
                (f.path.clone(), pointer.collect())
            }))
            .collect();
        for dialect in [Dialect::V3, Dialect::V6] {
            let members = members(kind, dialect);
            for (path, pointer) in &places {
                // Of what nobody has heard of presence counts, also of nothing (rule 0.3).
                for new in [json!("new"), json!({}), json!([]), json!("")] {
                    let mut value = whole.clone();
                    value.pointer_mut(pointer).unwrap_or_else(|| panic!("{shape}{pointer}"))["novelty"] = new;
                    let notes = notes(kind, &value, dialect);
                    let at = format!("{pointer}/novelty").replace("/0", "[0]").replace('/', ".");
                    let at: FieldPath = at.trim_start_matches('.').parse().expect("a path");
                    let is_told = |note: &Note| note.path == at || note.value.to_string().contains("\"novelty\":");
                    let named = notes.iter().any(|note| at.is_within(&note.path) && is_told(note));
                    // What only AWS sets is not looked into: the Overview shows it.
                    let read_only = said(&members, path) == [Said::ReadOnly];
                    assert!(named != read_only, "{shape} {dialect:?} {at}: named {named}\n{notes:#?}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 1280, "{checked}");
}

/// The fixture cannot rot: it is what botocore says, but for the tags that a task definition's envelope holds.
#[test]
fn the_members_are_those_of_the_model() {
    let Some(environment) = std::env::var_os("ECSIGHT_TEST_ENV").filter(|dir| !dir.is_empty()) else {
        eprintln!("left out: the fixture against botocore's model: needs ECSIGHT_TEST_ENV, ./tests/run sets it up");
        return;
    };
    let environment = std::path::absolute(environment).unwrap();
    let ecs = model::read(&environment, "ecs/2014-11-13");
    let scaling = model::read(&environment, "application-autoscaling/2016-02-06");
    let envelope = |f: &Member| f.shape == "TaskDefinition" && f.path.split('.').next() == Some("tags");
    for (shape, _) in SHAPES {
        let model = if shape.starts_with("Scal") { &scaling } else { &ecs };
        let mut said = Vec::new();
        model::walk(model, shape, "", &mut Vec::new(), &mut said);
        let facts = facts::members().into_iter().filter(|f| f.shape == shape && !envelope(f));
        let facts: Vec<(String, String)> = facts.map(|f| (f.path, f.of)).collect();
        let new: Vec<_> = said.iter().filter(|member| !facts.contains(member)).collect();
        let gone: Vec<_> = facts.iter().filter(|member| !said.contains(member)).collect();
        assert!(new.is_empty() && gone.is_empty(), "{shape}: new in the model {new:#?}, no longer there {gone:#?}");
        assert_eq!(said.len(), facts.len(), "{shape}");
    }
    let mut envelope = Vec::new();
    model::walk(&ecs, "DescribeTaskDefinitionResponse", "", &mut Vec::new(), &mut envelope);
    let beside: Vec<&str> = envelope.iter().map(|(p, _)| p.as_str()).filter(|p| p.starts_with("tags")).collect();
    assert_eq!(beside, ["tags", "tags.key", "tags.value"]);
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
    let schema = Schema::read();
    let mut wrong = Vec::new();
    for (dialect, word) in [(Dialect::V3, "v3"), (Dialect::V6, "v6")] {
        for map in ALL.iter().filter(|map| map.since <= dialect) {
            let mut reached = BTreeSet::new();
            each(map.rows, dialect, "", &mut |argument, what| {
                reached.insert(argument.clone());
                if argument == "timeouts" {
                    return;
                }
                let Some(fact) = schema.fact(word, map.terraform_type, &argument) else {
                    wrong.push(format!("{word} {} has no argument {argument}", map.terraform_type));
                    return;
                };
                if !fact.is_settable() {
                    wrong.push(format!("{word} {} {argument} cannot be set", map.terraform_type));
                }
                if let What::Arg(arg) = what {
                    // 3.39 knows no metric math, so there the three are always in the answer.
                    let metric = argument.contains(".customized_metric_specification.") && dialect == Dialect::V3;
                    if fact.required && !arg.required && !metric {
                        wrong.push(format!("{word} {} {argument} is required", map.terraform_type));
                    }
                    let table = arg.default.value();
                    let table = table.as_str().map_or_else(|| table.to_string(), str::to_owned);
                    let same = match table.as_str() {
                        "null" | "false" => matches!(fact.default.as_str(), "" | "false" | "0"),
                        text => fact.default.to_uppercase().ends_with(&text.to_uppercase()) && !fact.default.is_empty(),
                    };
                    if !same && arg.omit.is_none() {
                        wrong.push(format!(
                            "{word} {} {argument}: default {:?}, table {table:?}",
                            map.terraform_type, fact.default
                        ));
                    }
                }
                if let What::Block(block) = what {
                    if !fact.is_block() {
                        wrong.push(format!("{word} {} {argument} is no block", map.terraform_type));
                    }
                    if block.many != Many::One && fact.max > 0 && block.max > fact.max {
                        wrong.push(format!("{word} {} {argument}: at most {}", map.terraform_type, fact.max));
                    }
                    assert!(block.many != Many::One || block.max == usize::MAX || block.fixed, "{argument}");
                }
            });
            for (argument, fact) in schema.of(word, map.terraform_type) {
                if fact.is_settable() && !reached.contains(argument) && !is_left_out(map.terraform_type, argument) {
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
        _ => false,
    }
}
