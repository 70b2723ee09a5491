//! PURE. What a row says of its marks: `!!2 !1`, `~rev`.

use crate::drift::{Class, Severity};
use crate::estate::ResourceId;
use crate::gate::{Review, Tally};

use super::table::Cell;
use super::theme::Role;

/// `!!2 !1 ?1`; a dot when there is nothing. Sorted by the worst; where there is little room, only the worst.
pub fn risk(tally: Tally) -> Cell {
    let counts =
        [("!!", tally.grave, Role::Critical), ("!", tally.lesser, Role::Warning), ("?", tally.unknown, Role::Unknown)];
    let mut pieces = Vec::new();
    for (sign, count, role) in counts {
        if count > 0 {
            let space = if pieces.is_empty() { "" } else { " " };
            pieces.push((format!("{space}{sign}{count}"), role));
        }
    }
    if pieces.is_empty() {
        pieces.push((".".to_owned(), Role::Dim));
    }
    let weight = |count: usize, shift: u32| i64::try_from(count.min(0xfffff)).unwrap_or(0) << shift;
    let short = pieces[..1].to_vec();
    let key = weight(tally.grave, 40) + weight(tally.lesser, 20) + weight(tally.unknown, 0);
    Cell::pieces(pieces).short(short).by(key)
}

/// `~rev ~failed`, each once; `=` when nothing has drifted, unless `unknown` stands for what nobody knows.
pub fn drift(review: &Review, id: &ResourceId, unknown: Option<Cell>) -> Cell {
    let mut words: Vec<(&'static str, Role)> = Vec::new();
    for difference in review.drift.get(id).into_iter().flatten() {
        let word = match (difference.class, difference.severity) {
            (Class::NotNewest, _) => ("rev", Role::Drift),
            (Class::InactiveInUse, _) => ("inactive", Role::Drift),
            (Class::NotConverged, Severity::Info | Severity::Low) => ("rolling", Role::Drift),
            (Class::NotConverged, _) => ("failed", Role::Critical),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() {
        return unknown.unwrap_or_else(none);
    }
    let spaced = |at: usize| if at == 0 { "~" } else { " ~" };
    let worst = words.iter().map(|(_, role)| *role).find(|role| *role == Role::Critical).unwrap_or(Role::Drift);
    let key = words.iter().map(|(_, role)| if *role == Role::Critical { 100 } else { 10 }).sum::<i64>();
    Cell::pieces(words.iter().enumerate().map(|(at, (word, role))| (format!("{}{word}", spaced(at)), *role)).collect())
        .short(vec![("~".to_owned(), worst)])
        .by(key)
}

/// `~3`, for what stands for many; `=` when nothing has drifted, `~3 ?` when some of it is not known.
pub fn drift_count(tally: Tally, unknown: Option<Cell>) -> Cell {
    if tally.drift == 0 {
        return unknown.unwrap_or_else(none);
    }
    let mut pieces = vec![(format!("~{}", tally.drift), Role::Drift)];
    let short = pieces.clone();
    if let Some((text, role)) = unknown.and_then(|cell| cell.pieces.into_iter().next()) {
        pieces.push((format!(" {text}"), role));
    }
    Cell::pieces(pieces).short(short).by(i64::try_from(tally.drift).map_or(i64::MAX, |count| count.saturating_mul(10)))
}

fn none() -> Cell {
    Cell::new("=", Role::Good).by(0)
}
