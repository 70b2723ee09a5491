//! PURE. One line about the row, where the pane has no room: its worst mark, for a cluster how many there are.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{Kind, visible};
use crate::gate::Tally;

use super::super::model::{Model, RowId};
use super::super::theme::Role;
use super::write;

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let pieces = pieces(model).unwrap_or_default();
    write(frame.buffer_mut(), area, theme, &pieces);
}

fn pieces(model: &Model) -> Option<Vec<(String, Role)>> {
    if let RowId::Gap(subject) = model.row()? {
        let gap = model.estate.gap(subject)?;
        return Some(vec![(" ! ".to_owned(), Role::Error), (visible(&gap.message), Role::Text)]);
    }
    model.reviewed?;
    let id = model.subject()?;
    let tally = model.review.row(id);
    if id.kind == Kind::Cluster {
        return Some(counts(tally));
    }
    let marks = model.review.rolled_up(&model.estate, id);
    let Some(mark) = marks.first() else { return Some(counts(tally)) };
    let more = if marks.len() > 1 { format!("  +{}", marks.len() - 1) } else { String::new() };
    Some(vec![
        (format!(" {} {} ", mark.sign, mark.rule), Role::of_sign(mark.sign)),
        (format!("{}: {}", visible(mark.resource.name()), visible(&mark.text)), Role::Text),
        (more, Role::Dim),
    ])
}

fn counts(tally: Tally) -> Vec<(String, Role)> {
    let signs = [("!!", tally.grave), ("!", tally.lesser), ("~", tally.drift), ("?", tally.unknown)];
    let shown = signs.iter().filter(|(_, count)| *count > 0);
    let mut pieces: Vec<(String, Role)> =
        shown.map(|(sign, count)| (format!(" {sign}{count} "), Role::of_sign(sign))).collect();
    match (pieces.is_empty(), tally.undated > 0) {
        (true, false) => pieces.push(("   no risk, no drift".to_owned(), Role::Dim)),
        (true, true) => pieces.push(("   no risk seen, drift is not known".to_owned(), Role::Dim)),
        (false, _) => pieces.push((" in its services and tasks".to_owned(), Role::Dim)),
    }
    pieces
}
