//! PURE. `?`: every key that works here, from the keymap; then what the signs mean.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::super::keymap::{self, CONTEXTS, Context};
use super::super::model::Model;
use super::super::theme::Role;
use super::{scrolled, width, wrap};

const SIGNS: [(&str, &str); 6] = [
    ("!!", "a critical or high risk"),
    ("!", "a medium or low risk, or something that could not be read"),
    (
        "~",
        "drift: ~rev not the newest revision, ~inactive deregistered, ~failed or ~rolling a rollout, ~overrides a task that runs other than its revision says",
    ),
    ("?", "unknown: what the rule needs was not read"),
    ("=", "no drift"),
    ("*", "marked for export"),
];

pub fn render(frame: &mut Frame, area: Rect, model: &Model, context: Context, scroll: usize) {
    let theme = model.settings.theme;
    let keys = keymap::help(context);
    let column = keys.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(4).min(96);
    let heading = CONTEXTS.iter().find(|(c, _)| *c == context).map_or("", |(_, heading)| heading);
    let mut lines: Vec<Vec<(String, Role)>> = vec![vec![(heading.to_owned(), Role::Title)]];
    let mut rows = |names: &str, words: &str, role: Role| {
        for (at, part) in wrap(words, room.saturating_sub(column + 2)).into_iter().enumerate() {
            let name = if at == 0 { names } else { "" };
            lines.push(vec![(format!("{name:<column$}  "), role), (part, Role::Text)]);
        }
    };
    for (keys, words) in &keys {
        rows(keys, words, Role::Key);
    }
    rows("", "", Role::Text);
    for (sign, words) in SIGNS {
        rows(sign, words, Role::of_sign(sign));
    }
    scrolled(frame, area, theme, "Keys", room, &lines, scroll);
}
