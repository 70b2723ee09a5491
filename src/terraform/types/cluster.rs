//! `aws_ecs_cluster` and `aws_ecs_cluster_capacity_providers`: two types over one document.

use super::through::is_v3;
use crate::estate::Kind;
use crate::terraform::dialect::Dialect::{V3, V6};
use crate::terraform::form::Form::{Any, Arn, Name, OneOf, Whole};
use crate::terraform::mapping::Literal::Word;
use crate::terraform::mapping::{Row, Target, TypeMap, arg, block, block_set, naming, read_only, set, tags};

const STRATEGY: &[Row] = &[
    arg("capacity_provider", "capacityProvider").required().reference(Target::CapacityProvider),
    arg("base", "base").form(Whole(0, 100_000)),
    arg("weight", "weight").form(Whole(0, 1000)),
];

/// A cluster.
pub static CLUSTER: TypeMap = TypeMap {
    terraform_type: "aws_ecs_cluster",
    kind: Kind::Cluster,
    since: V3,
    file: "clusters.tf",
    rows: &[
        arg("name", "clusterName").required().form(Name).form_v3(Any),
        // In 3.39 these are not Computed: left out, they would be a change.
        set("capacity_providers", "capacityProviders").reference(Target::CapacityProvider).until(V3),
        tags(),
        block(
            "configuration",
            "configuration",
            &[
                block(
                    "execute_command_configuration",
                    "executeCommandConfiguration",
                    &[
                        arg("kms_key_id", "kmsKeyId"),
                        arg("logging", "logging")
                            .default(Word("DEFAULT"))
                            .form(OneOf(&["NONE", "DEFAULT", "OVERRIDE"])),
                        block(
                            "log_configuration",
                            "logConfiguration",
                            &[
                                arg("cloud_watch_encryption_enabled", "cloudWatchEncryptionEnabled"),
                                arg("cloud_watch_log_group_name", "cloudWatchLogGroupName"),
                                arg("s3_bucket_name", "s3BucketName"),
                                arg("s3_bucket_encryption_enabled", "s3EncryptionEnabled"),
                                arg("s3_key_prefix", "s3KeyPrefix"),
                            ],
                        ),
                    ],
                ),
                block(
                    "managed_storage_configuration",
                    "managedStorageConfiguration",
                    &[
                        arg("fargate_ephemeral_storage_kms_key_id", "fargateEphemeralStorageKmsKeyId"),
                        arg("kms_key_id", "kmsKeyId"),
                    ],
                ),
            ],
        )
        .since(V6),
        block(
            "service_connect_defaults",
            "serviceConnectDefaults",
            &[arg("namespace", "namespace").required().form(Arn)],
        )
        .since(V6),
        block_set(
            "setting",
            "settings",
            &[arg("name", "name").required().form(OneOf(&["containerInsights"])), arg("value", "value").required()],
        )
        .omit(is_v3, "4: provider 3.39 does not ask for SETTINGS; written, it would be a change for ever"),
        block_set("default_capacity_provider_strategy", "defaultCapacityProviderStrategy", STRATEGY).until(V3),
        read_only(&[
            "clusterArn",
            "status",
            "registeredContainerInstancesCount",
            "runningTasksCount",
            "pendingTasksCount",
            "activeServicesCount",
            "statistics",
            "attachments",
            "attachmentsStatus",
        ]),
    ],
};

/// The capacity providers of a cluster: a resource of its own since 4.0.
pub static CLUSTER_CAPACITY_PROVIDERS: TypeMap = TypeMap {
    terraform_type: "aws_ecs_cluster_capacity_providers",
    kind: Kind::Cluster,
    since: V6,
    file: "clusters.tf",
    rows: &[
        naming("cluster_name", "clusterName").reference(Target::ClusterName),
        set("capacity_providers", "capacityProviders").reference(Target::CapacityProvider),
        block_set("default_capacity_provider_strategy", "defaultCapacityProviderStrategy", STRATEGY),
    ],
};
