//! `aws_ecs_service`.

use super::through::{
    enabled, family_and_revision, go_json, has_pause_hook, has_strategy, is_daemon, is_external, is_rolling,
    is_service_linked, no_bake_time, none_is_absent, placement_field, propagates_none,
};
use crate::estate::Kind;
use crate::terraform::Reads;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::form::Form::{Arn, Number, OneOf, Whole};
use crate::terraform::mapping::Literal::{Bool, Int, Word};
use crate::terraform::mapping::{
    Row, Target, TypeMap, arg, block, block_set, blocks, fixed_block, list, map, not_representable, pairs, read_only,
    set, tags,
};

/// A member that is on or off.
const SWITCH: &[&str] = &["ENABLED", "DISABLED"];

/// A port that a load balancer or a registry forwards to.
const PORT: crate::terraform::Form = Whole(0, 65_536);

/// A bake time in minutes: a day at most.
const MINUTES: crate::terraform::Form = Whole(0, 1440);

/// A time or a count that cannot be negative.
const NATURAL: crate::terraform::Form = Whole(0, i32::MAX);

const NO_ARGUMENT: &str = "the provider has no argument for it";

const CONNECT_SERVICE: &[Row] = &[
    arg("port_name", "portName").required(),
    arg("discovery_name", "discoveryName"),
    arg("ingress_port_override", "ingressPortOverride").form(Whole(0, 65_535)),
    blocks(
        "client_alias",
        "clientAliases",
        &[
            arg("port", "port").required().form(Whole(0, 65_535)),
            arg("dns_name", "dnsName"),
            block(
                "test_traffic_rules",
                "testTrafficRules",
                &[block(
                    "header",
                    "header",
                    &[
                        arg("name", "name").required(),
                        block("value", "value", &[arg("exact", "exact").required()]).required(),
                    ],
                )],
            ),
        ],
    )
    .at_most(1),
    block(
        "timeout",
        "timeout",
        &[
            arg("idle_timeout_seconds", "idleTimeoutSeconds").form(NATURAL),
            arg("per_request_timeout_seconds", "perRequestTimeoutSeconds").form(NATURAL),
        ],
    ),
    block(
        "tls",
        "tls",
        &[
            arg("kms_key", "kmsKey"),
            arg("role_arn", "roleArn").form(Arn),
            block(
                "issuer_cert_authority",
                "issuerCertificateAuthority",
                &[arg("aws_pca_authority_arn", "awsPcaAuthorityArn").required().form(Arn)],
            )
            .required(),
        ],
    ),
];

const LOG_DRIVERS: &[&str] =
    &["json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens"];

const CONNECT: &[Row] = &[
    arg("enabled", "enabled").default(Bool(false)).required(),
    arg("namespace", "namespace"),
    block(
        "access_log_configuration",
        "accessLogConfiguration",
        &[
            arg("format", "format").required().form(OneOf(&["TEXT", "JSON"])),
            arg("include_query_parameters", "includeQueryParameters").form(OneOf(SWITCH)).computed(),
        ],
    ),
    block(
        "log_configuration",
        "logConfiguration",
        &[
            arg("log_driver", "logDriver").required().form(OneOf(LOG_DRIVERS)),
            map("options", "options"),
            blocks(
                "secret_option",
                "secretOptions",
                &[arg("name", "name").required(), arg("value_from", "valueFrom").required()],
            ),
        ],
    ),
    blocks("service", "services", CONNECT_SERVICE),
    not_representable("containerConfigurations", NO_ARGUMENT),
];

const PROPAGATE: &[&str] = &["SERVICE", "TASK_DEFINITION"];

const EBS_VOLUME: &[Row] = &[
    arg("role_arn", "roleArn").required().form(Arn),
    arg("encrypted", "encrypted").default(Bool(true)),
    arg("file_system_type", "filesystemType").default(Word("xfs")).form(OneOf(&["ext3", "ext4", "xfs", "ntfs"])),
    arg("iops", "iops"),
    arg("kms_key_id", "kmsKeyId"),
    arg("size_in_gb", "sizeInGiB"),
    arg("snapshot_id", "snapshotId"),
    arg("throughput", "throughput").form(Whole(0, 1000)),
    arg("volume_initialization_rate", "volumeInitializationRate"),
    arg("volume_type", "volumeType"),
    blocks(
        "tag_specifications",
        "tagSpecifications",
        &[
            arg("resource_type", "resourceType").required().form(OneOf(&["volume"])),
            arg("propagate_tags", "propagateTags").through(Reads::Text, none_is_absent).form(OneOf(PROPAGATE)),
            pairs("tags", "tags"),
        ],
    ),
];

const STAGES: &[&str] = &[
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
];

const DEPLOYMENT: &[Row] = &[
    arg("strategy", "strategy")
        .form(OneOf(&["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"]))
        .computed()
        .granted(Word("ROLLING"))
        .omit(is_rolling, "4: Optional and Computed; ROLLING is what AWS takes for granted"),
    arg("bake_time_in_minutes", "bakeTimeInMinutes")
        .through(Reads::Number, super::through::number_text)
        .form(MINUTES)
        .computed()
        .omit(no_bake_time, "2: Optional and Computed; no bake time is what an absent one means"),
    block(
        "canary_configuration",
        "canaryConfiguration",
        &[
            arg("canary_bake_time_in_minutes", "canaryBakeTimeInMinutes")
                .through(Reads::Number, super::through::number_text)
                .form(MINUTES)
                .computed(),
            arg("canary_percent", "canaryPercent").form(Number(0.1, 100.0)).computed(),
        ],
    ),
    block(
        "linear_configuration",
        "linearConfiguration",
        &[
            arg("step_bake_time_in_minutes", "stepBakeTimeInMinutes")
                .through(Reads::Number, super::through::number_text)
                .form(MINUTES)
                .computed(),
            arg("step_percent", "stepPercent").form(Number(3.0, 100.0)).computed(),
        ],
    ),
    block_set(
        "lifecycle_hook",
        "lifecycleHooks",
        &[
            arg("hook_target_arn", "hookTargetArn").required().form(Arn),
            arg("role_arn", "roleArn").required().form(Arn),
            list("lifecycle_stages", "lifecycleStages").required().form(OneOf(STAGES)),
            arg("hook_details", "hookDetails").through(Reads::Json, go_json),
            not_representable("targetType", NO_ARGUMENT).granted(Word("AWS_LAMBDA")),
            not_representable("timeoutConfiguration", NO_ARGUMENT),
        ],
    ),
    not_representable("earlySuccessCriteria", NO_ARGUMENT),
];

/// A service.
pub static SERVICE: TypeMap = TypeMap {
    terraform_type: "aws_ecs_service",
    kind: Kind::Service,
    since: V3,
    file: "services.tf",
    rows: &[
        arg("name", "serviceName").required(),
        arg("cluster", "clusterArn").required().reference(Target::ClusterArn),
        arg("task_definition", "taskDefinition")
            .through(Reads::Text, family_and_revision)
            .reference(Target::Revision)
            .omit(is_external, "2: Read does not set it for an EXTERNAL controller"),
        arg("desired_count", "desiredCount").omit(is_daemon, "2: the provider suppresses it for DAEMON"),
        arg("launch_type", "launchType")
            .form(OneOf(&["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]))
            .form_v3(OneOf(&["EC2", "FARGATE"]))
            .computed()
            .omit(has_strategy, "2: a capacity provider strategy decides"),
        arg("platform_version", "platformVersion"),
        arg("scheduling_strategy", "schedulingStrategy").default(Word("REPLICA")).form(OneOf(&["REPLICA", "DAEMON"])),
        arg("availability_zone_rebalancing", "availabilityZoneRebalancing").form(OneOf(SWITCH)).computed().since(V6),
        arg("deployment_maximum_percent", "deploymentConfiguration.maximumPercent")
            .default(Int(200))
            .omit(is_daemon, "2: the provider suppresses it for DAEMON"),
        arg("deployment_minimum_healthy_percent", "deploymentConfiguration.minimumHealthyPercent")
            .default(Int(100))
            .omit(is_daemon, "2: the provider suppresses it for DAEMON"),
        arg("enable_ecs_managed_tags", "enableECSManagedTags"),
        arg("enable_execute_command", "enableExecuteCommand"),
        arg("health_check_grace_period_seconds", "healthCheckGracePeriodSeconds").form(NATURAL),
        arg("iam_role", "roleArn")
            .through(Reads::Text, super::through::role_name)
            .omit(is_service_linked, "2: Optional and Computed; AWS chooses the service-linked role"),
        arg("propagate_tags", "propagateTags")
            .form(OneOf(PROPAGATE))
            .omit(propagates_none, "2: the provider suppresses NONE, and 3.39 refuses the word"),
        tags(),
        block_set(
            "capacity_provider_strategy",
            "capacityProviderStrategy",
            &[
                arg("capacity_provider", "capacityProvider").required().reference(Target::CapacityProvider),
                arg("base", "base").form(Whole(0, 100_000)),
                arg("weight", "weight").form(Whole(0, 1000)),
            ],
        ),
        block(
            "alarms",
            "deploymentConfiguration.alarms",
            &[
                set("alarm_names", "alarmNames").required(),
                arg("enable", "enable").default(Bool(false)).required(),
                arg("rollback", "rollback").default(Bool(false)).required(),
            ],
        )
        .suppressed()
        .since(V6),
        block(
            "deployment_circuit_breaker",
            "deploymentConfiguration.deploymentCircuitBreaker",
            &[
                arg("enable", "enable").default(Bool(false)).required(),
                arg("rollback", "rollback").default(Bool(false)).required(),
                not_representable("resetOnHealthyTask", NO_ARGUMENT),
                not_representable("thresholdConfiguration", NO_ARGUMENT),
            ],
        )
        .suppressed(),
        block("deployment_configuration", "deploymentConfiguration", DEPLOYMENT)
            .suppressed()
            .omit(has_pause_hook, "2: a PAUSE hook cannot be said; the whole block is Optional and Computed")
            .since(V6),
        block(
            "deployment_controller",
            "deploymentController",
            &[arg("type", "type").default(Word("ECS")).form(OneOf(&["ECS", "CODE_DEPLOY", "EXTERNAL"]))],
        )
        .suppressed(),
        block_set(
            "load_balancer",
            "loadBalancers",
            &[
                arg("target_group_arn", "targetGroupArn").form(Arn),
                arg("elb_name", "loadBalancerName"),
                arg("container_name", "containerName").required(),
                arg("container_port", "containerPort").required().form(PORT),
                block(
                    "advanced_configuration",
                    "advancedConfiguration",
                    &[
                        arg("alternate_target_group_arn", "alternateTargetGroupArn").required().form(Arn),
                        arg("production_listener_rule", "productionListenerRule").required().form(Arn),
                        arg("role_arn", "roleArn").required().form(Arn),
                        arg("test_listener_rule", "testListenerRule").form(Arn),
                    ],
                )
                .since(V6),
            ],
        ),
        block(
            "network_configuration",
            "networkConfiguration.awsvpcConfiguration",
            &[
                set("subnets", "subnets").required(),
                set("security_groups", "securityGroups"),
                arg("assign_public_ip", "assignPublicIp").through(Reads::Text, enabled).default(Bool(false)),
            ],
        ),
        blocks(
            "ordered_placement_strategy",
            "placementStrategy",
            &[
                arg("type", "type").required().form(OneOf(&["random", "spread", "binpack"])),
                arg("field", "field").through(Reads::Text, placement_field),
            ],
        )
        .at_most(5),
        block_set(
            "placement_constraints",
            "placementConstraints",
            &[
                arg("type", "type").required().form(OneOf(&["distinctInstance", "memberOf"])),
                arg("expression", "expression"),
            ],
        )
        .at_most(10),
        blocks(
            "service_registries",
            "serviceRegistries",
            &[
                arg("registry_arn", "registryArn").required().form(Arn),
                arg("port", "port").form(PORT),
                arg("container_name", "containerName"),
                arg("container_port", "containerPort").form(PORT),
            ],
        )
        .at_most(1),
        block("service_connect_configuration", "deployments[status=PRIMARY].serviceConnectConfiguration", CONNECT)
            .since(V6),
        blocks(
            "volume_configuration",
            "deployments[status=PRIMARY].volumeConfigurations",
            &[arg("name", "name").required(), block("managed_ebs_volume", "managedEBSVolume", EBS_VOLUME).required()],
        )
        .at_most(1)
        .since(V6),
        block_set(
            "vpc_lattice_configurations",
            "deployments[status=PRIMARY].vpcLatticeConfigurations",
            &[
                arg("port_name", "portName").required(),
                arg("role_arn", "roleArn").required().form(Arn),
                arg("target_group_arn", "targetGroupArn").required().form(Arn),
                not_representable("advancedConfiguration", NO_ARGUMENT),
            ],
        )
        .since(V6),
        not_representable("taskSets", "aws_ecs_task_set is not written: a deployment tool owns task sets"),
        // 3.39 imports an empty `timeouts` and plans to remove it; later providers plan the opposite (rule 0.7).
        fixed_block("timeouts").until(V3),
        read_only(&[
            "serviceArn",
            "status",
            "runningCount",
            "pendingCount",
            "platformFamily",
            "events",
            "createdAt",
            "createdBy",
            "currentServiceDeployment",
            "currentServiceRevisions",
            "resourceManagementType",
            "deployments.id",
            "deployments.status",
            "deployments.taskDefinition",
            "deployments.desiredCount",
            "deployments.pendingCount",
            "deployments.runningCount",
            "deployments.failedTasks",
            "deployments.createdAt",
            "deployments.updatedAt",
            "deployments.capacityProviderStrategy",
            "deployments.launchType",
            "deployments.platformVersion",
            "deployments.platformFamily",
            "deployments.networkConfiguration",
            "deployments.rolloutState",
            "deployments.rolloutStateReason",
            "deployments.serviceConnectResources",
            "deployments.fargateEphemeralStorage",
        ]),
    ],
};
