//! Which members of a document no argument can hold. Nothing is dropped in silence.

use serde_json::Value;

use super::dialect::Dialect;
use super::mapping::{Many, Row, Shape, What};
use super::types;
use crate::estate::{FieldPath, Kind};

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

/// The members of a pair of a name and a value.
const PAIR: [&str; 6] = ["key", "name", "Key", "Name", "value", "Value"];

/// A row as seen from one level of the document.
struct Seen {
    /// The names still to walk.
    names: Vec<&'static str>,
    row: &'static Row,
    /// The row, and every block around it, holds in the dialect.
    holds: bool,
}

/// Every member of a document that is set and that no table of the dialect can write.
pub fn notes(kind: Kind, document: &Value, dialect: Dialect) -> Vec<Note> {
    let tables = types::ALL.iter().filter(|map| map.kind == kind && map.since <= dialect);
    let rows: Vec<Seen> = tables.flat_map(|map| seen(map.rows, dialect, true)).collect();
    let mut out = Vec::new();
    object(&rows, &FieldPath::root(), document, dialect, &mut out);
    out
}

/// Rows with their member paths cut into names; lists are walked through, so brackets fall away.
fn seen(rows: &'static [Row], dialect: Dialect, around: bool) -> Vec<Seen> {
    rows.iter()
        .flat_map(|row| row.members().into_iter().map(move |member| (names(member), row)))
        .filter(|(names, _)| !names.is_empty())
        // A key of a JSON text is written in every dialect: what a provider does not know it ignores (rule 3).
        .map(|(names, row)| Seen {
            names,
            row,
            holds: around && (row.holds(dialect) || matches!(row.what, What::Key(_))),
        })
        .collect()
}

fn names(member: &'static str) -> Vec<&'static str> {
    member.split('.').map(|step| step.split('[').next().unwrap_or(step)).filter(|s| !s.is_empty()).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.iter().all(is_nothing),
        Value::Object(o) => o.values().all(is_nothing),
        _ => false,
    }
}

fn object(rows: &[Seen], path: &FieldPath, value: &Value, dialect: Dialect, out: &mut Vec<Note>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if item.is_object() {
                    object(rows, &path.index(at), item, dialect, out);
                }
            }
        }
        Value::Object(members) => {
            for (name, child) in members {
                if !is_nothing(child) {
                    member(rows, name, &path.member(name), child, dialect, out);
                }
            }
        }
        _ => {}
    }
}

fn member(rows: &[Seen], name: &str, path: &FieldPath, value: &Value, dialect: Dialect, out: &mut Vec<Note>) {
    let here: Vec<&Seen> = rows.iter().filter(|seen| seen.names.first() == Some(&name)).collect();
    let note = |why: String| Note { path: path.clone(), value: value.clone(), why };
    if here.is_empty() {
        out.push(note(UNKNOWN.into()));
        return;
    }
    let (ends, passing): (Vec<&Seen>, Vec<&Seen>) = here.into_iter().partition(|seen| seen.names.len() == 1);
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
    let mut below: Vec<Seen> = passing
        .into_iter()
        .map(|seen| Seen { names: seen.names[1..].to_vec(), row: seen.row, holds: seen.holds })
        .collect();
    for seen_here in ends {
        let holds = seen_here.holds;
        if holds && !is_in_shape(seen_here.row, value) {
            out.push(note("it is not in the shape that the API documents".into()));
            return;
        }
        match seen_here.row.what {
            What::NotRepresentable(_, why, _) if holds && !seen_here.row.takes_for_granted(value) => {
                out.push(note(why.into()));
            }
            What::Block(block) => below.extend(seen(block.rows, dialect, holds)),
            What::Arg(arg) if holds && arg.shape == Shape::Containers => {
                below.extend(seen(types::CONTAINER, dialect, holds));
            }
            What::Key(key) if !key.rows.is_empty() => below.extend(seen(key.rows, dialect, holds)),
            What::Arg(arg) if holds && arg.shape == Shape::Pairs => {
                pairs(path, value, out);
                return;
            }
            _ if holds => return,
            _ => {}
        }
    }
    if !below.is_empty() {
        object(&below, path, value, dialect, out);
    }
}

/// False for a value that a row would read nothing of: a block that is no object, a map that is none.
fn is_in_shape(row: &Row, value: &Value) -> bool {
    let all_objects = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
    match row.what {
        What::Block(block) if block.many == Many::One => value.is_object(),
        What::Block(_) => all_objects(value),
        What::Arg(arg) => match arg.shape {
            Shape::Map => value.is_object(),
            Shape::Pairs => value.is_object() || all_objects(value),
            Shape::Containers => all_objects(value),
            Shape::List | Shape::Set => value.is_array(),
            Shape::Scalar => true,
        },
        _ => true,
    }
}

/// A list of pairs becomes a map: what stands beside a name and its value has no place there.
fn pairs(path: &FieldPath, value: &Value, out: &mut Vec<Note>) {
    for (at, pair) in value.as_array().into_iter().flatten().enumerate() {
        for (name, child) in pair.as_object().into_iter().flatten().filter(|(_, child)| !is_nothing(child)) {
            if !PAIR.contains(&name.as_str()) {
                let path = path.index(at).member(name);
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
                "ephemeralStorage: it is not in the shape that the API documents",
                "volumes: it is not in the shape that the API documents",
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
