//! PURE. The marks of one resource, counted: what a row of a list shows.

use std::collections::BTreeMap;

use crate::drift::{Class, Severity};
use crate::estate::ResourceId;
use crate::gate::Review;

use super::theme::Role;

/// How many marks of each sign, and which drift.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// `!!`
    pub critical: u32,
    /// `!`
    pub warning: u32,
    /// `?`
    pub unknown: u32,
    /// `rev`, `failed`, `rolling`, `inactive`; each once.
    pub drift: Vec<&'static str>,
}

impl Tally {
    /// Counts the marks of one resource.
    pub fn of(review: &Review, id: &ResourceId) -> Self {
        let mut tally = Self::default();
        for mark in review.marks(id) {
            match mark.sign {
                "!!" => tally.critical += 1,
                "!" => tally.warning += 1,
                "?" => tally.unknown += 1,
                _ => {}
            }
        }
        for difference in review.drift.get(id).into_iter().flatten() {
            let word = match (difference.class, difference.severity) {
                (Class::NotNewest, _) => "rev",
                (Class::InactiveInUse, _) => "inactive",
                (Class::NotConverged, Severity::Info | Severity::Low) => "rolling",
                (Class::NotConverged, _) => "failed",
            };
            if !tally.drift.contains(&word) {
                tally.drift.push(word);
            }
        }
        tally
    }

    /// Every resource that has marks, counted.
    pub fn all(review: &Review) -> BTreeMap<ResourceId, Self> {
        review.findings.keys().chain(review.drift.keys()).map(|id| (id.clone(), Self::of(review, id))).collect()
    }

    /// Two tallies as one.
    #[must_use]
    pub fn and(mut self, other: Option<&Self>) -> Self {
        if let Some(other) = other {
            self.critical += other.critical;
            self.warning += other.warning;
            self.unknown += other.unknown;
            for word in &other.drift {
                if !self.drift.contains(word) {
                    self.drift.push(word);
                }
            }
        }
        self
    }

    /// `!!2 !1 ?1`, in pieces; a dot when there is nothing.
    pub fn risk(&self) -> Vec<(String, Role)> {
        let counts = [
            ("!!", self.critical, Role::Critical),
            ("!", self.warning, Role::Warning),
            ("?", self.unknown, Role::Unknown),
        ];
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
        pieces
    }

    /// A number that sorts the worst last.
    pub fn weight(&self) -> i64 {
        (i64::from(self.critical) << 32) + (i64::from(self.warning) << 16) + i64::from(self.unknown)
    }

    /// `~rev ~failed`, in pieces; `=` when nothing has drifted.
    pub fn drifts(&self) -> Vec<(String, Role)> {
        if self.drift.is_empty() {
            return vec![("=".to_owned(), Role::Good)];
        }
        let role = |word: &str| if word == "failed" { Role::Critical } else { Role::Drift };
        let spaced = |at: usize| if at == 0 { "~" } else { " ~" };
        self.drift.iter().enumerate().map(|(at, word)| (format!("{}{word}", spaced(at)), role(word))).collect()
    }
}
