//! Text whose every line knows the field it shows. A view never searches text.

use super::path::FieldPath;

/// One line of a [`Rendered`] text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text, without its newline.
    pub text: String,
    /// The field this line shows; `None` for a blank line, a comment or a heading.
    pub path: Option<FieldPath>,
    /// True for the bracket that closes a field opened further up: marks stand on the opening line only.
    pub closing: bool,
}

impl Line {
    /// A line that shows a field.
    pub fn new(text: impl Into<String>, path: FieldPath) -> Self {
        Self { text: text.into(), path: Some(path), closing: false }
    }

    /// The line that closes a field.
    pub fn closing(text: impl Into<String>, path: FieldPath) -> Self {
        Self { text: text.into(), path: Some(path), closing: true }
    }

    /// A line that shows no field.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), path: None, closing: false }
    }
}

/// A text and, for each line, the field it shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    lines: Vec<Line>,
}

impl Rendered {
    /// A text from its lines.
    pub fn new(lines: Vec<Line>) -> Self {
        Self { lines }
    }

    /// The lines, from the top.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The whole text; each line ends with a newline.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.lines.iter().map(|l| l.text.len() + 1).sum());
        for line in &self.lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }

    /// Appends another text.
    pub fn extend(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// Appends one line.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// The line on which a mark for `path` belongs: the one that shows it, else the one of its nearest shown ancestor.
    pub fn line_of(&self, path: &FieldPath) -> Option<usize> {
        let mut wanted = Some(path.clone());
        while let Some(path) = wanted {
            if let Some(at) = self.lines.iter().position(|l| !l.closing && l.path.as_ref() == Some(&path)) {
                return Some(at);
            }
            wanted = path.parent();
        }
        None
    }
}

/// Makes hostile text safe to print on one line: control characters, escapes and bidirectional overrides become visible.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\n' => '␊',
            '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => '␦',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_for_an_absent_field_stands_on_its_parent() {
        let path: FieldPath = "a.b".parse().unwrap();
        let rendered = Rendered::new(vec![
            Line::new("{", FieldPath::root()),
            Line::new("a {", path.parent().unwrap()),
            Line::closing("}", path.parent().unwrap()),
        ]);
        assert_eq!(rendered.line_of(&path), Some(1));
        assert_eq!(rendered.line_of(&"x".parse().unwrap()), Some(0));
    }

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\nd"), "a␦[31mb␦c␊d");
    }
}
