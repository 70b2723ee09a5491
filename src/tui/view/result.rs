//! PURE. What an export has written: where, what is imported, what to do next, and what is not in it and why.

use crate::error::Error;
use crate::estate::visible;
use crate::export::count;
use crate::report::print::shell;

use super::super::message::Exported;
use super::super::theme::Role;
use super::{Page, Pieces, wrap};

/// The private file of an export.
const SECRETS: &str = "secrets.auto.tfvars";

/// The most important first: a small terminal shows the first lines, the rest is scrolled to.
pub fn page(result: &Result<Exported, Error>, words: &[String], room: usize) -> Page {
    let (title, lines) = match result {
        Ok(exported) => ("Exported", success(exported, words, room)),
        Err(error) => ("Not exported", super::notice::lines(error, room)),
    };
    Page { title, room, lines: lines.into_iter().map(|line| vec![line]).collect::<Vec<Pieces>>() }
}

fn success(exported: &Exported, words: &[String], room: usize) -> Vec<(String, Role)> {
    let mut lines: Vec<(String, Role)> = Vec::new();
    let mut say = |text: &str, indent: usize, role: Role| {
        let rows = wrap(text, room.saturating_sub(indent)).into_iter();
        lines.extend(rows.map(|row| (format!("{}{row}", " ".repeat(indent)), role)));
    };
    say(&visible(&exported.folder), 0, Role::Title);
    say(&format!("{} to import / {} skipped", exported.imports.len(), exported.skips.len()), 0, Role::Good);
    if let Some(count) = count(&exported.unread) {
        say(&count, 0, Role::Warning);
    }
    say(&format!("ecsight verify {}", visible(&shell(&exported.folder))), 2, Role::Key);
    if exported.files.iter().any(|file| file == SECRETS) {
        let stand = if exported.credentials == 1 { "credential stands" } else { "credentials stand" };
        say(&format!("{} {stand} in {SECRETS} (0600, git-ignored)", exported.credentials), 0, Role::Warning);
    }
    for word in words {
        say(word, 0, Role::Text);
    }
    if !exported.skips.is_empty() {
        say("", 0, Role::Text);
        say(&format!("Skipped ({})", exported.skips.len()), 0, Role::Warning);
        for skip in &exported.skips {
            say(&format!("{}: {}", visible(&skip.resource.to_string()), visible(&skip.reason)), 2, Role::Text);
        }
    }
    for unread in &exported.unread {
        say(&visible(&unread.to_string()), 2, Role::Unknown);
    }
    say("", 0, Role::Text);
    say(&format!("Imported ({})", exported.imports.len()), 0, Role::Good);
    for import in &exported.imports {
        say(&visible(&import.address), 2, Role::Text);
    }
    lines
}
