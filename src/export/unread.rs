//! What an export rests on and could not be read: silence would make a part of an account look like the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::closure::Closure;
use super::{Choices, Wanted};
use crate::estate::{Estate, Gap, Kind, Listing, ResourceId, Scope, Subject};

/// What an export rests on and could not be read, or could not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Whose export rests on it; `None` for a list of the whole account.
    pub resource: Option<ResourceId>,
    /// What was asked for.
    pub subject: Subject,
    /// True when an older answer was used instead.
    pub stale: bool,
    /// `denied: application-autoscaling:DescribeScalableTargets`, or that nobody asked.
    pub why: String,
}

impl Unread {
    /// What was asked for, in words.
    pub fn what(&self) -> String {
        match (&self.subject, self.stale) {
            (Subject::Listing(_, Listing::TagsOf { .. }), _) => "its tags".into(),
            (Subject::Listing(_, listing), _) => listing.to_string(),
            (Subject::Resource(_), true) => "its description; an older one was used".into(),
            (Subject::Resource(_), false) => "its description".into(),
        }
    }

    /// Whose export rests on it, in words.
    pub fn whose(&self) -> String {
        self.resource.as_ref().map_or_else(|| "the whole account".into(), ToString::to_string)
    }

    /// The ARN or other native id of the resource that rests on it.
    pub fn native(&self) -> Option<&str> {
        self.resource.as_ref().map(|id| &*id.native)
    }
}

/// `not read, for service prod/web: scalable targets of service/prod/web (denied: ...)`. Not yet safe to print.
impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not read, for {}: {} ({})", self.whose(), self.what(), self.why)
    }
}

/// `3 lists and 1 description not read`; `None` when everything was. What several resources rest on counts once.
pub fn count(unread: &[Unread]) -> Option<String> {
    let subjects: BTreeSet<&Subject> = unread.iter().map(|one| &one.subject).collect();
    let lists = subjects.iter().filter(|subject| matches!(subject, Subject::Listing(..))).count();
    let words = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let parts = [words(lists, "list"), words(subjects.len() - lists, "description")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{} not read", parts.join(" and ")))
}

/// All that an export rests on and that was not read, `known` being what its resources rest on: an export of everything
/// rests on every list of the account, too.
pub fn rests_on(estate: &Estate, choices: &Choices, known: Vec<Unread>) -> Vec<Unread> {
    match choices.wanted {
        Wanted::These(_) => known,
        Wanted::All => of_account(estate, &choices.scope, known),
    }
}

fn said(gap: &Gap) -> String {
    format!("{}: {}", gap.reason.word(), gap.action)
}

/// Every gap of an account, and every list of it that was not read to its end; then `known`.
fn of_account(estate: &Estate, scope: &Scope, known: Vec<Unread>) -> Vec<Unread> {
    let here = |subject: &Subject| match subject {
        Subject::Listing(of, _) => of == scope,
        Subject::Resource(id) => id.scope == *scope,
    };
    let gaps = estate.gaps().filter(|(subject, _)| here(subject));
    let mut unread: BTreeMap<Subject, String> = gaps.map(|(subject, gap)| (subject.clone(), said(gap))).collect();
    let clusters = estate.of_kind(Kind::Cluster).filter(|(id, _)| id.scope == *scope);
    let below = clusters.flat_map(|(id, _)| [Listing::Services(id.name().into()), Listing::Tasks(id.name().into())]);
    for listing in [Listing::Clusters, Listing::CapacityProviders, Listing::Families].into_iter().chain(below) {
        if estate.complete_at(scope, &listing).is_none() {
            let subject = Subject::Listing(scope.clone(), listing);
            unread.entry(subject).or_insert_with(|| "not read to its end".into());
        }
    }
    for one in &known {
        unread.remove(&one.subject);
    }
    let of_account = unread.into_iter().map(|(subject, why)| {
        let resource = match &subject {
            Subject::Resource(id) => Some(id.clone()),
            Subject::Listing(_, Listing::Services(cluster) | Listing::Tasks(cluster)) => {
                Some(ResourceId::cluster(scope, cluster))
            }
            Subject::Listing(..) => None,
        };
        let stale = matches!(&subject, Subject::Resource(id) if estate.document(id).is_some());
        Unread { resource, subject, stale, why }
    });
    of_account.chain(known).collect()
}

/// What the resources of a closure rest on and that was not read, by resource.
pub(super) fn of_closure(estate: &Estate, closure: &Closure<'_>) -> BTreeMap<ResourceId, Vec<Unread>> {
    let documents = closure.reached.iter().filter_map(|id| {
        let subject = Subject::Resource(id.clone());
        let why = said(estate.gap(&subject)?);
        let stale = estate.document(id).is_some();
        Some((id.clone(), Unread { resource: Some(id.clone()), subject, stale, why }))
    });
    let lists = closure.all_listings().into_iter().filter_map(|(resource, listing)| {
        let scope = resource.scope.clone();
        let gap = |listing: Listing| estate.gap(&Subject::Listing(scope.clone(), listing));
        let answered = estate.answered_at(&scope, &listing);
        // That the list of the whole scope was refused says nothing once this one was answered.
        let whole = || gap(listing.whole()?).filter(|gap| answered.is_none_or(|at| at < gap.observed_at));
        let why = match (gap(listing.clone()).or_else(whole), answered) {
            (Some(gap), _) => said(gap),
            (None, None) => match &listing {
                Listing::TagsOf { arn, .. } if arn.is_empty() => "AWS does not say its ARN".into(),
                _ => "not read".into(),
            },
            (None, Some(_)) => return None,
        };
        let stale = answered.is_some();
        let subject = Subject::Listing(scope.clone(), listing);
        Some((resource.clone(), Unread { resource: Some(resource), subject, stale, why }))
    });
    let mut unread: BTreeMap<ResourceId, Vec<Unread>> = BTreeMap::new();
    for (id, one) in documents.chain(lists) {
        unread.entry(id).or_default().push(one);
    }
    unread
}
