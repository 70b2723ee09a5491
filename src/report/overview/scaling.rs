//! Application Auto Scaling: targets and policies.

use super::page::Page;
use crate::estate::FieldPath;

pub(super) fn target(page: &mut Page<'_>) {
    let root = FieldPath::root();
    page.fields(&root, &["ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "RoleARN", "CreationTime"]);
    page.tree(&root.member("SuspendedState"));
    page.tree(&root.member("tags"));
}

pub(super) fn policy(page: &mut Page<'_>) {
    let root = FieldPath::root();
    page.fields(&root, &["PolicyName", "PolicyType", "ResourceId", "ScalableDimension", "CreationTime"]);
    page.tree(&root.member("TargetTrackingScalingPolicyConfiguration"));
    page.tree(&root.member("StepScalingPolicyConfiguration"));
    page.tree(&root.member("PredictiveScalingPolicyConfiguration"));
}
