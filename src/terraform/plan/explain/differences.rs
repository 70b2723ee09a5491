//! Which differences there are, told as the provider sees them: container definitions through its own equivalence, sets
//! without their order.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Found, Reader, is_below, table_says_containers};
use crate::estate::{FieldPath, Segment};
use crate::terraform::is_zero;
use crate::terraform::plan::compare::compare;
use crate::terraform::plan::owner;
use crate::terraform::plan::sensitive::{Side, json_document};
use crate::terraform::plan::{AttributeDiff, Difference, containers};

impl Reader<'_> {
    /// The plan's differences, those inside a set or inside container definitions told as the provider sees them.
    pub(super) fn differences(&self) -> Vec<Found> {
        let raw = self.resource.verdict.attributes();
        let mut out = Vec::new();
        let mut done: BTreeSet<String> = BTreeSet::new();
        for diff in raw {
            let path: Option<FieldPath> = diff.path.parse().ok();
            let owner = path.as_ref().and_then(|p| owner::find(&self.resource.resource_type, p, self.dialect()));
            let plain = |diff: &AttributeDiff| !diff.sensitive && diff.difference != Difference::Unknown;
            // A group is told as one where nothing in it is hidden or unknown.
            let group = |base: &str| -> Vec<&AttributeDiff> {
                raw.iter().filter(|other| other.path == base || is_below(&other.path, base)).collect()
            };
            let argument = path.as_ref().and_then(first_name).unwrap_or_default();
            if table_says_containers(&self.resource.resource_type, argument) {
                if !done.insert(argument.to_owned()) {
                    continue;
                }
                let all = group(argument);
                match all.iter().all(|d| plain(d)).then(|| self.containers(argument)).flatten() {
                    Some(found) => out.extend(found),
                    None => out.extend(all.into_iter().map(|d| self.single(d))),
                }
                continue;
            }
            if let Some(set) = owner.as_ref().and_then(|o| o.set.clone()) {
                let base = set.to_string();
                if !done.insert(base.clone()) {
                    continue;
                }
                let all = group(&base);
                let told = all.iter().all(|d| plain(d));
                if let Some(found) = told.then(|| self.set(&set)).flatten() {
                    out.extend(found);
                } else {
                    let equal = told && self.same_set(&set);
                    out.extend(all.into_iter().map(|d| Found { equal, ..self.single(d) }));
                }
                continue;
            }
            out.push(self.single(diff));
        }
        out
    }

    fn single(&self, diff: &AttributeDiff) -> Found {
        let path: Option<FieldPath> = diff.path.parse().ok();
        Found {
            names: path.as_ref().map(names).unwrap_or_default(),
            owner: path.as_ref().and_then(|p| owner::find(&self.resource.resource_type, p, self.dialect())),
            path: diff.path.clone(),
            before: diff.before.clone(),
            after: diff.after.clone(),
            difference: diff.difference,
            sensitive: diff.sensitive,
            equal: false,
        }
    }

    /// Container definitions through the provider's own equivalence; `None` when a side cannot be read.
    fn containers(&self, argument: &str) -> Option<Vec<Found>> {
        let side = |values: &Value| json_document(values.get(argument)?.as_str()?);
        let (before, after) = (side(&self.resource.before)?, side(&self.resource.after)?);
        let mode = |values: &Value| values.get("network_mode").and_then(Value::as_str) == Some("awsvpc");
        let is_awsvpc = mode(&self.resource.after) || mode(&self.resource.before);
        let compared = containers::compare(&before, &after, self.dialect().unwrap_or_default(), is_awsvpc);
        let found = |part: containers::Part, equal: bool| {
            let below: Vec<&str> = part.names.iter().map(String::as_str).collect();
            let whole = || owner::find(&self.resource.resource_type, &FieldPath::root().member(argument), None);
            Found {
                path: format!("{argument}{}", part.path),
                owner: owner::of_container(&below).or_else(whole),
                names: [argument.to_owned()].into_iter().chain(part.names).collect(),
                before: part.before,
                after: part.after,
                difference: Difference::Value,
                sensitive: false,
                equal,
            }
        };
        let real = compared.real.into_iter().map(|part| found(part, false));
        let mut all: Vec<Found> = real.chain(compared.spelling.into_iter().map(|part| found(part, true))).collect();
        if all.is_empty() {
            // Order or blanks are all that differs.
            let part = containers::Part { path: String::new(), names: Vec::new(), before, after };
            all.push(found(part, true));
        }
        Some(all)
    }

    fn sides(&self, set: &FieldPath) -> Option<(Vec<Value>, Vec<Value>)> {
        let list = |values: &Value| -> Option<Vec<Value>> {
            match set.get(values) {
                Some(Value::Array(items)) => Some(items.clone()),
                None | Some(Value::Null) => Some(Vec::new()),
                Some(_) => None,
            }
        };
        Some((list(&self.resource.before)?, list(&self.resource.after)?))
    }

    fn same_set(&self, set: &FieldPath) -> bool {
        self.sides(set).is_some_and(|(before, after)| {
            let (gone, come) = missing(&before, &after);
            gone.is_empty() && come.is_empty()
        })
    }

    /// A set without its order: what only AWS holds, and what only the code does. `None` when the places tell it better.
    fn set(&self, set: &FieldPath) -> Option<Vec<Found>> {
        let (before, after) = self.sides(set)?;
        let (gone, come) = missing(&before, &after);
        let owner = owner::find(&self.resource.resource_type, set, self.dialect());
        match (&gone[..], &come[..]) {
            ([], []) => None,
            ([old], [new]) if before[*old].is_object() && after[*new].is_object() => {
                let base = format!("{set}[{old}]");
                let mut inner = Vec::new();
                let none = Value::Null;
                let (old, new) = (Side::new(&before[*old], &none), Side::new(&after[*new], &none));
                compare(old, new, &none, &base, &mut inner);
                Some(inner.iter().map(|diff| self.single(diff)).collect())
            }
            _ => Some(vec![Found {
                path: set.to_string(),
                names: names(set),
                before: gone.iter().map(|at| before[*at].clone()).collect(),
                after: come.iter().map(|at| after[*at].clone()).collect(),
                difference: Difference::Value,
                sensitive: false,
                owner,
                equal: false,
            }]),
        }
    }
}

fn first_name(path: &FieldPath) -> Option<&str> {
    path.segments().iter().find_map(|segment| match segment {
        Segment::Member(name) => Some(&**name),
        Segment::Index(_) => None,
    })
}

fn names(path: &FieldPath) -> Vec<String> {
    path.segments()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Member(name) => Some(name.to_string()),
            Segment::Index(_) => None,
        })
        .collect()
}

/// The places of elements without an equal on the other side.
fn missing(before: &[Value], after: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut come: Vec<usize> = (0..after.len()).collect();
    let mut gone = Vec::new();
    for (at, element) in before.iter().enumerate() {
        match come.iter().position(|other| same(element, &after[*other])) {
            Some(place) => {
                come.remove(place);
            }
            None => gone.push(at),
        }
    }
    (gone, come)
}

/// Equal, a null and a zero being one (rule 0.1).
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(old), Value::Object(new)) => {
            let none = &Value::Null;
            old.keys().chain(new.keys()).all(|n| same(old.get(n).unwrap_or(none), new.get(n).unwrap_or(none)))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a, b))
        }
        _ => a == b || is_zero(a) && is_zero(b),
    }
}
