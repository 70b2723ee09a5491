//! The newest revision of each family in use, with few calls; of every family, when that is asked for.
//!
//! `ListTaskDefinitions` in descending order gives families backwards and in each family the newest revision first, so
//! a few pages often name every family. A family is whole when the next one begins or the list ends; one that is cut
//! at a page's end is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::job::Token;
use crate::estate::{Gap, Listing, News, ResourceId, Scope, Subject, Timestamp};

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Read this page.
    Page(Token),
    /// Ask for each of these families by name.
    Families(Vec<Arc<str>>),
    /// Nothing, or nothing yet.
    Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// No page is under way.
    #[default]
    Ready,
    /// A page is under way.
    Asked,
    /// Whole, given up, or refused.
    Over,
}

/// Which families are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Goal {
    /// Those in use.
    #[default]
    InUse,
    /// Every one.
    All,
}

/// The walk over the pages.
#[derive(Debug, Default)]
pub(super) struct Newest {
    in_use: BTreeSet<Arc<str>>,
    seen: BTreeMap<Arc<str>, Vec<ResourceId>>,
    /// Families of the last page, not yet told.
    fresh: BTreeMap<Arc<str>, Vec<ResourceId>>,
    /// Families whose list is whole, not yet told.
    whole: BTreeSet<Arc<str>>,
    told: BTreeSet<Arc<str>>,
    current: Option<Arc<str>>,
    /// The last answer came out of order (some emulators do not sort): only the end of the list proves anything.
    unsorted: bool,
    since: Timestamp,
    pages: usize,
    next: Token,
    ended: bool,
    state: State,
    gap: Option<Gap>,
    goal: Goal,
    /// That the list of families is whole, or refused, was told.
    families_told: bool,
}

impl Newest {
    /// A walk that reads every page, whoever uses what.
    pub(super) fn of_all() -> Self {
        Self { goal: Goal::All, ..Self::default() }
    }

    /// Takes a page in.
    pub(super) fn page(&mut self, ids: &[ResourceId], next: Token, sent: Timestamp) {
        if self.pages == 0 {
            self.since = sent;
        }
        self.pages += 1;
        self.state = State::Ready;
        for id in ids {
            let Some((family, revision)) = id.family_revision() else { continue };
            let family: Arc<str> = family.into();
            let known = self.seen.get(&family).and_then(|ids| ids.last()).and_then(ResourceId::family_revision);
            match known {
                Some((_, last)) if self.current.as_ref() != Some(&family) || last <= revision => self.unsorted = true,
                _ => {}
            }
            if self.current.as_ref() != Some(&family)
                && let Some(before) = self.current.replace(family.clone())
            {
                self.whole.insert(before);
            }
            self.seen.entry(family.clone()).or_default().push(id.clone());
            self.fresh.entry(family).or_default().push(id.clone());
        }
        self.ended = next.is_none();
        self.next = next;
        if self.ended {
            let told = |family: &&Arc<str>| !self.unsorted && self.told.contains(*family);
            self.whole.extend(self.seen.keys().filter(|family| !told(family)).cloned());
        }
    }

    /// A page was not answered: families that were not seen stay unknown.
    pub(super) fn refused(&mut self, gap: Gap) {
        self.state = State::Over;
        self.gap = Some(gap);
    }

    /// Decides on the next call. `final_families` is false while tasks may still bring families.
    pub(super) fn advance(&mut self, in_use: BTreeSet<Arc<str>>, final_families: bool) -> Next {
        self.in_use = in_use;
        if self.state != State::Ready {
            return Next::Wait;
        }
        let unseen: Vec<Arc<str>> =
            self.in_use.iter().filter(|family| self.unsorted || !self.seen.contains_key(*family)).cloned().collect();
        if self.ended {
            if final_families {
                self.state = State::Over;
            }
            Next::Wait
        } else if self.goal == Goal::InUse && self.has_enough(&unseen, final_families) {
            if !final_families {
                return Next::Wait;
            }
            self.state = State::Over;
            if unseen.is_empty() { Next::Wait } else { Next::Families(unseen) }
        } else {
            self.state = State::Asked;
            Next::Page(self.next.clone())
        }
    }

    /// True when no more pages are worth reading. Where nothing is in use, one tells whether there are families at all.
    fn has_enough(&self, unseen: &[Arc<str>], final_families: bool) -> bool {
        if self.in_use.is_empty() {
            return self.pages > 0 || !final_families;
        }
        unseen.is_empty() || self.pages >= self.in_use.len()
    }

    /// What has become known of the list of all families, once.
    fn families(&mut self, scope: &Scope) -> Option<(Timestamp, News)> {
        if self.families_told {
            return None;
        }
        let told = if self.ended {
            let newest =
                |ids: &Vec<ResourceId>| ids.iter().max_by_key(|id| id.family_revision().map(|(_, n)| n)).cloned();
            let ids = self.seen.values().filter_map(newest).collect();
            Some((self.since, News::Listed { listing: Listing::Families, ids, complete: true }))
        } else {
            // Where families are in use, each of those that was not seen says so by itself.
            let gap = self.gap.as_ref().filter(|_| self.goal == Goal::All || self.in_use.is_empty());
            let subject = Subject::Listing(scope.clone(), Listing::Families);
            gap.map(|gap| (gap.observed_at, News::Denied(subject, gap.clone())))
        };
        self.families_told = told.is_some();
        told
    }

    /// What has become known since the last time.
    pub(super) fn news(&mut self, scope: &Scope, at: Timestamp) -> Vec<(Timestamp, News)> {
        let mut news: Vec<(Timestamp, News)> = self.families(scope).into_iter().collect();
        let mut tell = |at, family: &Arc<str>, ids, complete| {
            news.push((at, News::Listed { listing: Listing::Revisions(family.clone()), ids, complete }));
        };
        for (family, ids) in std::mem::take(&mut self.fresh) {
            if !self.whole.contains(&family) || (self.unsorted && !self.ended) {
                tell(at, &family, ids, false);
            }
        }
        if !self.unsorted || self.ended {
            for family in std::mem::take(&mut self.whole) {
                tell(self.since, &family, self.seen.get(&family).cloned().unwrap_or_default(), true);
                self.told.insert(family);
            }
        }
        if self.ended {
            // The whole list names no revision of these: all of theirs are INACTIVE.
            for family in &self.in_use {
                if !self.seen.contains_key(family) && self.told.insert(family.clone()) {
                    tell(self.since, family, vec![], true);
                }
            }
        }
        if let Some(gap) = &self.gap {
            for family in &self.in_use {
                if !self.seen.contains_key(family) && self.told.insert(family.clone()) {
                    let subject = Subject::Listing(scope.clone(), Listing::Revisions(family.clone()));
                    news.push((gap.observed_at, News::Denied(subject, gap.clone())));
                }
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Kind;

    fn ids(names: &[&str]) -> Vec<ResourceId> {
        let scope = Scope::new("aws", "1", "r");
        names
            .iter()
            .map(|n| ResourceId::new(&scope, Kind::TaskDefinition, &scope.ecs_arn(&format!("task-definition/{n}"))))
            .collect()
    }

    fn families(names: &[&str]) -> BTreeSet<Arc<str>> {
        names.iter().map(|name| Arc::from(*name)).collect()
    }

    fn told(newest: &mut Newest) -> Vec<String> {
        let news = newest.news(&Scope::new("aws", "1", "r"), 9);
        news.into_iter()
            .map(|(_, news)| match news {
                News::Listed { listing, ids, complete } => format!("{listing} {} {complete}", ids.len()),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_family_cut_at_the_end_of_a_page_is_not_whole() {
        let mut newest = Newest::default();
        assert_eq!(newest.advance(families(&["a", "b", "gone"]), true), Next::Page(None));
        newest.page(&ids(&["b:9", "b:8", "a:4"]), Some("t".into()), 1);
        assert_eq!(told(&mut newest), ["revisions of a 1 false", "revisions of b 2 true"]);
        assert_eq!(newest.advance(families(&["a", "b", "gone"]), true), Next::Page(Some("t".into())));
        newest.page(&ids(&["a:3"]), None, 2);
        assert_eq!(newest.advance(families(&["a", "b", "gone"]), true), Next::Wait);
        assert_eq!(told(&mut newest), ["families 2 true", "revisions of a 2 true", "revisions of gone 0 true"]);
    }

    #[test]
    fn the_walk_gives_up_after_as_many_pages_as_families() {
        let mut newest = Newest::default();
        assert_eq!(newest.advance(families(&["a"]), false), Next::Page(None));
        newest.page(&ids(&["z:9", "z:8"]), Some("t".into()), 1);
        assert_eq!(newest.advance(families(&["a"]), false), Next::Wait);
        // A task brings a second family, and with it one more page.
        assert_eq!(newest.advance(families(&["a", "b"]), true), Next::Page(Some("t".into())));
        newest.page(&ids(&["z:7", "y:1"]), Some("u".into()), 1);
        assert_eq!(newest.advance(families(&["a", "b"]), true), Next::Families(vec!["a".into(), "b".into()]));
        assert_eq!(newest.advance(families(&["a", "b"]), true), Next::Wait);
    }

    #[test]
    fn an_unsorted_list_proves_nothing_before_its_end() {
        let mut newest = Newest::default();
        newest.advance(families(&["a", "b"]), true);
        newest.page(&ids(&["a:1", "a:2", "b:1"]), Some("t".into()), 1);
        assert_eq!(told(&mut newest), ["revisions of a 2 false", "revisions of b 1 false"]);
        assert_eq!(newest.advance(families(&["a", "b"]), true), Next::Page(Some("t".into())));
        newest.page(&ids(&["b:2"]), None, 1);
        assert_eq!(told(&mut newest), ["families 2 true", "revisions of a 2 true", "revisions of b 2 true"]);
    }

    #[test]
    fn where_nothing_is_in_use_one_page_is_read() {
        let mut newest = Newest::default();
        assert_eq!(newest.advance(BTreeSet::new(), false), Next::Wait, "tasks may bring families");
        assert_eq!(newest.advance(BTreeSet::new(), true), Next::Page(None));
        newest.page(&ids(&["b:2", "b:1", "a:7"]), Some("t".into()), 1);
        assert_eq!(newest.advance(BTreeSet::new(), true), Next::Wait);
        assert_eq!(told(&mut newest), ["revisions of a 1 false", "revisions of b 2 true"], "there are more families");
    }

    #[test]
    fn every_page_is_read_when_all_families_are_asked_for() {
        let mut newest = Newest::of_all();
        newest.page(&ids(&["b:2", "b:1", "a:7"]), Some("t".into()), 1);
        assert_eq!(newest.advance(BTreeSet::new(), true), Next::Page(Some("t".into())));
        told(&mut newest);
        newest.page(&ids(&["a:6"]), None, 2);
        assert_eq!(newest.advance(BTreeSet::new(), true), Next::Wait);
        let news = newest.news(&Scope::new("aws", "1", "r"), 9);
        assert!(matches!(&news[0].1, News::Listed { listing: Listing::Families, ids: named, complete: true }
            if *named == ids(&["a:7", "b:2"])));
        assert!(told(&mut newest).is_empty(), "it is told once");
    }

    #[test]
    fn families_that_nobody_may_list_are_a_gap() {
        let gap = Gap {
            observed_at: 1,
            reason: crate::estate::GapReason::Denied,
            action: "ecs:ListTaskDefinitions".into(),
            message: "no".into(),
        };
        let mut newest = Newest::default();
        newest.advance(BTreeSet::new(), true);
        newest.refused(gap);
        newest.advance(BTreeSet::new(), true);
        let told = newest.news(&Scope::new("aws", "1", "r"), 9);
        assert!(matches!(&told[..], [(1, News::Denied(Subject::Listing(_, Listing::Families), _))]), "{told:?}");
    }
}
