//! The closed list of operations. Nothing else of AWS is ever called: a request that is not on it is refused before
//! it is sent (see [`Gate`]), and the shipped IAM policy is generated from it.
//!
//! aws-config's own calls for credentials (SSO, `AssumeRole`) do not pass here: they are the documented exception.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// One read operation of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The service, as its SDK calls it.
    pub service: &'static str,
    /// For example `DescribeServices`.
    pub name: &'static str,
    /// The IAM action that allows it.
    pub iam_action: &'static str,
    /// What it is asked for.
    pub purpose: &'static str,
}

macro_rules! operations {
    ($($row:ident: $service:literal $name:literal $action:literal, $purpose:literal;)*) => {
        $(#[doc = concat!("`", $action, "`: ", $purpose, ".")]
        pub const $row: Operation = Operation { service: $service, name: $name, iam_action: $action, purpose: $purpose };)*

        /// Every operation that is ever called.
        pub static OPERATIONS: &[Operation] = &[$($row),*];
    };
}

operations! {
    GET_CALLER_IDENTITY: "STS" "GetCallerIdentity" "sts:GetCallerIdentity", "who is asking";
    LIST_CLUSTERS: "ECS" "ListClusters" "ecs:ListClusters", "which clusters there are";
    DESCRIBE_CLUSTERS: "ECS" "DescribeClusters" "ecs:DescribeClusters", "clusters with settings, attachments and tags";
    LIST_SERVICES: "ECS" "ListServices" "ecs:ListServices", "which services a cluster has";
    DESCRIBE_SERVICES: "ECS" "DescribeServices" "ecs:DescribeServices", "services with deployments and tags";
    LIST_TASK_DEFINITIONS: "ECS" "ListTaskDefinitions" "ecs:ListTaskDefinitions", "the newest and older revisions of families";
    DESCRIBE_TASK_DEFINITION: "ECS" "DescribeTaskDefinition" "ecs:DescribeTaskDefinition", "revisions with their tags";
    LIST_TASKS: "ECS" "ListTasks" "ecs:ListTasks", "which tasks run in a cluster";
    DESCRIBE_TASKS: "ECS" "DescribeTasks" "ecs:DescribeTasks", "tasks, standalone ones too";
    DESCRIBE_CAPACITY_PROVIDERS: "ECS" "DescribeCapacityProviders" "ecs:DescribeCapacityProviders", "capacity providers with tags";
    DESCRIBE_SCALABLE_TARGETS: "Application Auto Scaling" "DescribeScalableTargets" "application-autoscaling:DescribeScalableTargets", "which services scale by themselves";
    DESCRIBE_SCALING_POLICIES: "Application Auto Scaling" "DescribeScalingPolicies" "application-autoscaling:DescribeScalingPolicies", "by which policies they scale";
    LIST_TAGS_FOR_RESOURCE: "Application Auto Scaling" "ListTagsForResource" "application-autoscaling:ListTagsForResource", "the tags of exported scalable targets";
}

/// The IAM policy that allows exactly what [`OPERATIONS`] needs, as indented JSON with a newline at its end.
pub fn iam_policy() -> String {
    let mut actions: Vec<&str> = OPERATIONS.iter().map(|operation| operation.iam_action).collect();
    actions.sort_unstable();
    let rows: Vec<String> = actions.iter().map(|action| format!("        \"{action}\"")).collect();
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Sid\": \"EcsightReadOnly\",\n      \
         \"Effect\": \"Allow\",\n      \"Action\": [\n{}\n      ],\n      \"Resource\": \"*\"\n    }}\n  ]\n}}\n",
        rows.join(",\n")
    )
}

/// Sits in every client: refuses what is not in [`OPERATIONS`], and counts each request that is sent, retries included.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    calls: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Gate {
    /// Operation -> requests sent.
    pub(super) fn calls(&self) -> BTreeMap<String, usize> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "ecsight-gate"
    }

    // Before serialization and not before execution: only then the SDK says which operation it is.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let listed = config
            .load::<Metadata>()
            .is_some_and(|asked| OPERATIONS.iter().any(|o| o.name == asked.name() && o.service == asked.service()));
        if listed { Ok(()) } else { Err("not in the closed list of read operations".into()) }
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(asked) = config.load::<Metadata>() {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            *calls.entry(asked.name().to_owned()).or_default() += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_verbs_stand_in_the_list() {
        for operation in OPERATIONS {
            let (_, verb) = operation.iam_action.split_once(':').unwrap();
            assert_eq!(verb, operation.name);
            assert!(["List", "Describe", "Get"].iter().any(|v| verb.starts_with(v)), "{}", operation.iam_action);
        }
    }

    #[test]
    fn nothing_that_gives_a_secret_stands_in_the_list() {
        for operation in OPERATIONS {
            let action = operation.iam_action;
            assert_ne!(action, "secretsmanager:GetSecretValue");
            assert_ne!(action, "ecr:GetAuthorizationToken");
            assert!(!action.starts_with("ssm:GetParameter"), "{action}");
        }
    }

    #[test]
    fn the_shipped_policy_is_generated_from_the_list() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/iam-policy.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, iam_policy()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), iam_policy(), "run this test with UPDATE=1");
        assert!(serde_json::from_str::<serde_json::Value>(&iam_policy()).unwrap()["Statement"].is_array());
    }
}
