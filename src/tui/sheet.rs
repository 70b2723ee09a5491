//! PURE. The text of the pane as it is drawn: wrapped to its width, each mark on the line of its field.
//!
//! A mark stands on the line that shows its field: the sign in the gutter, rule and words behind the text or below it. A
//! member that is not there gets a line of its own in the JSON, under its parent; elsewhere its name stands in the words.

use unicode_width::UnicodeWidthChar;

use crate::estate::{FieldPath, Rendered, Segment, visible};
use crate::gate::Mark;

use super::message::{Styles, Tab};
use super::theme::Role;

/// Columns before the text, for the signs.
pub const GUTTER: usize = 3;

/// At most so many marks of other resources.
const MOST_ELSEWHERE: usize = 12;

/// Pieces of text with their meaning.
pub type Pieces = Vec<(String, Role)>;

/// One row of the pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetRow {
    /// The sign in the gutter.
    pub sign: &'static str,
    /// The text.
    pub pieces: Pieces,
}

/// All rows of the pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// From the top.
    pub rows: Vec<SheetRow>,
    /// Rows whose gutter has a sign.
    pub notes: Vec<usize>,
    /// For how many columns they were laid out.
    pub width: usize,
}

impl Sheet {
    /// True when something is marked.
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Lays a text out in `width` columns, gutter included. `elsewhere` are marks of other resources that this one
    /// answers for, a service for its declared revision: they stand on top of the Overview.
    pub fn of(
        text: &Rendered,
        styles: Option<&Styles>,
        marks: &[Mark],
        elsewhere: &[Mark],
        tab: Tab,
        width: usize,
    ) -> Self {
        let mut sheet = Self { width, ..Self::default() };
        let room = width.saturating_sub(GUTTER).max(8);
        if tab == Tab::Overview {
            sheet.elsewhere(elsewhere, room);
        }
        let (mut placed, mut loose): (Vec<Vec<&Mark>>, Vec<&Mark>) = (vec![Vec::new(); text.lines().len()], Vec::new());
        for mark in marks {
            match text.line_of(&mark.path) {
                Some(at) => placed[at].push(mark),
                None => loose.push(mark),
            }
        }
        for mark in loose {
            let at = if mark.path.is_root() { String::new() } else { format!("{}: ", visible(&mark.path.to_string())) };
            sheet.push(mark.sign, wrap_words(note(mark, &at), room, 0));
        }
        for (at, line) in text.lines().iter().enumerate() {
            let shown = line.path.as_ref();
            let (exact, absent): (Vec<&Mark>, Vec<&Mark>) =
                placed[at].iter().partition(|mark| tab != Tab::Json || shown == Some(&mark.path));
            let body = match styles.and_then(|styles| styles.get(at)) {
                Some(spans) => styled(&line.text, spans),
                None => plain(&line.text, tab, shown.is_some()),
            };
            sheet.line(body, &exact, shown, room);
            for (path, marks) in by_path(&absent) {
                let indent = " ".repeat(indent_of(&line.text) + 2);
                let ghost = vec![(format!("{indent}{}: absent", below(path, shown)), Role::Ghost)];
                sheet.line(ghost, &marks, Some(path), room);
            }
        }
        sheet
    }

    fn elsewhere(&mut self, marks: &[Mark], room: usize) {
        for mark in marks.iter().take(MOST_ELSEWHERE) {
            let name = format!("{}: ", visible(mark.resource.name()));
            self.push(mark.sign, wrap_words(note(mark, &name), room, mark.rule.len() + 1));
        }
        if marks.len() > MOST_ELSEWHERE {
            let more = format!("{} more below", marks.len() - MOST_ELSEWHERE);
            self.push("", vec![vec![(more, Role::Dim)]]);
        }
        if !marks.is_empty() {
            self.push("", vec![Vec::new()]);
        }
    }

    /// One line of text with the marks that stand on it.
    fn line(&mut self, body: Pieces, marks: &[&Mark], shown: Option<&FieldPath>, room: usize) {
        let indent = body.first().map_or(0, |(text, _)| indent_of(text));
        let split = value_column(&body).filter(|_| width_of(&body) > room);
        let sign = marks.first().map_or("", |mark| mark.sign);
        // A value that does not fit beside its label stands below it, in one piece where it can.
        let mut rows = match (split, <[(String, Role); 2]>::try_from(body)) {
            (Some(_), Ok([label, (value, role)])) => {
                let value = format!("{}{}", " ".repeat(indent + 2), value.trim_start());
                let mut rows = vec![vec![(format!("{}  ", label.0), label.1)]];
                rows.extend(wrap(vec![(value, role)], room, indent + 2));
                rows
            }
            (_, Ok(body)) => wrap(body.into(), room, indent + 2),
            (_, Err(body)) => wrap(body, room, indent + 2),
        };
        let mut below_rows = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            let name =
                if shown == Some(&mark.path) { String::new() } else { format!("{}: ", below(&mark.path, shown)) };
            let words = note(mark, &name);
            let used = rows.last().map_or(0, width_of);
            if at == 0 && rows.len() == 1 && used + 2 + width_of(&words) <= room {
                if let Some(row) = rows.last_mut() {
                    row.push(("  ".to_owned(), Role::Text));
                    row.extend(words);
                }
            } else {
                let lead = if at == 0 { String::new() } else { format!("{} ", mark.sign) };
                let mut pieces = vec![(format!("{}└ ", " ".repeat(indent.min(room / 3))), Role::Dim)];
                pieces.push((lead, Role::of_sign(mark.sign)));
                pieces.extend(words);
                below_rows.extend(wrap_words(pieces, room, indent.min(room / 3) + 2));
            }
        }
        self.push(sign, rows);
        for row in below_rows {
            self.rows.push(SheetRow { sign: "", pieces: row });
        }
    }

    fn push(&mut self, sign: &'static str, rows: Vec<Pieces>) {
        if !sign.is_empty() {
            self.notes.push(self.rows.len());
        }
        for (at, pieces) in rows.into_iter().enumerate() {
            self.rows.push(SheetRow { sign: if at == 0 { sign } else { "" }, pieces });
        }
    }
}

fn note(mark: &Mark, name: &str) -> Pieces {
    let role = Role::of_sign(mark.sign);
    vec![(format!("{} ", mark.rule), role), (format!("{name}{}", visible(&mark.text)), Role::Note)]
}

fn by_path<'m>(marks: &[&'m Mark]) -> Vec<(&'m FieldPath, Vec<&'m Mark>)> {
    let mut groups: Vec<(&FieldPath, Vec<&Mark>)> = Vec::new();
    for mark in marks {
        match groups.iter_mut().find(|(path, _)| **path == mark.path) {
            Some((_, group)) => group.push(mark),
            None => groups.push((&mark.path, vec![mark])),
        }
    }
    groups
}

/// A path without the part that the line already shows.
fn below(path: &FieldPath, shown: Option<&FieldPath>) -> String {
    let skip = shown.filter(|shown| path.is_within(shown)).map_or(0, |shown| shown.segments().len());
    let rest: Vec<Segment> = path.segments()[skip..].to_vec();
    visible(&FieldPath::new(rest).to_string())
}

fn indent_of(text: &str) -> usize {
    text.chars().take_while(|c| *c == ' ').count()
}

fn width_of(pieces: &Pieces) -> usize {
    pieces.iter().flat_map(|(text, _)| text.chars()).map(|c| c.width().unwrap_or(0)).sum()
}

/// A line of a text whose meanings are not known: in the Overview the label before a gap of two spaces is one.
fn plain(text: &str, tab: Tab, shows_field: bool) -> Pieces {
    if tab != Tab::Overview {
        return vec![(text.to_owned(), Role::Text)];
    }
    let indent = indent_of(text);
    let gap = text[indent..].find("  ").map(|at| at + indent);
    match gap {
        Some(gap) => vec![(text[..gap].to_owned(), Role::Label), (text[gap..].to_owned(), Role::Text)],
        None if !shows_field && indent == 0 => vec![(text.to_owned(), Role::Title)],
        None => vec![(text.to_owned(), Role::Text)],
    }
}

/// Where the value of an Overview's line begins, so that its next rows stand under it.
fn value_column(body: &Pieces) -> Option<usize> {
    let [(label, Role::Label), (rest, Role::Text)] = &body[..] else { return None };
    Some(width_of(&vec![(label.clone(), Role::Label)]) + indent_of(rest))
}

fn styled(text: &str, spans: &[(usize, Role)]) -> Pieces {
    let mut chars = text.chars();
    let mut pieces: Pieces = spans.iter().map(|(count, role)| (chars.by_ref().take(*count).collect(), *role)).collect();
    let rest: String = chars.collect();
    if !rest.is_empty() {
        pieces.push((rest, Role::Text));
    }
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// Breaks pieces into rows of at most `room` columns; rows after the first are indented.
fn wrap(pieces: Pieces, room: usize, indent: usize) -> Vec<Pieces> {
    let indent = indent.min(room / 2);
    let mut rows: Vec<Pieces> = vec![Vec::new()];
    let mut used = 0;
    for (text, role) in pieces {
        let mut part = String::new();
        for c in text.chars() {
            let width = c.width().unwrap_or(0);
            if used + width > room {
                let rest = part.split_off(seam(&part, room / 3));
                if let Some(row) = rows.last_mut() {
                    row.push((std::mem::replace(&mut part, rest), role));
                }
                rows.push(vec![(" ".repeat(indent), Role::Text)]);
                used = indent + part.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
            }
            part.push(c);
            used += width;
        }
        if let Some(row) = rows.last_mut()
            && !part.is_empty()
        {
            row.push((part, role));
        }
    }
    rows
}

/// Where a text is best broken: behind the last of its seams near the end, so that ARNs and paths break between names.
fn seam(text: &str, within: usize) -> usize {
    let near = text.char_indices().rev().take(within);
    let found = near.filter(|(_, c)| "_-/.:,; ".contains(*c)).map(|(at, c)| at + c.len_utf8()).next();
    found.filter(|at| *at < text.len() && text[..*at].trim() != "").unwrap_or(text.len())
}

/// The same between words where it can.
fn wrap_words(pieces: Pieces, room: usize, indent: usize) -> Vec<Pieces> {
    let indent = indent.min(room / 2);
    let mut rows: Vec<Pieces> = vec![Vec::new()];
    let mut used = 0;
    for (text, role) in pieces {
        for word in text.split_inclusive(' ') {
            let bare = word.trim_end();
            let wide: usize = bare.chars().map(|c| c.width().unwrap_or(0)).sum();
            // A blank that has no room is the break itself.
            let fits_bare = used + wide <= room && used + wide + word.len() - bare.len() > room;
            let word = if fits_bare { bare } else { word };
            if used + wide > room && used > indent {
                rows.push(vec![(" ".repeat(indent), Role::Text)]);
                used = indent;
            }
            // A word that is longer than a row is broken like any text.
            for (at, mut part) in
                wrap(vec![(word.to_owned(), role)], room.saturating_sub(used).max(4), 0).into_iter().enumerate()
            {
                if at > 0 {
                    rows.push(vec![(" ".repeat(indent), Role::Text)]);
                    used = indent;
                }
                used += width_of(&part);
                if let Some(row) = rows.last_mut() {
                    row.append(&mut part);
                }
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{ResourceId, Scope, json_lines};
    use crate::policy::Severity;
    use serde_json::json;

    fn mark(path: &str, sign: &'static str) -> Mark {
        Mark {
            resource: ResourceId::cluster(&Scope::new("aws", "123456789012", "eu-west-1"), "prod"),
            path: path.parse().unwrap(),
            sign,
            rule: "XXX-001",
            severity: Severity::High,
            text: "why".into(),
        }
    }

    fn texts(sheet: &Sheet) -> Vec<String> {
        let text = |row: &SheetRow| row.pieces.iter().map(|(t, _)| t.as_str()).collect::<String>();
        sheet.rows.iter().map(|row| format!("{:<3}{}", row.sign, text(row))).collect()
    }

    #[test]
    fn a_mark_stands_on_its_field_and_an_absent_field_gets_a_line() {
        let text = json_lines(&json!({"a": {"b": "x"}}), &|_, v| v.to_string());
        let marks = [mark("a.b", "!!"), mark("a.log", "!")];
        let sheet = Sheet::of(&text, None, &marks, &[], Tab::Json, 60);
        assert_eq!(
            texts(&sheet),
            [
                "   {",
                "     \"a\": {",
                "!      log: absent  XXX-001 why",
                "!!     \"b\": \"x\"  XXX-001 why",
                "     }",
                "   }"
            ]
        );
        assert_eq!(sheet.notes, [2, 3]);
    }

    #[test]
    fn words_that_do_not_fit_stand_below() {
        let text = json_lines(&json!({"a": "0123456789"}), &|_, v| v.to_string());
        let sheet = Sheet::of(&text, None, &[mark("a", "!!"), mark("a", "~")], &[], Tab::Json, 24);
        assert_eq!(
            texts(&sheet),
            ["   {", "!!   \"a\": \"0123456789\"", "     └ XXX-001 why", "     └ ~ XXX-001 why", "   }"]
        );
    }
}
