//! The `configuration` of a plan: which argument refers to what.

use std::collections::BTreeMap;

use serde_json::Value;

pub(super) fn collect_expressions(module: &Value, prefix: &str, found: &mut BTreeMap<String, Value>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        if let Some(address) = resource["address"].as_str() {
            found.insert(format!("{prefix}{address}"), resource["expressions"].clone());
        }
    }
    for (name, call) in module["module_calls"].as_object().into_iter().flatten() {
        collect_expressions(&call["module"], &format!("{prefix}module.{name}."), found);
    }
}

/// The expressions at a path of block and argument names, through lists of blocks.
pub(super) fn at<'a>(expressions: &'a Value, steps: &[&str]) -> Vec<&'a Value> {
    let Some((first, rest)) = steps.split_first() else {
        return vec![expressions];
    };
    match expressions {
        Value::Array(blocks) => blocks.iter().flat_map(|b| at(b, steps)).collect(),
        Value::Object(members) => members.get(*first).map(|inner| at(inner, rest)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

pub(super) fn collect_references(expression: &Value, found: &mut Vec<String>) {
    match expression {
        Value::Array(blocks) => blocks.iter().for_each(|b| collect_references(b, found)),
        Value::Object(members) => {
            if let Some(Value::Array(references)) = members.get("references") {
                for reference in references.iter().filter_map(Value::as_str) {
                    if !found.iter().any(|r| r == reference) {
                        found.push(reference.to_owned());
                    }
                }
                return;
            }
            // A constant is a value, not a block: it may hold anything, "references" too.
            for (name, inner) in members {
                if name != "constant_value" {
                    collect_references(inner, found);
                }
            }
        }
        _ => {}
    }
}

/// `module.a["x"].aws_x.y[0]` as `module.a.aws_x.y`, the address in the configuration.
pub(super) fn without_indices(address: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
