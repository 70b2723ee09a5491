//! PURE. `!`: everything that was asked for and not answered.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{Subject, visible};

use super::super::model::Model;
use super::super::theme::Role;
use super::{scrolled, wrap};

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
    let lines: Vec<Vec<(String, Role)>> = lines.into_iter().map(|line| vec![line]).collect();
    scrolled(frame, area, theme, "What could not be read", room, &lines, scroll);
}
