//! The credentials among attributes as a plan or a state holds them.

use serde_json::{Value, json};

use crate::estate::Kind;
use crate::secrets::Masks;

/// The credentials of a resource's attributes, of the JSON texts among them (container definitions, hook details) and of
/// tags: values in the clear, to be masked wherever they stand. `attributes` is what a plan calls before or after, or a
/// state `values`; anything but an object has none.
pub fn credentials_of(attributes: &Value) -> Vec<String> {
    let mut values = Vec::new();
    let mut ask = |document: Value| values.extend(Masks::of(Kind::Service, &document).values(&document));
    for (name, value) in attributes.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("container_definitions", Value::String(text)) => {
                let containers: Value = serde_json::from_str(text).unwrap_or_default();
                ask(json!({"containerDefinitions": containers}));
            }
            ("tags" | "tags_all", tags) => ask(json!({"labels": tags})),
            (_, value) => {
                let mut texts = Vec::new();
                documents(value, &mut texts);
                for document in texts {
                    ask(json!({"hookDetails": document}));
                }
                ask(json!({name.as_str(): value}));
            }
        }
    }
    values
}

/// JSON documents that stand as text in a value.
fn documents(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => out.extend(serde_json::from_str(text).ok()),
        Value::Array(items) => items.iter().for_each(|item| documents(item, out)),
        Value::Object(members) => members.values().for_each(|item| documents(item, out)),
        _ => {}
    }
}
