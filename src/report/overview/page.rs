//! The paper on which an Overview is written: aligned labels, a path on each line, and an account of what was drawn.

use std::collections::HashSet;

use serde_json::Value;

use crate::estate::{FieldPath, Line, Rendered, children, visible};
use crate::secrets::{Masks, mask};

/// Width of the label column, without its indent.
const LABELS: usize = 26;

/// A page under way.
pub(super) struct Page<'a> {
    value: &'a Value,
    masks: &'a Masks,
    lines: Vec<Line>,
    drawn: HashSet<FieldPath>,
    indent: usize,
}

/// Lines that show no field.
pub(super) fn note(lines: &[&str]) -> Rendered {
    Rendered::new(lines.iter().map(|line| Line::plain(visible(line))).collect())
}

impl<'a> Page<'a> {
    pub(super) fn new(value: &'a Value, masks: &'a Masks) -> Self {
        Self { value, masks, lines: Vec::new(), drawn: HashSet::new(), indent: 0 }
    }

    /// The value at a path.
    pub(super) fn at(&self, path: &FieldPath) -> Option<&'a Value> {
        path.get(self.value)
    }

    /// The text at dotted members of the root.
    pub(super) fn text(&self, members: &str) -> Option<&'a str> {
        self.at(&FieldPath::root().join(members)).and_then(Value::as_str)
    }

    /// The elements of a list below a path.
    pub(super) fn each(&self, path: &FieldPath) -> Vec<(FieldPath, &'a Value)> {
        let items = self.at(path).and_then(Value::as_array);
        items.into_iter().flatten().enumerate().map(|(at, item)| (path.index(at), item)).collect()
    }

    /// True when the string at a path is, or holds, a credential.
    pub(super) fn is_masked(&self, path: &FieldPath) -> bool {
        self.masks.hit(path).is_some()
    }

    /// What a value looks like on one line; credentials are masked, times are told in UTC.
    pub(super) fn show(&self, path: &FieldPath) -> String {
        self.at(path).map_or_else(|| "-".to_owned(), |value| self.show_value(path, value))
    }

    fn show_value(&self, path: &FieldPath, value: &Value) -> String {
        match value {
            Value::Null => "-".to_owned(),
            Value::String(text) if self.masks.hit(path).is_some() => mask(text),
            Value::String(text) if text.is_empty() => "\"\"".to_owned(),
            Value::String(text) => visible(text),
            Value::Number(number) if is_time(path) => number.as_f64().map_or_else(|| number.to_string(), iso),
            Value::Array(items) if items.is_empty() => "[]".to_owned(),
            Value::Array(items) => {
                let shown = items.iter().enumerate().map(|(at, item)| self.show_value(&path.index(at), item));
                shown.collect::<Vec<_>>().join(", ")
            }
            Value::Object(members) if members.is_empty() => "{}".to_owned(),
            Value::Object(members) => {
                let shown = members
                    .iter()
                    .map(|(name, v)| format!("{}={}", visible(name), self.show_value(&path.member(name), v)));
                shown.collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        }
    }

    /// A line with a label and the text beside it, at a path. The path counts as drawn.
    pub(super) fn line(&mut self, label: &str, text: &str, path: &FieldPath) {
        let indent = " ".repeat(self.indent);
        let label = visible(label);
        let room = LABELS.saturating_sub(self.indent);
        self.drawn.insert(path.clone());
        let text = format!("{indent}{label:<room$}  {text}");
        self.lines.push(Line::new(text.trim_end(), path.clone()));
    }

    /// A member with its value, if it is there.
    pub(super) fn field(&mut self, path: &FieldPath) {
        if self.at(path).is_some_and(|v| !v.is_null()) {
            self.risky(path);
        }
    }

    /// A member with its value, and `-` at its place when it is absent: silence would hide a risk.
    pub(super) fn risky(&mut self, path: &FieldPath) {
        let label = path.last_member().unwrap_or_default().to_owned();
        let text = self.show(path);
        self.line(&label, &text, path);
    }

    /// Members of the root (dotted), each if it is there.
    pub(super) fn fields(&mut self, base: &FieldPath, members: &[&str]) {
        for member in members {
            self.field(&base.join(member));
        }
    }

    /// A heading that stands for a field and what lies below it. What lies below is not drawn by it.
    pub(super) fn heading(&mut self, text: &str, path: &FieldPath) {
        let indent = " ".repeat(self.indent);
        self.lines.push(Line::new(format!("{indent}{}", visible(text)), path.clone()));
    }

    /// A line that shows no field.
    pub(super) fn plain(&mut self, text: &str) {
        let indent = " ".repeat(self.indent);
        self.lines.push(Line::plain(format!("{indent}{}", visible(text)).trim_end()));
    }

    /// A blank line between two parts.
    pub(super) fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.lines.push(Line::plain(""));
        }
    }

    /// What `draw` writes stands further to the right.
    pub(super) fn indented(&mut self, draw: impl FnOnce(&mut Self)) {
        self.indent += 2;
        draw(self);
        self.indent -= 2;
    }

    /// Counts a path, and all below it, as drawn.
    pub(super) fn covers(&mut self, path: &FieldPath) {
        self.drawn.insert(path.clone());
    }

    /// A list as a heading with a line for each element, `label` and text given by `draw`.
    pub(super) fn list(&mut self, path: &FieldPath, draw: impl Fn(&mut Self, &FieldPath, &'a Value)) {
        let items = self.each(path);
        if items.is_empty() {
            return;
        }
        self.heading(path.last_member().unwrap_or_default(), path);
        self.indented(|page| {
            for (path, item) in items {
                draw(page, &path, item);
            }
        });
    }

    /// A list of objects that have a name: `NAME  value`, the line at the value's path.
    pub(super) fn pairs(&mut self, path: &FieldPath, name: &str, value: &str) {
        self.list(path, |page, path, item| {
            let label = item.get(name).and_then(Value::as_str).unwrap_or("-");
            let at = path.member(value);
            let text = page.show(&at);
            page.line(label, &text, &at);
            page.covers(&path.member(name));
        });
    }

    /// An object as a heading with a line for each member, however deep.
    pub(super) fn tree(&mut self, path: &FieldPath) {
        let Some(value) = self.at(path) else { return };
        let name = path.last_member().unwrap_or_default().to_owned();
        self.branch(&name, path, value);
    }

    fn branch(&mut self, label: &str, path: &FieldPath, value: &'a Value) {
        let flat = match value {
            Value::Array(items) => items.iter().all(|v| !v.is_object() && !v.is_array()),
            Value::Object(members) => members.is_empty(),
            Value::Null => return,
            _ => true,
        };
        if flat {
            let text = self.show_value(path, value);
            self.line(label, &text, path);
            return;
        }
        self.heading(label, path);
        let below = children(path, value);
        self.indented(|page| {
            for (at, (path, child)) in below.into_iter().enumerate() {
                let label = if value.is_array() {
                    let named = ["name", "key", "id", "type", "containerName", "capacityProvider"];
                    let name = named.iter().find_map(|n| child.get(n)?.as_str());
                    name.map_or_else(|| format!("[{at}]"), |name| format!("[{at}] {name}"))
                } else {
                    path.last_member().unwrap_or_default().to_owned()
                };
                page.branch(&label, &path, child);
            }
        });
    }

    /// Tags, sorted by nothing: in the order of the answer.
    pub(super) fn tags(&mut self) {
        let path = FieldPath::root().member("tags");
        if self.at(&path).is_none() {
            return;
        }
        self.gap();
        if self.each(&path).is_empty() {
            self.line("tags", "none", &path);
        } else {
            self.pairs(&path, "key", "value");
        }
    }

    /// The page, with everything that was not drawn at its end.
    pub(super) fn finish(mut self) -> Rendered {
        let mut rest = Vec::new();
        self.undrawn(&FieldPath::root(), self.value, &mut rest);
        if !rest.is_empty() {
            self.gap();
            self.lines.push(Line::plain("other"));
            for path in rest {
                let text = format!("  {} = {}", visible(&path.to_string()), self.show(&path));
                self.lines.push(Line::new(text, path));
            }
        }
        while self.lines.last().is_some_and(|line| line.text.is_empty()) {
            self.lines.pop();
        }
        Rendered::new(self.lines)
    }

    fn undrawn(&self, path: &FieldPath, value: &Value, rest: &mut Vec<FieldPath>) {
        if self.drawn.contains(path) {
            return;
        }
        let below = children(path, value);
        if below.is_empty() {
            if !path.is_root() {
                rest.push(path.clone());
            }
            return;
        }
        for (path, child) in below {
            self.undrawn(&path, child, rest);
        }
    }
}

/// Members that hold seconds since the epoch: `createdAt`, `startedAt`, `CreationTime`.
fn is_time(path: &FieldPath) -> bool {
    path.last_member().is_some_and(|name| name.ends_with("At") || name.ends_with("Time"))
}

/// Seconds since the epoch as `2026-01-02T03:04:05Z`. Outside of four-digit years the number itself.
pub(in crate::report) fn iso(seconds: f64) -> String {
    if !(0.0..253_402_300_800.0).contains(&seconds) {
        return seconds.to_string();
    }
    // The range above fits, and the fraction is dropped on purpose.
    let whole = seconds as i64;
    let (days, rest) = (whole.div_euclid(86_400), whole.rem_euclid(86_400));
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}
