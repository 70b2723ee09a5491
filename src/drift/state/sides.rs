//! The two sides of a comparison: when they are the same, and how they are told without a credential.

use serde_json::Value;

use crate::estate::{FieldPath, Kind, visible};
use crate::secrets::{MARK, Masks, classify, redact};
use crate::terraform::is_zero;
use crate::terraform::mapping::Row;
use crate::terraform::plan::credentials_of;

/// Longest side that is told, in characters.
const LONGEST: usize = 200;

/// What is masked on either side.
#[derive(Default)]
pub(super) struct Sides {
    live: Masks,
    values: Vec<String>,
}

impl Sides {
    pub fn of(kind: Kind, document: &Value, state: &Value) -> Self {
        let live = Masks::of(kind, document);
        let mut values = live.values(document);
        // The state's credentials may be others than those of the live document.
        values.extend(credentials_of(state));
        Self { live, values }
    }

    /// Both sides as bounded texts. Where one is a credential, so is the other.
    pub fn told(&self, argument: &str, field: &FieldPath, live: &Value, state: &Value) -> (String, String) {
        let name = field.last_member().unwrap_or(argument);
        let hidden = self.live.hits().any(|hit| hit.path.is_within(field))
            || [live, state].iter().any(|v| v.as_str().is_some_and(|text| classify(name, text).is_some()))
            || [live, state].iter().any(|v| redact(&v.to_string(), &self.values).contains(MARK));
        if hidden {
            return (MARK.to_owned(), MARK.to_owned());
        }
        (bounded(live), bounded(state))
    }
}

fn bounded(value: &Value) -> String {
    let text = value.to_string();
    let length = text.chars().count();
    if length <= LONGEST {
        return visible(&text);
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{} .. ({length} characters)", visible(&start))
}

/// The same for the provider: equal, both zero or absent (rule 0.1), a number and its text, two spellings of one JSON text.
pub(super) fn is_same(live: &Value, state: &Value) -> bool {
    if live == state || is_zero(live) && is_zero(state) {
        return true;
    }
    match (live, state) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            text.parse::<f64>().is_ok_and(|parsed| number.as_f64() == Some(parsed))
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            *text == flag.to_string()
        }
        (Value::String(a), Value::String(b)) if a.starts_with(['{', '[']) => {
            matches!((serde_json::from_str::<Value>(a), serde_json::from_str::<Value>(b)), (Ok(a), Ok(b)) if a == b)
        }
        _ => false,
    }
}

/// One side is absent, and the other is what an absent one means.
pub(super) fn is_default(row: &Row, live: &Value, state: &Value) -> bool {
    live.is_null() && row.takes_for_granted(state) || state.is_null() && row.takes_for_granted(live)
}

/// Lists of scalars, in order or in any.
pub(super) fn same_elements(live: &[Value], state: &Value, unordered: bool) -> bool {
    let held: Vec<&Value> = state.as_array().into_iter().flatten().collect();
    if live.len() != held.len() {
        return false;
    }
    if !unordered {
        return live.iter().zip(&held).all(|(a, b)| is_same(a, b));
    }
    let sorted = |values: &mut Vec<String>| values.sort();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (mut a, mut b) = (live.iter().map(text).collect(), held.into_iter().map(text).collect());
    sorted(&mut a);
    sorted(&mut b);
    a == b
}
