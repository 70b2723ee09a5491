#!/usr/bin/env python3
"""Fill a moto server with what an export names and does not import, and print its ids.

    seed_references.py ENDPOINT REGION

Roles, a network, a target group, a log group, a KMS key, secrets, parameters, an Auto Scaling group, a file system,
all with made-up values. Prints one JSON object: what each thing is called by AWS.
"""

import json
import sys

import boto3
from botocore.config import Config

endpoint, region = sys.argv[1:]
session = boto3.Session("testing", "testing", region_name=region)


def client(name):
    return session.client(name, endpoint_url=endpoint, config=Config(retries={"max_attempts": 1}))


def role(name, path="/"):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    made = client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    return made["Role"]["Arn"]


def secret(name):
    """moto's suffixes are random; ask until one is told from a word."""
    secrets = client("secretsmanager")
    while True:
        arn = secrets.create_secret(Name=name, SecretString='{"password": "made-up"}')["ARN"]
        suffix = arn[-6:]
        if any(c.islower() for c in suffix) and any(c.isupper() for c in suffix[1:]):
            return arn
        secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def parameter(name):
    client("ssm").put_parameter(Name=name, Value="made-up", Type="SecureString")
    return client("ssm").get_parameter(Name=name)["Parameter"]["ARN"]


ec2 = client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=region + zone)["Subnet"]["SubnetId"]
    for n, zone in enumerate("abc")
]
groups = [
    ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("web", "worker")
]
balancing = client("elbv2")
targets = [
    balancing.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0][
        "TargetGroupArn"
    ]
    for name in ("web-blue", "web-green")
]
logs = client("logs")
for name in ("/ecs/web", "/ecs/web-old", "/ecs/exec"):
    logs.create_log_group(logGroupName=name)
key = client("kms").create_key()["KeyMetadata"]
scaling = client("autoscaling")
scaling.create_launch_configuration(
    LaunchConfigurationName="pool", ImageId=ec2.describe_images()["Images"][0]["ImageId"], InstanceType="t3.micro"
)
for name in ("pool", "pool-else"):
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name, LaunchConfigurationName="pool", MinSize=0, MaxSize=1, VPCZoneIdentifier=subnets[0]
    )
pool = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["pool"])["AutoScalingGroups"][0]

print(
    json.dumps(
        {
            "task_role": role("web-task", "/apps/prod/"),
            "execution_role": role("ecs-execution"),
            "own_role": role("ecs-own"),
            "path_role": role("ecs-path", "/lb/"),
            "subnets": subnets,
            "groups": groups,
            "targets": targets,
            "key": key["Arn"],
            "key_id": key["KeyId"],
            "secret": secret("prod/db"),
            "registry_secret": secret("prod/registry"),
            "parameter": parameter("/prod/api/key"),
            "flat_parameter": parameter("flat"),
            "pool": pool["AutoScalingGroupARN"],
            "file_system": client("efs").create_file_system(CreationToken="data")["FileSystemId"],
            "file_system_else": client("efs").create_file_system(CreationToken="else")["FileSystemId"],
        }
    )
)
