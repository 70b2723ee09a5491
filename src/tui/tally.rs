//! PURE. What a row says of its marks: `!!2 !1`, `~rev`.

use crate::drift::{Class, Severity};
use crate::estate::ResourceId;
use crate::gate::{Review, Tally};

use super::table::Cell;
use super::theme::Role;

/// `!!2 !1 ?1`; a dot when there is nothing. Sorted by the worst.
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
    Cell::pieces(pieces).by(weight(tally.grave, 40) + weight(tally.lesser, 20) + weight(tally.unknown, 0))
}

/// `~rev ~failed`, each once; `=` when nothing has drifted.
pub fn drift(review: &Review, id: &ResourceId) -> Cell {
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
        return none();
    }
    let spaced = |at: usize| if at == 0 { "~" } else { " ~" };
    Cell::pieces(words.iter().enumerate().map(|(at, (word, role))| (format!("{}{word}", spaced(at)), *role)).collect())
}

/// `~3`, for what stands for many; `=` when nothing has drifted.
pub fn drift_count(tally: Tally) -> Cell {
    if tally.drift == 0 {
        return none();
    }
    Cell::new(format!("~{}", tally.drift), Role::Drift).by(i64::try_from(tally.drift).unwrap_or(i64::MAX))
}

fn none() -> Cell {
    Cell::new("=", Role::Good)
}
