//! PURE. The pane: the row's resource as Overview, JSON or HCL, with its marks in their places.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{Subject, visible};

use super::super::content;
use super::super::message::TABS;
use super::super::model::{Model, RowId};
use super::super::sheet::GUTTER;
use super::super::theme::Role;
use super::{panel, width, wrap, write};

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    if let Some(RowId::Gap(subject)) = model.row() {
        return refused(frame, area, model, subject);
    }
    let theme = model.settings.theme;
    let shown = model.pane.content.as_ref().map(|(key, ..)| key);
    let mut tabs = Vec::new();
    for (tab, word) in TABS {
        let open = tab == model.pane.tab;
        let text = if open { format!("[{word}]") } else { format!(" {word} ") };
        tabs.push((text, if open { Role::Key } else { Role::Dim }));
    }
    // Frame, blanks and the gap before the tabs.
    let taken = tabs.iter().map(|(text, _)| width(text)).sum::<usize>() + 8;
    let name = shown.map_or_else(String::new, |key| visible(key.id.name()));
    let mut title = vec![(cut(&name, usize::from(area.width).saturating_sub(taken)), Role::Title)];
    title.push(("  ".to_owned(), Role::Text));
    title.extend(tabs);
    let inside = panel(frame, area, theme, &title, model.pane_focused);
    let sheet = &model.pane.sheet;
    for (line, row) in sheet.rows.iter().skip(model.pane.scroll).take(usize::from(inside.height)).enumerate() {
        let y = inside.y + line as u16;
        let gutter = Rect { x: inside.x, y, width: inside.width.min(GUTTER as u16), height: 1 };
        let buffer = frame.buffer_mut();
        let current = model.pane.current() == Some(model.pane.scroll + line);
        let role = if current { Role::Cursor } else { Role::of_sign(row.sign) };
        write(buffer, gutter, theme, &[(row.sign, role)]);
        let text = Rect { x: gutter.right(), y, width: inside.width - gutter.width, height: 1 };
        write(buffer, text, theme, &row.pieces);
    }
    if let Some(note) = model.pane.note {
        let place = format!(" finding {} of {} ", note + 1, sheet.notes.len());
        let wide = (width(&place) as u16).min(inside.width);
        let corner = Rect { x: inside.x + 1, y: area.bottom() - 1, width: wide.min(inside.width / 2), height: 1 };
        write(frame.buffer_mut(), corner, theme, &[(place, Role::Dim)]);
    }
    if sheet.rows.len() > usize::from(inside.height) {
        let last = (model.pane.scroll + usize::from(inside.height)).min(sheet.rows.len());
        let place = format!(" {last}/{} ", sheet.rows.len());
        let wide = (width(&place) as u16).min(inside.width);
        let corner = Rect { x: area.right().saturating_sub(wide + 2), y: area.bottom() - 1, width: wide, height: 1 };
        write(frame.buffer_mut(), corner, theme, &[(place, Role::Dim)]);
    }
}

/// A text of at most so many columns; what is too long ends in two dots.
pub(super) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width(&kept) + 3 > room {
            break;
        }
        kept.push(c);
    }
    kept + ".."
}

/// What a line stands for that could not be read.
fn refused(frame: &mut Frame, area: Rect, model: &Model, subject: &Subject) {
    let theme = model.settings.theme;
    let title = [("Not read".to_owned(), Role::Title)];
    let inside = panel(frame, area, theme, &title, model.pane_focused);
    let what = match subject {
        Subject::Listing(_, listing) => visible(&listing.to_string()),
        Subject::Resource(id) => visible(&id.to_string()),
    };
    let Some(gap) = model.estate.gap(subject) else { return };
    let lines = [what, String::new()].into_iter().chain(content::refusal(gap));
    let room = usize::from(inside.width).saturating_sub(2);
    let rows =
        lines.flat_map(|line| wrap(&line, room).into_iter().map(|row| (row, role_of(&line))).collect::<Vec<_>>());
    for (line, piece) in rows.take(usize::from(inside.height)).enumerate() {
        let area =
            Rect { x: inside.x + 1, y: inside.y + line as u16, width: inside.width.saturating_sub(2), height: 1 };
        write(frame.buffer_mut(), area, theme, &[piece]);
    }
}

fn role_of(line: &str) -> Role {
    if line.starts_with("! ") { Role::Error } else { Role::Text }
}
