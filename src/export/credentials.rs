//! Which variable stands for which credential of an export, and what cannot be exported because of one.
//!
//! A value has one variable, named by its first user, wherever it is the whole of a text. A text that only holds a
//! credential, or that is made of a whole document, has a variable of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names;
use crate::estate::{FieldPath, ResourceId, Segment};
use crate::secrets::{Hit, Known};
use crate::terraform::mapping::{Row, What};
use crate::terraform::{Attribute, Attributes, Content, types};

/// Why a copy of a credential is taken for one.
pub(super) const REPEATS: &str = "repeats a credential of this export";

/// A credential of a document: which variable stands for it, and why it is taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The variable's name; fields with the same value share it.
    pub variable: String,
    /// Why.
    pub reason: &'static str,
}

/// The variables of an export.
#[derive(Default)]
pub(super) struct Variables {
    /// Names that are gone.
    pub taken: BTreeSet<String>,
    by_value: BTreeMap<String, String>,
}

impl Variables {
    /// `taken` are names that are gone.
    pub fn new(taken: BTreeSet<String>) -> Self {
        Self { taken, by_value: BTreeMap::new() }
    }

    /// The credentials of a document: `LABEL_NAME`, numbered where another has taken the name.
    pub fn name(
        &mut self,
        label: &str,
        hits: Vec<Hit>,
        attributes: &[Attributes],
        known: &Known,
    ) -> BTreeMap<FieldPath, Credential> {
        let mut named = BTreeMap::new();
        for hit in hits {
            let value = written(attributes, &hit.path);
            let shared = value.and_then(|value| self.by_value.get(value)).cloned();
            let variable = shared.unwrap_or_else(|| {
                // What a credential is called may be a credential.
                let name = if known.is_in_name(&hit.name) { "credential" } else { &hit.name };
                let wish = names::identifier(&format!("{label}_{name}"));
                let mut variable = wish.clone();
                let mut number = 2;
                while !self.taken.insert(variable.clone()) {
                    variable = format!("{wish}_{number}");
                    number += 1;
                }
                variable
            });
            if let Some(value) = value {
                self.by_value.entry(value.to_owned()).or_insert_with(|| variable.clone());
            }
            named.insert(hit.path, Credential { variable, reason: hit.reason });
        }
        named
    }
}

/// The text that is written for exactly this field; `None` when it is not written, or in more than one way.
fn written<'a>(attributes: &'a [Attributes], path: &FieldPath) -> Option<&'a str> {
    let mut found = Vec::new();
    for attributes in attributes {
        texts(&attributes.items, path, &mut found);
    }
    found.dedup();
    if let [one] = found[..] { Some(one) } else { None }
}

fn texts<'a>(items: &'a [Attribute], path: &FieldPath, out: &mut Vec<&'a str>) {
    for item in items {
        match &item.content {
            Content::Scalar(Value::String(text)) if item.path == *path => out.push(text),
            Content::Elements(elements) => {
                out.extend(elements.iter().filter(|(at, _)| at == path).filter_map(|(_, value)| value.as_str()));
            }
            Content::Map(entries) => {
                out.extend(entries.iter().filter(|(_, at, _)| at == path).filter_map(|(.., value)| value.as_str()));
            }
            Content::Containers(value) if path.is_within(&item.path) => {
                let below = &path.segments()[item.path.segments().len()..];
                let found = below.iter().try_fold(value, |value, segment| match segment {
                    Segment::Member(name) => value.get(&**name),
                    Segment::Index(index) => value.get(index),
                });
                out.extend(found.and_then(Value::as_str));
            }
            Content::Scalar(_) | Content::Containers(_) => {}
            Content::Blocks(blocks) => blocks.iter().for_each(|(_, inner)| texts(inner, path, out)),
        }
    }
}

/// Why a resource cannot be exported over a credential: one stands where the code takes no variable.
pub(super) fn refusal(
    id: &ResourceId,
    import_id: &str,
    attributes: &[Attributes],
    hits: &[Hit],
    known: &Known,
) -> Option<String> {
    if known.is_empty() {
        return None;
    }
    if known.is_in_name(&id.native) || known.is_in_name(import_id) {
        return Some("its name is, or holds, a credential: no variable can stand in an import id".into());
    }
    let path = attributes.iter().find_map(|attributes| unsayable(&attributes.items, hits, known))?;
    Some(known.mask(&format!("a key of {path} is, or holds, a credential: no variable can stand for a key")))
}

/// The field in which a key that is written holds a credential.
fn unsayable(items: &[Attribute], hits: &[Hit], known: &Known) -> Option<FieldPath> {
    items.iter().find_map(|item| match &item.content {
        // A text made of a whole document is one variable when a value in it is a credential.
        Content::Scalar(Value::String(text)) => {
            let is_covered = || hits.iter().any(|hit| hit.path.is_within(&item.path));
            (known.is_in_name(text) && !is_covered()).then(|| item.path.clone())
        }
        Content::Map(entries) => entries.iter().any(|(key, ..)| known.is_in_name(key)).then(|| item.path.clone()),
        Content::Containers(Value::Array(containers)) => containers
            .iter()
            .enumerate()
            .find_map(|(at, container)| key(&item.path.index(at), container, types::CONTAINER, known)),
        Content::Blocks(blocks) => blocks.iter().find_map(|(_, inner)| unsayable(inner, hits, known)),
        _ => None,
    })
}

/// The same below a member of container definitions: keys without a row of their own are written where rows end.
fn key(path: &FieldPath, value: &Value, rows: &'static [Row], known: &Known) -> Option<FieldPath> {
    match value {
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| key(&path.index(at), item, rows, known)),
        Value::Object(members) => members.iter().find_map(|(name, child)| {
            let row = rows.iter().find_map(|row| match row.what {
                What::Key(key) if key.member == name => Some(key.rows),
                _ => None,
            });
            match row {
                None if !rows.is_empty() => None,
                None if known.is_in_name(name) => Some(path.clone()),
                row => key(&path.member(name), child, row.unwrap_or_default(), known),
            }
        }),
        _ => None,
    }
}
