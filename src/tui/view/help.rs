//! PURE. `?`: every key that works here, from the keymap, in groups; and what the signs mean.

use super::super::keymap::{self, CONTEXTS, Context, GROUPS, Group};
use super::super::theme::Role;
use super::{Page, Pieces, width, wrap};

const SIGNS: [(&str, &str); 7] = [
    ("!!", "a critical or high risk"),
    ("!", "a medium or low risk, or something not read"),
    (
        "~",
        "drift: ~rev not the newest revision, ~inactive deregistered, ~failed ~rolling a rollout, ~overrides of a task",
    ),
    ("?", "unknown: what is needed to tell was not read"),
    ("=", "no drift"),
    ("..", "not read yet"),
    ("*", "marked for export"),
];

/// From this width on, two columns stand side by side.
const WIDE: usize = 100;

/// Between two columns.
const GAP: usize = 3;

/// What help shows of a context in so many columns.
pub fn page(context: Context, room: usize) -> Page {
    let heading = CONTEXTS.iter().find(|(c, _)| *c == context).map_or("", |(_, heading)| heading);
    let mut lines: Vec<Pieces> = vec![vec![(heading.to_owned(), Role::Title)]];
    if room >= WIDE {
        let half = (room - GAP) / 2;
        let (left, right) = GROUPS.split_at(1);
        let mut left = column(context, left, half);
        left.extend(signs(half));
        let right = column(context, right, half);
        lines.extend(beside(left, right, half));
    } else {
        lines.extend(signs(room));
        lines.extend(column(context, &GROUPS, room));
    }
    Page { title: "Keys", room, lines }
}

fn column(context: Context, groups: &[Group], room: usize) -> Vec<Pieces> {
    let mut lines = Vec::new();
    for group in groups {
        let keys = keymap::help(context, *group);
        if !keys.is_empty() {
            lines.push(vec![(group.title().to_owned(), Role::Label)]);
            let rows: Vec<(&str, &str, Role)> = keys.iter().map(|(keys, words)| (&**keys, *words, Role::Key)).collect();
            lines.extend(table(&rows, room));
        }
    }
    lines
}

fn signs(room: usize) -> Vec<Pieces> {
    let rows: Vec<(&str, &str, Role)> =
        SIGNS.iter().map(|(sign, words)| (*sign, *words, Role::of_sign(sign))).collect();
    let mut lines = vec![vec![("Signs".to_owned(), Role::Label)]];
    lines.extend(table(&rows, room));
    lines
}

fn table(rows: &[(&str, &str, Role)], room: usize) -> Vec<Pieces> {
    let column = rows.iter().map(|(name, ..)| width(name)).max().unwrap_or(0).min(room / 3);
    let mut lines = Vec::new();
    for (name, words, role) in rows {
        let names = wrap(name, column.max(4));
        let words = wrap(words, room.saturating_sub(column + 4));
        for at in 0..names.len().max(words.len()) {
            let part = |of: &[String]| of.get(at).cloned().unwrap_or_default();
            lines.push(vec![(format!("  {:<column$}  ", part(&names)), *role), (part(&words), Role::Text)]);
        }
    }
    lines
}

fn beside(left: Vec<Pieces>, right: Vec<Pieces>, half: usize) -> Vec<Pieces> {
    let high = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let line = |_| {
        let mut pieces = left.next().unwrap_or_default();
        let used: usize = pieces.iter().map(|(text, _)| width(text)).sum();
        pieces.push((" ".repeat((half + GAP).saturating_sub(used)), Role::Text));
        pieces.extend(right.next().unwrap_or_default());
        pieces
    };
    (0..high).map(line).collect()
}
