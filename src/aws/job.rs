//! One call: what is asked, how it is asked, and how its answer reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_ecs::types::{
    CapacityProviderField, ClusterField, ServiceField, SortOrder, TaskDefinitionField, TaskDefinitionStatus, TaskField,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::{Answer, Failure, object, text};
use super::operations::{
    DESCRIBE_CAPACITY_PROVIDERS, DESCRIBE_CLUSTERS, DESCRIBE_SCALABLE_TARGETS, DESCRIBE_SCALING_POLICIES,
    DESCRIBE_SERVICES, DESCRIBE_TASK_DEFINITION, DESCRIBE_TASKS, LIST_CLUSTERS, LIST_SERVICES, LIST_TAGS_FOR_RESOURCE,
    LIST_TASK_DEFINITIONS, LIST_TASKS, Operation,
};
use super::session::Clients;
use super::trouble::Trouble;
use crate::estate::{Document, Kind, Listing, ResourceId, Scope, Subject, Timestamp, envelope, revision_arn};

/// The largest page of the ECS lists. `ListServices` gives 10 unless it is asked for more.
const PAGE: i32 = 100;
/// The largest page of Application Auto Scaling.
const SCALING_PAGE: i32 = 50;
/// Names that `DescribeServices` takes at once, and the largest page of `DescribeCapacityProviders`.
pub(super) const SMALL_BATCH: usize = 10;
/// Names that `DescribeClusters` and `DescribeTasks` take at once.
pub(super) const LARGE_BATCH: usize = 100;
/// Resource ids that `DescribeScalableTargets` takes at once.
pub(super) const SCALING_BATCH: usize = 50;

/// The token of the next page; `None` asks for the first.
pub(super) type Token = Option<String>;

/// One call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    ListClusters {
        token: Token,
    },
    DescribeClusters {
        ids: Vec<ResourceId>,
    },
    ListServices {
        cluster: Arc<str>,
        token: Token,
    },
    DescribeServices {
        cluster: Arc<str>,
        ids: Vec<ResourceId>,
    },
    DescribeTaskDefinition {
        id: ResourceId,
    },
    /// A page of all ACTIVE revisions, families and revisions in descending order.
    ListNewest {
        token: Token,
    },
    /// The ACTIVE revisions of one family, newest first: all pages, or only the first.
    ListRevisions {
        family: Arc<str>,
        token: Token,
        all: bool,
    },
    ListTasks {
        cluster: Arc<str>,
        token: Token,
    },
    DescribeTasks {
        cluster: Arc<str>,
        ids: Vec<ResourceId>,
    },
    /// These, or all when there are none.
    DescribeCapacityProviders {
        ids: Vec<ResourceId>,
        token: Token,
    },
    /// Those of these resource ids, or all when there are none.
    DescribeScalableTargets {
        of: Vec<Arc<str>>,
        token: Token,
    },
    /// Those of this resource id, or all.
    DescribeScalingPolicies {
        of: Option<Arc<str>>,
        token: Token,
    },
    /// The tags of one scalable target.
    ListTags {
        target: Arc<str>,
        arn: Arc<str>,
    },
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Page {
    pub(super) documents: Vec<Document>,
    /// What a list named, in the order of the answer.
    pub(super) ids: Vec<ResourceId>,
    /// Revisions that the documents use.
    pub(super) revisions: Vec<ResourceId>,
    /// The tags of the target that was asked for, as AWS sent them.
    pub(super) tags: Option<(ResourceId, Arc<str>)>,
    pub(super) failures: Vec<Failure>,
    /// Why one of the described objects could not be read; the others stand in `documents`.
    pub(super) broken: Option<String>,
    pub(super) next: Token,
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) sent: Timestamp,
    pub(super) at: Timestamp,
    pub(super) page: Result<Page, Trouble>,
}

impl Job {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Self::ListClusters { .. } => &LIST_CLUSTERS,
            Self::DescribeClusters { .. } => &DESCRIBE_CLUSTERS,
            Self::ListServices { .. } => &LIST_SERVICES,
            Self::DescribeServices { .. } => &DESCRIBE_SERVICES,
            Self::DescribeTaskDefinition { .. } => &DESCRIBE_TASK_DEFINITION,
            Self::ListNewest { .. } | Self::ListRevisions { .. } => &LIST_TASK_DEFINITIONS,
            Self::ListTasks { .. } => &LIST_TASKS,
            Self::DescribeTasks { .. } => &DESCRIBE_TASKS,
            Self::DescribeCapacityProviders { .. } => &DESCRIBE_CAPACITY_PROVIDERS,
            Self::DescribeScalableTargets { .. } => &DESCRIBE_SCALABLE_TARGETS,
            Self::DescribeScalingPolicies { .. } => &DESCRIBE_SCALING_POLICIES,
            Self::ListTags { .. } => &LIST_TAGS_FOR_RESOURCE,
        }
    }

    /// What comes first when more waits than may be in flight: the rows a reader sees first.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::ListClusters { .. } | Self::DescribeClusters { .. } => 0,
            Self::ListServices { .. } => 1,
            Self::DescribeServices { .. } | Self::DescribeCapacityProviders { .. } => 2,
            Self::DescribeScalableTargets { .. } | Self::DescribeScalingPolicies { .. } | Self::ListTags { .. } => 3,
            Self::ListNewest { .. } | Self::ListTasks { .. } | Self::DescribeTasks { .. } => 4,
            Self::ListRevisions { .. } => 5,
            Self::DescribeTaskDefinition { .. } => 6,
        }
    }

    /// The lists that the pages of this job make up. The walk over all revisions answers many, and none by itself.
    pub(super) fn listings(&self) -> Vec<Listing> {
        match self {
            Self::ListClusters { .. } => vec![Listing::Clusters],
            Self::ListServices { cluster, .. } => vec![Listing::Services(cluster.clone())],
            Self::ListRevisions { family, .. } => vec![Listing::Revisions(family.clone())],
            Self::ListTasks { cluster, .. } => vec![Listing::Tasks(cluster.clone())],
            Self::DescribeCapacityProviders { ids, .. } if ids.is_empty() => vec![Listing::CapacityProviders],
            Self::DescribeScalableTargets { of, .. } if of.is_empty() => vec![Listing::ScalableTargets],
            Self::DescribeScalableTargets { of, .. } => {
                of.iter().map(|of| Listing::ScalableTargetsOf(of.clone())).collect()
            }
            Self::DescribeScalingPolicies { of: None, .. } => vec![Listing::ScalingPolicies],
            Self::DescribeScalingPolicies { of: Some(of), .. } => vec![Listing::ScalingPoliciesOf(of.clone())],
            Self::ListTags { target, arn } => vec![Listing::TagsOf { target: target.clone(), arn: arn.clone() }],
            Self::DescribeClusters { .. }
            | Self::DescribeServices { .. }
            | Self::DescribeTaskDefinition { .. }
            | Self::DescribeTasks { .. }
            | Self::DescribeCapacityProviders { .. }
            | Self::ListNewest { .. } => vec![],
        }
    }

    /// The resources that were asked for by name.
    pub(super) fn asked(&self) -> &[ResourceId] {
        match self {
            Self::DescribeClusters { ids }
            | Self::DescribeServices { ids, .. }
            | Self::DescribeTasks { ids, .. }
            | Self::DescribeCapacityProviders { ids, .. } => ids,
            Self::DescribeTaskDefinition { id } => std::slice::from_ref(id),
            _ => &[],
        }
    }

    /// What stays unknown when this job fails.
    pub(super) fn subjects(&self, scope: &Scope) -> Vec<Subject> {
        let lists = self.listings().into_iter().map(|listing| Subject::Listing(scope.clone(), listing));
        lists.chain(self.asked().iter().cloned().map(Subject::Resource)).collect()
    }

    fn token(&self) -> &Token {
        match self {
            Self::ListClusters { token }
            | Self::ListServices { token, .. }
            | Self::ListNewest { token }
            | Self::ListRevisions { token, .. }
            | Self::ListTasks { token, .. }
            | Self::DescribeCapacityProviders { token, .. }
            | Self::DescribeScalableTargets { token, .. }
            | Self::DescribeScalingPolicies { token, .. } => token,
            _ => &None,
        }
    }

    /// The same job for its next page.
    pub(super) fn page(&self, next: String) -> Self {
        let mut job = self.clone();
        match &mut job {
            Self::ListClusters { token }
            | Self::ListServices { token, .. }
            | Self::ListNewest { token }
            | Self::ListRevisions { token, .. }
            | Self::ListTasks { token, .. }
            | Self::DescribeCapacityProviders { token, .. }
            | Self::DescribeScalableTargets { token, .. }
            | Self::DescribeScalingPolicies { token, .. } => *token = Some(next),
            _ => {}
        }
        job
    }

    /// True when the answer about resources that were asked for by name comes in pages, too.
    pub(super) fn pages_what_is_asked(&self) -> bool {
        matches!(self, Self::DescribeCapacityProviders { .. })
    }

    /// The job that asks for those of the named resources of which a page did not tell. `next` is that page's token.
    pub(super) fn rest(&self, unsaid: Vec<ResourceId>, next: String) -> Option<Self> {
        match self {
            Self::DescribeCapacityProviders { .. } if unsaid.is_empty() => None,
            // Nothing was told: the token leads on. Else the fewer names are asked for afresh.
            Self::DescribeCapacityProviders { ids, .. } if unsaid.len() == ids.len() => Some(self.page(next)),
            Self::DescribeCapacityProviders { .. } => {
                Some(Self::DescribeCapacityProviders { ids: unsaid, token: None })
            }
            _ => None,
        }
    }

    /// Makes the call.
    pub(super) async fn send(&self, aws: &Clients) -> Result<Answer, Trouble> {
        let names = |ids: &[ResourceId]| Some(ids.iter().map(|id| id.native.to_string()).collect::<Vec<String>>());
        let (ecs, scaling) = (&aws.ecs, &aws.scaling);
        let operation = self.operation();
        match self {
            Self::ListClusters { token } => {
                let ask = ecs.list_clusters().max_results(PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeClusters { ids } => {
                let include = vec![
                    ClusterField::Attachments,
                    ClusterField::Configurations,
                    ClusterField::Settings,
                    ClusterField::Statistics,
                    ClusterField::Tags,
                ];
                let ask = ecs.describe_clusters().set_clusters(names(ids)).set_include(Some(include));
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::ListServices { cluster, token } => {
                let ask = ecs.list_services().cluster(&**cluster).max_results(PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeServices { cluster, ids } => {
                let ask = ecs.describe_services().cluster(&**cluster).set_services(names(ids));
                let ask = ask.include(ServiceField::Tags);
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeTaskDefinition { id } => {
                let ask = ecs.describe_task_definition().task_definition(&*id.native);
                let ask = ask.include(TaskDefinitionField::Tags);
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::ListNewest { token } => {
                let ask = ecs.list_task_definitions().status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
                let ask = ask.max_results(PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::ListRevisions { family, token, .. } => {
                let ask = ecs.list_task_definitions().status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
                let ask = ask.family_prefix(&**family).max_results(PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::ListTasks { cluster, token } => {
                let ask = ecs.list_tasks().cluster(&**cluster).max_results(PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeTasks { cluster, ids } => {
                let ask = ecs.describe_tasks().cluster(&**cluster).set_tasks(names(ids)).include(TaskField::Tags);
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeCapacityProviders { ids, token } => {
                let ask = ecs.describe_capacity_providers().include(CapacityProviderField::Tags);
                let ask = if ids.is_empty() { ask.max_results(10) } else { ask.set_capacity_providers(names(ids)) };
                let ask = ask.set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeScalableTargets { of, token } => {
                let only = (!of.is_empty()).then(|| of.iter().map(ToString::to_string).collect());
                let ask = scaling.describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
                let ask = ask.set_resource_ids(only).max_results(SCALING_PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::DescribeScalingPolicies { of, token } => {
                let ask = scaling.describe_scaling_policies().service_namespace(ServiceNamespace::Ecs);
                let ask = ask.set_resource_id(of.as_ref().map(ToString::to_string));
                let ask = ask.max_results(SCALING_PAGE).set_next_token(token.clone());
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
            Self::ListTags { arn, .. } => {
                let ask = scaling.list_tags_for_resource().resource_arn(&**arn);
                aws.call(operation, |raw| ask.customize().interceptor(raw).send()).await
            }
        }
    }

    /// Takes an answer apart. A broken one is trouble, never a panic and never an empty list.
    pub(super) fn read(&self, answer: &Answer, scope: &Scope) -> Result<Page, Trouble> {
        let page = self.read_members(answer, scope).map_err(|why| Trouble::malformed(self.operation(), why))?;
        if page.next.is_some() && page.next == *self.token() {
            return Err(Trouble::malformed(self.operation(), "the token of the next page is that of this page"));
        }
        Ok(page)
    }

    fn read_members(&self, answer: &Answer, scope: &Scope) -> Result<Page, String> {
        let members = answer.members()?;
        let list = |member: &str, kind: Kind| -> Result<Page, String> {
            let ids = members.strings(member)?.iter().map(|arn| ResourceId::new(scope, kind, arn)).collect();
            Ok(Page { ids, next: members.token("nextToken")?, ..Page::default() })
        };
        let described = |member: &str, token: &str, kind: Kind| -> Result<Page, String> {
            let mut page = Page { failures: members.failures()?, next: members.token(token)?, ..Page::default() };
            for raw in members.objects(member)? {
                match self.document(raw, None, kind, answer.at, scope) {
                    // Stopped since it was listed: what is read are the running tasks, and it is none any more.
                    Ok((document, _)) if kind == Kind::Task && has_stopped(&document) => {
                        page.failures.push(Failure::missing(&document.id.native));
                    }
                    Ok((document, revisions)) => {
                        page.revisions.extend(revisions);
                        page.documents.push(document);
                    }
                    Err(why) => page.broken = Some(why),
                }
            }
            if !self.listings().is_empty() {
                page.ids = page.documents.iter().map(|document| document.id.clone()).collect();
            }
            Ok(page)
        };
        match self {
            Self::ListClusters { .. } => list("clusterArns", Kind::Cluster),
            Self::ListServices { .. } => list("serviceArns", Kind::Service),
            Self::ListNewest { .. } | Self::ListRevisions { .. } => list("taskDefinitionArns", Kind::TaskDefinition),
            Self::ListTasks { .. } => list("taskArns", Kind::Task),
            Self::DescribeClusters { .. } => described("clusters", "nextToken", Kind::Cluster),
            Self::DescribeServices { .. } => described("services", "nextToken", Kind::Service),
            Self::DescribeTasks { .. } => described("tasks", "nextToken", Kind::Task),
            Self::DescribeCapacityProviders { .. } => {
                described("capacityProviders", "nextToken", Kind::CapacityProvider)
            }
            Self::DescribeScalableTargets { .. } => described("ScalableTargets", "NextToken", Kind::ScalableTarget),
            Self::DescribeScalingPolicies { .. } => described("ScalingPolicies", "NextToken", Kind::ScalingPolicy),
            Self::ListTags { target, .. } => {
                // An answer without tags may leave the member out.
                let tags = members.optional("Tags").map_or("{}", RawValue::get);
                serde_json::from_str::<BTreeMap<String, String>>(tags).map_err(|e| format!("`Tags`: {e}"))?;
                let id = ResourceId::new(scope, Kind::ScalableTarget, target);
                Ok(Page { tags: Some((id, tags.into())), ..Page::default() })
            }
            Self::DescribeTaskDefinition { .. } => {
                let raw = members.required("taskDefinition")?;
                let (document, _) =
                    self.document(raw, members.optional("tags"), Kind::TaskDefinition, answer.at, scope)?;
                Ok(Page { documents: vec![document], ..Page::default() })
            }
        }
    }

    fn document(
        &self,
        raw: &RawValue,
        tags: Option<&RawValue>,
        kind: Kind,
        observed_at: Timestamp,
        scope: &Scope,
    ) -> Result<(Document, Vec<ResourceId>), String> {
        let value = object(raw)?;
        let native = native(&value, kind)?;
        let document = Document {
            id: ResourceId::new(scope, kind, &native),
            operation: self.operation().name.into(),
            observed_at,
            raw: envelope(raw, tags).into(),
        };
        Ok((document, revisions_in_use(&value, kind, scope)))
    }
}

/// `STOPPED`, and `DELETED`, which follows it.
fn has_stopped(task: &Document) -> bool {
    matches!(task.value().get("lastStatus").and_then(Value::as_str), Some("STOPPED" | "DELETED"))
}

/// The native id of a described object.
fn native(value: &Value, kind: Kind) -> Result<String, String> {
    let member = match kind {
        Kind::Cluster => "clusterArn",
        Kind::CapacityProvider => "capacityProviderArn",
        Kind::Service => "serviceArn",
        Kind::TaskDefinition => "taskDefinitionArn",
        Kind::Task => "taskArn",
        Kind::ScalableTarget | Kind::ScalingPolicy => {
            let target = format!("ecs/{}/{}", text(value, "ResourceId")?, text(value, "ScalableDimension")?);
            return match kind {
                Kind::ScalingPolicy => Ok(format!("{target}/{}", text(value, "PolicyName")?)),
                _ => Ok(target),
            };
        }
    };
    text(value, member).map(str::to_owned)
}

/// The revisions that a service (declared, deployments, task sets) or a task uses.
fn revisions_in_use(value: &Value, kind: Kind, scope: &Scope) -> Vec<ResourceId> {
    let below = |member: &str| value.get(member).and_then(Value::as_array).into_iter().flatten();
    let named: Vec<&str> = match kind {
        Kind::Service => std::iter::once(value)
            .chain(below("deployments"))
            .chain(below("taskSets"))
            .filter_map(|holder| holder.get("taskDefinition")?.as_str())
            .collect(),
        Kind::Task => value.get("taskDefinitionArn").and_then(Value::as_str).into_iter().collect(),
        _ => vec![],
    };
    named.into_iter().filter(|name| !name.is_empty()).map(|name| revision_arn(scope, name)).collect()
}
