//! PURE. Which strings of a document are credentials, and how they are shown instead.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::estate::{FieldPath, Kind};

/// How sure the classifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Looks like a well-known default (`changeme`).
    Low,
    /// The name says so and the value has the shape.
    Heuristic,
    /// The value has the format of a known kind of credential.
    Pattern,
}

/// One string that is a credential. Never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where it stands.
    pub path: FieldPath,
    /// What it is called there: the variable's name, the flag, the label.
    pub name: String,
    /// Why it is taken for one.
    pub reason: &'static str,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The credentials of a document, by path, and the text that is shown for every scalar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Masks {
    hits: BTreeMap<FieldPath, Hit>,
}

impl Masks {
    /// Classifies every string of a document.
    pub fn of(kind: Kind, document: &Value) -> Self {
        Self { hits: scan(kind, document).into_iter().map(|hit| (hit.path.clone(), hit)).collect() }
    }

    /// The credentials, in order of path.
    pub fn hits(&self) -> impl Iterator<Item = &Hit> {
        self.hits.values()
    }

    /// The credential at a path.
    pub fn hit(&self, path: &FieldPath) -> Option<&Hit> {
        self.hits.get(path)
    }

    /// The JSON text of a scalar, or its mask.
    pub fn show(&self, path: &FieldPath, value: &Value) -> String {
        match (self.hits.get(path), value) {
            (Some(_), Value::String(text)) => Value::from(mask(text)).to_string(),
            _ => value.to_string(),
        }
    }
}

/// Every credential of a document, in document order.
pub fn scan(_kind: Kind, _document: &Value) -> Vec<Hit> {
    Vec::new()
}

/// What stands on screen for a credential: its length and nothing of its text.
pub fn mask(value: &str) -> String {
    format!("(credential, {} characters)", value.chars().count())
}
