//! Discovery as a fold: an answer goes in; what it tells, and which calls it leads to, come out. No call is made here.
//!
//! The number of calls of a whole scan, when nothing is refused and pages are as full as was asked for, which AWS does
//! not promise: shorter and empty pages cost more calls and lose nothing (C clusters; `S_c` services and `N_c` tasks of
//! cluster c; R distinct revisions that services, deployments, task sets and tasks use, of F families; K capacity
//! providers; T scalable targets; P scaling policies; `pages(n, size)` = max(1, ceil(n / size))):
//!
//! ```text
//!   GetCallerIdentity           1
//!   ListClusters                pages(C, 100)
//!   DescribeClusters            ceil(C / 100)
//!   ListServices                sum over c of pages(S_c, 100)
//!   DescribeServices            sum over c of ceil(S_c / 10)
//!   DescribeTaskDefinition      R
//!   ListTaskDefinitions         W + U
//!   ListTasks                   sum over c of pages(N_c, 100)
//!   DescribeTasks               sum over c of ceil(N_c / 100)
//!   DescribeCapacityProviders   pages(K, 10)
//!   DescribeScalableTargets     pages(T, 50)
//!   DescribeScalingPolicies     pages(P, 50)
//! ```
//!
//! W is the number of pages of 100 ACTIVE revisions, in descending order, until each of the F families was seen, the
//! list ended, or F pages were read; U is the number of families that were not seen by then. F = 0 gives W = 1: an
//! account in which nothing runs may still hold families.
//!
//! An export of all asks for the other pages of that list once, when the scan has not come to its end, and every export
//! calls `ListTagsForResource` once for each scalable target that it writes: no description holds those tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::demo::NOT_RECORDED;
use super::fetch::jobs_for;
use super::job::{Job, LARGE_BATCH, Outcome, Page, SMALL_BATCH};
use super::newest::{Newest, Next};
use super::trouble::Trouble;
use crate::estate::{Gap, GapReason, Kind, Listing, News, Observation, ResourceId, Scope, Subject, Timestamp};
use crate::export::Need;

/// The pages of one list so far.
#[derive(Debug)]
struct Pages {
    /// When the first page was asked for: what appeared later may be missing without having gone.
    since: Timestamp,
    ids: Vec<ResourceId>,
    /// One of the described could not be read: the list never becomes whole.
    broken: bool,
}

/// A scan or a fetch under way.
#[derive(Debug)]
pub(super) struct Walk {
    scope: Scope,
    /// True for a scan: what a list names is described, and so on. False for a fetch: only what was asked for.
    follow: bool,
    pages: BTreeMap<Vec<Listing>, Pages>,
    /// Names waiting for a full batch, per kind and cluster.
    waiting: BTreeMap<(Kind, Arc<str>), Vec<ResourceId>>,
    clusters: Vec<Arc<str>>,
    revisions: BTreeSet<ResourceId>,
    open_services: usize,
    open_tasks: usize,
    stage: Stage,
    newest: Newest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Services,
    Tasks,
    Rest,
}

impl Walk {
    /// A whole scan, and its first calls. `revisions` are described whether or not something uses them.
    pub(super) fn scan(scope: &Scope, revisions: &[ResourceId]) -> (Self, Vec<Job>) {
        let mut walk = Self::new(scope, true);
        walk.revisions.extend(revisions.iter().cloned());
        let mut jobs = vec![
            Job::ListClusters { token: None },
            Job::DescribeCapacityProviders { ids: vec![], token: None },
            Job::DescribeScalableTargets { of: vec![], token: None },
            Job::DescribeScalingPolicies { of: None, token: None },
        ];
        jobs.extend(revisions.iter().map(|id| Job::DescribeTaskDefinition { id: id.clone() }));
        walk.count(&jobs);
        (walk, jobs)
    }

    /// Just these things, in as few calls as possible, and what can be said of them without a call.
    pub(super) fn fetch(scope: &Scope, needs: &[Need], now: Timestamp) -> (Self, Vec<Job>, Vec<Observation>) {
        let (jobs, unasked) = jobs_for(scope, needs);
        let mut walk = Self::new(scope, false);
        // A fetch reads that list for its own sake, and then whole.
        walk.newest = Newest::of_all();
        let gap = |id: ResourceId| {
            let gap = Gap {
                observed_at: now,
                reason: GapReason::Failed,
                action: "ecs:DescribeServices".into(),
                message: "its ARN is of the old form that does not name the cluster".into(),
            };
            Observation { scope: scope.clone(), observed_at: now, news: News::Denied(Subject::Resource(id), gap) }
        };
        let news = unasked.into_iter().map(gap).collect();
        (walk, jobs, news)
    }

    fn new(scope: &Scope, follow: bool) -> Self {
        Self {
            scope: scope.clone(),
            follow,
            pages: BTreeMap::new(),
            waiting: BTreeMap::new(),
            clusters: vec![],
            revisions: BTreeSet::new(),
            open_services: 0,
            open_tasks: 0,
            stage: Stage::Services,
            newest: Newest::default(),
        }
    }

    /// Takes one ended call in: what it tells, and the calls it leads to.
    pub(super) fn answered(&mut self, job: &Job, outcome: Outcome) -> (Vec<Observation>, Vec<Job>) {
        let at = outcome.at;
        let mut news: Vec<(Timestamp, News)> = vec![];
        let mut jobs = vec![];
        match outcome.page {
            Err(trouble) => jobs.extend(self.refused(job, &trouble, at, &mut news)),
            Ok(page) if matches!(job, Job::ListNewest { .. }) => {
                self.newest.page(&page.ids, page.next, outcome.sent);
            }
            Ok(page) => self.read(job, page, outcome.sent, at, &mut news, &mut jobs),
        }
        self.count(&jobs);
        self.uncount(job);
        if self.follow {
            jobs.extend(self.advance(matches!(job, Job::ListNewest { .. })));
            news.extend(self.newest.news(&self.scope, at));
        } else if matches!(job, Job::ListNewest { .. }) {
            if let Next::Page(token) = self.newest.advance(BTreeSet::new(), true) {
                jobs.push(Job::ListNewest { token });
            }
            news.extend(self.newest.news(&self.scope, at));
        }
        let scope = &self.scope;
        let news = news.into_iter().map(|(observed_at, news)| Observation { scope: scope.clone(), observed_at, news });
        (news.collect(), jobs)
    }

    fn refused(&mut self, job: &Job, trouble: &Trouble, at: Timestamp, news: &mut Vec<(Timestamp, News)>) -> Vec<Job> {
        if let Job::DescribeTaskDefinition { id } = job
            && trouble.code == "ClientException"
            && trouble.message.contains("Unable to describe task definition")
        {
            news.push((at, News::Missing(id.clone())));
            return vec![];
        }
        // Of a cluster that does not exist nothing exists.
        if let Job::DescribeServices { ids, .. } | Job::DescribeTasks { ids, .. } = job
            && trouble.code == "ClusterNotFoundException"
        {
            news.extend(ids.iter().map(|id| (at, News::Missing(id.clone()))));
            return vec![];
        }
        let gap = trouble.gap(at);
        news.extend(job.subjects(&self.scope).into_iter().map(|subject| (at, News::Denied(subject, gap.clone()))));
        self.pages.remove(&job.listings());
        if matches!(job, Job::ListNewest { .. }) {
            self.newest.refused(gap);
        }
        // What earlier pages named is described all the same.
        if self.follow { self.descend(job, &[], true) } else { vec![] }
    }

    fn read(
        &mut self,
        job: &Job,
        page: Page,
        sent: Timestamp,
        at: Timestamp,
        news: &mut Vec<(Timestamp, News)>,
        jobs: &mut Vec<Job>,
    ) {
        let unsaid = settle(job, &page, at, news);
        news.extend(page.documents.into_iter().map(|document| (at, News::Described(document))));
        news.extend(page.tags.map(|(id, tags)| (at, News::Tagged(id, tags))));
        let ids = named(job, page.ids);
        if self.follow {
            jobs.extend(self.descend(job, &ids, page.next.is_none()));
            let fresh = page.revisions.into_iter().filter(|id| self.revisions.insert(id.clone()));
            jobs.extend(fresh.map(|id| Job::DescribeTaskDefinition { id }));
        }
        let listings = job.listings();
        if listings.is_empty() {
            jobs.extend(page.next.and_then(|next| job.rest(unsaid, next)));
            return;
        }
        let gathered = self.pages.entry(listings.clone()).or_insert(Pages { since: sent, ids: vec![], broken: false });
        gathered.ids.extend(ids.iter().cloned());
        if let Some(why) = page.broken {
            gathered.broken = true;
            let gap = Trouble::malformed(job.operation(), why).gap(at);
            let subjects = job.subjects(&self.scope).into_iter();
            news.extend(subjects.map(|subject| (at, News::Denied(subject, gap.clone()))));
        }
        // The newest revision is the first that is named; a page may name none and still not be the last.
        let enough = matches!(job, Job::ListRevisions { all: false, .. }) && !gathered.ids.is_empty();
        let (ids, since, complete) = match &page.next {
            None if !gathered.broken => (gathered.ids.clone(), gathered.since, true),
            _ => (ids, at, false),
        };
        for listing in &listings {
            let ids = ids.iter().filter(|id| listings.len() == 1 || id.listings().contains(listing)).cloned().collect();
            news.push((since, News::Listed { listing: listing.clone(), ids, complete }));
        }
        match page.next {
            Some(next) if !enough => jobs.push(job.page(next)),
            _ => drop(self.pages.remove(&listings)),
        }
    }

    /// The calls that what a list named leads to.
    fn descend(&mut self, job: &Job, ids: &[ResourceId], last: bool) -> Vec<Job> {
        match job {
            Job::ListClusters { .. } => {
                let names: Vec<Arc<str>> = ids.iter().map(|id| Arc::from(id.name())).collect();
                let mut jobs: Vec<Job> =
                    ids.chunks(LARGE_BATCH).map(|ids| Job::DescribeClusters { ids: ids.to_vec() }).collect();
                jobs.extend(names.iter().map(|name| Job::ListServices { cluster: name.clone(), token: None }));
                self.clusters.extend(names);
                jobs
            }
            Job::ListServices { cluster, .. } => self
                .batches((Kind::Service, cluster.clone()), ids, SMALL_BATCH, last)
                .map(|ids| Job::DescribeServices { cluster: cluster.clone(), ids })
                .collect(),
            Job::ListTasks { cluster, .. } => self
                .batches((Kind::Task, cluster.clone()), ids, LARGE_BATCH, last)
                .map(|ids| Job::DescribeTasks { cluster: cluster.clone(), ids })
                .collect(),
            _ => vec![],
        }
    }

    /// Full batches; what is left over waits for the next page, unless this was the last.
    fn batches(
        &mut self,
        of: (Kind, Arc<str>),
        ids: &[ResourceId],
        size: usize,
        last: bool,
    ) -> impl Iterator<Item = Vec<ResourceId>> + use<> {
        let mut all = self.waiting.remove(&of).unwrap_or_default();
        all.extend(ids.iter().cloned());
        if !last {
            let rest = all.split_off(all.len() - all.len() % size);
            self.waiting.insert(of, rest);
        }
        let batches: Vec<Vec<ResourceId>> = all.chunks(size).map(<[ResourceId]>::to_vec).collect();
        batches.into_iter()
    }

    /// Goes on to the tasks when the services are through, and keeps the walk over the newest revisions going.
    fn advance(&mut self, page_of_newest: bool) -> Vec<Job> {
        let mut jobs = vec![];
        let before = self.stage;
        if self.stage == Stage::Services && self.open_services == 0 {
            self.stage = Stage::Tasks;
            let clusters = std::mem::take(&mut self.clusters);
            jobs.extend(clusters.into_iter().map(|cluster| Job::ListTasks { cluster, token: None }));
            self.count(&jobs);
        }
        if self.stage == Stage::Tasks && self.open_tasks == 0 {
            self.stage = Stage::Rest;
        }
        if self.stage != before || page_of_newest {
            let families = self.revisions.iter().filter_map(|id| id.family_revision());
            let families = families.map(|(family, _)| Arc::from(family)).collect();
            match self.newest.advance(families, self.stage == Stage::Rest) {
                Next::Page(token) => jobs.push(Job::ListNewest { token }),
                Next::Families(families) => jobs.extend(families.into_iter().map(|family| Job::ListRevisions {
                    family,
                    token: None,
                    all: false,
                })),
                Next::Wait => {}
            }
        }
        jobs
    }

    fn count(&mut self, jobs: &[Job]) {
        for job in jobs {
            match job {
                Job::ListClusters { .. } | Job::ListServices { .. } | Job::DescribeServices { .. } => {
                    self.open_services += 1;
                }
                Job::ListTasks { .. } | Job::DescribeTasks { .. } => self.open_tasks += 1,
                _ => {}
            }
        }
    }

    fn uncount(&mut self, job: &Job) {
        match job {
            Job::ListClusters { .. } | Job::ListServices { .. } | Job::DescribeServices { .. } => {
                self.open_services = self.open_services.saturating_sub(1);
            }
            Job::ListTasks { .. } | Job::DescribeTasks { .. } => self.open_tasks = self.open_tasks.saturating_sub(1),
            _ => {}
        }
    }
}

/// What became of each resource that was asked for by name. Gives those of which a later page may still tell.
fn settle(job: &Job, page: &Page, at: Timestamp, news: &mut Vec<(Timestamp, News)>) -> Vec<ResourceId> {
    let mut unsaid = vec![];
    for id in job.asked() {
        let is_it = |named: &str| *named == *id.native || named.rsplit('/').next() == Some(id.name());
        if page.documents.iter().any(|document| is_it(&document.id.native)) {
            continue;
        }
        let trouble = match (page.failures.iter().find(|failure| is_it(&failure.arn)), &page.broken) {
            (Some(failure), _) if failure.reason == "MISSING" => {
                news.push((at, News::Missing(id.clone())));
                continue;
            }
            (Some(failure), _) if failure.reason == NOT_RECORDED => Trouble {
                reason: GapReason::NotRecorded,
                ..Trouble::failed(job.operation(), failure.detail.clone().unwrap_or_default())
            },
            (Some(failure), _) => {
                let words = [Some(&failure.reason), failure.detail.as_ref()].map(Option::into_iter);
                let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
                Trouble::failed(job.operation(), words.join(": "))
            }
            (None, _) if page.next.is_some() && job.pages_what_is_asked() => {
                unsaid.push(id.clone());
                continue;
            }
            (None, Some(why)) => Trouble::malformed(job.operation(), why.clone()),
            (None, None) => Trouble::failed(job.operation(), "the answer says nothing of it"),
        };
        news.push((at, News::Denied(Subject::Resource(id.clone()), trouble.gap(at))));
    }
    unsaid
}

/// What a page named: of a family's revisions only those that are the family's own.
fn named(job: &Job, mut ids: Vec<ResourceId>) -> Vec<ResourceId> {
    if let Job::ListRevisions { family, .. } = job {
        ids.retain(|id| id.family_revision().is_some_and(|(of, _)| *of == **family));
    }
    ids
}
