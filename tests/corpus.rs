//! Real documents, written by people who knew nothing of this program: all of them are imported and nothing changes, or
//! they are skipped for a reason that stands in a table here.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use corpus::{Built, corpus};
use ecsight::aws::demo::Account;
use engines::{Environment, Pair, environment};
use facts::Schema;
use plans::{dialect, ecsight, evidence, import_only, nothing_left_out, refusals, would_be};
use serde_json::{Value, json};
use server::Server;

/// What AWS would have refused or translated when the document was registered: file, object of the file, member, what
/// stands there instead. Each is needed: without it the program skips the document, by [`CANNOT`].
const MENDED: &[(&str, &str, &str)] = &[
    // Placeholders where an ARN belongs.
    ("012", "/executionRoleArn", ROLE),
    ("015", "/executionRoleArn", ROLE),
    ("024", "/taskRoleArn", ROLE),
    ("024", "/executionRoleArn", ROLE),
    ("030", "/executionRoleArn", ROLE),
    ("032", "/executionRoleArn", ROLE),
    ("033", "/executionRoleArn", ROLE),
    ("044", "/taskRoleArn", ROLE),
    ("044", "/executionRoleArn", ROLE),
    ("048", "/taskRoleArn", ROLE),
    ("048", "/executionRoleArn", ROLE),
    ("050", "/executionRoleArn", ROLE),
    ("054", "/executionRoleArn", ROLE),
    ("061", "/taskRoleArn", ROLE),
    ("061", "/executionRoleArn", ROLE),
    ("066", "/taskRoleArn", ROLE),
    ("066", "/executionRoleArn", ROLE),
    ("051", "/deploymentConfiguration/lifecycleHooks/0/hookTargetArn", FUNCTION),
    ("051", "/deploymentConfiguration/lifecycleHooks/0/roleArn", ROLE),
    ("051", "/loadBalancers/0/targetGroupArn", TARGETS),
    ("051", "/loadBalancers/0/advancedConfiguration/alternateTargetGroupArn", TARGETS),
    ("051", "/loadBalancers/0/advancedConfiguration/productionListenerRule", RULE),
    ("051", "/loadBalancers/0/advancedConfiguration/roleArn", ROLE),
    ("067", "/loadBalancers/0/targetGroupArn", TARGETS),
    ("068", "/deploymentController/type", "ECS"),
    ("068", "/loadBalancers/0/targetGroupArn", TARGETS),
    ("068", "/volumeConfigurations/0/managedEBSVolume/roleArn", ROLE),
    // Words where an ARN belongs.
    ("031", "/volumes/0/fsxWindowsFileServerVolumeConfiguration/authorizationConfig/credentialsParameter", SECRET),
    ("037", "/loadBalancers/0/targetGroupArn", TARGETS),
    ("037", "/serviceRegistries/0/registryArn", REGISTRY),
    ("037", "/roleArn", ROLE),
    // Accounts of eleven digits.
    ("034", "/taskRoleArn", ROLE),
    ("034", "/executionRoleArn", ROLE),
    ("074", "/loadBalancers/0/targetGroupArn", TARGETS),
    // A number as a string, which the API's own reader refuses; a size that AWS refuses.
    ("016", "/containerDefinitions/1/memory", "500"),
    ("078", "/ephemeralStorage/sizeInGiB", "21"),
];

const ROLE: &str = "arn:aws:iam::123456789012:role/mended";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:mended";
const TARGETS: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/mended/0123456789abcdef";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/mended/1/2/3";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mended-AbCdEf";
const REGISTRY: &str = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-mended";

/// When a document is skipped, and who says that it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// As it was written only; the engine's `validate` refuses its code.
    Raw,
    /// Mended too; the engine refuses its code or its import with these words.
    Always(&'static str),
    /// Mended too, by our own choice: 3.39 would import a service that is being deleted, and then create it anew.
    Chosen,
}
use When::{Always, Chosen, Raw};

/// What cannot be imported: file, dialects, when, and what the reason says.
const CANNOT: &[(&str, &str, When, &str)] = &[
    ("003", "v6", Always("Cannot import non-existent remote object"), "the service is DRAINING"),
    ("028", "v6", Always("Cannot import non-existent remote object"), "the service is DRAINING"),
    ("064", "v6", Always("Cannot import non-existent remote object"), "the service is DRAINING"),
    ("003", "v3", Chosen, "the service is DRAINING"),
    ("028", "v3", Chosen, "the service is DRAINING"),
    ("064", "v3", Chosen, "the service is DRAINING"),
    ("023", "v6", Always("exactly one of auto_scaling_group_provider or managed_instances_provider"), "AWS owns it"),
    ("023", "v3", Always("At least 1 \"auto_scaling_group_provider\" blocks are required"), "AWS owns it"),
    ("012", "v3 v6", Raw, "executionRoleArn is \"${YOUR_EXECUTION_ROLE}\"; the provider takes an ARN"),
    ("015", "v3 v6", Raw, "executionRoleArn is \"{{ tfstate `module.web_ecs_tokyo"),
    ("016", "v3 v6", Raw, "containerDefinitions[1].memory is \"500\"; the provider takes a whole number as memory"),
    ("024", "v3 v6", Raw, "taskRoleArn is \"<taskRoleArn>\"; the provider takes an ARN"),
    ("030", "v3 v6", Raw, "executionRoleArn is \"{{ tfstate `aws_iam_role.redash.arn` }}\"; the provider takes an ARN"),
    ("031", "v6", Raw, "credentialsParameter is \"arn:arn-1234\"; the provider takes an ARN"),
    ("032", "v3 v6", Raw, "executionRoleArn is \"TASK_EXECUTION_ROLE\"; the provider takes an ARN"),
    ("033", "v3 v6", Raw, "executionRoleArn is \"arn:aws:iam::{{ must_env `AWS_ID` }}:role/ecs-task-execution\"; the"),
    (
        "034",
        "v3 v6",
        Raw,
        "taskRoleArn is \"arn:aws:iam::11111111111:role/ecsTaskExecutionRole\"; the provider takes an ARN",
    ),
    ("037", "v3", Raw, "roleArn names no role behind a slash"),
    ("037", "v6", Raw, "loadBalancers[0].targetGroupArn is \"tg1\"; the provider takes an ARN"),
    (
        "044",
        "v3 v6",
        Raw,
        "taskRoleArn is \"arn:aws:iam::${AWS_ACCOUNT_ID}:role/ECS-role-Preprocessing\"; the provider takes an",
    ),
    ("048", "v3 v6", Raw, "taskRoleArn is \"arn:aws:iam::AWS_ACCOUNT_NUMBER:role/"),
    (
        "050",
        "v3 v6",
        Raw,
        "executionRoleArn is \"arn:aws:iam::<AWS_ACCOUNT_ID>:role/ecsTaskExecutionRole\"; the provider takes",
    ),
    (
        "051",
        "v6",
        Raw,
        "lifecycleHooks[0].hookTargetArn is \"{{arn:aws:lambda:us-west-2:7123456789012:function:checkExample}}\"",
    ),
    ("051", "v3", Raw, "loadBalancers[0].targetGroupArn is \"{{arn:aws:elasticloadbalancing:us-west-2:"),
    ("054", "v3 v6", Raw, "executionRoleArn is \"<EXECUTION_ROLE_ARN>\"; the provider takes an ARN"),
    (
        "061",
        "v3 v6",
        Raw,
        "taskRoleArn is \"arn:aws:iam::$AWS_ACCOUNT_ID:role/ecsanywhereTaskRole\"; the provider takes an ARN",
    ),
    (
        "066",
        "v3 v6",
        Raw,
        "taskRoleArn is \"{{ tfstate `output.worker_ecs_task_role_arn` }}\"; the provider takes an ARN",
    ),
    (
        "067",
        "v3 v6",
        Raw,
        "loadBalancers[0].targetGroupArn is \"{{ tfstatef `module.app['%s'].aws_lb_target_group.api.arn`",
    ),
    (
        "068",
        "v3 v6",
        Raw,
        "deploymentController.type is \"{{ env `DEPLOYMENT_CONTROLLER` `ECS` }}\"; the provider takes one of ECS,",
    ),
    (
        "074",
        "v3 v6",
        Raw,
        "loadBalancers[0].targetGroupArn is \"arn:aws:elasticloadbalancing:eu-west-2:11111111111:targetgroup",
    ),
    ("078", "v6", Raw, "ephemeralStorage.sizeInGiB is 0; the provider takes a whole number from 21 to 200"),
];

/// Mends one object of a file; every row of the table must find what it mends.
fn mend(number: &str, object: &mut Value) {
    for (_, pointer, to) in MENDED.iter().filter(|(file, ..)| *file == number) {
        let to = to.parse::<i64>().map_or_else(|_| json!(to), Value::from);
        let found = object.pointer_mut(pointer).unwrap_or_else(|| panic!("{number}: there is no {pointer} to mend"));
        assert_ne!(*found, to, "{number} {pointer}: nothing to mend");
        *found = to;
    }
}

fn export(server: &Server, dir: &Path, pair: &Pair, concise: bool) -> Value {
    let mut words = vec!["export", "--all", "--dialect", dialect(pair), "--out", dir.to_str().expect("UTF-8")];
    words.extend(concise.then_some("--concise"));
    ecsight(server, &words);
    evidence(dir)
}

/// The documents that an export skipped, with their reasons; holds them to the table, both ways.
fn skipped<'b>(built: &'b Built, evidence: &Value, dialect: &str, raw: bool) -> BTreeMap<&'b str, String> {
    let skips = evidence["skips"].as_array().expect("skips");
    let reasons: BTreeMap<&str, &str> =
        skips.iter().map(|s| (s["resource"].as_str().unwrap(), s["reason"].as_str().unwrap())).collect();
    let expected: Vec<_> = CANNOT
        .iter()
        .filter(|(_, dialects, when, _)| dialects.contains(dialect) && (raw || *when != Raw))
        .map(|(file, _, _, reason)| (*file, *reason))
        .collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut out = BTreeMap::new();
    for member in &built.members {
        let Some(reason) = reasons.get(member.arn.as_str()) else { continue };
        match expected.iter().find(|(file, words)| *file == member.file && reason.contains(words)) {
            Some(row) => _ = seen.insert(*row),
            None => wrong.push(format!("{} {}: {reason}", member.file, member.arn)),
        }
        out.insert(member.arn.as_str(), (*reason).to_owned());
    }
    wrong.extend(expected.iter().filter(|row| !seen.contains(*row)).map(|(f, r)| format!("{f} is not skipped: {r}")));
    assert!(wrong.is_empty(), "{dialect}, skips that differ from the table:\n{}", wrong.join("\n"));
    // What is skipped besides is nothing of the corpus: a document names it, and AWS does not have it.
    for (arn, reason) in reasons.iter().filter(|(arn, _)| !out.contains_key(**arn)) {
        let gone = *reason == "AWS says that it does not exist" || reason.starts_with("it runs only in a rollout");
        assert!(gone || arn.ends_with("/FARGATE") || arn.ends_with("/FARGATE_SPOT"), "{arn}: {reason}");
    }
    out
}

/// Every document is either imported or skipped.
fn all_are_there(built: &Built, evidence: &Value, skipped: &BTreeMap<&str, String>, dialect: &str) {
    let imports: BTreeSet<&str> =
        evidence["imports"].as_array().unwrap().iter().map(|i| i["import_id"].as_str().unwrap()).collect();
    for member in &built.members {
        let name = member.arn.rsplit('/').next().unwrap();
        let import_id =
            if member.arn.contains(":cluster/") || member.arn.contains(":capacity-provider/") && dialect == "v3" {
                name
            } else {
                member.arn.split_once(":service/").map_or(member.arn.as_str(), |(_, service)| service)
            };
        let (imported, skipped) = (imports.contains(import_id), skipped.contains_key(member.arn.as_str()));
        assert!(imported != skipped, "{} {}: imported {imported}, skipped {skipped}", member.file, member.arn);
    }
}

#[tokio::test]
async fn every_document_is_imported_and_nothing_changes() {
    let Some(files) = corpus("real documents: plans of the corpus") else { return };
    let Some(environment) = environment("real documents: plans of the corpus") else { return };
    assert_eq!(files.len(), 80, "the manifest names 80 documents");
    let built = Built::of(&files, &|number, object| mend(number, object));
    let server = Server::start(Account::from_json(&built.account()));
    let folder = tempfile::tempdir().expect("a folder");
    let schema = Schema::read();
    for pair in environment.pairs() {
        for concise in [false, true] {
            let name = format!("{}-{}-{concise}", pair.command, dialect(&pair));
            let dir = folder.path().join(&name);
            let evidence = export(&server, &dir, &pair, concise);
            let skipped = skipped(&built, &evidence, dialect(&pair), false);
            all_are_there(&built, &evidence, &skipped, dialect(&pair));
            assert_eq!(environment.fmt_check(&dir, &pair), "", "{name}: fmt");
            let planned = environment.plan(&dir, &pair, &server.url()).await;
            import_only(&planned, &name);
            assert_eq!(planned.report.counts.import, evidence["imports"].as_array().unwrap().len(), "{name}");
            let of = |kind: &str| planned.report.resources.iter().filter(|r| r.resource_type == kind).count();
            assert_eq!((of("aws_ecs_task_definition"), of("aws_ecs_service")), (52, 19), "{name}");
            nothing_left_out(&schema, &pair, &planned, &evidence, 70);
        }
    }
    assert_eq!(server.mutations(), 0);
}

/// As they were written: what cannot be planned is skipped by the program, and the provider agrees with every skip.
#[tokio::test]
async fn what_cannot_be_planned_is_skipped_with_its_reason() {
    let Some(files) = corpus("real documents: the corpus as it was written") else { return };
    let Some(environment) = environment("real documents: the corpus as it was written") else { return };
    let built = Built::of(&files, &|_, _| {});
    let server = Server::start(Account::from_json(&built.account()));
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs().into_iter().filter(|pair| pair.command == "terraform") {
        let dir = folder.path().join(dialect(&pair));
        let evidence = export(&server, &dir, &pair, false);
        let skipped = skipped(&built, &evidence, dialect(&pair), true);
        all_are_there(&built, &evidence, &skipped, dialect(&pair));
        import_only(&environment.plan(&dir, &pair, &server.url()).await, &pair.to_string());
        provider_agrees(&environment, &pair, &built, &skipped, &server, &dir);
    }
}

/// The code that each skipped document would have had: the engine refuses all of it, each for its own fault.
fn provider_agrees(
    environment: &Environment,
    pair: &Pair,
    built: &Built,
    skipped: &BTreeMap<&str, String>,
    server: &Server,
    export: &Path,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = built.files();
    let when = |arn: &str| {
        let mut rows =
            CANNOT.iter().filter(|(file, dialects, ..)| *file == files[arn] && dialects.contains(dialect(pair)));
        rows.next().expect("a row").2
    };
    let mut left: Vec<&str> = skipped.keys().copied().filter(|arn| when(arn) != Chosen).collect();
    for plan in [false, true] {
        let dir = folder.path().join(format!("plan-{plan}"));
        let written = would_be(&built.account(), &left, dialect(pair), export, &dir);
        let refused = refusals(environment, pair, &dir, plan.then(|| server.url()).as_deref());
        for (arn, address) in &written {
            let said = refused.iter().filter(|(at, said)| at == address || said.contains(&format!("\"{address}\"")));
            let said: Vec<&str> = said.map(|(_, said)| said.as_str()).collect();
            match when(arn) {
                Raw => {
                    assert!(
                        !said.is_empty(),
                        "{pair}: {} {arn} is skipped, and its code is valid",
                        files[arn.as_str()]
                    );
                }
                Always(words) if said.iter().any(|said| said.contains(words)) => {}
                Always(_) if !plan && said.is_empty() => continue,
                _ => panic!("{pair}: {} {arn} is skipped, and the engine says {said:?}", files[arn.as_str()]),
            }
            left.retain(|other| other != arn);
        }
    }
    assert_eq!(left, [""; 0], "{pair}: skipped, and the engine does not refuse it");
}

#[test]
fn only_what_needs_it_is_mended() {
    let mended: BTreeSet<&str> = MENDED.iter().map(|(file, ..)| *file).collect();
    let raw: BTreeSet<&str> = CANNOT.iter().filter(|(_, _, when, _)| *when == Raw).map(|(file, ..)| *file).collect();
    assert_eq!(mended, raw);
}
