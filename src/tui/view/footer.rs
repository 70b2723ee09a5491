//! PURE. The last line: marks, the keys that work here, gaps, progress.

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{ResourceId, Timestamp};

use super::super::keymap;
use super::super::model::{Model, Session, markable};
use super::super::theme::Role;
use super::{spinner, width, write};

/// At most so many keys; help has the rest.
const MOST: usize = 8;

/// Below this many columns the time of the last scan has no room.
const NARROW: u16 = 60;

/// The key whose hint is always there.
const HELP: &str = "?";

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let right = state(model);
    let right_width = (right.iter().map(|(text, _)| width(text)).sum::<usize>() as u16).min(area.width);
    let left_area = Rect { width: area.width - right_width, ..area };
    let mut left: Vec<(String, Role)> = vec![(" ".to_owned(), Role::Text)];
    if !model.marks.is_empty() {
        left.push((marked(model), Role::Marked));
        left.push(("  ".to_owned(), Role::Text));
    }
    // What covers the plan has keys that nobody guesses.
    let is_choosing = model.context() == keymap::Context::Modes;
    match (&model.exporting, model.toast.as_ref().filter(|_| !is_choosing)) {
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
    let hints = keymap::hints(&model.moment());
    let wide_of = |key: &str, word: &str| width(key) + 1 + width(word) + 2;
    // Help leads to every other key, so it has its room in any case.
    let mut kept: usize =
        hints.iter().filter(|(key, _)| key == HELP).map(|(key, word)| wide_of(key, word)).sum::<usize>();
    let most = hints.iter().position(|(key, _)| key == HELP).map_or(MOST, |at| MOST.max(at + 1));
    for (key, word) in hints.into_iter().take(most) {
        let wide = wide_of(&key, word);
        if key == HELP {
            kept = 0;
        } else if used + wide + kept > room {
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

/// `2 marked`, and how many of them are on no row that is shown.
fn marked(model: &Model) -> String {
    let all = model.marks.len();
    let shown = model.level().map(|level| level.table.shown().filter_map(|row| markable(&row.id)));
    let here: BTreeSet<&ResourceId> = shown.into_iter().flatten().filter(|id| model.marks.contains(*id)).collect();
    match all - here.len() {
        0 => format!("{all} marked"),
        away if away == all => format!("{all} marked (elsewhere)"),
        away => format!("{all} marked ({away} elsewhere)"),
    }
}

/// `14:03:05Z` of milliseconds since 1970.
fn clock(at: Timestamp) -> String {
    let seconds = at.div_euclid(1000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `2 denied  scan 120/214 services `, afterwards when it was read: a refresh changes that.
fn state(model: &Model) -> Vec<(String, Role)> {
    let mut pieces = Vec::new();
    for (count, word) in model.gap_counts() {
        pieces.push((format!("{count} {word}  "), Role::Error));
    }
    match (&model.session, &model.scan) {
        (Session::Connecting, _) => pieces.push((format!("{} connecting ", spinner(model)), Role::Dim)),
        (Session::Connected(_), Some(scan)) => {
            let (read, named) = scan.services;
            let text = match scan.took {
                None => format!("{} scan {read}/{named} services ", spinner(model)),
                // Where there is little room, keys are worth more.
                Some(_) if model.size.0 < NARROW => String::new(),
                Some(took) => format!("read {} ", clock(scan.since + took)),
            };
            pieces.push((text, Role::Dim));
        }
        _ => {}
    }
    pieces
}
