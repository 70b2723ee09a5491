//! One resource as AWS returned it.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::id::{ResourceId, Timestamp};
use super::path::{FieldPath, children};
use super::rendered::{Line, Rendered};

/// `serde_json` refuses documents that nest deeper than this, so every recursion over a [`Value`] is bounded.
pub const MAX_DEPTH: usize = 128;

/// One resource as AWS returned it: the raw JSON text, the operation that gave it, and when.
///
/// The text is the truth. A parsed [`Value`] costs 8 to 12 times as much, so views parse on demand and let go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document {
    /// Which resource.
    pub id: ResourceId,
    /// For example `DescribeServices`.
    pub operation: Arc<str>,
    /// When the answer came.
    pub observed_at: Timestamp,
    /// The JSON text of the described object. Tags of the answer's envelope are its member `tags`.
    pub raw: Arc<str>,
}

impl Document {
    /// The parsed document. Text that is no JSON object reads as an empty one: it was checked when it was observed.
    pub fn value(&self) -> Value {
        match serde_json::from_str(&self.raw) {
            Ok(value @ Value::Object(_)) => value,
            _ => Value::Object(serde_json::Map::new()),
        }
    }

    /// The same document with tags that another call answered as its member `tags`.
    #[must_use]
    pub fn with_tags(&self, tags: &str) -> Self {
        Self { raw: joined(&self.raw, tags).into(), ..self.clone() }
    }
}

/// The text of an object that AWS returns in two parts: the object, and `tags` beside it.
pub fn envelope(object: &RawValue, tags: Option<&RawValue>) -> String {
    tags.map_or_else(|| object.get().trim_end().to_owned(), |tags| joined(object.get(), tags.get()))
}

fn joined(object: &str, tags: &str) -> String {
    let text = object.trim_end();
    let Some(open) = text.strip_suffix('}') else { return text.to_owned() };
    let comma = if open.trim_end().ends_with('{') { "" } else { "," };
    format!("{open}{comma}\"tags\":{tags}}}")
}

/// A value as indented JSON, each line with the address of the field it shows.
///
/// `show` gives the text of a scalar, so that the caller can mask it.
pub fn json_lines(value: &Value, show: &dyn Fn(&FieldPath, &Value) -> String) -> Rendered {
    let mut lines = Vec::new();
    json_into(&FieldPath::root(), value, 0, "", "", show, &mut lines);
    Rendered::new(lines)
}

fn json_into(
    path: &FieldPath,
    value: &Value,
    depth: usize,
    lead: &str,
    tail: &str,
    show: &dyn Fn(&FieldPath, &Value) -> String,
    lines: &mut Vec<Line>,
) {
    let indent = "  ".repeat(depth);
    let below = children(path, value);
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    if !(value.is_array() || value.is_object()) {
        lines.push(Line::new(format!("{indent}{lead}{}{tail}", show(path, value)), path.clone()));
    } else if below.is_empty() {
        lines.push(Line::new(format!("{indent}{lead}{open}{close}{tail}"), path.clone()));
    } else {
        lines.push(Line::new(format!("{indent}{lead}{open}"), path.clone()));
        let last = below.len() - 1;
        for (at, (child_path, child)) in below.iter().enumerate() {
            let lead = match child_path.segments().last() {
                Some(super::path::Segment::Member(name)) => format!("{}: ", Value::from(&**name)),
                _ => String::new(),
            };
            json_into(child_path, child, depth + 1, &lead, if at == last { "" } else { "," }, show, lines);
        }
        lines.push(Line::closing(format!("{indent}{close}{tail}"), path.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tags_of_the_envelope_become_a_member() {
        let object: Box<RawValue> = serde_json::from_str(r#"{"family":"web"}"#).unwrap();
        let tags: Box<RawValue> = serde_json::from_str(r#"[{"key":"a","value":"b"}]"#).unwrap();
        assert_eq!(envelope(&object, Some(&tags)), r#"{"family":"web","tags":[{"key":"a","value":"b"}]}"#);
        let empty: Box<RawValue> = serde_json::from_str("{ }").unwrap();
        assert_eq!(envelope(&empty, Some(&tags)), r#"{ "tags":[{"key":"a","value":"b"}]}"#);
        assert_eq!(envelope(&object, None), r#"{"family":"web"}"#);
    }

    #[test]
    fn json_lines_carry_their_paths() {
        let value = json!({"a": [1, {"b": "x"}], "e": {}});
        let rendered = json_lines(&value, &|_, v| v.to_string());
        assert_eq!(serde_json::from_str::<Value>(&rendered.text()).unwrap(), value);
        let b = rendered.lines().iter().find(|l| l.text.contains("\"b\"")).unwrap();
        assert_eq!(b.path.as_ref().unwrap().to_string(), "a[1].b");
    }
}
