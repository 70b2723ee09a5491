//! `aws_ecs_task_definition`.

use crate::estate::Kind;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::mapping::Literal::{Text, Word};
use crate::terraform::mapping::{
    Row, TypeMap, arg, block, block_set, containers, map, not_representable, pairs, read_only, set, tags,
};

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
            arg("scope", "scope"),
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
            arg("transit_encryption", "transitEncryption"),
            arg("transit_encryption_port", "transitEncryptionPort"),
            block(
                "authorization_config",
                "authorizationConfig",
                &[arg("access_point_id", "accessPointId"), arg("iam", "iam")],
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
                &[arg("credentials_parameter", "credentialsParameter").required(), arg("domain", "domain").required()],
            ),
        ],
    )
    .since(V6),
    block(
        "s3files_volume_configuration",
        "s3filesVolumeConfiguration",
        &[
            arg("file_system_arn", "fileSystemArn").required(),
            arg("access_point_arn", "accessPointArn"),
            arg("root_directory", "rootDirectory").default(Text("/")),
            arg("transit_encryption_port", "transitEncryptionPort"),
        ],
    )
    .since(V6),
];

/// One revision of a family.
pub static TASK_DEFINITION: TypeMap = TypeMap {
    terraform_type: "aws_ecs_task_definition",
    kind: Kind::TaskDefinition,
    since: V3,
    file: "task_definitions.tf",
    rows: &[
        arg("family", "family").required(),
        set("requires_compatibilities", "requiresCompatibilities"),
        arg("network_mode", "networkMode"),
        arg("cpu", "cpu"),
        arg("memory", "memory"),
        arg("task_role_arn", "taskRoleArn"),
        arg("execution_role_arn", "executionRoleArn"),
        arg("pid_mode", "pidMode"),
        arg("ipc_mode", "ipcMode"),
        arg("enable_fault_injection", "enableFaultInjection").since(V6),
        tags(),
        containers("container_definitions", "containerDefinitions"),
        block("ephemeral_storage", "ephemeralStorage", &[arg("size_in_gib", "sizeInGiB").required()]).since(V6),
        block_set(
            "inference_accelerator",
            "inferenceAccelerators",
            &[arg("device_name", "deviceName").required(), arg("device_type", "deviceType").required()],
        )
        .until(V3),
        block_set(
            "placement_constraints",
            "placementConstraints",
            &[arg("type", "type").required(), arg("expression", "expression")],
        )
        .at_most(10),
        block(
            "proxy_configuration",
            "proxyConfiguration",
            &[
                arg("type", "type").default(Word("APPMESH")),
                arg("container_name", "containerName").required(),
                pairs("properties", "properties"),
            ],
        ),
        block(
            "runtime_platform",
            "runtimePlatform",
            &[arg("cpu_architecture", "cpuArchitecture"), arg("operating_system_family", "operatingSystemFamily")],
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
