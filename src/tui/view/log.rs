//! PURE. `!`: everything that was asked for and not answered.

use crate::estate::{Subject, visible};

use super::super::model::Model;
use super::super::theme::Role;
use super::{Page, wrap};

pub fn page(model: &Model, room: usize) -> Page {
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
    for text in &model.troubles {
        lines.extend(wrap(&format!("! {}", visible(text)), room).into_iter().map(|line| (line, Role::Error)));
    }
    if lines.is_empty() {
        lines.push(("Nothing has gone wrong.".to_owned(), Role::Good));
    }
    Page { title: "What went wrong", room, lines: lines.into_iter().map(|line| vec![line]).collect() }
}
