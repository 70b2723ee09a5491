//! PURE. One line about the row, where the pane has no room: its worst mark.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{ResourceId, visible};
use crate::gate::Mark;

use super::super::model::{Model, RowId};
use super::super::theme::Role;
use super::write;

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let Some(row) = model.row() else { return };
    let mut of: Vec<ResourceId> = model.subject().into_iter().cloned().collect();
    match row {
        RowId::Resource(id) => of.extend(model.estate.declared(id)),
        RowId::Tasks { revision, .. } => of.extend(revision.clone()),
        RowId::Gap(subject) => {
            if let Some(gap) = model.estate.gap(subject) {
                let pieces = [(" ! ".to_owned(), Role::Error), (visible(&gap.message), Role::Text)];
                write(frame.buffer_mut(), area, theme, &pieces);
            }
            return;
        }
    }
    let mut marks: Vec<Mark> = of.iter().flat_map(|id| model.review.marks(id)).collect();
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
    let Some(mark) = marks.first() else {
        if model.reviewed.is_some() {
            write(frame.buffer_mut(), area, theme, &[("   no risk, no drift", Role::Dim)]);
        }
        return;
    };
    let more = if marks.len() > 1 { format!("  +{}", marks.len() - 1) } else { String::new() };
    let pieces = [
        (format!(" {} {} ", mark.sign, mark.rule), Role::of_sign(mark.sign)),
        (format!("{}: {}", visible(mark.resource.name()), visible(&mark.text)), Role::Text),
        (more, Role::Dim),
    ];
    write(frame.buffer_mut(), area, theme, &pieces);
}
