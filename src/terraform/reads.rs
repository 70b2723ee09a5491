//! Of which JSON type a member is in the API's answers. A value of another type is never guessed at: it would be written
//! wrongly, or fall out of the code unseen.

use std::collections::BTreeSet;

use serde_json::Value;

use super::mapping::{Arg, Shape};
use crate::estate::{FieldPath, Trail};

/// The JSON type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// A string, a number or a boolean.
    Scalar,
    /// A string.
    Text,
    /// A number.
    Number,
    /// Any JSON: a free document.
    Json,
}

impl Reads {
    /// True for a value of the type; null is an absent value.
    pub fn takes(self, value: &Value) -> bool {
        match self {
            _ if value.is_null() => true,
            Self::Scalar => !value.is_array() && !value.is_object(),
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Json => true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Scalar => "a string, number or boolean",
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Json => "any value",
        }
    }
}

/// A value that is not of the type of its member.
#[derive(Debug)]
pub(super) struct Misread<'v> {
    /// Where.
    pub path: FieldPath,
    pub value: &'v Value,
    /// What stands there and what the API documents. Never the value: no rule of `secrets`, which reads strings, would
    /// know a credential in it.
    pub why: String,
}

impl<'v> Misread<'v> {
    pub fn of(path: FieldPath, value: &'v Value, wanted: &str) -> Self {
        Self { path, value, why: format!("it is {}, and the API documents {wanted}", kind(value)) }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// One element of a list of names and values.
#[derive(Debug)]
pub(super) struct Pair<'v> {
    pub name: &'v str,
    /// The members that hold the two.
    pub members: [&'static str; 2],
    /// Null when it is absent.
    pub value: &'v Value,
}

impl<'v> Pair<'v> {
    /// `None` for what has no name.
    pub fn read(pair: &'v Value) -> Option<Self> {
        let (named, name) =
            ["key", "name", "Key", "Name"].into_iter().find_map(|m| Some((m, pair.get(m)?.as_str()?)))?;
        let member = ["value", "Value"].into_iter().find(|m| pair.get(m).is_some_and(|v| !v.is_null()));
        let member = member.unwrap_or(if named.starts_with(char::is_uppercase) { "Value" } else { "value" });
        Some(Self { name, members: [named, member], value: pair.get(member).unwrap_or(&Value::Null) })
    }
}

/// Every value of an argument's member that is not of its type, or that a map has no place for.
pub(super) fn misread<'v>(arg: &Arg, trail: &Trail<'_>, value: &'v Value) -> Vec<Misread<'v>> {
    let whole = |wanted: &str| vec![Misread::of(trail.path(), value, wanted)];
    let wrong = |reads: Reads, trail: Trail<'_>, value: &'v Value| {
        (!reads.takes(value)).then(|| Misread::of(trail.path(), value, reads.words()))
    };
    match (arg.shape, value) {
        (_, Value::Null) => Vec::new(),
        (Shape::Scalar, value) => wrong(arg.reads, *trail, value).into_iter().collect(),
        (Shape::List | Shape::Set, Value::Array(items)) => {
            items.iter().enumerate().filter_map(|(at, item)| wrong(arg.reads, trail.index(at), item)).collect()
        }
        (Shape::List | Shape::Set, _) => whole("a list"),
        (Shape::Map | Shape::Pairs, Value::Object(members)) => {
            members.iter().filter_map(|(name, v)| wrong(Reads::Scalar, trail.member(name), v)).collect()
        }
        (Shape::Map, _) => whole("a map"),
        (Shape::Pairs, Value::Array(items)) => pairs(trail, items),
        (Shape::Pairs, _) => whole("a list of names and values"),
        (Shape::Containers, Value::Array(items)) => {
            let other = items.iter().enumerate().filter(|(_, item)| !item.is_object());
            other.map(|(at, item)| Misread::of(trail.index(at).path(), item, "an object")).collect()
        }
        (Shape::Containers, _) => whole("a list of objects"),
    }
}

fn pairs<'v>(trail: &Trail<'_>, items: &'v [Value]) -> Vec<Misread<'v>> {
    let mut names = BTreeSet::new();
    let wrong = items.iter().enumerate().filter_map(|(at, item)| {
        let trail = trail.index(at);
        if !item.is_object() {
            return Some(Misread::of(trail.path(), item, "a name and a value"));
        }
        let Some(pair) = Pair::read(item) else {
            return Some(Misread { path: trail.path(), value: item, why: "it has no name that is a string".into() });
        };
        if !names.insert(pair.name) {
            return Some(Misread {
                path: trail.path(),
                value: item,
                why: "its name stands a second time, and a map holds it once".into(),
            });
        }
        let wanted = Reads::Scalar;
        (!wanted.takes(pair.value))
            .then(|| Misread::of(trail.member(pair.members[1]).path(), pair.value, wanted.words()))
    });
    wrong.collect()
}
