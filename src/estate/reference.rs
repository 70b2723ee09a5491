//! What a document names and nobody read: roles, secrets, subnets ..., each with the field that names it.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::id::Arn;
use super::path::FieldPath;
use super::trail::{Trail, follow};

/// What a [`Reference`] points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// An IAM role.
    Role,
    /// A secret of Secrets Manager.
    Secret,
    /// A parameter of SSM.
    Parameter,
    /// A subnet.
    Subnet,
    /// A security group.
    SecurityGroup,
    /// A target group of a load balancer, or of VPC Lattice.
    TargetGroup,
    /// A `CloudWatch` log group.
    LogGroup,
    /// A file system of EFS, or of `FSx`.
    FileSystem,
    /// A KMS key.
    Key,
    /// A Cloud Map namespace.
    Namespace,
    /// A Cloud Map service, which ECS calls a registry.
    Registry,
    /// An Auto Scaling group.
    AutoScalingGroup,
}

impl ReferenceKind {
    /// The word for one of them: `security group`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Secret => "secret",
            Self::Parameter => "parameter",
            Self::Subnet => "subnet",
            Self::SecurityGroup => "security group",
            Self::TargetGroup => "target group",
            Self::LogGroup => "log group",
            Self::FileSystem => "file system",
            Self::Key => "key",
            Self::Namespace => "namespace",
            Self::Registry => "registry",
            Self::AutoScalingGroup => "auto scaling group",
        }
    }

    /// What the field of a document names; `None` for a field that names nothing which an export leaves unread.
    ///
    /// The field decides, with the members around it: a label called `roleArn` names nothing.
    pub fn of(path: &FieldPath, text: &str) -> Option<Self> {
        Self::of_names(path.names(), text)
    }

    /// The same for the names of the members on the way to the field, the last one first.
    pub fn of_names<'n>(mut names: impl Iterator<Item = &'n str>, text: &str) -> Option<Self> {
        let last = names.next().filter(|_| !text.is_empty())?;
        let around = names.next().unwrap_or_default();
        let service = || Arn::parse(text).map(|arn| arn.service);
        Some(match (around, last) {
            ("" | "overrides", "taskRoleArn" | "executionRoleArn")
            | (
                ""
                | "lifecycleHooks"
                | "advancedConfiguration"
                | "managedEBSVolume"
                | "tls"
                | "vpcLatticeConfigurations",
                "roleArn",
            )
            | ("", "RoleARN")
            | ("managedInstancesProvider", "infrastructureRoleArn") => Self::Role,
            ("secrets" | "secretOptions", "valueFrom") if service() == Some("secretsmanager") => Self::Secret,
            ("secrets" | "secretOptions", "valueFrom") => Self::Parameter,
            ("repositoryCredentials" | "authorizationConfig", "credentialsParameter") if service() == Some("ssm") => {
                Self::Parameter
            }
            ("repositoryCredentials" | "authorizationConfig", "credentialsParameter") => Self::Secret,
            ("awsvpcConfiguration" | "networkConfiguration", "subnets") => Self::Subnet,
            ("awsvpcConfiguration" | "networkConfiguration", "securityGroups") => Self::SecurityGroup,
            ("loadBalancers" | "vpcLatticeConfigurations", "targetGroupArn")
            | ("advancedConfiguration", "alternateTargetGroupArn") => Self::TargetGroup,
            ("options", "awslogs-group") if names.next() == Some("logConfiguration") => Self::LogGroup,
            ("logConfiguration", "cloudWatchLogGroupName") => Self::LogGroup,
            ("efsVolumeConfiguration" | "fsxWindowsFileServerVolumeConfiguration", "fileSystemId") => Self::FileSystem,
            ("executeCommandConfiguration" | "managedStorageConfiguration" | "managedEBSVolume", "kmsKeyId")
            | ("managedStorageConfiguration", "fargateEphemeralStorageKmsKeyId")
            | ("tls", "kmsKey") => Self::Key,
            ("serviceConnectConfiguration" | "serviceConnectDefaults", "namespace") => Self::Namespace,
            ("serviceRegistries", "registryArn") => Self::Registry,
            ("autoScalingGroupProvider", "autoScalingGroupArn") => Self::AutoScalingGroup,
            _ => return None,
        })
    }
}

/// Something that a document names but that was not read: identity without a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// As the document names it.
    pub native: Arc<str>,
}

/// Every reference of a document, with the field that names it, in document order.
pub fn references(value: &Value) -> Vec<(FieldPath, Reference)> {
    let mut found = Vec::new();
    follow(&Trail::From(&FieldPath::root()), value, &mut |trail, value| {
        let Value::String(native) = value else { return };
        if let Some(kind) = ReferenceKind::of_names(trail.names(), native) {
            found.push((trail.path(), Reference { kind, native: native.as_str().into() }));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_carry_their_field() {
        let value = json!({"taskRoleArn": "arn:aws:iam::1:role/a", "containerDefinitions": [{"secrets": [
            {"name": "X", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:x"}, {"name": "Y", "valueFrom": "/p"}]}]});
        let found = references(&value);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].0.to_string(), "containerDefinitions[0].secrets[0].valueFrom");
        assert_eq!(found[2].1.kind, ReferenceKind::Parameter);
    }

    #[test]
    fn a_namesake_elsewhere_names_nothing() {
        let value = json!({"taskRoleArn": "", "containerDefinitions": [{
            "dockerLabels": {"roleArn": "x", "awslogs-group": "/x", "subnets": "s"},
            "systemControls": [{"namespace": "net.core.somaxconn", "value": "1"}],
            "firelensConfiguration": {"options": {"awslogs-group": "/x"}}}],
            "deploymentConfiguration": {"lifecycleHooks": [{"hookDetails": {"roleArn": "x"}}]},
            "containerProperties": {"fileSystemId": "fs-1"}});
        assert_eq!(references(&value), []);
    }
}
