//! PURE. The ground of every decision: findings and drift of one estate, computed as one unit of work.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::drift::{self, Drift};
use crate::estate::{Estate, FieldPath, Kind, ResourceId, revision_arn};
use crate::policy::{self, Finding, Severity, Verdict};
use crate::secrets::Masks;

/// Findings and drift of one estate. The screen keeps the last whole review.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// By resource, failures and unknowns only for display; passes are counted.
    pub findings: BTreeMap<ResourceId, Vec<Finding>>,
    /// By resource.
    pub drift: BTreeMap<ResourceId, Vec<Drift>>,
    /// How often each rule was kept, by its id.
    pub passes: BTreeMap<&'static str, usize>,
    /// What a row shows: a service counts its declared revision too, a cluster its services.
    rows: BTreeMap<ResourceId, Tally>,
}

/// A sign on one field: what tree, Overview, JSON and HCL draw beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Of which resource the field is.
    pub resource: ResourceId,
    /// Which field.
    pub path: FieldPath,
    /// `!!` critical and high, `!` medium and low, `~` drift, `?` unknown.
    pub sign: &'static str,
    /// For example `IDN-001`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What was seen.
    pub text: String,
}

/// How many marks of each sign: what fits into a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Failed rules, critical and high: `!!`.
    pub grave: usize,
    /// Failed rules, medium and below: `!`.
    pub lesser: usize,
    /// Differences: `~`.
    pub drift: usize,
    /// Rules that could not be answered: `?`.
    pub unknown: usize,
    /// The worst of the failures and differences.
    pub worst: Option<Severity>,
    /// What may have drifted, and nobody knows: services of which the newest revision is not known, or that nobody has
    /// described, and tasks of which the revision's status is not known.
    pub undated: usize,
}

impl Tally {
    /// Failures of any severity.
    pub fn failures(&self) -> usize {
        self.grave + self.lesser
    }

    /// True when there is nothing to show.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.grave += other.grave;
        self.lesser += other.lesser;
        self.drift += other.drift;
        self.unknown += other.unknown;
        self.worst = self.worst.max(other.worst);
        self.undated += other.undated;
    }
}

impl Review {
    /// Reviews an estate.
    pub fn of(estate: &Estate) -> Self {
        Self::knowing(estate, &BTreeMap::new())
    }

    /// The same where the credentials of some documents are known already: those are not searched again.
    pub fn knowing(estate: &Estate, known: &BTreeMap<ResourceId, Masks>) -> Self {
        let mut review = Self::default();
        for finding in policy::audit(estate, known) {
            if finding.verdict == Verdict::Pass {
                *review.passes.entry(finding.rule.id).or_default() += 1;
            } else {
                review.findings.entry(finding.resource.clone()).or_default().push(finding);
            }
        }
        for difference in drift::of(estate) {
            review.drift.entry(difference.resource.clone()).or_default().push(difference);
        }
        review.rows = review.tallies(estate);
        review
    }

    fn tallies(&self, estate: &Estate) -> BTreeMap<ResourceId, Tally> {
        let mut rows: BTreeMap<ResourceId, Tally> = BTreeMap::new();
        for id in self.findings.keys().chain(self.drift.keys()) {
            rows.entry(id.clone()).or_insert_with(|| self.count(id));
        }
        let mut clusters: BTreeMap<ResourceId, Tally> = BTreeMap::new();
        // Tasks of one revision share its marks: a cluster counts them once.
        let mut run: BTreeSet<(ResourceId, ResourceId)> = BTreeSet::new();
        let services = estate.of_kind(Kind::Service).map(|(id, _)| (id, cluster_of(estate, id)));
        let tasks = estate.of_kind(Kind::Task).filter(|(id, _)| is_standalone(estate, id));
        for (id, cluster) in services.chain(tasks.map(|(id, _)| (id, task_cluster(estate, id)))) {
            let (mut tally, definition) = (self.count(id), definition(estate, id));
            tally.undated = usize::from(is_undated(estate, id, definition.as_ref()));
            let of_definition = definition.as_ref().map(|id| self.count_once(id)).unwrap_or_default();
            if let Some(cluster) = cluster {
                let all = clusters.entry(cluster.clone()).or_default();
                all.add(tally);
                let first = definition.is_some_and(|of| id.kind == Kind::Service || run.insert((cluster, of)));
                all.add(if first { of_definition } else { Tally::default() });
            }
            tally.add(of_definition);
            rows.insert(id.clone(), tally);
        }
        for (cluster, tally) in clusters {
            rows.entry(cluster).or_default().add(tally);
        }
        rows.retain(|_, tally| !tally.is_clean());
        rows
    }

    /// The tally of a revision for its service's row: that it is deregistered is said by the service itself.
    fn count_once(&self, revision: &ResourceId) -> Tally {
        let mut tally = self.count(revision);
        tally.drift = 0;
        tally
    }

    /// The marks of one resource, worst first.
    pub fn marks(&self, id: &ResourceId) -> Vec<Mark> {
        let findings = self.findings.get(id).into_iter().flatten().filter_map(|f| {
            let sign = match (&f.verdict, f.severity) {
                (Verdict::Pass, _) => return None,
                (Verdict::Unknown(_), _) => "?",
                (Verdict::Fail, Severity::Critical | Severity::High) => "!!",
                (Verdict::Fail, _) => "!",
            };
            let (resource, path, text) = (f.resource.clone(), f.field.clone(), f.evidence.clone());
            Some(Mark { resource, path, sign, rule: f.rule.id, severity: f.severity, text })
        });
        let drift = self.drift.get(id).into_iter().flatten().map(|d| Mark {
            resource: d.resource.clone(),
            path: d.from.clone().or_else(|| d.to.clone()).unwrap_or_default(),
            sign: "~",
            rule: d.rule,
            severity: d.severity,
            text: d.evidence.clone(),
        });
        sorted(findings.chain(drift).collect())
    }

    /// How many marks one resource has of its own.
    pub fn count(&self, id: &ResourceId) -> Tally {
        let mut tally = Tally::default();
        for finding in self.findings.get(id).into_iter().flatten() {
            match (&finding.verdict, finding.severity) {
                (Verdict::Pass, _) => continue,
                (Verdict::Unknown(_), _) => {
                    tally.unknown += 1;
                    continue;
                }
                (Verdict::Fail, Severity::Critical | Severity::High) => tally.grave += 1,
                (Verdict::Fail, _) => tally.lesser += 1,
            }
            tally.worst = tally.worst.max(Some(finding.severity));
        }
        for difference in self.drift.get(id).into_iter().flatten() {
            tally.drift += 1;
            tally.worst = tally.worst.max(Some(difference.severity));
        }
        tally
    }

    /// The worst failure or difference of one resource.
    pub fn worst(&self, id: &ResourceId) -> Option<Severity> {
        self.count(id).worst
    }

    /// What the row of a resource shows: its own marks; for a service or a standalone task those of its revision as well;
    /// for a cluster those of its services and standalone tasks. One look-up, so it may be asked for every row of every frame.
    pub fn row(&self, id: &ResourceId) -> Tally {
        self.rows.get(id).copied().unwrap_or_default()
    }

    /// The marks of a revision for what runs it.
    fn of_definition(&self, revision: Option<&ResourceId>) -> impl Iterator<Item = Mark> {
        revision.map(|id| self.marks(id)).unwrap_or_default().into_iter().filter(|mark| mark.sign != "~")
    }

    /// The marks behind [`Self::row`], worst first.
    pub fn rolled_up(&self, estate: &Estate, id: &ResourceId) -> Vec<Mark> {
        let mut marks = self.marks(id);
        match id.kind {
            Kind::Service | Kind::Task if id.kind == Kind::Service || is_standalone(estate, id) => {
                marks.extend(self.of_definition(definition(estate, id).as_ref()));
            }
            Kind::Cluster => {
                let services: Vec<&ResourceId> = estate.services_of(id).map(|(id, _)| id).collect();
                marks.extend(services.into_iter().flat_map(|service| self.rolled_up(estate, service)));
                let mut run: BTreeSet<ResourceId> = BTreeSet::new();
                let tasks = estate.of_kind(Kind::Task).map(|(task, _)| task).filter(|task| is_standalone(estate, task));
                for task in tasks.filter(|task| task_cluster(estate, task).as_ref() == Some(id)) {
                    marks.extend(self.marks(task));
                    let first = definition(estate, task).filter(|revision| run.insert(revision.clone()));
                    marks.extend(self.of_definition(first.as_ref()));
                }
            }
            _ => {}
        }
        sorted(marks)
    }
}

fn sorted(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_by(|a, b| {
        let key = |m: &Mark| (std::cmp::Reverse(m.severity), m.resource.clone(), m.path.clone(), m.rule);
        key(a).cmp(&key(b))
    });
    marks
}

fn cluster_of(estate: &Estate, service: &ResourceId) -> Option<ResourceId> {
    let named = service.cluster_name().map(|name| ResourceId::cluster(&service.scope, name));
    named.or_else(|| {
        let arn = &estate.service(service)?.cluster_arn;
        (!arn.is_empty()).then(|| ResourceId::new(&service.scope, Kind::Cluster, arn))
    })
}

fn is_standalone(estate: &Estate, id: &ResourceId) -> bool {
    estate.task(id).is_some_and(|task| task.is_standalone())
}

fn task_cluster(estate: &Estate, task: &ResourceId) -> Option<ResourceId> {
    let arn = &estate.task(task)?.cluster_arn;
    (!arn.is_empty()).then(|| ResourceId::new(&task.scope, Kind::Cluster, arn))
}

/// The revision that a service declares or a task runs.
fn definition(estate: &Estate, id: &ResourceId) -> Option<ResourceId> {
    let of_task = || Some(revision_arn(&id.scope, estate.task(id)?.task_definition.as_deref()?));
    if id.kind == Kind::Task { of_task() } else { estate.declared(id) }
}

/// True when nothing can be said of the drift of a service or a task with this declared or running revision.
pub fn is_undated(estate: &Estate, id: &ResourceId, definition: Option<&ResourceId>) -> bool {
    let Some(revision) = definition else { return id.kind == Kind::Service && estate.service(id).is_none() };
    if id.kind == Kind::Task {
        return estate.revision_status(revision).is_none();
    }
    let known = revision.family_revision().is_some_and(|(family, _)| estate.knows_newest(&id.scope, family));
    !known && estate.newer(revision).is_none()
}
