//! Container definitions, key by key, with the provider's own equivalence (rule 3).

use serde_json::Value;

use super::Pass;
use super::sides::is_same;
use crate::estate::FieldPath;
use crate::terraform::mapping::{Key, Row, What};
use crate::terraform::{equal, is_zero, types};

/// The lists in which the provider orders the elements by name before it compares.
const BY_NAME: [&str; 3] = ["containerDefinitions", "environment", "secrets"];

const DROPPED: &str = "provider 3.39 drops keys of container definitions that are newer than itself (rule 3)";

impl Pass<'_> {
    pub(super) fn containers(&mut self, path: &FieldPath, live: &Value, state: &Value, argument: &str) {
        let held = state.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(held @ Value::Array(_)) = held else {
            let none = live.as_array().is_none_or(Vec::is_empty) && is_zero(state);
            return self.judge(none, argument, path, live, state);
        };
        self.elements(path, live, &held, types::CONTAINER, argument);
    }

    fn elements(&mut self, path: &FieldPath, live: &Value, state: &Value, rows: &'static [Row], argument: &str) {
        // The provider drops elements without any content.
        let full = |list: &Value| -> Vec<(usize, Value)> {
            list.as_array().into_iter().flatten().cloned().enumerate().filter(|(_, e)| !is_zero(e)).collect()
        };
        let (live, mut held) = (full(live), full(state));
        let name = |element: &Value| element.get("name").and_then(Value::as_str).map(str::to_owned);
        let by_name = path.last_member().is_some_and(|member| BY_NAME.contains(&member));
        for (at, element) in live {
            let wanted = by_name.then(|| name(&element)).flatten();
            let place = match &wanted {
                Some(wanted) => held.iter().position(|(_, other)| name(other).as_ref() == Some(wanted)),
                None => (!held.is_empty()).then_some(0),
            };
            let path = path.index(at);
            let argument = format!("{argument}[{at}]");
            match place.map(|place| held.remove(place)) {
                Some((_, other)) => self.members(&path, &element, &other, rows, &argument),
                None => self.judge(false, &argument, &path, &element, &Value::Null),
            }
        }
        for (at, other) in held {
            self.judge(false, &format!("{argument}[{at}]"), path, &Value::Null, &other);
        }
    }

    fn members(&mut self, path: &FieldPath, live: &Value, state: &Value, rows: &'static [Row], argument: &str) {
        let dialect = self.context.dialect;
        for row in rows {
            // What has no key in the table, or none that can be said, is among the notes.
            let What::Key(key) = row.what else { continue };
            let of = |side: &Value| side.get(key.member).filter(|v| !v.is_null()).cloned();
            let (path, argument) = (path.member(key.member), format!("{argument}.{}", key.member));
            match (of(live), of(state)) {
                (None, None) => {}
                (Some(told), None) if !self.means_nothing(key, &told, live) => {
                    if row.holds(dialect) {
                        self.judge(false, &argument, &path, &told, &Value::Null);
                    } else {
                        self.not_held(&path, DROPPED);
                    }
                }
                (None, Some(held)) => {
                    let same = self.means_nothing(key, &held, state);
                    self.judge(same, &argument, &path, &Value::Null, &held);
                }
                (told, held) => {
                    let (told, held) = (told.unwrap_or(Value::Null), held.unwrap_or(Value::Null));
                    self.key(key, &path, (&told, live), (&held, state), &argument);
                }
            }
        }
        let known = |name: &str| rows.iter().any(|row| row.members().contains(&name));
        for (name, held) in state.as_object().into_iter().flatten().filter(|(name, _)| !known(name)) {
            let told = live.get(name).unwrap_or(&Value::Null);
            let same = is_same(told, held);
            self.judge(same, &format!("{argument}.{name}"), &path.member(name), told, held);
        }
    }

    fn key(
        &mut self,
        key: Key,
        path: &FieldPath,
        (told, around): (&Value, &Value),
        (held, state): (&Value, &Value),
        argument: &str,
    ) {
        match (told, held) {
            (Value::Array(_), Value::Array(_)) if !key.rows.is_empty() => {
                self.elements(path, told, held, key.rows, argument);
            }
            (Value::Object(_), Value::Object(_)) if !key.rows.is_empty() => {
                self.members(path, told, held, key.rows, argument);
            }
            _ => {
                let nothing = |value: &Value, parent: &Value| value.is_null() || self.means_nothing(key, value, parent);
                let same = equal(told, held) || nothing(told, around) && nothing(held, state);
                self.judge(same, argument, path, told, held);
            }
        }
    }

    /// What the provider's own equivalence makes equal to an absent key.
    fn means_nothing(&self, key: Key, value: &Value, parent: &Value) -> bool {
        let awsvpc = self.context.root.get("networkMode").and_then(Value::as_str) == Some("awsvpc");
        key.is_absent(value, parent.get("containerPort"), self.context.dialect, awsvpc)
    }
}
