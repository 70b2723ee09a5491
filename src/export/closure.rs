//! The closure of a selection: what it drags along, and what must be read before it can be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{FRESH, Need};
use crate::estate::{Estate, Gap, Kind, Listing, ResourceId, Subject, Timestamp, revision_arn};

/// The resources of a selection and all they depend on, in order of identity.
pub(super) struct Closure<'a> {
    estate: &'a Estate,
    /// Every resource reached.
    pub reached: BTreeSet<ResourceId>,
    /// Revisions that a deployment of a service runs and the service does not declare, with that service.
    pub rolling: BTreeMap<ResourceId, ResourceId>,
    /// Listings that say whether a service is scaled.
    pub listings: BTreeSet<(ResourceId, Listing)>,
}

impl<'a> Closure<'a> {
    pub fn of(estate: &'a Estate, selection: &[ResourceId]) -> Self {
        let mut closure =
            Self { estate, reached: BTreeSet::new(), rolling: BTreeMap::new(), listings: BTreeSet::new() };
        for id in selection {
            closure.visit(id);
        }
        // What is declared, or marked by itself, is exported and not merely running.
        closure.rolling.retain(|revision, _| !closure.reached.contains(revision));
        closure
    }

    /// The lists that an export rests on: who scales a service, the tags of a scalable target, and the other revisions
    /// of each family (for the review).
    pub fn all_listings(&self) -> BTreeSet<(ResourceId, Listing)> {
        let of_family = |revision: &ResourceId| Some(Listing::Revisions(revision.family_revision()?.0.into()));
        let services = self.reached.iter().filter(|id| id.kind == Kind::Service);
        let declared: Vec<(&ResourceId, ResourceId)> =
            services.filter_map(|id| Some((id, self.estate.declared(id)?))).collect();
        let families = declared.iter().filter_map(|(id, declared)| Some(((*id).clone(), of_family(declared)?)));
        // A revision that no service of the export declares speaks for itself.
        let by_service: BTreeSet<&ResourceId> = declared.iter().map(|(_, revision)| revision).collect();
        let alone = self.reached.iter().filter(|id| !by_service.contains(id));
        let alone = alone.filter_map(|id| Some((id.clone(), of_family(id)?)));
        let tags = self.reached.iter().filter_map(|id| Some((id.clone(), self.estate.tags_apart(id)?)));
        self.listings.iter().cloned().chain(families).chain(alone).chain(tags).collect()
    }

    fn visit(&mut self, id: &ResourceId) {
        if !self.reached.insert(id.clone()) {
            return;
        }
        match id.kind {
            Kind::Service => self.service(id),
            Kind::Cluster => self.providers(id, "capacityProviders"),
            Kind::CapacityProvider => {
                if let Some(cluster) = self.value(id).as_ref().and_then(|v| v.get("cluster")?.as_str()) {
                    self.visit(&ResourceId::cluster(&id.scope, cluster.rsplit('/').next().unwrap_or(cluster)));
                }
            }
            Kind::Task => {
                if let Some(revision) = self.estate.task(id).and_then(|t| t.task_definition.clone()) {
                    self.visit(&ResourceId::new(&id.scope, Kind::TaskDefinition, &revision));
                }
            }
            Kind::ScalingPolicy => {
                let target = id.native.splitn(6, '/').take(5).collect::<Vec<_>>().join("/");
                let target = ResourceId::new(&id.scope, Kind::ScalableTarget, &target);
                if self.estate.is_present(&target) {
                    self.visit(&target);
                }
            }
            Kind::TaskDefinition | Kind::ScalableTarget => {}
        }
    }

    fn value(&self, id: &ResourceId) -> Option<Value> {
        self.estate.document(id).map(|d| d.value())
    }

    fn service(&mut self, id: &ResourceId) {
        let named = id.cluster_name().map(|name| ResourceId::cluster(&id.scope, name));
        let cluster = self
            .estate
            .service(id)
            .filter(|view| !view.cluster_arn.is_empty())
            .map(|view| ResourceId::new(&id.scope, Kind::Cluster, &view.cluster_arn))
            .or(named);
        if let Some(cluster) = cluster {
            self.visit(&cluster);
        }
        if let Some(declared) = self.estate.declared(id) {
            self.visit(&declared);
        }
        if let Some(view) = self.estate.service(id).cloned() {
            for provider in &view.capacity_providers {
                self.provider(id, provider);
            }
            for running in view.revisions() {
                let running = revision_arn(&id.scope, &running);
                // An EXTERNAL service declares nothing: what its task sets run is all there is.
                if view.task_definition.is_none() {
                    self.visit(&running);
                } else {
                    self.rolling.entry(running).or_insert_with(|| id.clone());
                }
            }
            let of: Arc<str> = view.scaling_resource_id().into();
            self.listings.insert((id.clone(), Listing::ScalableTargetsOf(of.clone())));
            self.listings.insert((id.clone(), Listing::ScalingPoliciesOf(of)));
        }
        for kind in [Kind::ScalableTarget, Kind::ScalingPolicy] {
            for scaling in self.estate.scaling_of(id, kind).into_iter().cloned().collect::<Vec<_>>() {
                self.visit(&scaling);
            }
        }
    }

    fn providers(&mut self, id: &ResourceId, member: &str) {
        let value = self.value(id);
        let names = value.as_ref().and_then(|v| v.get(member)?.as_array());
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            self.provider(id, name);
        }
    }

    /// A capacity provider by name. FARGATE and `FARGATE_SPOT` belong to AWS and are named, never imported.
    fn provider(&mut self, from: &ResourceId, name: &str) {
        if !matches!(name, "FARGATE" | "FARGATE_SPOT") {
            let arn = from.scope.ecs_arn(&format!("capacity-provider/{name}"));
            self.visit(&ResourceId::new(&from.scope, Kind::CapacityProvider, &arn));
        }
    }
}

/// The resources of a selection and all they depend on.
pub fn closure(estate: &Estate, selection: &[ResourceId]) -> BTreeSet<ResourceId> {
    Closure::of(estate, selection).reached
}

/// What still has to be read for the closure of a selection. Call again after folding the answers in, until it is empty.
///
/// What was refused since `not_before` is not asked for again: it becomes a literal and a skip.
pub fn needs(estate: &Estate, selection: &[ResourceId], now: Timestamp, not_before: Timestamp) -> Vec<Need> {
    let closure = Closure::of(estate, selection);
    let refused = |subject: &Subject| estate.gap(subject).is_some_and(|gap: &Gap| gap.observed_at >= not_before);
    // What was read since the wish was uttered is fresh, however long the reading takes.
    let oldest = (now - FRESH).min(not_before);
    let describe = closure.reached.iter().filter(|id| {
        let fresh = match (id.kind, estate.document(id)) {
            (_, None) => estate.is_missing(id),
            // Tasks are not exported; scaling is read as a list, below.
            (Kind::Task | Kind::ScalableTarget | Kind::ScalingPolicy, Some(_)) => true,
            // A revision's content never changes; its tags and its status do.
            (_, Some(document)) => document.observed_at >= oldest,
        };
        !fresh && !refused(&Subject::Resource((*id).clone()))
    });
    let askable = |listing: &Listing| !matches!(listing, Listing::TagsOf { arn, .. } if arn.is_empty());
    let list = closure.all_listings().into_iter().filter(|(_, listing)| askable(listing)).filter(|(id, listing)| {
        let known = estate.answered_at(&id.scope, listing);
        known.is_none_or(|at| at < oldest) && !refused(&Subject::Listing(id.scope.clone(), listing.clone()))
    });
    let mut needs: Vec<Need> = describe.cloned().map(Need::Describe).collect();
    needs.extend(list.map(|(id, listing)| Need::List(id.scope, listing)));
    needs.sort();
    needs.dedup();
    needs
}
