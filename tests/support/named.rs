//! An account that names something in every field that can: roles, networks, secrets ... of its own and of others.
//!
//! Included by path, as `engines.rs` is.
// Each document is one table. Failing loudly is what a test's own support is for.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

use serde_json::{Value, json};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-west-1";

fn arn(resource: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{resource}")
}

/// What moto would say, for tests that ask nobody.
pub fn made_up() -> Value {
    let of = |service: &str, resource: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}");
    let role = |path: &str| format!("arn:aws:iam::{ACCOUNT}:role/{path}");
    json!({
        "task_role": role("apps/prod/web-task"), "execution_role": role("ecs-execution"), "own_role": role("ecs-own"),
        "path_role": role("lb/ecs-path"), "subnets": ["subnet-0a", "subnet-0b", "subnet-0c"], "groups": ["sg-0a", "sg-0b"],
        "targets": [of("elasticloadbalancing", "targetgroup/web-blue/0123456789abcdef"),
            of("elasticloadbalancing", "targetgroup/web-green/fedcba9876543210")],
        "key": of("kms", "key/e42a7bdd-a3fe-48bc-aad6-a93d7ae0606f"), "key_id": "e42a7bdd-a3fe-48bc-aad6-a93d7ae0606f",
        "secret": of("secretsmanager", "secret:prod/db-nYymCQ"),
        "registry_secret": of("secretsmanager", "secret:prod/registry-NpjpHg"),
        "parameter": of("ssm", "parameter/prod/api/key"), "flat_parameter": of("ssm", "parameter/flat"),
        "pool": of("autoscaling", "autoScalingGroup:883fc181-10ae-41b6-b0d8-f601a9b86620:autoScalingGroupName/pool"),
        "file_system": "fs-0a",
    })
}

/// An account whose every field of a reference is set.
pub fn account(of: &Value) -> Value {
    let tail = |member: &str, tail: &str| format!("{}{tail}", of[member].as_str().unwrap());
    let namespace = format!("arn:aws:servicediscovery:{REGION}:{ACCOUNT}:namespace/ns-1");
    let network = json!({"awsvpcConfiguration": {"subnets": [of["subnets"][1], of["subnets"][0]],
        "securityGroups": [of["groups"][0]], "assignPublicIp": "DISABLED"}});
    let logs = |group: &str| {
        json!({"logDriver": "awslogs", "options": {"awslogs-group": group, "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs"}})
    };
    let service = |name: &str, family: &str, more: Value| {
        let mut service = json!({
            "serviceArn": arn(&format!("service/prod/{name}")), "serviceName": name, "clusterArn": arn("cluster/prod"),
            "status": "ACTIVE", "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "launchType": "EC2",
            "taskDefinition": arn(&format!("task-definition/{family}:1")), "schedulingStrategy": "REPLICA",
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/web:1")}],
            "createdAt": 1_700_000_000.5, "enableECSManagedTags": false, "propagateTags": "NONE",
        });
        for (member, value) in more.as_object().unwrap() {
            service[member] = value.clone();
        }
        service
    };
    let balanced =
        |target: usize| json!({"targetGroupArn": of["targets"][target], "containerName": "app", "containerPort": 80});
    let definition = |family: &str, container: Value, more: Value| {
        let mut app = json!({"name": "app", "image": format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{family}:1"), "cpu": 0,
            "memory": 64, "essential": true, "environment": [], "mountPoints": [], "volumesFrom": [],
            "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]});
        for (member, value) in container.as_object().unwrap() {
            app[member] = value.clone();
        }
        let mut definition = json!({
            "taskDefinitionArn": arn(&format!("task-definition/{family}:1")), "family": family, "revision": 1,
            "status": "ACTIVE", "networkMode": "bridge", "volumes": [], "placementConstraints": [],
            "compatibilities": ["EC2"], "containerDefinitions": [app],
        });
        for (member, value) in more.as_object().unwrap() {
            definition[member] = value.clone();
        }
        json!({"taskDefinition": definition, "tags": [{"key": "topic", "value": format!("arn:aws:sns:{REGION}:{ACCOUNT}:t$")}]})
    };
    let foreign = |service: &str, resource: &str| format!("arn:aws:{service}:{REGION}:999999999999:{resource}");
    json!({
        "identity": {"account": ACCOUNT, "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/s"), "userId": "A", "region": REGION},
        "clusters": [{"clusterArn": arn("cluster/prod"), "clusterName": "prod", "status": "ACTIVE",
            "capacityProviders": ["pool"], "defaultCapacityProviderStrategy": [], "tags": [],
            "serviceConnectDefaults": {"namespace": namespace},
            "configuration": {
                "executeCommandConfiguration": {"kmsKeyId": of["key"], "logging": "OVERRIDE",
                    "logConfiguration": {"cloudWatchLogGroupName": "/ecs/exec"}},
                "managedStorageConfiguration": {"kmsKeyId": of["key_id"], "fargateEphemeralStorageKmsKeyId": "alias/own"}}}],
        "capacity_providers": [
            {"capacityProviderArn": arn("capacity-provider/pool"), "name": "pool", "status": "ACTIVE",
             "autoScalingGroupProvider": {"autoScalingGroupArn": of["pool"], "managedTerminationProtection": "DISABLED",
                "managedScaling": {"status": "ENABLED", "targetCapacity": 90, "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 10, "instanceWarmupPeriod": 300}, "managedDraining": "ENABLED"}, "tags": []},
            {"capacityProviderArn": arn("capacity-provider/managed"), "name": "managed", "status": "ACTIVE",
             "cluster": "prod",
             "managedInstancesProvider": {"infrastructureRoleArn": of["own_role"], "propagateTags": "NONE",
                "instanceLaunchTemplate": {
                    "ec2InstanceProfileArn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/p"),
                    "networkConfiguration": {"subnets": [of["subnets"][2]], "securityGroups": of["groups"]},
                    "storageConfiguration": {"storageSizeGiB": 30}}}, "tags": []},
        ],
        "services": [
            service("web", "web", json!({"networkConfiguration": network, "launchType": "FARGATE", "platformVersion": "LATEST",
                "serviceRegistries": [{"registryArn": format!("arn:aws:servicediscovery:{REGION}:{ACCOUNT}:service/srv-1"),
                    "containerName": "app", "containerPort": 80}],
                "loadBalancers": [{"targetGroupArn": of["targets"][0], "containerName": "app", "containerPort": 80,
                    "advancedConfiguration": {"alternateTargetGroupArn": of["targets"][1], "roleArn": of["path_role"],
                        "productionListenerRule": format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/a/1/2/3")}}],
                "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "BLUE_GREEN",
                    "lifecycleHooks": [{"hookTargetArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:h"),
                        "roleArn": of["own_role"], "lifecycleStages": ["PRE_SCALE_UP"]}]},
                "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/web:1"),
                    "serviceConnectConfiguration": {"enabled": true, "namespace": namespace,
                        "services": [{"portName": "http", "tls": {"kmsKey": of["key"], "roleArn": of["own_role"],
                            "issuerCertificateAuthority": {"awsPcaAuthorityArn": format!("arn:aws:acm-pca:{REGION}:{ACCOUNT}:certificate-authority/1")}}}],
                        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-region": REGION},
                            "secretOptions": [{"name": "token", "valueFrom": tail("secret", ":token::")}]}},
                    "volumeConfigurations": [{"name": "data", "managedEBSVolume": {"roleArn": of["own_role"], "encrypted": true,
                        "sizeInGiB": 5, "volumeType": "gp3", "filesystemType": "xfs", "kmsKeyId": of["key"]}}],
                    "vpcLatticeConfigurations": [{"roleArn": of["own_role"], "portName": "http",
                        "targetGroupArn": format!("arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:targetgroup/tg-1")}]}]})),
            service("api", "api", json!({"networkConfiguration": network, "loadBalancers": [balanced(1)]})),
            service("classic", "foreign", json!({"loadBalancers": [balanced(0)], "roleArn": of["own_role"]})),
            service("pathed", "foreign", json!({"loadBalancers": [balanced(0)], "roleArn": of["path_role"]})),
        ],
        "task_definitions": [
            definition("web", json!({"logConfiguration": logs("/ecs/web"),
                "environment": [{"name": "TOPIC", "value": format!("arn:aws:sns:{REGION}:{ACCOUNT}:topic")},
                    {"name": "ELSEWHERE", "value": format!("arn:aws:sns:us-east-1:{ACCOUNT}:topic")},
                    {"name": "FOREIGN", "value": foreign("sns", "topic")}, {"name": "ID", "value": ACCOUNT},
                    {"name": "DB_PASSWORD", "value": "made-up-Plum7-Kettle!29"}],
                "secrets": [{"name": "A", "valueFrom": of["secret"]}, {"name": "B", "valueFrom": tail("secret", ":pass${word}\\\"$::")},
                    {"name": "C", "valueFrom": of["parameter"]}, {"name": "D", "valueFrom": "flat"}]}),
                json!({"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
                    "taskRoleArn": of["task_role"], "executionRoleArn": of["execution_role"],
                    "volumes": [{"name": "files", "efsVolumeConfiguration": {"fileSystemId": of["file_system"], "rootDirectory": "/"}}]})),
            definition("api", json!({"logConfiguration": logs("/ecs/web"),
                "repositoryCredentials": {"credentialsParameter": of["registry_secret"]},
                "secrets": [{"name": "E", "valueFrom": "/prod/api/key"}]}),
                json!({"networkMode": "awsvpc", "executionRoleArn": of["execution_role"]})),
            definition("foreign", json!({
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-region": "us-east-1"}},
                "secrets": [{"name": "F", "valueFrom": of["flat_parameter"]},
                    {"name": "G", "valueFrom": foreign("secretsmanager", "secret:x-AbCdEf")}]}),
                json!({"taskRoleArn": "arn:aws:iam::999999999999:role/theirs"})),
        ],
        "scalable_targets": [{"ServiceNamespace": "ecs", "ResourceId": "service/prod/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 3, "RoleARN": of["own_role"],
            "CreationTime": 1_700_000_000.5, "ScalableTargetARN": format!("arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/1")}],
        "scaling_policies": [], "tasks": [],
    })
}
