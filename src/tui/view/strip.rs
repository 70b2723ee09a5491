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
    let mut marks: Vec<(ResourceId, Mark)> =
        of.into_iter().flat_map(|id| model.review.marks(&id).into_iter().map(move |mark| (id.clone(), mark))).collect();
    marks.sort_by(|(_, a), (_, b)| b.severity.cmp(&a.severity));
    let Some((id, mark)) = marks.first() else { return };
    let more = if marks.len() > 1 { format!("  +{}", marks.len() - 1) } else { String::new() };
    let pieces = [
        (format!(" {} {} ", mark.sign, mark.rule), Role::of_sign(mark.sign)),
        (format!("{}: {}", visible(id.name()), visible(&mark.text)), Role::Text),
        (more, Role::Dim),
    ];
    write(frame.buffer_mut(), area, theme, &pieces);
}
