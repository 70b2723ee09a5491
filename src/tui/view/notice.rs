//! PURE. What stands instead of the lists: no session, or no room.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::error::Error;
use crate::estate::visible;

use super::super::layout::SMALLEST;
use super::super::model::Model;
use super::super::theme::Role;
use super::{popup, wrap, write};

/// A terminal without room says so, in as many columns as it has.
pub fn too_small(frame: &mut Frame, area: Rect, model: &Model) {
    let (width, height) = model.size;
    let text = format!("Too small: {width}x{height}. ecsight needs {}x{}.", SMALLEST.0, SMALLEST.1);
    for (line, part) in wrap(&text, usize::from(area.width)).into_iter().take(usize::from(area.height)).enumerate() {
        let area = Rect { y: area.y + line as u16, height: 1, ..area };
        write(frame.buffer_mut(), area, model.settings.theme, &[(part, Role::Text)]);
    }
}

/// Why there is no session, and what to do.
pub fn failed(frame: &mut Frame, area: Rect, model: &Model, error: &Error) {
    let room = usize::from(area.width).saturating_sub(4).min(90);
    let lines = lines(error, room);
    let inside = popup(frame, area, model.settings.theme, "Not connected", (room, lines.len()));
    for (line, piece) in lines.iter().take(usize::from(inside.height)).enumerate() {
        let area = Rect { y: inside.y + line as u16, height: 1, ..inside };
        write(frame.buffer_mut(), area, model.settings.theme, std::slice::from_ref(piece));
    }
}

/// An error and its hint, line by line.
pub fn lines(error: &Error, room: usize) -> Vec<(String, Role)> {
    let part = |text: &str, role: Role| -> Vec<(String, Role)> {
        text.lines().flat_map(|line| wrap(&visible(line), room)).map(|line| (line, role)).collect()
    };
    let mut lines = part(&error.message, Role::Error);
    if let Some(hint) = &error.hint {
        lines.push((String::new(), Role::Text));
        lines.extend(part(hint, Role::Text));
    }
    lines
}
