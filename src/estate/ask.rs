//! What views, rules and exports ask of an estate. Everything here is derived; nothing changes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::Document;
use super::fold::{Entry, Estate, Gap, Listed, Subject, View};
use super::id::{Kind, Listing, ResourceId, Scope, Timestamp};
use super::views::{ServiceView, TaskDefinitionView, TaskView, revision_arn};

impl Estate {
    /// The scopes that were looked at.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter()
    }

    /// True while the resource is believed to exist.
    pub fn is_present(&self, id: &ResourceId) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.present)
    }

    /// Everything present of one kind, in order of identity.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&ResourceId, &Entry)> {
        self.scopes.iter().flat_map(move |scope| self.below(scope, kind, "")).filter(|(_, entry)| entry.present)
    }

    /// What is known of one present resource.
    pub fn entry(&self, id: &ResourceId) -> Option<&Entry> {
        self.entries.get(id).filter(|entry| entry.present)
    }

    /// The document of one present resource.
    pub fn document(&self, id: &ResourceId) -> Option<&Arc<Document>> {
        self.entry(id)?.document()
    }

    /// The typed view of a described service.
    pub fn service(&self, id: &ResourceId) -> Option<&Arc<ServiceView>> {
        match &self.entry(id)?.view {
            View::Service(view) => Some(view),
            _ => None,
        }
    }

    /// The typed view of a described revision.
    pub fn task_definition(&self, id: &ResourceId) -> Option<&Arc<TaskDefinitionView>> {
        match &self.entry(id)?.view {
            View::TaskDefinition(view) => Some(view),
            _ => None,
        }
    }

    /// The typed view of a described task.
    pub fn task(&self, id: &ResourceId) -> Option<&Arc<TaskView>> {
        match &self.entry(id)?.view {
            View::Task(view) => Some(view),
            _ => None,
        }
    }

    /// What is known of a listing.
    pub fn listing(&self, scope: &Scope, listing: &Listing) -> Option<&Listed> {
        self.listings.get(&(scope.clone(), listing.clone()))
    }

    /// When a listing was last answered in full.
    pub fn complete_at(&self, scope: &Scope, listing: &Listing) -> Option<Timestamp> {
        self.listing(scope, listing)?.complete_at
    }

    /// When a list was last answered in full: by itself, or within the list of the whole scope.
    pub fn answered_at(&self, scope: &Scope, listing: &Listing) -> Option<Timestamp> {
        let whole = listing.whole().and_then(|whole| self.complete_at(scope, &whole));
        self.complete_at(scope, listing).max(whole)
    }

    /// The gap at a subject, unless a later answer has filled it.
    pub fn gap(&self, subject: &Subject) -> Option<&Gap> {
        let gap = self.gaps.get(subject)?;
        let answered = match subject {
            Subject::Listing(scope, listing) => self.answered_at(scope, listing),
            Subject::Resource(id) => self
                .entries
                .get(id)
                .and_then(|entry| entry.document.as_ref().map(|d| d.observed_at).max(entry.missing_at)),
        };
        answered.is_none_or(|at| at < gap.observed_at).then_some(gap)
    }

    /// All open gaps, in order of subject.
    pub fn gaps(&self) -> impl Iterator<Item = (&Subject, &Gap)> {
        self.gaps.keys().filter_map(|subject| Some((subject, self.gap(subject)?)))
    }

    /// The identity of the declared revision of a service.
    pub fn declared(&self, service: &ResourceId) -> Option<ResourceId> {
        let view = self.service(service)?;
        view.task_definition.as_deref().map(|named| revision_arn(&service.scope, named))
    }

    /// The highest ACTIVE revision of a family that any listing or document has named.
    pub fn newest(&self, scope: &Scope, family: &str) -> Option<ResourceId> {
        let listed = self.listing(scope, &Listing::Revisions(family.into()));
        let named = listed.into_iter().flat_map(|l| l.named.keys());
        let active = named.filter(|id| self.revision_status(id).is_none_or(|s| s == "ACTIVE"));
        // `web:` alone names no revision, and `web:1` is no prefix of another family's.
        let prefix = revision_arn(scope, &format!("{family}:")).native;
        let described = self.below(scope, Kind::TaskDefinition, &prefix).map(|(id, _)| id);
        let described = described.filter(|id| self.revision_status(id) == Some("ACTIVE"));
        active.chain(described).max_by_key(|id| id.family_revision().map(|(_, revision)| revision)).cloned()
    }

    /// True when the list of a family's revisions was answered, newest first, and not refused since: only then does
    /// [`Self::newer`] mean something by `None`.
    pub fn knows_newest(&self, scope: &Scope, family: &str) -> bool {
        let listing = Listing::Revisions(family.into());
        self.listing(scope, &listing).is_some() && self.gap(&Subject::Listing(scope.clone(), listing)).is_none()
    }

    /// The newest ACTIVE revision of a revision's family when it is a higher one. Nothing is claimed while the list of
    /// the family is refused: what was newer may be deregistered by now.
    pub fn newer(&self, revision: &ResourceId) -> Option<ResourceId> {
        let (family, number) = revision.family_revision()?;
        if self.gap(&Subject::Listing(revision.scope.clone(), Listing::Revisions(family.into()))).is_some() {
            return None;
        }
        let newest = self.newest(&revision.scope, family)?;
        (newest.family_revision()?.1 > number).then_some(newest)
    }

    /// The newest ACTIVE revision of what a service declares, when it is a higher one; see [`Self::newer`].
    pub fn behind(&self, service: &ResourceId) -> Option<ResourceId> {
        self.newer(&self.declared(service)?)
    }

    /// `ACTIVE`, `INACTIVE`, ...: what the document said, corrected by a newer complete listing of the family.
    pub fn revision_status(&self, id: &ResourceId) -> Option<&str> {
        let (family, _) = id.family_revision()?;
        let entry = self.entries.get(id);
        let listed = self.listing(&id.scope, &Listing::Revisions(family.into()));
        let described_at = entry.and_then(|entry| entry.document.as_ref()).map(|d| d.observed_at);
        if let Some(listed) = listed
            && listed.complete_at > described_at
        {
            return Some(if listed.complete.contains(id) { "ACTIVE" } else { "INACTIVE" });
        }
        match entry.map(|entry| &entry.view) {
            Some(View::TaskDefinition(view)) => Some(&view.status),
            _ => listed?.named.contains_key(id).then_some("ACTIVE"),
        }
    }

    /// The revisions of a family that are known, newest first.
    pub fn revisions(&self, scope: &Scope, family: &str) -> Vec<&ResourceId> {
        let mut all: Vec<&ResourceId> = self
            .of_kind(Kind::TaskDefinition)
            .map(|(id, _)| id)
            .filter(|id| id.scope == *scope && id.family_revision().is_some_and(|(f, _)| f == family))
            .collect();
        all.sort_by_key(|id| std::cmp::Reverse(id.family_revision().map(|(_, revision)| revision)));
        all
    }

    /// The present services of a cluster.
    pub fn services_of(&self, cluster: &ResourceId) -> impl Iterator<Item = (&ResourceId, &Entry)> {
        let (scope, name) = (cluster.scope.clone(), cluster.name().to_owned());
        self.of_kind(Kind::Service)
            .filter(move |(id, _)| id.scope == scope && self.cluster_of(id).as_deref() == Some(&*name))
    }

    /// True when AWS said of this resource that it does not exist, and nothing newer says otherwise.
    pub fn is_missing(&self, id: &ResourceId) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.missing_at.is_some() && !entry.present)
    }

    /// Every revision that a service declares, or that a deployment or a task runs, in order of identity.
    pub fn in_use(&self) -> BTreeSet<ResourceId> {
        let services = self.of_kind(Kind::Service).flat_map(|(id, entry)| match &entry.view {
            View::Service(view) => view.revisions().iter().map(|named| revision_arn(&id.scope, named)).collect(),
            _ => Vec::new(),
        });
        let tasks = self.of_kind(Kind::Task).filter_map(|(id, entry)| match &entry.view {
            View::Task(view) => view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named)),
            _ => None,
        });
        services.chain(tasks).collect()
    }

    /// The newest ACTIVE revision of each family that a listing has named, or of which one was described, and that
    /// nothing uses.
    pub fn newest_of_idle_families(&self) -> Vec<ResourceId> {
        let busy: BTreeSet<(Scope, String)> = self
            .in_use()
            .iter()
            .filter_map(|id| Some((id.scope.clone(), id.family_revision()?.0.to_owned())))
            .collect();
        let listed = self.listings.keys().filter_map(|(scope, listing)| match listing {
            Listing::Revisions(family) => Some((scope.clone(), family.to_string())),
            _ => None,
        });
        let described = self.of_kind(Kind::TaskDefinition).filter(|(_, entry)| entry.document.is_some());
        let described = described.filter_map(|(id, _)| Some((id.scope.clone(), id.family_revision()?.0.to_owned())));
        let idle: BTreeSet<(Scope, String)> = listed.chain(described).filter(|family| !busy.contains(family)).collect();
        idle.iter().filter_map(|(scope, family)| self.newest(scope, family)).collect()
    }

    /// The same estate as if only these resources had been read. Listings stay: they say what is newest.
    #[must_use]
    pub fn restricted(&self, to: &BTreeSet<ResourceId>) -> Self {
        let mut estate = self.clone();
        estate.entries.retain(|id, _| to.contains(id));
        estate.gaps.retain(|subject, _| match subject {
            Subject::Resource(id) => to.contains(id),
            Subject::Listing(..) => true,
        });
        estate
    }

    /// Every revision that a service declares or a task runs that no service owns.
    pub fn lasting_revisions(&self) -> BTreeSet<ResourceId> {
        let declared = self.of_kind(Kind::Service).flat_map(|(id, entry)| match &entry.view {
            // An EXTERNAL service declares nothing: what its task sets run is all there is.
            View::Service(view) if view.task_definition.is_none() => {
                view.revisions().iter().map(|named| revision_arn(&id.scope, named)).collect()
            }
            _ => self.declared(id).into_iter().collect::<Vec<_>>(),
        });
        let standalone = self.of_kind(Kind::Task).filter_map(|(id, entry)| match &entry.view {
            View::Task(view) if view.is_standalone() => {
                view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named))
            }
            _ => None,
        });
        declared.chain(standalone).collect()
    }

    /// The list of tags that a described scalable target is described without; `None` for any other resource.
    pub fn tags_apart(&self, id: &ResourceId) -> Option<Listing> {
        if id.kind != Kind::ScalableTarget {
            return None;
        }
        let value = self.document(id)?.value();
        let arn = value.get("ScalableTargetARN").and_then(serde_json::Value::as_str).unwrap_or_default();
        Some(Listing::TagsOf { target: id.native.clone(), arn: arn.into() })
    }

    /// The scalable targets (or policies) whose resource id is that of this service.
    pub fn scaling_of(&self, service: &ResourceId, kind: Kind) -> Vec<&ResourceId> {
        // The short ARNs of before 2018 do not name the cluster; the document does.
        let resource = match (self.service(service), service.cluster_name()) {
            (Some(view), _) if !view.cluster_arn.is_empty() => view.scaling_resource_id(),
            (_, Some(cluster)) => format!("service/{cluster}/{}", service.name()),
            _ => return Vec::new(),
        };
        let prefix = format!("ecs/{resource}/");
        let of = ResourceId::new(&service.scope, kind, &prefix);
        self.entries
            .range(of.clone()..)
            .take_while(|(id, _)| id.kind == kind && id.scope == of.scope && id.native.starts_with(&*of.native))
            .filter(|(_, entry)| entry.present)
            .map(|(id, _)| id)
            .collect()
    }
}
