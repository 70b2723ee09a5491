//! Values under their marks: what is sensitive, what is not known yet, what a mask hides.

use serde_json::Value;

use super::{SENSITIVE, UNKNOWN};

/// A value with its marks: `true` at a place covers all that is under it.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub value: &'a Value,
    pub marks: &'a Value,
}

impl<'a> Side<'a> {
    pub fn new(value: &'a Value, marks: &'a Value) -> Self {
        Self { value, marks }
    }

    pub fn is_marked(self) -> bool {
        self.marks == &Value::Bool(true)
    }

    /// Whether anything here or below is marked.
    pub fn holds_marks(self) -> bool {
        fn any(marks: &Value) -> bool {
            match marks {
                Value::Bool(marked) => *marked,
                Value::Array(list) => list.iter().any(any),
                Value::Object(object) => object.values().any(any),
                _ => false,
            }
        }
        any(self.marks)
    }

    pub fn member(self, name: &str) -> Self {
        Self {
            value: self.value.get(name).unwrap_or(&Value::Null),
            marks: if self.is_marked() { self.marks } else { self.marks.get(name).unwrap_or(&Value::Null) },
        }
    }

    pub fn element(self, index: usize) -> Self {
        Self {
            value: self.value.get(index).unwrap_or(&Value::Null),
            marks: if self.is_marked() { self.marks } else { self.marks.get(index).unwrap_or(&Value::Null) },
        }
    }
}

/// The value with every marked part replaced.
pub(super) fn hidden(value: &Value, marks: &Value) -> Value {
    match (value, marks) {
        (Value::Null, _) => Value::Null,
        (_, Value::Bool(true)) => Value::String(SENSITIVE.to_owned()),
        (Value::Array(list), Value::Array(marks)) => {
            list.iter().enumerate().map(|(i, item)| hidden(item, marks.get(i).unwrap_or(&Value::Null))).collect()
        }
        (Value::Object(object), Value::Object(marks)) => object
            .iter()
            .map(|(name, item)| {
                let mark = marks.get(name).unwrap_or(&Value::Null);
                (name.clone(), hidden(item, mark))
            })
            .collect(),
        _ => value.clone(),
    }
}

/// Puts [`UNKNOWN`] where the plan does not know the value yet.
pub(super) fn mark_unknown(value: &mut Value, unknown: &Value) {
    match unknown {
        Value::Bool(true) => *value = Value::String(UNKNOWN.to_owned()),
        Value::Object(members) => {
            for (name, inner) in members {
                if let (Some(object), true) = (value.as_object_mut(), holds_true(inner)) {
                    mark_unknown(object.entry(name.clone()).or_insert(Value::Null), inner);
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                if let Some(item) = value.get_mut(index) {
                    mark_unknown(item, inner);
                }
            }
        }
        _ => {}
    }
}

fn holds_true(value: &Value) -> bool {
    Side::new(&Value::Null, value).holds_marks()
}

/// Lays a mask over every string.
pub(super) fn mask_strings(value: &mut Value, mask: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => {
            // Inside JSON text a value may be spelled with escapes that the mask does not know.
            if let Some(document) = json_document(text) {
                let mut inner = document.clone();
                mask_strings(&mut inner, mask);
                if inner != document {
                    *text = inner.to_string();
                }
            }
            *text = mask(text);
        }
        Value::Array(list) => list.iter_mut().for_each(|item| mask_strings(item, mask)),
        Value::Object(object) => object.values_mut().for_each(|item| mask_strings(item, mask)),
        _ => {}
    }
}

/// The document in a text that is a JSON object or array.
pub(super) fn json_document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}
