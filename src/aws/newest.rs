//! The newest revision of each family in use, with few calls.
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
}

impl Newest {
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
        } else if unseen.is_empty() || self.pages >= self.in_use.len() {
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

    /// What has become known since the last time.
    pub(super) fn news(&mut self, scope: &Scope, at: Timestamp) -> Vec<(Timestamp, News)> {
        let mut news = vec![];
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
        assert_eq!(told(&mut newest), ["revisions of a 2 true", "revisions of gone 0 true"]);
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
        assert_eq!(told(&mut newest), ["revisions of a 2 true", "revisions of b 2 true"]);
    }

    #[test]
    fn no_family_in_use_costs_no_call() {
        assert_eq!(Newest::default().advance(BTreeSet::new(), true), Next::Wait);
    }
}
