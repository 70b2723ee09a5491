//! `aws_ecs_capacity_provider`.

use crate::estate::Kind;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::mapping::{Row, Target, TypeMap, arg, block, not_representable, read_only, set, tags};

/// A range of whole or broken numbers.
const RANGE: &[Row] = &[arg("max", "max"), arg("min", "min")];

/// A range whose lower end the provider asks for.
const FROM: &[Row] = &[arg("max", "max"), arg("min", "min").required()];

const REQUIREMENTS: &[Row] = &[
    set("accelerator_manufacturers", "acceleratorManufacturers"),
    set("accelerator_names", "acceleratorNames"),
    set("accelerator_types", "acceleratorTypes"),
    set("allowed_instance_types", "allowedInstanceTypes"),
    arg("bare_metal", "bareMetal"),
    arg("burstable_performance", "burstablePerformance"),
    set("cpu_manufacturers", "cpuManufacturers"),
    set("excluded_instance_types", "excludedInstanceTypes"),
    set("instance_generations", "instanceGenerations"),
    arg("local_storage", "localStorage"),
    set("local_storage_types", "localStorageTypes"),
    arg("max_spot_price_as_percentage_of_optimal_on_demand_price", "maxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
    arg("on_demand_max_price_percentage_over_lowest_price", "onDemandMaxPricePercentageOverLowestPrice"),
    arg("require_hibernate_support", "requireHibernateSupport"),
    arg("spot_max_price_percentage_over_lowest_price", "spotMaxPricePercentageOverLowestPrice"),
    block("accelerator_count", "acceleratorCount", RANGE),
    block("accelerator_total_memory_mib", "acceleratorTotalMemoryMiB", RANGE),
    block("baseline_ebs_bandwidth_mbps", "baselineEbsBandwidthMbps", RANGE),
    block("memory_gib_per_vcpu", "memoryGiBPerVCpu", RANGE),
    block("memory_mib", "memoryMiB", FROM),
    block("network_bandwidth_gbps", "networkBandwidthGbps", RANGE),
    block("network_interface_count", "networkInterfaceCount", RANGE),
    block("total_local_storage_gb", "totalLocalStorageGB", RANGE),
    block("vcpu_count", "vCpuCount", FROM),
];

const LAUNCH_TEMPLATE: &[Row] = &[
    arg("capacity_option_type", "capacityOptionType"),
    arg("ec2_instance_profile_arn", "ec2InstanceProfileArn").required(),
    arg("monitoring", "monitoring"),
    block(
        "capacity_reservations",
        "capacityReservations",
        &[arg("reservation_group_arn", "reservationGroupArn"), arg("reservation_preference", "reservationPreference")],
    ),
    block("instance_requirements", "instanceRequirements", REQUIREMENTS),
    block("local_storage_configuration", "localStorageConfiguration", &[arg("use_local_storage", "useLocalStorage")]),
    block(
        "network_configuration",
        "networkConfiguration",
        &[set("security_groups", "securityGroups"), set("subnets", "subnets").required()],
    ),
    block("storage_configuration", "storageConfiguration", &[arg("storage_size_gib", "storageSizeGiB").required()]),
    not_representable("instanceMetadataTagsPropagation", "the provider has no argument for it"),
    not_representable("fipsEnabled", "the provider has no argument for it"),
    not_representable("nitroEnclavesEnabled", "the provider has no argument for it"),
];

/// A capacity provider: an Auto Scaling group's, or one of managed instances.
pub static CAPACITY_PROVIDER: TypeMap = TypeMap {
    terraform_type: "aws_ecs_capacity_provider",
    kind: Kind::CapacityProvider,
    since: V3,
    file: "capacity_providers.tf",
    rows: &[
        arg("name", "name").required(),
        arg("cluster", "cluster").through(super::through::last_segment).reference(Target::ClusterName).since(V6),
        tags(),
        block(
            "auto_scaling_group_provider",
            "autoScalingGroupProvider",
            &[
                arg("auto_scaling_group_arn", "autoScalingGroupArn").required(),
                arg("managed_draining", "managedDraining").since(V6),
                arg("managed_termination_protection", "managedTerminationProtection"),
                block(
                    "managed_scaling",
                    "managedScaling",
                    &[
                        arg("instance_warmup_period", "instanceWarmupPeriod"),
                        arg("maximum_scaling_step_size", "maximumScalingStepSize"),
                        arg("minimum_scaling_step_size", "minimumScalingStepSize"),
                        arg("status", "status"),
                        arg("target_capacity", "targetCapacity"),
                    ],
                ),
            ],
        ),
        block(
            "managed_instances_provider",
            "managedInstancesProvider",
            &[
                arg("infrastructure_role_arn", "infrastructureRoleArn").required(),
                arg("propagate_tags", "propagateTags"),
                block(
                    "infrastructure_optimization",
                    "infrastructureOptimization",
                    &[arg("scale_in_after", "scaleInAfter")],
                ),
                block("instance_launch_template", "instanceLaunchTemplate", LAUNCH_TEMPLATE),
                not_representable("autoRepairConfiguration", "the provider has no argument for it"),
            ],
        )
        .since(V6),
        read_only(&["capacityProviderArn", "status", "updateStatus", "updateStatusReason", "type"]),
    ],
};
