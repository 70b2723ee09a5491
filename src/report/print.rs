//! How reports look: aligned text tables, and JSON that is safe to print on a terminal.

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::error::Error;
use crate::estate::visible;

/// Indented JSON with a newline at its end.
///
/// Characters that a terminal would obey (C1 controls, bidirectional overrides) stand as `\u` escapes: the value is the
/// same, the terminal is not moved.
pub fn json(value: &impl Serialize) -> String {
    // Reports are plain structs and maps with string keys, which always serialise.
    let plain = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut safe = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        let harmless = c == '\n' || (' '..='~').contains(&c);
        if harmless || visible(c.encode_utf8(&mut [0; 4])).chars().eq([c]) {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe.push('\n');
    safe
}

/// An error for a terminal: the message, line by line, then the hint. Nothing in it moves the cursor.
pub fn error(error: &Error) -> String {
    let mut lines = error.message.lines().filter(|line| !line.trim().is_empty()).map(visible);
    let mut text = format!("ecsight: {}\n", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "  hint: {}", visible(hint));
    }
    text
}

/// A path as a shell wants it: in quotes where it has a blank or a sign that the shell reads.
pub fn shell(path: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(safe) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Rows under a heading, in columns as wide as their widest cell. Hostile text is made visible. No rows: one line.
pub fn table(title: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!("{title} ({})\n", rows.len());
    if rows.is_empty() {
        return out;
    }
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
    let all = || std::iter::once(&heads).chain(&rows);
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| all().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    for row in all() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "  {cell}{}", " ".repeat(width.saturating_sub(cell.width())));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_value_and_loses_its_escapes() {
        let value = serde_json::json!({"a": "x\u{1b}[31m\u{9b}2J\u{202e}é日"});
        let text = json(&value);
        assert!(text.contains("\\u001b") && text.contains("\\u009b") && text.contains("\\u202e"), "{text}");
        assert!(text.contains("é日"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = vec![vec!["日本".to_owned(), "1".to_owned()], vec!["a\u{1b}".to_owned(), "22".to_owned()]];
        assert_eq!(table("things", &["NAME", "N"], &rows), "things (2)\n  NAME  N\n  日本  1\n  a␦    22\n");
    }
}
