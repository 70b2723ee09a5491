//! `aws_ecs_capacity_provider`.

use crate::estate::Kind;
use crate::terraform::Reads;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::form::Form::{Arn, Number, OneOf, Whole};
use crate::terraform::mapping::{Row, Target, TypeMap, arg, block, not_representable, read_only, set, tags};

/// A member that is on or off.
const SWITCH: &[&str] = &["ENABLED", "DISABLED"];

/// A member that is asked for, refused, or neither.
const WISH: &[&str] = &["included", "required", "excluded"];

/// A count that cannot be negative.
const NATURAL: crate::terraform::Form = Whole(0, i32::MAX);

/// A count from one on.
const POSITIVE: crate::terraform::Form = Whole(1, i32::MAX);

/// A range of whole numbers.
const RANGE: &[Row] = &[arg("max", "max").form(NATURAL), arg("min", "min").form(NATURAL)];

/// A range of whole numbers from one on.
const RANGE_FROM_ONE: &[Row] = &[arg("max", "max").form(POSITIVE), arg("min", "min").form(POSITIVE)];

/// A range of numbers that may be broken.
const DECIMALS: &[Row] =
    &[arg("max", "max").form(Number(0.0, f64::INFINITY)), arg("min", "min").form(Number(0.0, f64::INFINITY))];

/// A range whose lower end the provider asks for.
const FROM: &[Row] = &[arg("max", "max").form(POSITIVE), arg("min", "min").required().form(POSITIVE)];

const ACCELERATORS: &[&str] =
    &["a100", "a10g", "h100", "inferentia", "k520", "k80", "m60", "radeon-pro-v520", "t4", "t4g", "v100", "vu9p"];

const REQUIREMENTS: &[Row] = &[
    set("accelerator_manufacturers", "acceleratorManufacturers").form(OneOf(&[
        "amazon-web-services",
        "amd",
        "nvidia",
        "xilinx",
        "habana",
    ])),
    set("accelerator_names", "acceleratorNames").form(OneOf(ACCELERATORS)),
    set("accelerator_types", "acceleratorTypes").form(OneOf(&["gpu", "fpga", "inference"])),
    set("allowed_instance_types", "allowedInstanceTypes"),
    arg("bare_metal", "bareMetal").form(OneOf(WISH)),
    arg("burstable_performance", "burstablePerformance").form(OneOf(WISH)),
    set("cpu_manufacturers", "cpuManufacturers").form(OneOf(&["intel", "amd", "amazon-web-services"])),
    set("excluded_instance_types", "excludedInstanceTypes"),
    set("instance_generations", "instanceGenerations").form(OneOf(&["current", "previous"])),
    arg("local_storage", "localStorage").form(OneOf(WISH)),
    set("local_storage_types", "localStorageTypes").form(OneOf(&["hdd", "ssd"])),
    arg("max_spot_price_as_percentage_of_optimal_on_demand_price", "maxSpotPriceAsPercentageOfOptimalOnDemandPrice")
        .form(NATURAL),
    arg("on_demand_max_price_percentage_over_lowest_price", "onDemandMaxPricePercentageOverLowestPrice").form(NATURAL),
    arg("require_hibernate_support", "requireHibernateSupport"),
    arg("spot_max_price_percentage_over_lowest_price", "spotMaxPricePercentageOverLowestPrice").form(NATURAL),
    block("accelerator_count", "acceleratorCount", RANGE),
    block("accelerator_total_memory_mib", "acceleratorTotalMemoryMiB", RANGE),
    block("baseline_ebs_bandwidth_mbps", "baselineEbsBandwidthMbps", RANGE),
    block("memory_gib_per_vcpu", "memoryGiBPerVCpu", DECIMALS),
    block("memory_mib", "memoryMiB", FROM).required(),
    block("network_bandwidth_gbps", "networkBandwidthGbps", DECIMALS),
    block("network_interface_count", "networkInterfaceCount", RANGE_FROM_ONE),
    block("total_local_storage_gb", "totalLocalStorageGB", DECIMALS),
    block("vcpu_count", "vCpuCount", FROM).required(),
];

const LAUNCH_TEMPLATE: &[Row] = &[
    arg("capacity_option_type", "capacityOptionType").form(OneOf(&["ON_DEMAND", "SPOT", "RESERVED"])).computed(),
    arg("ec2_instance_profile_arn", "ec2InstanceProfileArn").required().form(Arn),
    arg("monitoring", "monitoring").form(OneOf(&["BASIC", "DETAILED"])),
    block(
        "capacity_reservations",
        "capacityReservations",
        &[
            arg("reservation_group_arn", "reservationGroupArn").form(Arn),
            arg("reservation_preference", "reservationPreference")
                .form(OneOf(&["RESERVATIONS_ONLY", "RESERVATIONS_FIRST", "RESERVATIONS_EXCLUDED"]))
                .computed(),
        ],
    ),
    block("instance_requirements", "instanceRequirements", REQUIREMENTS),
    block("local_storage_configuration", "localStorageConfiguration", &[arg("use_local_storage", "useLocalStorage")]),
    block(
        "network_configuration",
        "networkConfiguration",
        &[set("security_groups", "securityGroups"), set("subnets", "subnets").required()],
    )
    .required(),
    block(
        "storage_configuration",
        "storageConfiguration",
        &[arg("storage_size_gib", "storageSizeGiB").required().form(POSITIVE)],
    ),
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
        arg("cluster", "cluster")
            .through(Reads::Text, super::through::last_segment)
            .reference(Target::ClusterName)
            .since(V6),
        tags(),
        block(
            "auto_scaling_group_provider",
            "autoScalingGroupProvider",
            &[
                arg("auto_scaling_group_arn", "autoScalingGroupArn").required().form(Arn),
                arg("managed_draining", "managedDraining").form(OneOf(SWITCH)).computed().since(V6),
                arg("managed_termination_protection", "managedTerminationProtection").form(OneOf(SWITCH)).computed(),
                block(
                    "managed_scaling",
                    "managedScaling",
                    &[
                        arg("instance_warmup_period", "instanceWarmupPeriod").form(Whole(0, 10_000)).computed(),
                        arg("maximum_scaling_step_size", "maximumScalingStepSize").form(Whole(1, 10_000)).computed(),
                        arg("minimum_scaling_step_size", "minimumScalingStepSize").form(Whole(1, 10_000)).computed(),
                        arg("status", "status").form(OneOf(SWITCH)).computed(),
                        arg("target_capacity", "targetCapacity").form(Whole(1, 100)).computed(),
                    ],
                ),
            ],
        ),
        block(
            "managed_instances_provider",
            "managedInstancesProvider",
            &[
                arg("infrastructure_role_arn", "infrastructureRoleArn").required().form(Arn),
                arg("propagate_tags", "propagateTags").form(OneOf(&["CAPACITY_PROVIDER", "NONE"])),
                block(
                    "infrastructure_optimization",
                    "infrastructureOptimization",
                    &[arg("scale_in_after", "scaleInAfter").form(Whole(-1, 3600))],
                ),
                block("instance_launch_template", "instanceLaunchTemplate", LAUNCH_TEMPLATE).required(),
                not_representable("autoRepairConfiguration", "the provider has no argument for it"),
            ],
        )
        .since(V6),
        read_only(&["capacityProviderArn", "status", "updateStatus", "updateStatusReason", "type"]),
    ],
};
