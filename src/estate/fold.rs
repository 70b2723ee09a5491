//! The estate: a fold over observations in which their order does not matter.
//!
//! Each resource keeps the newest thing said of it; each listing keeps its newest complete answer. What is shown is
//! derived from those, so two estates that heard the same news in another order are equal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::document::Document;
use super::id::{Kind, Listing, ResourceId, Scope, Timestamp};
use super::views::{ServiceView, TaskDefinitionView, TaskView};

/// What a gap is about: one list, or one resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A list of a scope.
    Listing(Scope, Listing),
    /// One resource.
    Resource(ResourceId),
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// IAM refused.
    Denied,
    /// AWS kept asking us to slow down.
    Throttled,
    /// The credentials have expired.
    Expired,
    /// The endpoint did not answer.
    Network,
    /// The answer could not be parsed.
    Malformed,
    /// AWS refused for another reason.
    Failed,
    /// A recording does not hold the answer.
    NotRecorded,
}

impl GapReason {
    /// The word that stands on screen and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Expired => "expired",
            Self::Network => "unreachable",
            Self::Malformed => "malformed",
            Self::Failed => "failed",
            Self::NotRecorded => "not recorded",
        }
    }
}

/// Something that was asked for and not answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// When.
    pub observed_at: Timestamp,
    /// Why.
    pub reason: GapReason,
    /// The IAM action of the refused call, for example `ecs:DescribeServices`.
    pub action: Arc<str>,
    /// AWS's own words.
    pub message: Arc<str>,
}

/// What an observation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A resource was described.
    Described(Document),
    /// A list, or a page of it, named these resources.
    Listed {
        /// Which list.
        listing: Listing,
        /// The resources named.
        ids: Vec<ResourceId>,
        /// True when `ids` is the whole list: what is not in it and older has gone.
        complete: bool,
    },
    /// The tags of a resource whose description does not hold them, as JSON text.
    Tagged(ResourceId, Arc<str>),
    /// AWS says that this resource does not exist.
    Missing(ResourceId),
    /// The call for this subject was not answered.
    Denied(Subject, Gap),
}

/// One piece of news, of one scope, at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Of which account and region.
    pub scope: Scope,
    /// When the answer came.
    pub observed_at: Timestamp,
    /// What it says.
    pub news: News,
}

/// The typed view of a described resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum View {
    #[default]
    None,
    Service(Arc<ServiceView>),
    TaskDefinition(Arc<TaskDefinitionView>),
    Task(Arc<TaskView>),
}

/// What is known of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// With the tags, when they were read apart.
    pub(super) document: Option<Arc<Document>>,
    /// The document as it was described; only kept where tags were read apart.
    bare: Option<Arc<Document>>,
    /// Tags that were read apart, and when.
    tags: Option<(Timestamp, Arc<str>)>,
    pub(super) view: View,
    named_at: Option<Timestamp>,
    pub(super) missing_at: Option<Timestamp>,
    /// What all that was said of it comes to; kept because every view asks.
    pub(super) present: bool,
}

impl Entry {
    /// The newest document, when it was described.
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.document.as_ref()
    }

    /// Takes the newest description, and joins what was read apart to it.
    fn describe(&mut self, document: Arc<Document>) {
        self.document = Some(match &self.tags {
            None => document,
            Some((_, tags)) => {
                let tagged = Arc::new(document.with_tags(tags));
                self.bare = Some(document);
                tagged
            }
        });
    }

    fn last_seen(&self) -> Option<Timestamp> {
        self.document.as_ref().map(|d| d.observed_at).max(self.named_at)
    }
}

/// The newest complete answer to a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// When it was answered in full; `None` while only pages are known.
    pub complete_at: Option<Timestamp>,
    /// The ids of that answer.
    pub complete: BTreeSet<ResourceId>,
    /// Every id any page named, with the time.
    pub named: BTreeMap<ResourceId, Timestamp>,
}

/// All that was observed, over one or more scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estate {
    pub(super) entries: BTreeMap<ResourceId, Entry>,
    pub(super) listings: BTreeMap<(Scope, Listing), Listed>,
    pub(super) gaps: BTreeMap<Subject, Gap>,
    pub(super) scopes: BTreeSet<Scope>,
}

impl Estate {
    /// Folds one piece of news in. Any order of the same news gives the same estate.
    pub fn observe(&mut self, observation: Observation) {
        let Observation { scope, observed_at, news } = observation;
        self.scopes.insert(scope.clone());
        match news {
            News::Described(document) => {
                let id = document.id.clone();
                let entry = self.entries.entry(id.clone()).or_default();
                let key = |d: &Document| (d.observed_at, d.raw.clone());
                let known = entry.bare.as_deref().or(entry.document.as_deref());
                if known.is_none_or(|known| key(known) < key(&document)) {
                    entry.view = match document.id.kind {
                        Kind::Service => View::Service(Arc::new(ServiceView::read(&document.value()))),
                        Kind::TaskDefinition => {
                            View::TaskDefinition(Arc::new(TaskDefinitionView::read(&document.value())))
                        }
                        Kind::Task => View::Task(Arc::new(TaskView::read(&document.value()))),
                        _ => View::None,
                    };
                    entry.describe(Arc::new(document));
                }
                self.settle(&id);
            }
            News::Tagged(id, tags) => {
                let entry = self.entries.entry(id).or_default();
                let news = (observed_at, tags);
                if entry.tags.as_ref().is_none_or(|known| *known < news) {
                    entry.tags = Some(news);
                    if let Some(document) = entry.bare.take().or_else(|| entry.document.take()) {
                        entry.describe(document);
                    }
                }
            }
            News::Listed { listing, ids, complete } => {
                for id in &ids {
                    let entry = self.entries.entry(id.clone()).or_default();
                    entry.named_at = entry.named_at.max(Some(observed_at));
                }
                let listed = self.listings.entry((scope.clone(), listing.clone())).or_default();
                for id in &ids {
                    let named = listed.named.entry(id.clone()).or_insert(observed_at);
                    *named = (*named).max(observed_at);
                }
                let named: BTreeSet<ResourceId> = ids.into_iter().collect();
                if complete && (listed.complete_at, &listed.complete) < (Some(observed_at), &named) {
                    listed.complete_at = Some(observed_at);
                    listed.complete.clone_from(&named);
                    for id in self.governed(&scope, &listing) {
                        self.settle(&id);
                    }
                }
                for id in &named {
                    self.settle(id);
                }
            }
            News::Missing(id) => {
                let entry = self.entries.entry(id.clone()).or_default();
                entry.missing_at = entry.missing_at.max(Some(observed_at));
                self.settle(&id);
            }
            News::Denied(subject, gap) => {
                let known = self.gaps.entry(subject).or_insert_with(|| gap.clone());
                if *known < gap {
                    *known = gap;
                }
            }
        }
    }

    /// Folds a batch.
    pub fn fold(&mut self, batch: impl IntoIterator<Item = Observation>) {
        for observation in batch {
            self.observe(observation);
        }
    }

    /// The resources of a kind whose native ids begin so, present or not.
    pub(super) fn below<'a>(
        &'a self,
        scope: &Scope,
        kind: Kind,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a ResourceId, &'a Entry)> + use<'a> {
        self.entries.range(ResourceId::new(scope, kind, prefix)..).take_while({
            let scope = scope.clone();
            move |(id, _)| id.kind == kind && id.scope == scope && id.native.starts_with(prefix)
        })
    }

    /// The resources whose existence a listing decides.
    fn governed(&self, scope: &Scope, listing: &Listing) -> Vec<ResourceId> {
        let below = |kind, prefix: &str| self.below(scope, kind, prefix).map(|(id, _)| id.clone()).collect::<Vec<_>>();
        let Some((kind, prefix)) = listing.governs(scope) else { return Vec::new() };
        let mut governed = below(kind, &prefix);
        match listing {
            // What lives in a cluster goes with it.
            Listing::Clusters => {
                governed.extend(below(Kind::Service, ""));
                governed.extend(below(Kind::Task, ""));
            }
            // The short ARNs of before 2018 do not name their cluster; their documents do.
            Listing::Services(_) | Listing::Tasks(_) => {
                let short = self.below(scope, kind, "").filter(|(id, _)| id.cluster_name().is_none());
                governed.extend(short.map(|(id, _)| id.clone()));
            }
            _ => {}
        }
        governed
    }

    /// The name of the cluster that a service or task lives in, from its id or its document.
    pub fn cluster_of(&self, id: &ResourceId) -> Option<String> {
        if let Some(name) = id.cluster_name() {
            return Some(name.to_owned());
        }
        match &self.entries.get(id)?.view {
            View::Service(view) => view.cluster_arn.rsplit('/').next().filter(|n| !n.is_empty()).map(str::to_owned),
            View::Task(view) => view.cluster_arn.rsplit('/').next().filter(|n| !n.is_empty()).map(str::to_owned),
            _ => None,
        }
    }

    /// Works out again whether a resource is believed to exist.
    fn settle(&mut self, id: &ResourceId) {
        let without = |listing: Listing, id: &ResourceId| {
            let listed = self.listings.get(&(id.scope.clone(), listing))?;
            if listed.complete.contains(id) { None } else { listed.complete_at }
        };
        let mut gone = id.listings().into_iter().filter_map(|listing| without(listing, id)).max();
        if matches!(id.kind, Kind::Service | Kind::Task)
            && let Some(cluster) = self.cluster_of(id)
        {
            if id.cluster_name().is_none() {
                let name = cluster.as_str().into();
                let listing = if id.kind == Kind::Service { Listing::Services(name) } else { Listing::Tasks(name) };
                gone = gone.max(without(listing, id));
            }
            gone = gone.max(without(Listing::Clusters, &ResourceId::cluster(&id.scope, &cluster)));
        }
        if let Some(entry) = self.entries.get_mut(id) {
            let gone = gone.max(entry.missing_at);
            entry.present = entry.last_seen().is_some_and(|seen| gone.is_none_or(|gone| gone <= seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::revision_arn;

    fn scope() -> Scope {
        Scope::new("aws", "123456789012", "eu-west-1")
    }

    fn service(name: &str) -> ResourceId {
        ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/prod/{name}")))
    }

    fn at(observed_at: Timestamp, news: News) -> Observation {
        Observation { scope: scope(), observed_at, news }
    }

    fn described(id: &ResourceId, observed_at: Timestamp) -> Observation {
        let raw = format!(r#"{{"serviceName":"{}","desiredCount":{observed_at}}}"#, id.name());
        let document = Document { id: id.clone(), operation: "DescribeServices".into(), observed_at, raw: raw.into() };
        at(observed_at, News::Described(document))
    }

    fn listed(ids: &[&ResourceId], observed_at: Timestamp, complete: bool) -> Observation {
        let ids = ids.iter().map(|id| (*id).clone()).collect();
        at(observed_at, News::Listed { listing: Listing::Services("prod".into()), ids, complete })
    }

    fn denied(id: &ResourceId, observed_at: Timestamp) -> Observation {
        let gap =
            Gap { observed_at, reason: GapReason::Denied, action: "ecs:DescribeServices".into(), message: "no".into() };
        at(observed_at, News::Denied(Subject::Resource(id.clone()), gap))
    }

    #[test]
    fn a_row_leaves_only_by_a_newer_complete_listing() {
        let (a, b) = (service("a"), service("b"));
        let mut estate = Estate::default();
        estate.fold([listed(&[&a, &b], 1, true), described(&a, 2), described(&b, 2)]);
        estate.observe(listed(&[&a], 3, false));
        assert!(estate.is_present(&b), "a page is not the whole list");
        estate.observe(listed(&[&a], 1, true));
        assert!(estate.is_present(&b), "an older list says nothing about later news");
        estate.observe(listed(&[&a], 4, true));
        assert!(!estate.is_present(&b));
        estate.observe(described(&b, 5));
        assert!(estate.is_present(&b));
    }

    #[test]
    fn a_service_goes_with_its_cluster() {
        let a = service("a");
        let clusters = |names: &[&str], time| {
            let ids = names.iter().map(|name| ResourceId::cluster(&scope(), name)).collect();
            at(time, News::Listed { listing: Listing::Clusters, ids, complete: true })
        };
        let news = [clusters(&["prod"], 1), described(&a, 2), clusters(&["other"], 3)];
        let mut estate = Estate::default();
        estate.fold(news.clone());
        assert!(!estate.is_present(&a));
        let mut other = Estate::default();
        other.fold(news.into_iter().rev());
        assert_eq!(estate, other);
    }

    #[test]
    fn a_short_arn_leaves_with_the_listing_of_the_cluster_its_document_names() {
        let short = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/old"));
        let raw: Arc<str> =
            format!(r#"{{"serviceName":"old","clusterArn":"{}"}}"#, scope().ecs_arn("cluster/prod")).into();
        let document = Document { id: short.clone(), operation: "DescribeServices".into(), observed_at: 1, raw };
        let mut estate = Estate::default();
        estate.observe(at(1, News::Described(document)));
        estate.observe(listed(&[], 2, true));
        assert!(!estate.is_present(&short));
    }

    #[test]
    fn a_denied_call_is_not_a_deletion_and_closes_when_answered() {
        let a = service("a");
        let mut estate = Estate::default();
        estate.fold([described(&a, 1), denied(&a, 2)]);
        assert!(estate.is_present(&a));
        assert_eq!(estate.gaps().count(), 1);
        estate.observe(described(&a, 3));
        assert_eq!(estate.gaps().count(), 0);
    }

    #[test]
    fn tags_that_were_read_apart_outlive_a_new_description() {
        let a = service("a");
        let tags = |text: &str, time| at(time, News::Tagged(a.clone(), text.into()));
        let news = [described(&a, 1), tags(r#"{"k":"old"}"#, 2), tags(r#"{"k":"new"}"#, 3), described(&a, 4)];
        let mut estate = Estate::default();
        estate.fold(news.clone());
        let value = estate.document(&a).unwrap().value();
        assert_eq!((&value["desiredCount"], &value["tags"]["k"]), (&4.into(), &"new".into()));
        for turned in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let mut other = Estate::default();
            other.fold(turned.map(|at: usize| news[at].clone()));
            assert_eq!(estate, other);
        }
        let mut only = Estate::default();
        only.observe(tags("{}", 1));
        assert!(!only.is_present(&a), "tags alone are no resource");
    }

    #[test]
    fn the_newest_description_wins_in_any_order() {
        let a = service("a");
        let mut forward = Estate::default();
        forward.fold([described(&a, 1), described(&a, 2)]);
        let mut backward = Estate::default();
        backward.fold([described(&a, 2), described(&a, 1)]);
        assert_eq!(forward, backward);
        assert_eq!(forward.service(&a).unwrap().desired, 2);
    }

    #[test]
    fn a_deregistered_revision_is_inactive_and_stays() {
        let id = |n: u32| revision_arn(&scope(), &format!("web:{n}"));
        let mut estate = Estate::default();
        let listing = Listing::Revisions("web".into());
        estate.observe(at(5, News::Listed { listing, ids: vec![id(2), id(3)], complete: true }));
        let raw: Arc<str> = r#"{"status":"ACTIVE"}"#.into();
        let document = Document { id: id(1), operation: "DescribeTaskDefinition".into(), observed_at: 1, raw };
        estate.observe(at(1, News::Described(document)));
        assert_eq!(estate.revision_status(&id(1)), Some("INACTIVE"));
        assert!(estate.is_present(&id(1)));
        assert_eq!(estate.newest(&scope(), "web"), Some(id(3)));
        assert_eq!(estate.revisions(&scope(), "web").len(), 3);
    }

    #[test]
    fn a_revision_is_behind_a_higher_active_one_only() {
        let id = |n: u32| revision_arn(&scope(), &format!("web:{n}"));
        let described = |n: u32, status: &str, at: Timestamp| {
            let raw = format!(r#"{{"status":"{status}"}}"#).into();
            let document = Document { id: id(n), operation: "DescribeTaskDefinition".into(), observed_at: at, raw };
            Observation { scope: scope(), observed_at: at, news: News::Described(document) }
        };
        let mut estate = Estate::default();
        estate.observe(described(50, "ACTIVE", 3));
        assert!(!estate.knows_newest(&scope(), "web"));
        let listing = Listing::Revisions("web".into());
        estate.observe(at(2, News::Listed { listing, ids: vec![id(48), id(49)], complete: true }));
        assert!(estate.knows_newest(&scope(), "web"));
        assert_eq!(estate.newer(&id(50)), None, "the list is older than the declared revision");
        assert_eq!(estate.newer(&id(48)), Some(id(50)), "a described revision counts too");
        estate.observe(described(51, "INACTIVE", 3));
        assert_eq!(estate.newer(&id(50)), None, "deregistered ones do not count");
        let raw = format!(r#"{{"taskDefinition":"{}"}}"#, id(48).native).into();
        let document = Document { id: service("a"), operation: "DescribeServices".into(), observed_at: 4, raw };
        estate.observe(at(4, News::Described(document)));
        assert_eq!(estate.behind(&service("a")), Some(id(50)));
    }
}
