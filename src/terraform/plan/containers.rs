//! Container definitions as the provider compares them: what its own equivalence treats as equal is no difference.
//!
//! `reduce()` of the provider, as far as the keys' rows say what is the same as absent (semantics 3): keys in any case,
//! unknown ones ignored, containers, environment and secrets by name (3.39: the environment alone), empty elements out.

use serde_json::{Map, Value};

use crate::terraform::dialect::Dialect;
use crate::terraform::mapping::{Row, What};
use crate::terraform::types;

/// One place in which two lists of containers differ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// For people: `{app}.environment{LOG_LEVEL}.value`; elements without a name of their own have numbers.
    pub path: String,
    /// The keys on the way, without indices.
    pub names: Vec<String>,
    /// The live value, null when there is none.
    pub before: Value,
    /// The value of the code, null when there is none.
    pub after: Value,
}

/// What differs, and what the provider treats as equal.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Compared {
    /// What the provider sees.
    pub real: Vec<Part>,
    /// What it does not.
    pub spelling: Vec<Part>,
}

/// Compares two lists of container definitions.
pub(super) fn compare(before: &Value, after: &Value, dialect: Dialect, is_awsvpc: bool) -> Compared {
    let rules = Rules { dialect, is_awsvpc };
    let named = |list: &str| rules.is_by_name(list);
    let mut real = Vec::new();
    let (live, code) = (rules.list("", before, types::CONTAINER), rules.list("", after, types::CONTAINER));
    differ(&live, &code, &At::default(), &named, &mut real);
    let mut all = Vec::new();
    differ(before, after, &At::default(), &named, &mut all);
    let covered = |part: &Part| real.iter().any(|r| r.path.starts_with(&part.path) || part.path.starts_with(&r.path));
    let spelling = all.into_iter().filter(|part| !covered(part)).collect();
    Compared { real, spelling }
}

struct Rules {
    dialect: Dialect,
    is_awsvpc: bool,
}

impl Rules {
    /// Lists that the provider sorts by name before it compares; the list of containers has no name here.
    fn is_by_name(&self, list: &str) -> bool {
        match self.dialect {
            Dialect::V3 => list == "environment",
            Dialect::V6 => ["", "environment", "secrets"].contains(&list),
        }
    }

    fn value(&self, name: &str, value: &Value, rows: &'static [Row]) -> Value {
        match value {
            Value::Array(_) => self.list(name, value, rows),
            Value::Object(members) if !rows.is_empty() => self.object(members, rows),
            other => other.clone(),
        }
    }

    fn list(&self, name: &str, value: &Value, rows: &'static [Row]) -> Value {
        let items = value.as_array().into_iter().flatten();
        let mut items: Vec<Value> = items.map(|item| self.value("", item, rows)).collect();
        // Elements without content count from no generation that is known to keep them.
        if !rows.is_empty() && !name.is_empty() && self.dialect > Dialect::V3 {
            items.retain(|item| !crate::terraform::is_zero(item));
        }
        if self.is_by_name(name) {
            items.sort_by_key(|item| name_of(item).map(str::to_owned));
        }
        Value::Array(items)
    }

    /// The members that the tables know, in their order, without what is the same as absent.
    fn object(&self, members: &Map<String, Value>, rows: &'static [Row]) -> Value {
        let get = |name: &str| members.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v);
        let mut out = Map::new();
        for row in rows {
            let What::Key(key) = row.what else { continue };
            let Some(value) = get(key.member).filter(|v| !v.is_null()) else { continue };
            let value = self.value(key.member, value, key.rows);
            if !key.is_absent(&value, get("containerPort"), self.dialect, self.is_awsvpc) {
                out.insert(key.member.to_owned(), value);
            }
        }
        Value::Object(out)
    }
}

fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

#[derive(Clone, Default)]
struct At {
    path: String,
    names: Vec<String>,
}

impl At {
    fn member(&self, name: &str) -> Self {
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        Self { path: super::compare::member(&self.path, name), names }
    }

    fn element(&self, label: &str) -> Self {
        Self { path: format!("{}{label}", self.path), names: self.names.clone() }
    }
}

fn differ(before: &Value, after: &Value, at: &At, is_by_name: &dyn Fn(&str) -> bool, out: &mut Vec<Part>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let more = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(more) {
                let none = &Value::Null;
                let (old, new) = (old.get(name).unwrap_or(none), new.get(name).unwrap_or(none));
                differ(old, new, &at.member(name), is_by_name, out);
            }
            return;
        }
        (Value::Array(old), Value::Array(new)) => {
            let list = at.names.last().map_or("", String::as_str);
            if let (true, Some(names)) = (is_by_name(list), names_of(old, new)) {
                for name in names {
                    let of = |items: &[Value]| items.iter().find(|i| name_of(i) == Some(name)).cloned();
                    let (old, new) = (of(old).unwrap_or_default(), of(new).unwrap_or_default());
                    differ(&old, &new, &at.element(&label(name)), is_by_name, out);
                }
                return;
            }
            // What order counts in is paired by place; of two lengths the whole is shown.
            if old.len() == new.len() {
                let named = names_of(old, new).is_some();
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    let name = name_of(old).filter(|name| named && name_of(new) == Some(*name));
                    let label = name.map_or_else(|| format!("[{index}]"), label);
                    differ(old, new, &at.element(&label), is_by_name, out);
                }
                return;
            }
        }
        _ => {}
    }
    out.push(Part { path: at.path.clone(), names: at.names.clone(), before: before.clone(), after: after.clone() });
}

/// The names of both lists, sorted; `None` when an element has none, or two have one.
fn names_of<'v>(old: &'v [Value], new: &'v [Value]) -> Option<Vec<&'v str>> {
    let one = |items: &'v [Value]| -> Option<Vec<&'v str>> {
        let mut names = items.iter().map(name_of).collect::<Option<Vec<_>>>()?;
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1]).then_some(names)
    };
    let (mut names, more) = (one(old)?, one(new)?);
    names.extend(more);
    names.sort_unstable();
    names.dedup();
    Some(names)
}

fn label(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if plain { format!("{{{name}}}") } else { format!("{{{}}}", Value::from(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(parts: &[Part]) -> Vec<String> {
        parts.iter().map(|p| format!("{}: {} -> {}", p.path, p.before, p.after)).collect()
    }

    #[test]
    fn what_the_provider_treats_as_equal_is_spelling() {
        let live = json!([
            {"name": "b", "image": "x", "cpu": 0, "essential": true, "mountPoints": [], "secrets": [
                {"name": "S2", "valueFrom": "2"}, {"name": "S1", "valueFrom": "1"}]},
            {"name": "a", "image": "y", "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
             "healthCheck": {"command": ["x"], "interval": 30, "retries": 3, "timeout": 5}}]);
        let code = json!([
            {"Name": "a", "image": "y", "portMappings": [{"containerPort": 80}], "healthCheck": {"command": ["x"]}, "nonsense": 1},
            {"name": "b", "image": "x", "cpu": null, "secrets": [
                {"name": "S1", "valueFrom": "1"}, {"name": "S2", "valueFrom": "2"}]}]);
        let compared = compare(&live, &code, Dialect::V6, true);
        assert_eq!(lines(&compared.real), [""; 0]);
        assert!(!compared.spelling.is_empty());
        // In another network mode the host port counts; in 3.39 the order of containers does.
        assert_eq!(
            lines(&compare(&live, &code, Dialect::V6, false).real),
            ["{a}.portMappings[0].hostPort: 80 -> null"]
        );
        assert!(!compare(&live, &code, Dialect::V3, true).real.is_empty());
    }

    #[test]
    fn what_it_does_not_normalise_is_real_and_named() {
        let live = json!([{"name": "app", "privileged": false, "environment": [
            {"name": "B", "value": "1"}, {"name": "A", "value": "old"}, {"name": "GONE", "value": "x"}],
            "command": ["a", "b"], "dockerLabels": {}}]);
        let code = json!([{"name": "app", "environment": [
            {"name": "A", "value": "new"}, {"name": "B", "value": "1"}, {"name": "odd name", "value": "y"}],
            "command": ["b", "a"]}]);
        let compared = compare(&live, &code, Dialect::V6, false);
        let mut found = lines(&compared.real);
        found.sort();
        assert_eq!(
            found,
            [
                r#"{app}.command[0]: "a" -> "b""#,
                r#"{app}.command[1]: "b" -> "a""#,
                r"{app}.dockerLabels: {} -> null",
                r#"{app}.environment{"odd name"}: null -> {"name":"odd name","value":"y"}"#,
                r#"{app}.environment{A}.value: "old" -> "new""#,
                r#"{app}.environment{GONE}: {"name":"GONE","value":"x"} -> null"#,
                r"{app}.privileged: false -> null",
            ]
        );
        let of = |path: &str| compared.real.iter().find(|p| p.path == path).map(|p| p.names.join("."));
        assert_eq!(of("{app}.environment{A}.value").as_deref(), Some("environment.value"));
    }

    #[test]
    fn two_elements_of_one_name_are_paired_by_place() {
        let live = json!([{"name": "a", "environment": [{"name": "X", "value": "1"}, {"name": "X", "value": "2"}]}]);
        let code = json!([{"name": "a", "environment": [{"name": "X", "value": "1"}, {"name": "X", "value": "3"}]}]);
        let compared = compare(&live, &code, Dialect::V6, false);
        assert_eq!(lines(&compared.real), [r#"{a}.environment[1].value: "2" -> "3""#]);
    }
}
