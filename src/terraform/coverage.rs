//! Which members of a document no argument can hold. Nothing is dropped in silence.

use serde_json::Value;

use super::dialect::Dialect;
use super::mapping::{Many, Nested, Row, Shape, What};
use super::reads::{Misread, Pair, misread};
use super::types;
use crate::estate::{FieldPath, Kind, Trail};

/// A member that is set and cannot be written, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Which field.
    pub path: FieldPath,
    /// Its value.
    pub value: Value,
    /// Why it is not an argument.
    pub why: String,
}

/// The reason for a member that no table names.
const UNKNOWN: &str = "ecsight does not know this member";

/// A row as seen from one level of the document.
#[derive(Clone, Copy)]
struct Seen {
    /// The next name on the way to the member; a bracket behind it says that it is a list.
    name: &'static str,
    /// The names behind it, with dots; empty at the member itself.
    rest: &'static str,
    row: &'static Row,
    /// The row, and every block around it, holds in the dialect.
    holds: bool,
}

/// Every member of a document that is set and that no table of the dialect can write.
pub fn notes(kind: Kind, document: &Value, dialect: Dialect) -> Vec<Note> {
    let tables = types::ALL.iter().filter(|map| map.kind == kind && map.since <= dialect);
    let (mut rows, mut out) = (Vec::new(), Vec::new());
    tables.for_each(|map| see(map.rows, dialect, true, &mut rows));
    object(&rows, &Trail::From(&FieldPath::root()), document, dialect, &mut out);
    out
}

/// The rows of a table as seen from the shape that it reads.
fn see(rows: &'static [Row], dialect: Dialect, around: bool, out: &mut Vec<Seen>) {
    for row in rows {
        // A key of a JSON text is written in every dialect: what a provider does not know it ignores (rule 3).
        let holds = around && (row.holds(dialect) || matches!(row.what, What::Key(_)));
        out.extend(row.members().iter().filter_map(|member| {
            let (name, rest) = step(member)?;
            Some(Seen { name, rest, row, holds })
        }));
    }
}

/// The first name of a member's path, and the path behind it.
fn step(member: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, rest) = member.split_once('.').unwrap_or((member, ""));
    if !name.is_empty() {
        return Some((name, rest));
    }
    if rest.is_empty() { None } else { step(rest) }
}

fn plain(step: &str) -> &str {
    step.split('[').next().unwrap_or(step)
}

/// True for a value that says nothing where the tables know the member. Of one that they do not know presence counts.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.iter().all(is_nothing),
        Value::Object(o) => o.values().all(is_nothing),
        _ => false,
    }
}

fn object(rows: &[Seen], trail: &Trail<'_>, value: &Value, dialect: Dialect, out: &mut Vec<Note>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                object(rows, &trail.index(at), item, dialect, out);
            }
        }
        Value::Object(members) => {
            for (name, child) in members.iter().filter(|(_, child)| !child.is_null()) {
                member(rows, name, &trail.member(name), child, dialect, out);
            }
        }
        _ => {}
    }
}

fn member(rows: &[Seen], name: &str, trail: &Trail<'_>, value: &Value, dialect: Dialect, out: &mut Vec<Note>) {
    let here: Vec<&Seen> = rows.iter().filter(|seen| plain(seen.name) == name).collect();
    let note = |why: String| Note { path: trail.path(), value: value.clone(), why };
    if here.is_empty() {
        out.push(note(UNKNOWN.into()));
        return;
    }
    let (ends, passing): (Vec<&Seen>, Vec<&Seen>) = here.into_iter().partition(|seen| seen.rest.is_empty());
    if passing.is_empty() && !ends.iter().any(|seen| seen.holds) {
        // What AWS takes for granted is not lost when the provider cannot say it.
        if !ends.iter().any(|seen| seen.row.takes_for_granted(value)) {
            let v3 = dialect == Dialect::V3;
            out.push(note(
                if v3 { "provider 3.39 has no argument for it" } else { "removed from the provider" }.into(),
            ));
        }
        return;
    }
    // One value that two rows read is out of shape once.
    let mut misshapen: Vec<Misread<'_>> =
        ends.iter().filter(|s| s.holds).flat_map(|s| out_of_shape(s.row, trail, value)).collect();
    if !passing.is_empty() {
        let is_list = passing.iter().any(|seen| seen.name.contains('['));
        misshapen.extend(no_objects(is_list, trail, value));
    }
    misshapen.retain(|wrong| !is_nothing(wrong.value));
    misshapen.sort_by(|a, b| a.path.cmp(&b.path));
    misshapen.dedup_by(|a, b| a.path == b.path);
    let whole = !misshapen.is_empty() && misshapen.iter().any(|wrong| wrong.path == trail.path());
    out.extend(misshapen.into_iter().map(|wrong| Note {
        path: wrong.path,
        value: wrong.value.clone(),
        why: wrong.why,
    }));
    if whole {
        return;
    }
    let next = |seen: &Seen| step(seen.rest).map(|(name, rest)| Seen { name, rest, ..*seen });
    let mut below: Vec<Seen> = passing.into_iter().filter_map(next).collect();
    for seen_here in ends {
        let holds = seen_here.holds;
        match seen_here.row.what {
            What::NotRepresentable(_, why, _) if holds && !seen_here.row.takes_for_granted(value) => {
                out.push(note(why.into()));
            }
            What::Block(block) => see(block.rows, dialect, holds, &mut below),
            What::Arg(arg) if holds && arg.shape == Shape::Containers => {
                see(types::CONTAINER, dialect, holds, &mut below);
            }
            What::Key(key) if !key.rows.is_empty() => see(key.rows, dialect, holds, &mut below),
            What::Arg(arg) if holds && arg.shape == Shape::Pairs => {
                pairs(trail, value, out);
                return;
            }
            _ if holds => return,
            _ => {}
        }
    }
    if !below.is_empty() {
        object(&below, trail, value, dialect, out);
    }
}

/// The places of a value that a row would read nothing of: a block that is no object, a map that is none.
fn out_of_shape<'v>(row: &Row, trail: &Trail<'_>, value: &'v Value) -> Vec<Misread<'v>> {
    match row.what {
        What::Block(Nested { many, .. }) => no_objects(many != Many::One, trail, value),
        What::Arg(arg) | What::Naming(arg) => misread(&arg, trail, value),
        _ => Vec::new(),
    }
}

/// The places of a value that is no object, or, of a list, no list of objects.
fn no_objects<'v>(is_list: bool, trail: &Trail<'_>, value: &'v Value) -> Vec<Misread<'v>> {
    match value {
        Value::Object(_) if !is_list => Vec::new(),
        Value::Array(items) if is_list => {
            let wrong = items.iter().enumerate().filter(|(_, item)| !item.is_object());
            wrong.map(|(at, item)| Misread::of(trail.index(at).path(), item, "an object")).collect()
        }
        value => vec![Misread::of(trail.path(), value, if is_list { "a list of objects" } else { "an object" })],
    }
}

/// A list of pairs becomes a map: what stands beside a name and its value has no place there.
fn pairs(trail: &Trail<'_>, value: &Value, out: &mut Vec<Note>) {
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        let Some(pair) = Pair::read(item) else { continue };
        for (name, child) in item.as_object().into_iter().flatten().filter(|(_, child)| !child.is_null()) {
            if !pair.members.contains(&name.as_str()) {
                let path = trail.index(at).member(name).path();
                out.push(Note { path, value: child.clone(), why: UNKNOWN.into() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(kind: Kind, document: &Value, dialect: Dialect) -> Vec<String> {
        notes(kind, document, dialect).iter().map(|n| format!("{}: {}", n.path, n.why)).collect()
    }

    #[test]
    fn members_without_an_argument_are_named() {
        let service = json!({"serviceName": "a", "status": "ACTIVE", "quantum": 1, "deploymentConfiguration": {
            "maximumPercent": 200, "earlySuccessCriteria": {"enable": true}}, "deployments": [
            {"status": "PRIMARY", "id": "x", "novelty": "n", "serviceConnectConfiguration": {"enabled": true}}]});
        assert_eq!(
            paths(Kind::Service, &service, Dialect::V6),
            [
                "quantum: ecsight does not know this member",
                "deploymentConfiguration.earlySuccessCriteria: the provider has no argument for it",
                "deployments[0].novelty: ecsight does not know this member"
            ]
        );
        assert_eq!(
            paths(Kind::Service, &service, Dialect::V3).last().unwrap(),
            "deployments[0].serviceConnectConfiguration: provider 3.39 has no argument for it"
        );
    }

    #[test]
    fn containers_are_walked() {
        let definition = json!({"containerDefinitions": [{"name": "a", "resourceRequirements": [
            {"type": "GPU", "value": "1", "sharingStrategy": {"x": 1}}], "dockerLabels": {"a.b": "c"}, "warp": 9}]});
        assert_eq!(paths(Kind::TaskDefinition, &definition, Dialect::V6).len(), 2);
    }

    #[test]
    fn what_stands_beside_a_pair_or_in_another_shape_is_named() {
        let definition = json!({"tags": [{"key": "owner", "value": "core", "novelty": 1}], "ephemeralStorage": 21,
            "volumes": ["data"], "proxyConfiguration": {"containerName": "p", "properties": [{"name": "a", "value": "b"}]}});
        assert_eq!(
            paths(Kind::TaskDefinition, &definition, Dialect::V6),
            [
                "tags[0].novelty: ecsight does not know this member",
                "ephemeralStorage: it is a number, and the API documents an object",
                "volumes[0]: it is a string, and the API documents an object",
            ]
        );
    }

    #[test]
    fn what_a_translation_cannot_read_is_named() {
        let service = json!({"deploymentConfiguration": {"bakeTimeInMinutes": "5"}, "placementStrategy": [{"type": "spread",
            "field": 5}], "networkConfiguration": {"awsvpcConfiguration": {"subnets": "subnet-1", "assignPublicIp": true}},
            "desiredCount": {"x": 1}, "deployments": ["x"], "loadBalancers": {"a": {"b": 1}}});
        assert_eq!(
            paths(Kind::Service, &service, Dialect::V6),
            [
                "deploymentConfiguration.bakeTimeInMinutes: it is a string, and the API documents a number",
                "placementStrategy[0].field: it is a number, and the API documents a string",
                "networkConfiguration.awsvpcConfiguration.subnets: it is a string, and the API documents a list",
                "networkConfiguration.awsvpcConfiguration.assignPublicIp: it is a boolean, and the API documents a string",
                "desiredCount: it is an object, and the API documents a string, number or boolean",
                "deployments[0]: it is a string, and the API documents an object",
                "loadBalancers: it is an object, and the API documents a list of objects",
            ]
        );
        let policy =
            json!({"StepScalingPolicyConfiguration": {"StepAdjustments": [{"MetricIntervalLowerBound": "0"}]}});
        assert_eq!(paths(Kind::ScalingPolicy, &policy, Dialect::V3).len(), 1);
        assert_eq!(
            paths(Kind::Service, &json!({"networkConfiguration": "x", "deploymentConfiguration": [1]}), Dialect::V3),
            [
                "networkConfiguration: it is a string, and the API documents an object",
                "deploymentConfiguration: it is a list, and the API documents an object",
            ]
        );
    }

    #[test]
    fn a_pair_that_a_map_has_no_place_for_is_named() {
        let cluster = json!({"novel": {}, "tags": [{"key": 7, "value": "x"}, {"value": "y"}, {"key": "a", "value": "1"},
            {"key": "a", "value": "2"}, {"key": "b", "value": ["z"]}, {"key": "c", "name": "d", "value": "e", "new": []}, "f"]});
        assert_eq!(
            paths(Kind::Cluster, &cluster, Dialect::V6),
            [
                "novel: ecsight does not know this member",
                "tags[0]: it has no name that is a string",
                "tags[1]: it has no name that is a string",
                "tags[3]: its name stands a second time, and a map holds it once",
                "tags[4].value: it is a list, and the API documents a string, number or boolean",
                "tags[6]: it is a string, and the API documents a name and a value",
                "tags[5].name: ecsight does not know this member",
                "tags[5].new: ecsight does not know this member",
            ]
        );
    }

    #[test]
    fn one_document_is_covered_by_two_tables() {
        let cluster = json!({"clusterName": "c", "capacityProviders": ["FARGATE"]});
        assert!(paths(Kind::Cluster, &cluster, Dialect::V6).is_empty());
        assert!(paths(Kind::Cluster, &cluster, Dialect::V3).is_empty());
    }
}
