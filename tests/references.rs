//! What an export names and does not import: written as chosen, and never as another text than AWS told.
//!
//! The pure tests hold each ambiguity; the engine tests plan every way of writing against a moto server that has what is
//! named, so a data source that answers with another text is a change in the plan.

// Failing loudly is what a test is for, and a table of cases is as long as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::too_many_lines)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/moto.rs"]
mod moto;
#[path = "support/named.rs"]
mod named;
#[path = "support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use clap::{Parser as _, ValueEnum as _};
use ecsight::aws::demo::Account;
use ecsight::cli::Cli;
use ecsight::estate::{Document, Estate, Kind, News, Observation, ReferenceKind, ResourceId, Scope};
use ecsight::export::{Export, Mode, Options, everything, export as export_of, pane};
use ecsight::report::dossier;
use ecsight::terraform::{Dialect, Taken};
use engines::{Environment, Pair, Planned, Provider, environment};
use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use moto::Moto;
use named::{ACCOUNT, REGION, account, made_up};
use proptest::prelude::*;
use serde_json::{Value, json};
use server::Server;

fn scope() -> Scope {
    Scope::new("aws", ACCOUNT, REGION)
}

/// The documents of an account, as if they had been described.
fn estate(account: &Value) -> Estate {
    let mut estate = Estate::default();
    let mut observe = |kind: Kind, native: &Value, value: &Value| {
        let id = ResourceId::new(&scope(), kind, native.as_str().unwrap());
        let document = Document { id, operation: "Describe".into(), observed_at: 1, raw: value.to_string().into() };
        estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
    };
    let rows = |member: &str| account[member].as_array().cloned().unwrap_or_default();
    for (list, kind, arn) in [
        ("clusters", Kind::Cluster, "clusterArn"),
        ("capacity_providers", Kind::CapacityProvider, "capacityProviderArn"),
        ("services", Kind::Service, "serviceArn"),
    ] {
        for row in rows(list) {
            observe(kind, &row[arn], &row);
        }
    }
    for row in rows("task_definitions") {
        observe(Kind::TaskDefinition, &row["taskDefinition"]["taskDefinitionArn"], &row["taskDefinition"]);
    }
    estate
}

fn is_code(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tf")
}

fn all(mode: Mode) -> Options {
    let references = ReferenceKind::value_variants().iter().map(|kind| (*kind, mode)).collect();
    Options { references, ..Options::default() }
}

/// One resource of a kind, with these members, beside those that it must have.
fn one(kind: Kind, more: &Value) -> (Estate, Vec<ResourceId>) {
    let mut account = account(&made_up());
    let list = match kind {
        Kind::Cluster => "clusters",
        Kind::CapacityProvider => "capacity_providers",
        Kind::Service => "services",
        _ => "task_definitions",
    };
    let mut row = account[list][usize::from(kind == Kind::Service)].clone();
    let document = if kind == Kind::TaskDefinition { &mut row["taskDefinition"] } else { &mut row };
    let members = document.as_object_mut().unwrap();
    for reference in [
        "networkConfiguration",
        "loadBalancers",
        "configuration",
        "serviceConnectDefaults",
        "taskRoleArn",
        "executionRoleArn",
        "volumes",
        "containerDefinitions",
    ] {
        members.remove(reference);
    }
    for (member, value) in more.as_object().unwrap() {
        members.insert(member.clone(), value.clone());
    }
    for other in ["clusters", "capacity_providers", "services", "task_definitions"] {
        account[other] = json!([]);
    }
    account[list] = json!([row]);
    let estate = estate(&account);
    let id = estate.of_kind(kind).map(|(id, _)| id.clone()).collect();
    (estate, id)
}

fn container(member: &str, value: &Value) -> Value {
    json!({"containerDefinitions": [{"name": "app", "image": "nginx", member: value}]})
}

fn secret(text: &str) -> Value {
    container("secrets", &json!([{"name": "A", "valueFrom": text}]))
}

fn logs(options: &Value) -> Value {
    container("logConfiguration", &json!({"logDriver": "awslogs", "options": options}))
}

/// What each text becomes when every kind is looked up: the code, or why not.
fn looked_up() -> Vec<(Kind, Value, Result<&'static str, &'static str>)> {
    use Kind::{CapacityProvider, Cluster, Service, TaskDefinition};
    let role = |arn: &str| json!({"taskRoleArn": arn});
    let secret_of = |rest: &str| secret(&format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{rest}"));
    let parameter_of = |rest: &str| secret(&format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{rest}"));
    let key = |text: &str| json!({"configuration": {"executeCommandConfiguration": {"kmsKeyId": text}}});
    let subnets = |id: &str| json!({"networkConfiguration": {"awsvpcConfiguration": {"subnets": [id]}}});
    let target =
        |arn: &str| json!({"loadBalancers": [{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}]});
    let group = |text: &str| json!({"autoScalingGroupProvider": {"autoScalingGroupArn": text}});
    let volume =
        |member: &str| json!({"volumes": [{"name": "v", member: {"fileSystemId": "fs-0a", "rootDirectory": "/"}}]});
    let fsx = || {
        let mut document = volume("fsxWindowsFileServerVolumeConfiguration");
        document["volumes"][0]["fsxWindowsFileServerVolumeConfiguration"]["rootDirectory"] = json!("/share");
        document["volumes"][0]["fsxWindowsFileServerVolumeConfiguration"]["authorizationConfig"] =
            json!({"credentialsParameter": "", "domain": "corp"});
        document
    };
    vec![
        (TaskDefinition, role("arn:aws:iam::123456789012:role/a"), Ok("= data.aws_iam_role.a.arn")),
        (TaskDefinition, role("arn:aws:iam::123456789012:role/p/q/a"), Ok("= data.aws_iam_role.a.arn")),
        (Service, json!({"roleArn": "short-name"}), Ok("= data.aws_iam_role.short-name.name")),
        (TaskDefinition, role("arn:aws:iam::999999999999:role/a"), Err("it is of account 999999999999")),
        (TaskDefinition, role("arn:aws-cn:iam::123456789012:role/a"), Err("it is of partition aws-cn")),
        (TaskDefinition, role("arn:aws:iam::123456789012:user/a"), Err("it is no ARN of iam, role/")),
        (
            TaskDefinition,
            role("arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
            Err("a service-linked role"),
        ),
        (TaskDefinition, secret_of("prod/db-AbCdEf"), Ok("= data.aws_secretsmanager_secret.prod_db.arn")),
        (
            TaskDefinition,
            secret_of("prod/db-AbCdEf:password::"),
            Ok("= \"${data.aws_secretsmanager_secret.prod_db.arn}:password::\""),
        ),
        (TaskDefinition, secret_of("prod/db"), Err("may be a partial one")),
        (TaskDefinition, secret_of("prod/db-master"), Err("may be a partial one")),
        (TaskDefinition, secret_of("prod/db-Master"), Err("may be a partial one")),
        (TaskDefinition, secret_of("prod/db-prod01"), Err("may be a partial one")),
        (
            TaskDefinition,
            secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"),
            Err("it is of region us-east-1"),
        ),
        (
            TaskDefinition,
            container("repositoryCredentials", &json!({"credentialsParameter": "hub"})),
            Ok("= data.aws_secretsmanager_secret.hub.name"),
        ),
        (TaskDefinition, secret("flat"), Ok("= data.aws_ssm_parameter.flat.name")),
        (TaskDefinition, secret("/a/b"), Ok("= data.aws_ssm_parameter.a_b.name")),
        (TaskDefinition, parameter_of("a/b"), Ok("= data.aws_ssm_parameter.a_b.arn")),
        (TaskDefinition, parameter_of("flat"), Err("the parameters flat and /flat have the same ARN")),
        (TaskDefinition, parameter_of("/a/b"), Err("AWS takes no such name")),
        (TaskDefinition, secret("${x}"), Err("AWS takes no such name")),
        (TaskDefinition, parameter_of("a/b:3"), Err("a version or a label")),
        (TaskDefinition, secret("flat:prod"), Err("a version or a label")),
        (TaskDefinition, secret("a/b"), Err("neither an ARN nor the name of a parameter")),
        (TaskDefinition, secret("/aws/reference/secretsmanager/db"), Err("it stands for a secret")),
        (
            TaskDefinition,
            logs(&json!({"awslogs-group": "/ecs/a", "awslogs-region": REGION})),
            Ok("= data.aws_cloudwatch_log_group.ecs_a.name"),
        ),
        (
            TaskDefinition,
            logs(&json!({"awslogs-group": "/ecs/a", "awslogs-region": "us-east-1"})),
            Err("it is of region us-east-1"),
        ),
        (
            TaskDefinition,
            logs(&json!({"awslogs-group": "/ecs/a", "awslogs-create-group": "true"})),
            Err("it need not exist"),
        ),
        (
            TaskDefinition,
            logs(&json!({"awslogs-group": "arn:aws:logs:eu-west-1:123456789012:log-group:/a"})),
            Err("gives back a name"),
        ),
        (TaskDefinition, volume("efsVolumeConfiguration"), Ok("= data.aws_efs_file_system.fs-0a.file_system_id")),
        (TaskDefinition, fsx(), Err("a file system of FSx")),
        (
            Cluster,
            key("arn:aws:kms:eu-west-1:123456789012:key/e42a7bdd-a3fe-48bc-aad6-a93d7ae0606f"),
            Ok("= data.aws_kms_key.key_e42a7bdd.arn"),
        ),
        (Cluster, key("e42a7bdd-a3fe-48bc-aad6-a93d7ae0606f"), Ok("= data.aws_kms_key.key_e42a7bdd.id")),
        (Cluster, key("e42a7bdd"), Err("neither an ARN nor the id of a key")),
        (Cluster, key("alias/own"), Err("an alias")),
        (Cluster, key("arn:aws:kms:eu-west-1:123456789012:alias/own"), Err("an alias")),
        (
            Cluster,
            key("arn:aws:kms:us-east-1:123456789012:key/e42a7bdd-a3fe-48bc-aad6-a93d7ae0606f"),
            Err("it is of region us-east-1"),
        ),
        (
            Cluster,
            json!({"serviceConnectDefaults": {"namespace": "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"}}),
            Err("one of HTTP or of DNS"),
        ),
        (Service, subnets("subnet-0a"), Ok("= [data.aws_subnet.subnet-0a.id]")),
        (Service, subnets("subnet-${x}"), Err("it is no id like subnet-")),
        (
            Service,
            target("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123"),
            Ok("= data.aws_lb_target_group.web.arn"),
        ),
        (
            Service,
            target("arn:aws:elasticloadbalancing:eu-west-1:999999999999:targetgroup/web/0123"),
            Err("it is of account 999999999999"),
        ),
        (Service, target("arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-1"), Err("VPC Lattice")),
        (
            Service,
            json!({"serviceRegistries": [{"registryArn": "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"}]}),
            Err("no data source finds it by its id"),
        ),
        (
            CapacityProvider,
            group("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:uuid:autoScalingGroupName/pool"),
            Ok("= data.aws_autoscaling_group.pool.arn"),
        ),
        (
            CapacityProvider,
            group("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:uuid"),
            Err("its ARN tells no name"),
        ),
    ]
}

#[test]
fn a_text_that_no_data_source_surely_gives_back_stays_a_literal_with_the_reason() {
    for (kind, members, expected) in looked_up() {
        let (estate, id) = one(kind, &members);
        let export = dossier(&estate, &id, &all(Mode::Data)).unwrap();
        let code: String =
            export.files.iter().filter(|(name, _)| name.ends_with("s.tf")).map(|(_, f)| &*f.text).collect();
        let [reference] = &export.references[..] else { panic!("{members}: {:?}", export.references) };
        match expected {
            Ok(fragment) => {
                assert!(code.contains(fragment), "{members}: no {fragment:?} in\n{code}");
                assert_eq!((reference.mode, &reference.why), (Mode::Data, &None), "{members}");
                let address = reference.by.as_deref().unwrap();
                let [_, source, label] = address.split('.').collect::<Vec<_>>()[..] else { panic!("{address}") };
                assert!(export.files["data.tf"].text.starts_with(&format!("data \"{source}\" \"{label}\" {{")));
            }
            Err(reason) => {
                assert!(reference.why.as_deref().is_some_and(|why| why.contains(reason)), "{members}: {reference:?}");
                assert!(code.contains(&format!("# {} stays a literal: ", reference.field)), "{members}:\n{code}");
                assert!(export.files["REVIEW.md"].text.contains(reason), "{members}");
                assert!(!export.files.contains_key("data.tf"), "{members}");
            }
        }
    }
}

#[test]
fn the_role_of_a_service_is_the_name_that_the_provider_keeps() {
    let estate = estate(&account(&made_up()));
    for (dialect, plain, pathed) in [
        (
            Dialect::V6,
            "= data.aws_iam_role.ecs-own.name",
            "= \"${data.aws_iam_role.ecs-path.path}${data.aws_iam_role.ecs-path.name}\"",
        ),
        (
            Dialect::V3,
            "= data.aws_iam_role.ecs-own.name",
            "# roleArn stays a literal: the provider keeps only a part of the role's path",
        ),
    ] {
        let export = export_of(&estate, &everything(&estate), &Options { dialect, ..all(Mode::Data) });
        for text in [plain, pathed] {
            assert!(export.files["services.tf"].text.contains(text), "{text}\n{}", export.files["services.tf"].text);
        }
    }
}

/// Every file of an export evaluated as an engine would: variables by their defaults, data sources as AWS would answer.
struct World {
    context: Context<'static>,
}

impl World {
    fn of(export: &Export) -> Self {
        let mut variables = hcl::Map::new();
        let mut sources: BTreeMap<String, hcl::Map<String, hcl::Value>> = BTreeMap::new();
        let mut context = Context::new();
        let same = |args: FuncArgs| Ok(args[0].clone());
        context.declare_func("nonsensitive", FuncDef::builder().param(ParamType::Any).build(same));
        let json = |args: FuncArgs| Ok(hcl::Value::from(serde_json::to_string(&args[0]).unwrap()));
        context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(json));
        let plain = |text: &str| hcl::Value::from(text);
        if let Some(file) = export.files.get("secrets.auto.tfvars") {
            let body = hcl::parse(&file.text).expect("tfvars parse");
            let values = body.attributes().map(|a| (a.key().to_owned(), a.expr().evaluate(&context).expect("a value")));
            variables.extend(values);
        }
        let here: [(&str, hcl::Value); 3] = [
            ("aws_caller_identity", hcl::value!({ current = { account_id = ACCOUNT } })),
            ("aws_region", hcl::value!({ current = { region = REGION, name = REGION } })),
            ("aws_partition", hcl::value!({ current = { partition = "aws" } })),
        ];
        let mut data: hcl::Map<String, hcl::Value> = here.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
        context.declare_var("data", hcl::Value::Object(data.clone()));
        for (name, file) in export.files.iter().filter(|(name, _)| *name == "data.tf" || *name == "variables.tf") {
            let body = hcl::parse(&file.text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", file.text));
            for block in body.into_blocks() {
                let labels: Vec<String> = block.labels().iter().map(|label| label.as_str().to_owned()).collect();
                let value = |argument: &str| {
                    let found = block.body().attributes().find(|a| a.key() == argument)?;
                    Some(found.expr().evaluate(&context).expect("it evaluates"))
                };
                match (block.identifier(), &labels[..]) {
                    ("variable", [name]) => variables.extend(value("default").map(|value| (name.clone(), value))),
                    ("data", [source, label]) => {
                        let key = ["name", "arn", "key_id", "id", "file_system_id"].iter().find_map(|a| value(a));
                        let Some(key) = key else { continue };
                        let text = key.as_str().unwrap();
                        // As AWS builds ARNs. The path of a role is not in its name: the tests say only one role has one.
                        let arn = match source.as_str() {
                            "aws_iam_role" => format!("arn:aws:iam::{ACCOUNT}:role/{text}"),
                            "aws_kms_key" => format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{text}"),
                            "aws_ssm_parameter" => {
                                format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{}", text.trim_start_matches('/'))
                            }
                            "aws_autoscaling_group" => {
                                made_up()["pool"].as_str().unwrap().replace("Name/pool", &format!("Name/{text}"))
                            }
                            _ => text.to_owned(),
                        };
                        let answer = ["name", "id", "file_system_id"].map(|name| (name.to_owned(), key.clone()));
                        let answer = answer.into_iter().chain([("arn".to_owned(), plain(&arn))]);
                        sources
                            .entry(source.clone())
                            .or_default()
                            .insert(label.clone(), hcl::Value::Object(answer.collect()));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        data.extend(sources.into_iter().map(|(source, of)| (source, hcl::Value::Object(of))));
        context.declare_var("data", hcl::Value::Object(data));
        context.declare_var("var", hcl::Value::Object(variables));
        Self { context }
    }

    /// Every argument of every resource, by address and place.
    fn values(&self, export: &Export) -> BTreeMap<String, hcl::Value> {
        let mut all = BTreeMap::new();
        for (name, file) in export.files.iter().filter(|(name, _)| is_code(name)) {
            let body = hcl::parse(&file.text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", file.text));
            for block in body.into_blocks().filter(|block| block.identifier() == "resource") {
                let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
                self.block(&labels.join("."), block.body(), &mut all);
            }
        }
        all
    }

    fn block(&self, place: &str, body: &hcl::Body, all: &mut BTreeMap<String, hcl::Value>) {
        for attribute in body.attributes() {
            // What names another resource of the export is the same in every way of writing.
            let value = attribute.expr().evaluate(&self.context);
            let value = value.unwrap_or_else(|_| hcl::Value::from(attribute.expr().to_string()));
            all.insert(format!("{place}.{}", attribute.key()), value);
        }
        for (at, block) in body.blocks().enumerate() {
            self.block(&format!("{place}.{}[{at}]", block.identifier()), block.body(), all);
        }
    }
}

fn ways() -> [(&'static str, Options); 5] {
    let portable = |options| Options { portable: true, ..options };
    [
        ("data", all(Mode::Data)),
        ("variable", all(Mode::Variable)),
        ("portable", portable(Options::default())),
        ("portable data", portable(all(Mode::Data))),
        ("portable variable", portable(all(Mode::Variable))),
    ]
}

/// A text, made of pieces that try to leave their string.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = vec![
        "${",
        "%{",
        "$${",
        "}",
        "\"",
        "\\",
        "\n",
        "\u{0}",
        "/",
        "..",
        "#",
        "$",
        "%",
        "a",
        "B",
        "0",
        " ",
        ":",
        "-",
        "_",
        "é",
        "${file(\"/etc/passwd\")}",
        "\"}\nresource \"x\" \"y\" {",
        "*/",
        "-AbCdEf",
        "alias/",
        ACCOUNT,
        REGION,
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat())
}

/// A text for a field: anything, or an ARN with anything in it.
fn told() -> impl Strategy<Value = String> {
    let starts = vec![
        String::new(),
        format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"),
        format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/"),
        format!("arn:aws:iam::{ACCOUNT}:role/"),
        format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/"),
        format!("arn:aws:sns:us-east-1:{ACCOUNT}:"),
        format!("arn:aws:sns:{REGION}:999999999999:"),
        format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/"),
        format!("{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/"),
        "subnet-".to_owned(),
        "fs-".to_owned(),
    ];
    (prop::sample::select(starts), hostile()).prop_map(|(start, rest)| start + &rest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// However a text is written, the engine reads the very text that AWS told.
    #[test]
    fn every_way_of_writing_means_the_same_text(texts in prop::collection::vec(told(), 9)) {
        // hcl-rs misreads what touches a marker inside a template; the engines do not, and are asked below.
        let misread = ["$$", "%%", "$%", "%$", "${$", "${%", "%{$", "%{%"];
        prop_assume!(texts.iter().all(|text| !misread.iter().any(|pair| text.contains(pair))));
        let secrets = json!([{"name": "A", "valueFrom": texts[0]}, {"name": "B", "valueFrom": texts[1]}]);
        let mut app = container("secrets", &secrets);
        app["containerDefinitions"][0]["image"] = texts[2].as_str().into();
        app["containerDefinitions"][0]["repositoryCredentials"] = json!({"credentialsParameter": texts[3]});
        app["containerDefinitions"][0]["environment"] = json!([{"name": "TOPIC", "value": texts[4]}]);
        app["containerDefinitions"][0]["logConfiguration"] =
            json!({"logDriver": "awslogs", "options": {"awslogs-group": texts[5], "awslogs-region": REGION}});
        // No path: what AWS would say of a role with one is not in its name. A bare name is refused here.
        app["taskRoleArn"] = format!("arn:aws:iam::{ACCOUNT}:role/r{}", texts[6].replace('/', "_")).into();
        app["volumes"] = json!([{"name": "v", "efsVolumeConfiguration": {"fileSystemId": texts[7]}}]);
        let (estate, id) = one(Kind::TaskDefinition, &app);
        let literal = export_of(&estate, &id, &Options::default());
        let wanted = World::of(&literal).values(&literal);
        prop_assert!(wanted.len() >= 5);
        for (way, options) in ways() {
            let export = export_of(&estate, &id, &options);
            let found = World::of(&export).values(&export);
            prop_assert_eq!(&found, &wanted, "{}", way);
        }
    }
}

#[test]
fn a_whole_account_means_the_same_in_every_way_of_writing() {
    let estate = estate(&account(&made_up()));
    let literal = export_of(&estate, &everything(&estate), &Options::default());
    assert!(!literal.files.contains_key("data.tf"));
    let wanted = World::of(&literal).values(&literal);
    for (way, options) in ways() {
        let export = export_of(&estate, &everything(&estate), &options);
        let mut found = World::of(&export).values(&export);
        // The two roles with a path: the tests with an engine ask for them.
        for (place, value) in &wanted {
            if value.as_str().is_some_and(|text| text.contains("role/apps/") || text.contains("/lb/")) {
                found.insert(place.clone(), value.clone());
            }
        }
        let other = wanted.iter().find(|(place, value)| found.get(*place) != Some(value));
        assert!(other.is_none(), "{way}: {other:?}, but {:?}", other.map(|(place, _)| &found[place]));
        assert_eq!(found.len(), wanted.len(), "{way}");
        let text: String = export.files.iter().filter(|(_, f)| !f.private).map(|(_, f)| &*f.text).collect();
        assert!(!text.contains("made-up-Plum7"), "{way}: a credential stays in the private file");
        assert_eq!(export_of(&estate, &everything(&estate), &options), export, "{way}: same wish, same bytes");
        for import in &export.imports {
            assert!(import.import_id.contains("prod") || !import.import_id.contains("${"), "{way}");
        }
        let pane = pane(&estate, &export.imports[0].resource, &everything(&estate), &options).text();
        assert!(
            text.contains(pane.split("\n\nimport").next().unwrap().trim_end()),
            "{way}: the pane shows another text"
        );
    }
}

#[test]
fn only_what_is_of_this_account_is_made_portable() {
    let estate = estate(&account(&made_up()));
    let export = export_of(&estate, &everything(&estate), &Options { portable: true, ..Options::default() });
    let code = &export.files["task_definitions.tf"].text;
    let (account, region) = ("${data.aws_caller_identity.current.account_id}", "${data.aws_region.current.region}");
    let partition = "${data.aws_partition.current.partition}";
    for wanted in [
        format!("\"arn:{partition}:sns:{region}:{account}:topic\""),
        format!("\"arn:{partition}:sns:us-east-1:{account}:topic\""),
        format!("\"arn:aws:sns:{REGION}:999999999999:topic\""),
        format!("\"{account}.dkr.ecr.{region}.amazonaws.com/web:1\""),
        "awslogs-region        = data.aws_region.current.region".to_owned(),
        "awslogs-region = \"us-east-1\"".to_owned(),
        format!("value = \"{ACCOUNT}\""),
    ] {
        assert!(code.contains(&wanted), "no {wanted} in\n{code}");
    }
    // What guards against the wrong account, and what is imported, stays as it is.
    assert!(export.files["providers.tf"].text.contains(&format!("allowed_account_ids = [\"{ACCOUNT}\"]")));
    assert!(!export.files["imports.tf"].text.contains("${"));
    let mut taken = Taken::default();
    taken.addresses.insert("data.aws_region.current".into());
    let beside = Options { portable: true, taken: Some(Arc::new(taken)), ..Options::default() };
    let export = export_of(&estate, &everything(&estate), &beside);
    assert!(export.files["ecsight_data.tf"].text.contains("data \"aws_region\" \"export\" {}"));
    assert!(export.files["ecsight_task_definitions.tf"].text.contains("= data.aws_region.export.region"));
}

#[test]
fn a_credential_in_a_reference_is_a_sensitive_variable_whatever_was_chosen() {
    let token = "ghp_R7bT2kQ9vXz4LmN8pWc3JfH6sYd1AaGeUo5i";
    let (estate, id) = one(Kind::TaskDefinition, &secret(token));
    for (way, options) in ways() {
        let export = dossier(&estate, &id, &options).unwrap();
        for (name, file) in export.files.iter().filter(|(_, file)| !file.private) {
            assert!(!file.text.contains(token), "{way}: {name}");
        }
        assert!(export.files["task_definitions.tf"].text.contains("= nonsensitive(var."), "{way}");
        assert!(export.references.is_empty(), "{way}");
    }
}

#[test]
fn names_of_data_sources_and_variables_are_legal_and_unique() {
    let secrets: Vec<Value> =
        ["/a/b", "/a_b", "a.b", "a-b", "1st"].map(|name| json!({"name": "N", "valueFrom": name})).into();
    let (estate, id) = one(Kind::TaskDefinition, &container("secrets", &secrets.into()));
    for mode in [Mode::Data, Mode::Variable] {
        let export = export_of(&estate, &id, &all(mode));
        let by: BTreeSet<&str> = export.references.iter().map(|r| r.by.as_deref().unwrap()).collect();
        assert_eq!(by.len(), 5, "{by:?}");
        for address in by {
            let label = address.rsplit('.').next().unwrap();
            assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'), "{label}");
            assert!(!label.starts_with(|c: char| c.is_ascii_digit() || c == '-'), "{label}");
        }
    }
}

#[test]
fn a_wrong_flag_lists_what_there_is() {
    let parse = |flags: &[&str]| {
        let cli = Cli::try_parse_from([&["ecsight", "export", "--all"], flags].concat())?;
        let Some(ecsight::cli::Command::Export { writing, .. }) = cli.command else { panic!("no export") };
        Ok::<_, clap::Error>(writing.options())
    };
    let options =
        parse(&["--reference", "all=data", "--reference", "log-group=literal", "--reference", "log_group=variable"]);
    let options = options.unwrap();
    assert_eq!(options.mode(ReferenceKind::Role), Mode::Data);
    assert_eq!(options.mode(ReferenceKind::LogGroup), Mode::Variable);
    for (flag, words) in [
        ("roles=data", ["no kind \"roles\"", "security-group"]),
        ("role=lookup", ["no mode \"lookup\"", "literal, data, variable"]),
        ("role", ["no KIND=MODE", "role=data"]),
    ] {
        let error = parse(&["--reference", flag]).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

fn dialect(pair: &Pair) -> &'static str {
    match pair.provider {
        Provider::V3 => "v3",
        Provider::V6 => "v6",
    }
}

/// Runs the real binary against the loopback server.
fn export(server: &Server, dialect: &str, dir: &Path, flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ecsight"))
        .args(["export", "--all", "--dialect", dialect, "--out", dir.to_str().unwrap()])
        .args(flags)
        .args(["--endpoint-url", &server.url(), "--region", REGION])
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{flags:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn evidence(dir: &Path) -> Value {
    serde_json::from_slice(&fs::read(dir.join("evidence.json")).expect("evidence.json")).expect("JSON")
}

/// The resources that a plan would change, with their differing arguments.
fn differing(planned: &Planned) -> Vec<String> {
    let wrong = planned.report.resources.iter().filter(|r| !r.verdict.is_harmless());
    wrong
        .map(|r| {
            let causes: Vec<String> = r.verdict.causes().map(ToString::to_string).collect();
            format!("{}: {} ({})", r.address, r.verdict, causes.join("; "))
        })
        .collect()
}

async fn plan(environment: &Environment, pair: &Pair, dir: &Path, server: &Server, moto: &Moto) -> Planned {
    match environment.try_plan_beside(dir, pair, &server.url(), &moto.url).await {
        Ok(planned) => planned,
        Err(error) => panic!("{pair}: {error} (hint: {})", error.hint.as_deref().unwrap_or("none")),
    }
}

/// Every way of writing, all pairs: the plan imports everything and changes nothing.
#[tokio::test]
async fn each_way_of_writing_plans_import_only() {
    let Some(environment) = environment("plans of data sources and variables") else { return };
    let moto = Moto::start(&environment.dir);
    let mut documents = account(&moto.seed_references(&environment.dir, REGION));
    let told =
        &mut documents["task_definitions"][0]["taskDefinition"]["containerDefinitions"][0]["secrets"][1]["valueFrom"];
    *told = told.as_str().unwrap().replace("word", "$${%{%%{$").into();
    let server = Server::start(Account::from_json(&documents));
    let folder = tempfile::tempdir().expect("a folder");
    let ways: [(&str, &[&str]); 4] = [
        ("data", &["--reference", "all=data"]),
        ("variable", &["--reference", "all=variable"]),
        ("portable", &["--portable"]),
        ("both", &["--portable", "--reference", "all=data", "--reference", "subnet=variable", "--concise"]),
    ];
    for pair in environment.pairs() {
        for (way, flags) in ways {
            let name = format!("{way}-{}-{}", pair.command, dialect(&pair));
            let dir = folder.path().join(&name);
            export(&server, dialect(&pair), &dir, flags);
            assert_eq!(environment.fmt_check(&dir, &pair), "", "{name}: fmt");
            let planned = plan(&environment, &pair, &dir, &server, &moto).await;
            assert!(
                planned.report.is_import_only(),
                "{name}: {}\n{}",
                planned.report.counts,
                differing(&planned).join("\n")
            );
            let evidence = evidence(&dir);
            assert_eq!(planned.report.counts.import, evidence["imports"].as_array().unwrap().len(), "{name}");
            assert!(planned.report.counts.import >= 10, "{name}");
            as_chosen(&name, way, &pair, &planned, &evidence);
        }
    }
    assert_eq!(server.mutations(), 0);
}

/// The code, as the engine read it, names what was chosen.
fn as_chosen(name: &str, way: &str, pair: &Pair, planned: &Planned, evidence: &Value) {
    let named = |address: &str, argument: &str| planned.report.references_of(address, argument);
    let has = |address: &str, argument: &str, wanted: &str| {
        let found = named(address, argument);
        assert!(found.iter().any(|r| r == wanted), "{name}: {address} {argument}: {found:?}");
    };
    let web = "aws_ecs_task_definition.web";
    match way {
        "data" => {
            has(web, "task_role_arn", "data.aws_iam_role.web-task.arn");
            has(web, "container_definitions", "data.aws_cloudwatch_log_group.ecs_web.name");
            has(web, "container_definitions", "data.aws_secretsmanager_secret.prod_db.arn");
            has(web, "container_definitions", "data.aws_ssm_parameter.prod_api_key.arn");
            has(web, "container_definitions", "data.aws_ssm_parameter.flat.name");
            has("aws_ecs_service.classic", "iam_role", "data.aws_iam_role.ecs-own.name");
            has(
                "aws_ecs_capacity_provider.pool",
                "auto_scaling_group_provider.auto_scaling_group_arn",
                "data.aws_autoscaling_group.pool.arn",
            );
            if pair.provider == Provider::V6 {
                has("aws_ecs_service.pathed", "iam_role", "data.aws_iam_role.ecs-path.path");
            }
        }
        "variable" => {
            // In v3 there is one list of subnets; in v6 the managed instances have another.
            let subnets = if pair.provider == Provider::V6 { "var.api_subnets" } else { "var.subnets" };
            has(web, "task_role_arn", "var.role_web-task");
            has(web, "container_definitions", "var.secret_prod_db");
            has("aws_ecs_service.web", "network_configuration.subnets", subnets);
            has("aws_ecs_service.api", "network_configuration.subnets", subnets);
        }
        "portable" => {
            has(web, "task_role_arn", "data.aws_caller_identity.current.account_id");
            let region = if pair.provider == Provider::V6 {
                "data.aws_region.current.region"
            } else {
                "data.aws_region.current.name"
            };
            has(web, "container_definitions", region);
        }
        _ => has(web, "task_role_arn", "data.aws_iam_role.web-task.arn"),
    }
    // No kind stays behind but those that no data source can tell.
    let mut modes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for reference in evidence["references"].as_array().unwrap() {
        for written in reference["written"].as_array().unwrap() {
            modes.entry(reference["kind"].as_str().unwrap()).or_default().insert(written["mode"].as_str().unwrap());
        }
    }
    let reached = |mode: &str| modes.values().filter(|of| of.contains(mode)).count();
    let v6 = pair.provider == Provider::V6;
    match way {
        // All twelve kinds, in v3 without keys and namespaces of clusters; all but namespaces and registries are looked up.
        "data" => assert_eq!(reached("data"), if v6 { 10 } else { 9 }, "{name}: {modes:?}"),
        "variable" => {
            assert_eq!((reached("variable"), reached("literal")), (if v6 { 12 } else { 10 }, 0), "{name}: {modes:?}");
        }
        "portable" => assert_eq!(reached("literal"), modes.len(), "{name}: {modes:?}"),
        _ => assert!(modes["subnet"].contains("variable"), "{name}: {modes:?}"),
    }
}

/// A data source that answers with another text, or a variable with another value, is a change in the plan.
#[tokio::test]
async fn another_answer_is_a_change() {
    let Some(environment) = environment("plans of data sources that answer otherwise") else { return };
    let moto = Moto::start(&environment.dir);
    let of = moto.seed_references(&environment.dir, REGION);
    let server = Server::start(Account::from_json(&account(&of)));
    let folder = tempfile::tempdir().expect("a folder");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    // What is asked for, and what else moto has.
    let others = [
        ("web-task".to_owned(), "ecs-own".to_owned()),
        ("/ecs/web".into(), "/ecs/web-old".into()),
        (text(&of["subnets"][0]), text(&of["subnets"][2])),
        (text(&of["groups"][0]), text(&of["groups"][1])),
        (text(&of["targets"][1]), text(&of["targets"][0])),
        (text(&of["secret"]), text(&of["registry_secret"])),
        (text(&of["file_system"]), text(&of["file_system_else"])),
        ("pool".into(), "pool-else".into()),
    ];
    for pair in environment.pairs() {
        // A default is the same to both engines.
        let modes = [("data", "data.tf"), ("variable", "variables.tf")];
        for (mode, file) in modes.into_iter().take(if pair.command == "terraform" { 2 } else { 1 }) {
            let name = format!("{mode}-{}-{}", pair.command, dialect(&pair));
            let dir = folder.path().join(&name);
            export(&server, dialect(&pair), &dir, &["--reference", &format!("all={mode}")]);
            let mut code = fs::read_to_string(dir.join(file)).expect("written");
            for (asked, other) in &others {
                // A variable of a role or an Auto Scaling group holds an ARN that ends in the name.
                let (asked, other) = (format!("{asked}\""), format!("{other}\""));
                let line = |line: &str| {
                    let is_value = line.contains(" = ") && !line.contains("description");
                    if is_value { line.replace(&asked, &other) } else { line.to_owned() }
                };
                let changed = code.lines().map(line).collect::<Vec<_>>().join("\n");
                assert_ne!(changed, code.trim_end(), "{name}: {asked}");
                code = changed;
            }
            fs::write(dir.join(file), code).expect("written");
            let planned = plan(&environment, &pair, &dir, &server, &moto).await;
            let differing = differing(&planned).join("\n");
            let named = [
                "task_role_arn",
                "container_definitions",
                "network_configuration",
                "load_balancer",
                "volume",
                "auto_scaling_group_provider",
            ];
            for argument in named {
                assert!(differing.contains(argument), "{name}: {argument} does not differ:\n{differing}");
            }
        }
    }
}
