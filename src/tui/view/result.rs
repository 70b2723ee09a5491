//! PURE. What an export has written: where, what is imported, what is not and why, and what to do next.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::error::Error;
use crate::estate::visible;

use super::super::message::Exported;
use super::super::model::Model;
use super::super::theme::Role;
use super::{popup, wrap, write};

pub fn render(frame: &mut Frame, area: Rect, model: &Model, result: &Result<Exported, Error>) {
    let theme = model.settings.theme;
    let room = usize::from(area.width).saturating_sub(4).min(100);
    let (title, mut lines) = match result {
        Ok(exported) => ("Exported", success(exported, room)),
        Err(error) => ("Not exported", super::notice::lines(error, room)),
    };
    let high = usize::from(area.height).saturating_sub(2).max(1);
    if lines.len() > high {
        let hidden = lines.len() - (high - 1);
        lines.truncate(high - 1);
        lines.push((format!(".. {hidden} more in REVIEW.md"), Role::Dim));
    }
    let inside = popup(frame, area, theme, title, (room, lines.len()));
    for (line, piece) in lines.iter().take(usize::from(inside.height)).enumerate() {
        let area = Rect { y: inside.y + line as u16, height: 1, ..inside };
        write(frame.buffer_mut(), area, theme, std::slice::from_ref(piece));
    }
}

fn success(exported: &Exported, room: usize) -> Vec<(String, Role)> {
    let blank = || (String::new(), Role::Text);
    let mut lines: Vec<(String, Role)> =
        wrap(&visible(&exported.folder), room).into_iter().map(|line| (line, Role::Title)).collect();
    lines.push(blank());
    lines.push((format!("{} to import, {} skipped", exported.imports.len(), exported.skips.len()), Role::Good));
    lines.push(blank());
    lines.push(("Next, check it with a real plan:".to_owned(), Role::Text));
    lines.extend(
        wrap(&format!("ecsight verify {}", visible(&quoted(&exported.folder))), room.saturating_sub(2))
            .into_iter()
            .map(|line| (format!("  {line}"), Role::Key)),
    );
    lines.push(blank());
    for import in exported.imports.iter().take(12) {
        lines.push((format!("  {}", visible(&import.address)), Role::Text));
    }
    if exported.imports.len() > 12 {
        lines.push((format!("  .. and {} more", exported.imports.len() - 12), Role::Dim));
    }
    if !exported.skips.is_empty() {
        lines.push(blank());
        lines.push(("Skipped".to_owned(), Role::Warning));
        for skip in &exported.skips {
            let text = format!("{}: {}", visible(&skip.resource.to_string()), visible(&skip.reason));
            lines.extend(wrap(&text, room.saturating_sub(2)).into_iter().map(|line| (format!("  {line}"), Role::Text)));
        }
    }
    lines
}

/// A path as a shell wants it.
fn quoted(path: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(safe) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
