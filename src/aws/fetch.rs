//! From needs to the fewest calls that answer them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::job::{Job, LARGE_BATCH, SCALING_BATCH, SMALL_BATCH};
use crate::estate::{Kind, Listing, ResourceId, Scope};
use crate::export::Need;

/// The calls that answer these needs, and the services whose cluster is not known.
pub(super) fn jobs_for(scope: &Scope, needs: &[Need]) -> (Vec<Job>, Vec<ResourceId>) {
    let needs: BTreeSet<&Need> = needs.iter().collect();
    let mut jobs = vec![];
    let mut unasked = vec![];
    let mut batches: BTreeMap<(Kind, Arc<str>), Vec<ResourceId>> = BTreeMap::new();
    let mut targets: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut policies: BTreeSet<Arc<str>> = BTreeSet::new();
    for need in needs {
        match need {
            Need::Describe(id) if id.scope != *scope => {}
            Need::List(of, _) if of != scope => {}
            Need::Describe(id) => match id.kind {
                Kind::TaskDefinition => jobs.push(Job::DescribeTaskDefinition { id: id.clone() }),
                Kind::Cluster | Kind::CapacityProvider => {
                    batches.entry((id.kind, "".into())).or_default().push(id.clone());
                }
                Kind::Service | Kind::Task => match id.cluster_name() {
                    Some(cluster) => batches.entry((id.kind, cluster.into())).or_default().push(id.clone()),
                    None => unasked.push(id.clone()),
                },
                Kind::ScalableTarget | Kind::ScalingPolicy => {
                    let set = if id.kind == Kind::ScalableTarget { &mut targets } else { &mut policies };
                    let of: Vec<&str> = id.native.split('/').skip(1).take(3).collect();
                    set.insert(of.join("/").into());
                }
            },
            Need::List(_, listing) => match listing {
                Listing::Clusters => jobs.push(Job::ListClusters { token: None }),
                Listing::CapacityProviders => {
                    jobs.push(Job::DescribeCapacityProviders { ids: vec![], token: None });
                }
                Listing::Services(cluster) => {
                    jobs.push(Job::ListServices { cluster: cluster.clone(), token: None });
                }
                Listing::Tasks(cluster) => jobs.push(Job::ListTasks { cluster: cluster.clone(), token: None }),
                Listing::Revisions(family) => {
                    jobs.push(Job::ListRevisions { family: family.clone(), token: None, all: true });
                }
                Listing::ScalableTargets => jobs.push(Job::DescribeScalableTargets { of: vec![], token: None }),
                Listing::ScalingPolicies => jobs.push(Job::DescribeScalingPolicies { of: None, token: None }),
                Listing::ScalableTargetsOf(of) => drop(targets.insert(of.clone())),
                Listing::ScalingPoliciesOf(of) => drop(policies.insert(of.clone())),
                Listing::Families => jobs.push(Job::ListNewest { token: None }),
                // Without its ARN nothing can be asked.
                Listing::TagsOf { arn, .. } if arn.is_empty() => {}
                Listing::TagsOf { target, arn } => {
                    jobs.push(Job::ListTags { target: target.clone(), arn: arn.clone() });
                }
            },
        }
    }
    for ((kind, cluster), ids) in batches {
        let size = if matches!(kind, Kind::Cluster | Kind::Task) { LARGE_BATCH } else { SMALL_BATCH };
        jobs.extend(ids.chunks(size).map(<[ResourceId]>::to_vec).map(|ids| match kind {
            Kind::Cluster => Job::DescribeClusters { ids },
            Kind::Service => Job::DescribeServices { cluster: cluster.clone(), ids },
            Kind::Task => Job::DescribeTasks { cluster: cluster.clone(), ids },
            _ => Job::DescribeCapacityProviders { ids, token: None },
        }));
    }
    let targets: Vec<Arc<str>> = targets.into_iter().collect();
    jobs.extend(targets.chunks(SCALING_BATCH).map(|of| Job::DescribeScalableTargets { of: of.to_vec(), token: None }));
    jobs.extend(policies.into_iter().map(|of| Job::DescribeScalingPolicies { of: Some(of), token: None }));
    (jobs, unasked)
}
