//! PURE. `!`: everything that was asked for and not answered.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{Subject, visible};

use super::super::model::Model;
use super::super::theme::Role;
use super::{popup, wrap, write};

pub fn render(frame: &mut Frame, area: Rect, model: &Model, scroll: usize) {
    let theme = model.settings.theme;
    let room = usize::from(area.width).saturating_sub(4).min(110);
    let mut lines: Vec<(String, Role)> = Vec::new();
    for (subject, gap) in model.estate.gaps() {
        let what = match subject {
            Subject::Listing(_, listing) => listing.to_string(),
            Subject::Resource(id) => id.to_string(),
        };
        lines.push((format!("! {}: {}  {}", gap.reason.word(), visible(&gap.action), visible(&what)), Role::Error));
        lines.extend(
            wrap(&visible(&gap.message), room.saturating_sub(2)).into_iter().map(|l| (format!("  {l}"), Role::Dim)),
        );
    }
    lines.extend(model.troubles.iter().map(|text| (format!("! {}", visible(text)), Role::Error)));
    if lines.is_empty() {
        lines.push(("Nothing has gone wrong.".to_owned(), Role::Good));
    }
    let inside = popup(frame, area, theme, "What could not be read", (room, lines.len()));
    let last = lines.len().saturating_sub(usize::from(inside.height));
    for (line, piece) in lines.iter().skip(scroll.min(last)).take(usize::from(inside.height)).enumerate() {
        let area = Rect { y: inside.y + line as u16, height: 1, ..inside };
        write(frame.buffer_mut(), area, theme, std::slice::from_ref(piece));
    }
}
