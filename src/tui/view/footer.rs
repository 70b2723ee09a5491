//! PURE. The last line: marks, the keys that work here, gaps, progress.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::super::keymap;
use super::super::model::{Model, Session};
use super::super::theme::Role;
use super::{spinner, width, write};

/// At most so many keys; help has the rest.
const MOST: usize = 8;

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let right = state(model);
    let right_width = (right.iter().map(|(text, _)| width(text)).sum::<usize>() as u16).min(area.width);
    let left_area = Rect { width: area.width - right_width, ..area };
    let mut left: Vec<(String, Role)> = vec![(" ".to_owned(), Role::Text)];
    if !model.marks.is_empty() {
        left.push((format!("{} marked", model.marks.len()), Role::Marked));
        left.push(("  ".to_owned(), Role::Text));
    }
    match (&model.exporting, &model.toast) {
        (Some(export), _) => {
            let words = if export.writing {
                "writing the export ..".to_owned()
            } else {
                format!("reading {} for the export ..", export.reading.max(1))
            };
            left.push((format!("{} {words}  ", spinner(model)), Role::Place));
        }
        (None, Some(toast)) => {
            left.push((toast.text.clone(), toast.role));
            write(frame.buffer_mut(), left_area, theme, &left);
            write(frame.buffer_mut(), Rect { x: left_area.right(), width: right_width, ..area }, theme, &right);
            return;
        }
        (None, None) => {}
    }
    let room = usize::from(left_area.width);
    let mut used: usize = left.iter().map(|(text, _)| width(text)).sum();
    for (key, word) in keymap::hints(&model.moment()).into_iter().take(MOST) {
        let wide = width(&key) + 1 + width(word) + 2;
        if used + wide > room {
            // A hint that has no room is left out whole: `?` shows it.
            continue;
        }
        used += wide;
        left.push((key, Role::Key));
        left.push((format!(" {word}  "), Role::Hint));
    }
    write(frame.buffer_mut(), left_area, theme, &left);
    write(frame.buffer_mut(), Rect { x: left_area.right(), width: right_width, ..area }, theme, &right);
}

/// `2 denied  scan 120/214 services 0.9 s `
fn state(model: &Model) -> Vec<(String, Role)> {
    let mut pieces = Vec::new();
    for (count, word) in model.gap_counts() {
        pieces.push((format!("{count} {word}  "), Role::Error));
    }
    match (&model.session, &model.scan) {
        (Session::Connecting, _) => pieces.push((format!("{} connecting ", spinner(model)), Role::Dim)),
        (Session::Connected(_), Some(scan)) => {
            let (read, named) = scan.services;
            let tenths = (scan.took.unwrap_or(model.now - scan.since) / 100).max(0);
            let seconds = format!("{}.{} s", tenths / 10, tenths % 10);
            let text = match scan.took {
                None => format!("{} scan {read}/{named} services {seconds} ", spinner(model)),
                Some(_) => format!("{read}/{named} services {seconds} "),
            };
            pieces.push((text, Role::Dim));
        }
        _ => {}
    }
    pieces
}
