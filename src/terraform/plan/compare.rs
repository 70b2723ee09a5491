//! What differs between the before and the after of one resource, mark by mark and path by path.

use serde_json::Value;

use super::sensitive::{Side, hidden, json_document};
use super::{AttributeDiff, Difference, SENSITIVE, UNKNOWN};
use crate::terraform::is_zero;

pub(super) fn compare(before: Side<'_>, after: Side<'_>, unknown: &Value, path: &str, found: &mut Vec<AttributeDiff>) {
    let sensitive = before.is_marked() || after.is_marked();
    let mut say = |difference: Difference| {
        // A part that holds marks is hidden part by part; a marked whole is hidden whole.
        let (old, new) = if sensitive {
            let word = Value::String(SENSITIVE.to_owned());
            (word.clone(), word)
        } else {
            (hidden(before.value, before.marks), hidden(after.value, after.marks))
        };
        found.push(AttributeDiff {
            path: path.to_owned(),
            before: old,
            after: if difference == Difference::Unknown { Value::String(UNKNOWN.to_owned()) } else { new },
            sensitive: sensitive || before.holds_marks() || after.holds_marks(),
            difference,
        });
    };

    if unknown == &Value::Bool(true) {
        return say(Difference::Unknown);
    }
    if sensitive {
        if before.value != after.value {
            let zero = is_null_against_zero(before.value, after.value);
            return say(if zero { Difference::NullAgainstZero } else { Difference::Value });
        }
        // The mark of a null hides nothing, and no engine plans a change for it.
        if before.is_marked() != after.is_marked() && !before.value.is_null() {
            say(Difference::SensitivityMark);
        }
        return;
    }
    match (before.value, after.value) {
        (Value::Object(old), Value::Object(new)) => {
            let unknown_names = unknown.as_object().into_iter().flat_map(|o| o.keys());
            let mut names: Vec<&String> = old.keys().collect();
            for name in new.keys().chain(unknown_names) {
                if !old.contains_key(name) && !names.contains(&name) {
                    names.push(name);
                }
            }
            for name in names {
                let inner = unknown.get(name).unwrap_or(&Value::Null);
                let path = member(path, name);
                compare(before.member(name), after.member(name), inner, &path, found);
            }
        }
        // Elements of lists of one length are paired by place. Otherwise the pairs would tell
        // nothing: the whole list is shown.
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for index in 0..old.len() {
                let inner = unknown.get(index).unwrap_or(&Value::Null);
                let path = format!("{path}[{index}]");
                compare(before.element(index), after.element(index), inner, &path, found);
            }
        }
        (Value::String(old), Value::String(new)) if old != new => {
            let inner = compare_json_text(old, new, path);
            if inner.is_empty() {
                say(Difference::Value);
            } else {
                found.extend(inner);
            }
        }
        (old, new) if old != new => {
            say(if is_null_against_zero(old, new) { Difference::NullAgainstZero } else { Difference::Value });
        }
        _ => {}
    }
}

/// The differences inside two JSON texts; none if either is no JSON document, or if they differ
/// in spelling only.
fn compare_json_text(before: &str, after: &str, path: &str) -> Vec<AttributeDiff> {
    let mut found = Vec::new();
    if let (Some(old), Some(new)) = (json_document(before), json_document(after)) {
        let none = Value::Null;
        compare(Side::new(&old, &none), Side::new(&new, &none), &none, path, &mut found);
    }
    found
}

fn is_null_against_zero(before: &Value, after: &Value) -> bool {
    (before.is_null() && is_plain_zero(after)) || (after.is_null() && is_plain_zero(before))
}

/// A zero that holds nothing: that a block is there counts, even if all of it is zero (rule 0.3).
fn is_plain_zero(value: &Value) -> bool {
    let holds_nothing = match value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => true,
    };
    holds_nothing && is_zero(value)
}

pub(super) fn member(path: &str, name: &str) -> String {
    // The spelling of `estate::FieldPath`, so that every path can be read back.
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{}]", Value::String(name.to_owned())),
    }
}
