//! The export plan: what is imported under which address, and what is not, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::closure::Closure;
use super::credentials::{Credential, REPEATS, Variables};
use super::held::{Held, Settled};
use super::references::{References, User};
use super::refusal::{of_arguments, refusal};
use super::unread::{Unread, of_closure};
use super::{Options, Skip, credentials, names};
use crate::estate::{Estate, FieldPath, Kind, Listing, ResourceId, Scope, revision_arn};
use crate::secrets::{self, Hit, Known, Masks};
use crate::terraform::mapping::{Context, Target, TypeMap};
use crate::terraform::{Attributes, import_id, types};

/// One Terraform resource of an export.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The document it is written from.
    pub id: ResourceId,
    /// What the provider would read, and by which table.
    pub attributes: Attributes,
    /// Its name.
    pub label: String,
    /// As the importer wants it.
    pub import_id: String,
}

impl Planned {
    /// `aws_ecs_service.web`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.attributes.map.terraform_type, self.label)
    }
}

/// The reason of a skip that the reader chose.
pub const CHOSEN: &str = "left out by choice";

/// What an export imports and what it leaves out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How it is written.
    pub options: Options,
    /// In order of type and identity.
    pub resources: Vec<Planned>,
    /// In order of identity.
    pub skips: Vec<Skip>,
    /// What the export rests on and could not be read, by the resource that rests on it.
    pub unread: BTreeMap<ResourceId, Vec<Unread>>,
    /// Other ACTIVE revisions of the exported families: the newest that is exported, and theirs, newest first.
    pub others: Vec<(ResourceId, Vec<ResourceId>)>,
    /// What is left out because the root module has it already.
    pub held: Vec<Held>,
    /// What else is to be said of the root module that the export is added to.
    pub remarks: Vec<String>,
    /// The name of every described resource, exported or not.
    labels: BTreeMap<ResourceId, String>,
    /// By which address the code can name a resource: what is exported, and what the root module has already.
    addresses: BTreeMap<(&'static str, ResourceId), String>,
    /// The credentials of every exported document.
    credentials: BTreeMap<ResourceId, BTreeMap<FieldPath, Credential>>,
    /// The same as they were found.
    masks: BTreeMap<ResourceId, Masks>,
    /// The values of all credentials that were read for this plan.
    pub(super) known: Known,
    /// How that is written which the exported documents name and the export does not import.
    pub(super) references: References,
}

impl Plan {
    /// The plan for a selection and its closure.
    pub fn of(estate: &Estate, selection: &[ResourceId], options: &Options) -> Self {
        let closure = Closure::of(estate, selection);
        let mut skips = Vec::new();
        let (mut members, known) = members(estate, &closure, options, &mut skips);
        let exported: BTreeSet<&ResourceId> = members.iter().map(|member| &member.id).collect();
        for (revision, service) in &closure.rolling {
            let declared = estate.declared(service);
            let exported = declared.as_ref().is_some_and(|d| exported.contains(d));
            let name = declared.as_ref().map_or("none", |d| d.name());
            let reason = if exported {
                format!("it runs only in a rollout of {service}: the declared revision {name} is exported")
            } else {
                format!("it runs only in a rollout of {service}, which declares {name}")
            };
            skips.push(Skip { resource: revision.clone(), import_id: revision.native.to_string(), reason });
        }
        let mut settled = Settled::default();
        if let Some(taken) = &options.taken {
            for member in &mut members {
                settled.settle(taken, &member.id, &member.import_id, &mut member.attributes);
            }
            members.retain(|member| !member.attributes.is_empty());
            settled.say_what_was_not_compared();
        }
        let Settled { held, mut addresses, skips: more, remarks, .. } = settled;
        skips.extend(more);
        skips.sort();
        for skip in &mut skips {
            skip.reason = known.mask(&skip.reason);
            skip.import_id = known.mask(&skip.import_id);
        }
        let labels = labels(&members, options);
        let taken = options.taken.as_ref().map(|taken| taken.variables.clone()).unwrap_or_default();
        let mut variables = Variables::new(taken);
        let masks: BTreeMap<ResourceId, Masks> =
            members.iter().map(|member| (member.id.clone(), Masks::from_hits(member.hits.clone()))).collect();
        let mut credentials: BTreeMap<ResourceId, BTreeMap<FieldPath, Credential>> = BTreeMap::new();
        // Whose name says that it is a credential names the variable, not who repeats it.
        for is_repeated in [false, true] {
            for member in &mut members {
                let label = labels.get(&member.id).map_or("", String::as_str);
                let hits = member.hits.extract_if(.., |hit| (hit.reason == REPEATS) == is_repeated).collect();
                let named = variables.name(label, hits, &member.attributes, &known);
                credentials.entry(member.id.clone()).or_default().extend(named);
            }
        }
        let is_credential = |id: &ResourceId, path: &FieldPath| {
            credentials.get(id).is_some_and(|hits| hits.keys().any(|hit| hit.is_within(path) || path.is_within(hit)))
        };
        let fields: Vec<_> = members.iter().map(|member| |path: &FieldPath| is_credential(&member.id, path)).collect();
        let users: Vec<User<'_>> = members
            .iter()
            .zip(&fields)
            .map(|(member, credentials)| User {
                id: &member.id,
                label: labels.get(&member.id).map_or("", String::as_str),
                document: &member.value,
                attributes: &member.attributes,
                credentials,
            })
            .collect();
        let references = References::of(&users, options, &|name| variables.taken.contains(name));
        let mut resources: Vec<Planned> = Vec::new();
        for member in members {
            let label = labels.get(&member.id).cloned().unwrap_or_default();
            resources.extend(member.attributes.into_iter().map(|attributes| Planned {
                id: member.id.clone(),
                attributes,
                label: label.clone(),
                import_id: member.import_id.clone(),
            }));
        }
        addresses.extend(resources.iter().map(|p| ((p.attributes.map.terraform_type, p.id.clone()), p.address())));
        let order = |map: &TypeMap| types::ALL.iter().position(|m| m.terraform_type == map.terraform_type);
        resources.sort_by(|a, b| (order(a.attributes.map), &a.id).cmp(&(order(b.attributes.map), &b.id)));
        let unread = of_closure(estate, &closure);
        let others = others(estate, &closure);
        let options = options.clone();
        Self {
            options,
            resources,
            skips,
            unread,
            others,
            held,
            remarks,
            labels,
            addresses,
            credentials,
            masks,
            known,
            references,
        }
    }

    /// The credentials of a document; for a skipped one, as if it stood alone.
    pub fn credentials(&self, id: &ResourceId, label: &str, document: &Value) -> BTreeMap<FieldPath, Credential> {
        self.credentials.get(id).cloned().unwrap_or_else(|| {
            let mut hits = secrets::scan(id.kind, document);
            hits.extend(self.known.repeats(document, &hits, REPEATS));
            Variables::default().name(label, hits, &[], &self.known)
        })
    }

    /// The credentials of every exported document.
    pub fn masks(&self) -> &BTreeMap<ResourceId, Masks> {
        &self.masks
    }

    /// True when the plan says something of this resource.
    pub fn names(&self, id: &ResourceId) -> bool {
        self.labels.contains_key(id) || self.skips.iter().any(|skip| skip.resource == *id)
    }

    /// The name of a resource; for a skipped one, the name it would have.
    pub fn label(&self, id: &ResourceId) -> String {
        self.labels
            .get(id)
            .cloned()
            .unwrap_or_else(|| names::labels([id], &self.options.labels, &|_| false).remove(id).unwrap_or_default())
    }

    /// The expression by which the value of an argument of `from` names another resource of this plan.
    pub fn link(&self, from: &ResourceId, target: Target, argument: &str, value: &str) -> Option<String> {
        let scope = &from.scope;
        let named = |map: &TypeMap, id: ResourceId| self.addresses.get(&(map.terraform_type, id)).map(String::as_str);
        let cluster = |name: &str| named(&types::CLUSTER, ResourceId::cluster(scope, name));
        Some(match target {
            Target::ClusterArn => {
                format!("{}.arn", named(&types::CLUSTER, ResourceId::new(scope, Kind::Cluster, value))?)
            }
            Target::ClusterName => format!("{}.name", cluster(value)?),
            Target::CapacityProvider => {
                let arn = scope.ecs_arn(&format!("capacity-provider/{value}"));
                let id = ResourceId::new(scope, Kind::CapacityProvider, &arn);
                format!("{}.name", named(&types::CAPACITY_PROVIDER, id)?)
            }
            Target::Revision => {
                let address = named(&types::TASK_DEFINITION, revision_arn(scope, value))?;
                format!("\"${{{address}.family}}:${{{address}.revision}}\"")
            }
            Target::ScalingResource => {
                let (cluster_name, _) = value.strip_prefix("service/")?.split_once('/')?;
                let id = ResourceId::new(scope, Kind::Service, &scope.ecs_arn(value));
                let (service, cluster) = (named(&types::SERVICE, id)?, cluster(cluster_name)?);
                format!("\"service/${{{cluster}.name}}/${{{service}.name}}\"")
            }
            Target::OfScalableTarget => {
                let target = from.native.splitn(6, '/').take(5).collect::<Vec<_>>().join("/");
                let id = ResourceId::new(scope, Kind::ScalableTarget, &target);
                format!("{}.{argument}", named(&types::TARGET, id)?)
            }
        })
    }
}

/// A described resource that can be imported.
struct Member {
    id: ResourceId,
    /// Its credentials, not yet named.
    hits: Vec<Hit>,
    import_id: String,
    attributes: Vec<Attributes>,
    /// The document, kept only where references are looked up with what stands beside them.
    value: Value,
}

impl Member {
    /// Reads a resource by every table of its kind; the skip says why it cannot be imported.
    ///
    /// The credentials of the document are added to what is known, whether it can be imported or not.
    fn of(estate: &Estate, id: &ResourceId, options: &Options, known: &mut Known) -> Result<Self, Skip> {
        let dialect = options.dialect;
        let value = estate.document(id).map(|d| d.value());
        let hits = value.as_ref().map(|value| secrets::scan(id.kind, value)).unwrap_or_default();
        if let Some(value) = &value {
            known.add(value, &hits);
        }
        let named = value.as_ref().and_then(|v| import_id(id, v, dialect));
        let skip = |reason| Skip { resource: id.clone(), import_id: named.clone().unwrap_or_default(), reason };
        if let Some(reason) = refusal(estate, id, value.as_ref(), dialect) {
            return Err(skip(reason));
        }
        if options.skips.contains(id) {
            return Err(skip(CHOSEN.into()));
        }
        let (Some(value), Some(import_id)) = (value, named.clone()) else {
            return Err(skip("AWS does not say what its import id is made of".into()));
        };
        let maps = types::ALL.into_iter().filter(|map| map.kind == id.kind && map.since <= dialect);
        let maps = maps.filter(|map| {
            map.terraform_type != types::CLUSTER_CAPACITY_PROVIDERS.terraform_type || has_providers(&value)
        });
        let attributes: Vec<Attributes> = maps.map(|map| Attributes::read(map, &value, &id.scope, dialect)).collect();
        let context = Context { root: &value, scope: &id.scope, dialect };
        if let Some(reason) = of_arguments(id, &attributes, &context) {
            return Err(skip(reason));
        }
        // Thousands of parsed documents would be much to hold at once.
        let value = if options.references.is_empty() { Value::Null } else { value };
        Ok(Self { id: id.clone(), hits, import_id, attributes, value })
    }

    /// Finds the credentials of the whole plan in this document. The skip says that one stands where no variable can.
    fn repeat(&mut self, estate: &Estate, known: &Known) -> Option<Skip> {
        let document = estate.document(&self.id)?;
        if known.may_stand_in(&document.raw) {
            let more = known.repeats(&document.value(), &self.hits, REPEATS);
            self.hits.extend(more);
        }
        let reason = credentials::refusal(&self.id, &self.import_id, &self.attributes, &self.hits, known)?;
        Some(Skip { resource: self.id.clone(), import_id: self.import_id.clone(), reason })
    }
}

/// What can be imported, and the values of all credentials that were read; the skips say what cannot.
fn members(estate: &Estate, closure: &Closure<'_>, options: &Options, skips: &mut Vec<Skip>) -> (Vec<Member>, Known) {
    let mut members: Vec<Member> = Vec::new();
    let mut known = Known::default();
    for id in &closure.reached {
        match Member::of(estate, id, options, &mut known) {
            Ok(member) => members.push(member),
            Err(skip) => skips.push(skip),
        }
    }
    known.publish(closure.reached.iter().map(|id| &*id.native));
    members.retain_mut(|member| match member.repeat(estate, &known) {
        None => true,
        Some(skip) => {
            skips.push(skip);
            false
        }
    });
    (members, known)
}

/// The name of every resource, free in all the types that one document becomes.
fn labels(members: &[Member], options: &Options) -> BTreeMap<ResourceId, String> {
    let kinds: BTreeSet<Kind> = types::ALL.iter().map(|map| map.kind).collect();
    let mut labels = BTreeMap::new();
    for kind in kinds {
        let named = members.iter().map(|member| &member.id).filter(|id| id.kind == kind);
        labels.extend(names::labels(named, &options.labels, &|label| {
            let mut addresses =
                types::ALL.iter().filter(|map| map.kind == kind).map(|map| format!("{}.{label}", map.terraform_type));
            options.taken.as_ref().is_some_and(|taken| addresses.any(|address| taken.addresses.contains(&address)))
        }));
    }
    labels
}

fn has_providers(cluster: &Value) -> bool {
    ["capacityProviders", "defaultCapacityProviderStrategy"]
        .iter()
        .any(|member| cluster.get(member).and_then(Value::as_array).is_some_and(|a| !a.is_empty()))
}

/// The ACTIVE revisions of each family of the export that are not reached by it.
fn others(estate: &Estate, closure: &Closure<'_>) -> Vec<(ResourceId, Vec<ResourceId>)> {
    // Two services may declare two revisions of one family: its others are named once, beside the newer.
    let families: BTreeMap<(Scope, String), ResourceId> = closure
        .reached
        .iter()
        .cloned()
        .filter_map(|id| Some(((id.scope.clone(), id.family_revision()?.0.to_owned()), id)))
        .fold(BTreeMap::new(), |mut families, (family, id)| {
            let known = families.entry(family).or_insert_with(|| id.clone());
            if known.family_revision() < id.family_revision() {
                *known = id;
            }
            families
        });
    families
        .into_values()
        .filter_map(|id| {
            let listed = estate.listing(&id.scope, &Listing::Revisions(id.family_revision()?.0.into()))?;
            let left = |other: &&ResourceId| !closure.reached.contains(*other) && !closure.rolling.contains_key(*other);
            let mut others: Vec<ResourceId> = listed.complete.iter().filter(left).cloned().collect();
            others.sort_by_key(|other| std::cmp::Reverse(other.family_revision().map(|(_, revision)| revision)));
            (!others.is_empty()).then_some((id, others))
        })
        .collect()
}
