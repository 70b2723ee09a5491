//! `aws_appautoscaling_target` and `aws_appautoscaling_policy`.

use super::through::{is_service_linked, number_text};
use crate::estate::Kind;
use crate::terraform::Reads;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::mapping::Literal::{Bool, Word};
use crate::terraform::mapping::{Row, Target, TypeMap, arg, block, block_set, blocks, pairs, read_only};

/// A scalable target.
pub static TARGET: TypeMap = TypeMap {
    terraform_type: "aws_appautoscaling_target",
    kind: Kind::ScalableTarget,
    since: V3,
    file: "autoscaling.tf",
    rows: &[
        arg("service_namespace", "ServiceNamespace").required(),
        arg("resource_id", "ResourceId").required().reference(Target::ScalingResource),
        arg("scalable_dimension", "ScalableDimension").required(),
        arg("min_capacity", "MinCapacity").required(),
        arg("max_capacity", "MaxCapacity").required(),
        arg("role_arn", "RoleARN")
            .omit(is_service_linked, "5: Optional and Computed; AWS chooses the service-linked role"),
        pairs("tags", "tags").since(V6),
        block(
            "suspended_state",
            "SuspendedState",
            &[
                arg("dynamic_scaling_in_suspended", "DynamicScalingInSuspended"),
                arg("dynamic_scaling_out_suspended", "DynamicScalingOutSuspended"),
                arg("scheduled_scaling_suspended", "ScheduledScalingSuspended"),
            ],
        )
        .suppressed()
        .since(V6),
        read_only(&["ScalableTargetARN", "CreationTime", "PredictedCapacity"]),
    ],
};

const DIMENSION: &[Row] = &[arg("name", "Name").required(), arg("value", "Value").required()];

const METRIC: &[Row] = &[
    arg("id", "Id").required(),
    arg("expression", "Expression"),
    arg("label", "Label"),
    // Default true, and the API omits it: write the zero value then (rule 0.2).
    arg("return_data", "ReturnData").default(Bool(true)),
    block(
        "metric_stat",
        "MetricStat",
        &[
            arg("stat", "Stat").required(),
            arg("unit", "Unit"),
            block(
                "metric",
                "Metric",
                &[
                    arg("metric_name", "MetricName").required(),
                    arg("namespace", "Namespace").required(),
                    block_set("dimensions", "Dimensions", DIMENSION),
                ],
            ),
        ],
    ),
];

/// Metrics of a forecast: here their order counts, and `return_data` has no default.
const FORECAST_METRIC: &[Row] = &[blocks(
    "metric_data_query",
    "MetricDataQueries",
    &[
        arg("id", "Id").required(),
        arg("expression", "Expression"),
        arg("label", "Label"),
        arg("return_data", "ReturnData"),
        block(
            "metric_stat",
            "MetricStat",
            &[
                arg("stat", "Stat").required(),
                arg("unit", "Unit"),
                block(
                    "metric",
                    "Metric",
                    &[
                        arg("metric_name", "MetricName"),
                        arg("namespace", "Namespace"),
                        block_set("dimension", "Dimensions", DIMENSION),
                    ],
                ),
            ],
        ),
    ],
)];

const PREDEFINED: &[Row] =
    &[arg("predefined_metric_type", "PredefinedMetricType").required(), arg("resource_label", "ResourceLabel")];

const FORECAST: &[Row] = &[
    arg("mode", "Mode"),
    arg("scheduling_buffer_time", "SchedulingBufferTime"),
    arg("max_capacity_breach_behavior", "MaxCapacityBreachBehavior"),
    arg("max_capacity_buffer", "MaxCapacityBuffer"),
    blocks(
        "metric_specification",
        "MetricSpecifications",
        &[
            // A nullable number: text in the state.
            arg("target_value", "TargetValue").through(Reads::Number, number_text).required(),
            block("customized_capacity_metric_specification", "CustomizedCapacityMetricSpecification", FORECAST_METRIC),
            block("customized_load_metric_specification", "CustomizedLoadMetricSpecification", FORECAST_METRIC),
            block("customized_scaling_metric_specification", "CustomizedScalingMetricSpecification", FORECAST_METRIC),
            block("predefined_load_metric_specification", "PredefinedLoadMetricSpecification", PREDEFINED),
            block("predefined_metric_pair_specification", "PredefinedMetricPairSpecification", PREDEFINED),
            block("predefined_scaling_metric_specification", "PredefinedScalingMetricSpecification", PREDEFINED),
        ],
    ),
];

/// A scaling policy.
pub static POLICY: TypeMap = TypeMap {
    terraform_type: "aws_appautoscaling_policy",
    kind: Kind::ScalingPolicy,
    since: V3,
    file: "autoscaling.tf",
    rows: &[
        arg("name", "PolicyName").required(),
        arg("policy_type", "PolicyType").default(Word("StepScaling")),
        arg("service_namespace", "ServiceNamespace").required().reference(Target::OfScalableTarget),
        arg("resource_id", "ResourceId").required().reference(Target::OfScalableTarget),
        arg("scalable_dimension", "ScalableDimension").required().reference(Target::OfScalableTarget),
        block(
            "step_scaling_policy_configuration",
            "StepScalingPolicyConfiguration",
            &[
                arg("adjustment_type", "AdjustmentType"),
                arg("cooldown", "Cooldown"),
                arg("metric_aggregation_type", "MetricAggregationType"),
                arg("min_adjustment_magnitude", "MinAdjustmentMagnitude"),
                block_set(
                    "step_adjustment",
                    "StepAdjustments",
                    &[
                        arg("metric_interval_lower_bound", "MetricIntervalLowerBound")
                            .through(Reads::Number, number_text)
                            .nullable(),
                        arg("metric_interval_upper_bound", "MetricIntervalUpperBound")
                            .through(Reads::Number, number_text)
                            .nullable(),
                        arg("scaling_adjustment", "ScalingAdjustment").required(),
                    ],
                ),
            ],
        ),
        block(
            "target_tracking_scaling_policy_configuration",
            "TargetTrackingScalingPolicyConfiguration",
            &[
                arg("target_value", "TargetValue").required(),
                arg("disable_scale_in", "DisableScaleIn"),
                arg("scale_in_cooldown", "ScaleInCooldown"),
                arg("scale_out_cooldown", "ScaleOutCooldown"),
                block(
                    "customized_metric_specification",
                    "CustomizedMetricSpecification",
                    &[
                        arg("metric_name", "MetricName"),
                        arg("namespace", "Namespace"),
                        arg("statistic", "Statistic"),
                        arg("unit", "Unit"),
                        block_set("dimensions", "Dimensions", DIMENSION),
                        block_set("metrics", "Metrics", METRIC).since(V6),
                    ],
                ),
                block("predefined_metric_specification", "PredefinedMetricSpecification", PREDEFINED),
            ],
        ),
        block("predictive_scaling_policy_configuration", "PredictiveScalingPolicyConfiguration", FORECAST).since(V6),
        read_only(&["PolicyARN", "CreationTime", "Alarms"]),
    ],
};
