//! PURE. The pane: the row's resource as Overview, JSON or HCL, with its marks in their places.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::visible;

use super::super::message::TABS;
use super::super::model::Model;
use super::super::sheet::GUTTER;
use super::super::theme::Role;
use super::{panel, width, write};

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let shown = model.pane.content.as_ref().map(|(key, ..)| key);
    let name = shown.map_or_else(String::new, |key| visible(key.id.name()));
    let mut title = vec![(name, Role::Title), ("  ".to_owned(), Role::Text)];
    for (tab, word) in TABS {
        let open = tab == model.pane.tab;
        let text = if open { format!("[{word}]") } else { format!(" {word} ") };
        title.push((text, if open { Role::Key } else { Role::Dim }));
    }
    let inside = panel(frame, area, theme, &title, model.pane_focused);
    let sheet = &model.pane.sheet;
    for (line, row) in sheet.rows.iter().skip(model.pane.scroll).take(usize::from(inside.height)).enumerate() {
        let y = inside.y + line as u16;
        let gutter = Rect { x: inside.x, y, width: inside.width.min(GUTTER as u16), height: 1 };
        let buffer = frame.buffer_mut();
        write(buffer, gutter, theme, &[(row.sign, Role::of_sign(row.sign))]);
        let text = Rect { x: gutter.right(), y, width: inside.width - gutter.width, height: 1 };
        write(buffer, text, theme, &row.pieces);
    }
    if sheet.rows.len() > usize::from(inside.height) {
        let last = (model.pane.scroll + usize::from(inside.height)).min(sheet.rows.len());
        let place = format!(" {last}/{} ", sheet.rows.len());
        let wide = (width(&place) as u16).min(inside.width);
        let corner = Rect { x: area.right().saturating_sub(wide + 2), y: area.bottom() - 1, width: wide, height: 1 };
        write(frame.buffer_mut(), corner, theme, &[(place, Role::Dim)]);
    }
}
