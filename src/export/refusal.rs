//! Why a resource cannot be imported, as far as no single argument says so: it is gone, AWS or another resource owns it,
//! or the importer cannot name it. What its arguments forbid is `terraform::refusal`'s answer.

use serde_json::Value;

use crate::estate::{Estate, FieldPath, Kind, ResourceId, Subject};
use crate::secrets::Masks;
use crate::terraform::mapping::Context;
use crate::terraform::{Attributes, Dialect};

/// Longest value that a reason repeats, in characters.
const LONGEST: usize = 120;

/// Why a resource cannot be imported; `None` when it can.
pub(super) fn refusal(estate: &Estate, id: &ResourceId, value: Option<&Value>, dialect: Dialect) -> Option<String> {
    let Some(value) = value else {
        let gap = estate.gap(&Subject::Resource(id.clone()));
        return Some(match gap {
            Some(gap) => format!("not described, {}: {}", gap.reason.word(), gap.action),
            None if estate.is_missing(id) => "AWS says that it does not exist".into(),
            None => "it was not described".into(),
        });
    };
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let status = text("status").unwrap_or("ACTIVE");
    match id.kind {
        // The provider reads a cluster that is still being made; one that is going away is not worth a resource.
        Kind::Cluster if matches!(status, "INACTIVE" | "DEPROVISIONING") => Some(format!("the cluster is {status}")),
        Kind::Service if status != "ACTIVE" => Some(format!("the service is {status}")),
        Kind::Service if text("resourceManagementType") == Some("ECS") => {
            Some("an Express gateway service owns it: import that one instead".into())
        }
        Kind::Service
            if dialect == Dialect::V3 && text("roleArn").is_some_and(|r| !r.is_empty() && !r.contains('/')) =>
        {
            Some("roleArn names no role behind a slash: provider 3.39 breaks down over it".into())
        }
        Kind::TaskDefinition => {
            let status = estate.revision_status(id).unwrap_or("ACTIVE");
            (status != "ACTIVE").then(|| format!("the revision is {status}: the provider reads it as absent"))
        }
        Kind::CapacityProvider if matches!(id.name(), "FARGATE" | "FARGATE_SPOT") => {
            Some("AWS owns it: the provider reads it and then refuses it".into())
        }
        Kind::CapacityProvider if status != "ACTIVE" => Some(format!("the capacity provider is {status}")),
        Kind::CapacityProvider if dialect == Dialect::V6 && text("cluster").is_some_and(|c| c.starts_with("arn:")) => {
            Some(
                "AWS says its cluster as an ARN: the provider reads that as it is and takes a name only, so the import \
                 would be a replacement"
                    .into(),
            )
        }
        Kind::CapacityProvider if value.get("autoScalingGroupProvider").is_none_or(Value::is_null) => {
            match (value.get("managedInstancesProvider"), dialect) {
                (Some(managed), Dialect::V6) => managed_refusal(value, managed),
                (Some(_), Dialect::V3) => Some("provider 3.39 does not know managed instances".into()),
                (None, _) => Some("it has neither an Auto Scaling group nor managed instances".into()),
            }
        }
        Kind::ScalingPolicy if text("PolicyType") == Some("PredictiveScaling") && dialect == Dialect::V3 => {
            Some("provider 3.39 has no argument for predictive scaling".into())
        }
        Kind::ScalingPolicy if id.name().contains('/') => {
            Some("the importer misreads a policy name that holds a slash".into())
        }
        Kind::ScalingPolicy
            if dialect == Dialect::V3
                && value
                    .pointer("/TargetTrackingScalingPolicyConfiguration/CustomizedMetricSpecification/Metrics")
                    .and_then(Value::as_array)
                    .is_some_and(|metrics| !metrics.is_empty()) =>
        {
            Some("provider 3.39 has no argument for metric math".into())
        }
        Kind::Task => Some("a running task is no Terraform resource: its revision is exported".into()),
        _ => None,
    }
}

/// What the provider asks of managed instances beyond single arguments (its `CustomizeDiff`).
fn managed_refusal(provider: &Value, managed: &Value) -> Option<String> {
    let template = managed.get("instanceLaunchTemplate")?;
    let text = |member: &str| template.pointer(member).and_then(Value::as_str).unwrap_or_default();
    let has = |member: &str| template.get(member).is_some_and(Value::is_object);
    let reserved = text("/capacityOptionType") == "RESERVED";
    let preference = text("/capacityReservations/reservationPreference");
    let refused = if provider.get("cluster").and_then(Value::as_str).is_none_or(str::is_empty) {
        "AWS does not say its cluster, which the provider requires with managed instances"
    } else if has("capacityReservations") != reserved {
        "the provider takes capacity_reservations with the capacity option RESERVED, and only with it"
    } else if !text("/capacityReservations/reservationGroupArn").is_empty()
        && !matches!(preference, "" | "RESERVATIONS_ONLY")
    {
        "the provider takes a reservation group with RESERVATIONS_ONLY only"
    } else if matches!(preference, "RESERVATIONS_ONLY" | "RESERVATIONS_FIRST") && !has("instanceRequirements") {
        "the provider requires instance_requirements with RESERVATIONS_ONLY and RESERVATIONS_FIRST"
    } else {
        return None;
    };
    Some(refused.into())
}

/// Why the provider would refuse what is written of a resource: field, value and rule. A credential's value is masked.
pub(super) fn of_arguments(id: &ResourceId, attributes: &[Attributes], context: &Context<'_>) -> Option<String> {
    let masked = std::cell::OnceCell::new();
    let show = |path: &FieldPath| {
        let document: &Value = masked.get_or_init(|| Masks::of(id.kind, context.root).masked(context.root));
        let text = path.get(document).map_or_else(|| "absent".into(), Value::to_string);
        let length = text.chars().count();
        if length <= LONGEST {
            return text;
        }
        let start: String = text.chars().take(LONGEST).collect();
        format!("{start} .. ({length} characters)")
    };
    attributes.iter().find_map(|attributes| attributes.refusal(context, &show))
}
