//! `aws_ecs_task_definition`.

use crate::estate::Kind;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::form::Form::{Any, Arn, Name, OneOf, Whole};
use crate::terraform::mapping::Literal::{Text, Word};
use crate::terraform::mapping::{
    Row, TypeMap, arg, block, block_set, containers, map, not_representable, pairs, read_only, set, tags,
};

/// A member that is on or off.
const SWITCH: &[&str] = &["ENABLED", "DISABLED"];

/// A port, where 0 is no port.
const PORT: crate::terraform::Form = Whole(0, 65_535);

const VOLUME: &[Row] = &[
    arg("name", "name").required(),
    arg("configure_at_launch", "configuredAtLaunch").since(V6),
    arg("host_path", "host.sourcePath"),
    block(
        "docker_volume_configuration",
        "dockerVolumeConfiguration",
        &[
            arg("autoprovision", "autoprovision"),
            arg("driver", "driver"),
            arg("scope", "scope").form(OneOf(&["task", "shared"])),
            map("driver_opts", "driverOpts"),
            map("labels", "labels"),
        ],
    ),
    block(
        "efs_volume_configuration",
        "efsVolumeConfiguration",
        &[
            arg("file_system_id", "fileSystemId").required(),
            arg("root_directory", "rootDirectory").default(Text("/")),
            arg("transit_encryption", "transitEncryption").form(OneOf(SWITCH)),
            arg("transit_encryption_port", "transitEncryptionPort").form(PORT),
            block(
                "authorization_config",
                "authorizationConfig",
                &[arg("access_point_id", "accessPointId"), arg("iam", "iam").form(OneOf(SWITCH))],
            ),
        ],
    ),
    block(
        "fsx_windows_file_server_volume_configuration",
        "fsxWindowsFileServerVolumeConfiguration",
        &[
            arg("file_system_id", "fileSystemId").required(),
            arg("root_directory", "rootDirectory").required(),
            block(
                "authorization_config",
                "authorizationConfig",
                &[
                    arg("credentials_parameter", "credentialsParameter").required().form(Arn),
                    arg("domain", "domain").required(),
                ],
            )
            .required(),
        ],
    )
    .since(V6),
    block(
        "s3files_volume_configuration",
        "s3filesVolumeConfiguration",
        &[
            arg("file_system_arn", "fileSystemArn").required().form(Arn),
            arg("access_point_arn", "accessPointArn").form(Arn),
            arg("root_directory", "rootDirectory").default(Text("/")),
            arg("transit_encryption_port", "transitEncryptionPort").form(PORT),
        ],
    )
    .since(V6),
];

const SYSTEMS: &[&str] = &[
    "LINUX",
    "WINDOWS_SERVER_2004_CORE",
    "WINDOWS_SERVER_2016_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_20H2_CORE",
];

/// One revision of a family.
pub static TASK_DEFINITION: TypeMap = TypeMap {
    terraform_type: "aws_ecs_task_definition",
    kind: Kind::TaskDefinition,
    since: V3,
    file: "task_definitions.tf",
    rows: &[
        arg("family", "family").required().form(Name).form_v3(Any),
        set("requires_compatibilities", "requiresCompatibilities")
            .form(OneOf(&["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"]))
            .form_v3(Any),
        arg("network_mode", "networkMode").form(OneOf(&["bridge", "host", "awsvpc", "none"])).computed(),
        arg("cpu", "cpu"),
        arg("memory", "memory"),
        arg("task_role_arn", "taskRoleArn").form(Arn),
        arg("execution_role_arn", "executionRoleArn").form(Arn),
        arg("pid_mode", "pidMode").form(OneOf(&["host", "task"])),
        arg("ipc_mode", "ipcMode").form(OneOf(&["host", "task", "none"])),
        arg("enable_fault_injection", "enableFaultInjection").since(V6),
        tags(),
        containers("container_definitions", "containerDefinitions"),
        block(
            "ephemeral_storage",
            "ephemeralStorage",
            &[arg("size_in_gib", "sizeInGiB").required().form(Whole(21, 200))],
        )
        .since(V6),
        block_set(
            "inference_accelerator",
            "inferenceAccelerators",
            &[arg("device_name", "deviceName").required(), arg("device_type", "deviceType").required()],
        )
        .until(V3),
        block_set(
            "placement_constraints",
            "placementConstraints",
            &[arg("type", "type").required().form(OneOf(&["memberOf"])), arg("expression", "expression")],
        )
        .at_most(10),
        block(
            "proxy_configuration",
            "proxyConfiguration",
            &[
                arg("type", "type").default(Word("APPMESH")).form(OneOf(&["APPMESH"])),
                arg("container_name", "containerName").required(),
                pairs("properties", "properties"),
            ],
        ),
        block(
            "runtime_platform",
            "runtimePlatform",
            &[
                arg("cpu_architecture", "cpuArchitecture").form(OneOf(&["X86_64", "ARM64"])),
                arg("operating_system_family", "operatingSystemFamily").form(OneOf(SYSTEMS)),
            ],
        )
        .suppressed()
        .since(V6),
        block_set("volume", "volumes", VOLUME),
        not_representable("trustedExecutionConfiguration", "the provider has no argument for it"),
        read_only(&[
            "taskDefinitionArn",
            "revision",
            "status",
            "requiresAttributes",
            "compatibilities",
            "registeredAt",
            "deregisteredAt",
            "deleteRequestedAt",
            "registeredBy",
        ]),
    ],
};
