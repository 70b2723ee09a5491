//! What exports write, held to what the provider says of its arguments; and that, held to the providers themselves.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/conform.rs"]
mod conform;
#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;

use conform::Findings;
use ecsight::aws::demo::Account;
use ecsight::aws::{Connect, Session};
use ecsight::commands::read_all;
use ecsight::estate::{Estate, FieldPath, Segment};
use ecsight::export::{Export, Options, everything, export};
use ecsight::terraform::Dialect;
use engines::{Pair, Provider, environment};
use facts::{Fact, Schema};
use serde_json::Value;
use server::Server;
use tokio_util::sync::CancellationToken;

/// Documents that set every member that an argument can hold; `tests/plan.rs` plans them.
fn full() -> Value {
    serde_json::from_str(include_str!("fixtures/full_account.json")).expect("JSON")
}

/// Everything of an account, read through the SDK.
async fn read(account: Account) -> Estate {
    let server = Server::start(account);
    let mut profile = tempfile::NamedTempFile::new().unwrap();
    profile
        .write_all(b"[profile test]\naws_access_key_id = AKIDTEST\naws_secret_access_key = test\nregion = eu-west-1\n")
        .unwrap();
    let connect = Connect {
        profile: Some("test".to_owned()),
        endpoint_url: Some(server.url()),
        config_file: Some(profile.path().to_owned()),
        ..Connect::default()
    };
    let session = Session::connect(&connect).await.expect("a session");
    read_all(&session, &CancellationToken::new()).await.expect("a scan")
}

fn written(estate: &Estate, dialect: Dialect, concise: bool) -> Export {
    let options = Options { dialect, concise, ..Options::default() };
    export(estate, &everything(estate), &options)
}

fn check(schema: &Schema, dialect: Dialect, export: &Export) -> Findings {
    let mut findings = Findings::default();
    for (_, file) in
        export.files.iter().filter(|(name, _)| std::path::Path::new(name).extension().is_some_and(|e| e == "tf"))
    {
        conform::check(schema, dialect.word(), &file.text, &mut findings);
    }
    findings
}

/// Arguments that no export of these accounts writes, for the reason beside each.
fn is_never_written(dialect: Dialect, resource: &str, argument: &str) -> bool {
    let first = argument.split('.').next().unwrap();
    let orders = ["force_delete", "force_new_deployment", "sigint_rollback", "triggers", "wait_for_steady_state"];
    match resource {
        // The provider's own.
        _ if ["id", "tags_all", "region"].contains(&first) => true,
        _ if argument.starts_with("timeouts.") => true,
        // Orders to the provider, never read back.
        "aws_ecs_service" if orders.contains(&first) => true,
        "aws_ecs_task_definition" if ["skip_destroy", "track_latest"].contains(&first) => true,
        // 3.39 does not read it: written, it would be a change for ever.
        "aws_ecs_cluster" if first == "setting" => dialect == Dialect::V3,
        // Only a call of its own answers them.
        "aws_appautoscaling_target" => first == "tags",
        // AWS registers no accelerators any more, and the type has one word, which is the default.
        "aws_ecs_task_definition" => first == "inference_accelerator" || argument == "proxy_configuration.type",
        _ => false,
    }
}

#[tokio::test]
async fn what_is_written_is_what_the_provider_takes() {
    let schema = Schema::read();
    let (demo, full) = (read(Account::demo()).await, read(Account::from_json(&full())).await);
    for dialect in [Dialect::V3, Dialect::V6] {
        for concise in [false, true] {
            let demo = check(&schema, dialect, &written(&demo, dialect, concise));
            assert!(demo.wrong.is_empty(), "{dialect:?} demo:\n{}", demo.wrong.join("\n"));
            assert!(demo.written.len() > 60, "{}", demo.written.len());
            let full = check(&schema, dialect, &written(&full, dialect, concise));
            assert!(full.wrong.is_empty(), "{dialect:?} full:\n{}", full.wrong.join("\n"));
            let unwritten: Vec<String> = schema
                .0
                .iter()
                .filter(|((d, ..), fact)| d == dialect.word() && fact.is_settable())
                .map(|((_, resource, argument), _)| (resource.clone(), argument.clone()))
                .filter(|key| !full.written.contains(key) && !is_never_written(dialect, &key.0, &key.1))
                .map(|(resource, argument)| format!("{resource} {argument}"))
                .collect();
            assert!(unwritten.is_empty(), "{dialect:?}: the full account does not write\n{}", unwritten.join("\n"));
        }
    }
}

/// The full account is full: every member that is an argument by the facts is set somewhere in it.
#[test]
fn the_full_account_sets_every_member_that_is_an_argument() {
    fn walk(path: &FieldPath, value: &Value, out: &mut BTreeSet<String>) {
        for (path, child) in ecsight::estate::children(path, value) {
            let names: Vec<String> = path
                .segments()
                .iter()
                .filter_map(|step| match step {
                    Segment::Member(name) => Some(name.to_string()),
                    Segment::Index(_) => None,
                })
                .collect();
            if !child.is_null() {
                out.insert(names.join("."));
            }
            walk(&path, child, out);
        }
    }
    let account = full();
    let mut missing = Vec::new();
    for (shape, list, within) in [
        ("Cluster", "clusters", ""),
        ("CapacityProvider", "capacity_providers", ""),
        ("Service", "services", ""),
        ("TaskDefinition", "task_definitions", "taskDefinition"),
        ("ScalableTarget", "scalable_targets", ""),
        ("ScalingPolicy", "scaling_policies", ""),
    ] {
        let mut set = BTreeSet::new();
        for document in account[list].as_array().expect(list) {
            walk(&FieldPath::root(), document, &mut set);
        }
        for fact in facts::members().iter().filter(|f| f.shape == shape && f.class == "argument") {
            let of_envelope = within.is_empty() || fact.path.split('.').next() == Some("tags");
            let path = if of_envelope { fact.path.clone() } else { format!("{within}.{}", fact.path) };
            // Task sets are not written.
            if !set.contains(&path) && !fact.path.starts_with("taskSets") {
                missing.push(format!("{shape}.{}", fact.path));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The check itself: each kind of mistake is reported, and a right text is not.
#[test]
fn a_mistake_is_reported() {
    let schema = Schema::read();
    let wrong = |dialect: &str, text: &str| {
        let mut findings = Findings::default();
        conform::check(&schema, dialect, text, &mut findings);
        findings.wrong
    };
    let target = |more: &str| {
        format!(
            "resource \"aws_appautoscaling_target\" \"t\" {{\n  service_namespace = \"ecs\"\n  resource_id = \"service/a/b\"\n  \
             scalable_dimension = \"ecs:service:DesiredCount\"\n  min_capacity = 1\n{more}\n}}\n"
        )
    };
    let max = "  max_capacity = 3\n";
    let none: [&str; 0] = [];
    assert_eq!(wrong("v6", &target(max)), none);
    for (dialect, more, said) in [
        ("v6", format!("{max}  colour = \"red\""), "colour: there is no such argument"),
        ("v6", format!("{max}  colour {{}}"), "colour: there is no such argument"),
        ("v6", format!("{max}  arn = \"a\""), "arn: it is computed only"),
        ("v6", String::new(), "max_capacity: it is required"),
        ("v6", "  max_capacity = \"3\"".into(), "max_capacity: \"3\" is not of type Int"),
        ("v6", "  max_capacity = 3.5".into(), "max_capacity: 3.5 is not of type Int"),
        ("v6", "  max_capacity = true".into(), "max_capacity: true is not of type Int"),
        ("v6", format!("{max}  role_arn = [\"a\"]"), "role_arn: [\n  \"a\"\n] is not of type String"),
        (
            "v6",
            format!("{max}  role_arn = aws_ecs_cluster.c.setting"),
            "role_arn: aws_ecs_cluster.c.setting is not of type String",
        ),
        ("v6", format!("{max}  tags = \"a\""), "tags: \"a\" is not of type Map"),
        ("v6", format!("{max}  tags = {{ a = 1 }}"), "tags: {\n  a = 1\n} is not of type Map"),
        ("v6", format!("{max}  tags {{}}"), "tags: it is no block"),
        ("v6", format!("{max}  suspended_state = \"a\""), "suspended_state: it is a block"),
        (
            "v6",
            format!("{max}  suspended_state {{}}\n  suspended_state {{}}"),
            "suspended_state: 2 blocks, 0 to 1 are allowed",
        ),
        (
            "v6",
            format!("{max}  suspended_state {{\n    colour = 1\n  }}"),
            "suspended_state.colour: there is no such argument",
        ),
        ("v6", format!("{max}  timeouts {{}}"), "timeouts: there is no such argument"),
        ("v6", format!("{max}  lifecycle {{\n    ignore_changes = [colour]\n  }}"), "lifecycle: colour is no argument"),
        ("v3", format!("{max}  suspended_state {{}}"), "suspended_state: there is no such argument"),
    ] {
        let (said, text) = (format!("aws_appautoscaling_target.t {said}"), target(&more));
        assert_eq!(wrong(dialect, &text), [said], "{text}");
    }
    let volume = "resource \"aws_ecs_task_definition\" \"d\" {\n  family = \"d\"\n  container_definitions = jsonencode([])\n  volume {}\n}\n";
    assert_eq!(wrong("v6", volume), ["aws_ecs_task_definition.d volume.name: it is required"]);
    let forecast = |value: &str| {
        format!(
            "resource \"aws_appautoscaling_policy\" \"p\" {{\n  name = \"p\"\n  service_namespace = \"ecs\"\n  resource_id = \"r\"\n  \
             scalable_dimension = \"d\"\n  predictive_scaling_policy_configuration {{\n    {value}\n  }}\n}}\n"
        )
    };
    assert_eq!(wrong("v6", &forecast("metric_specification {\n target_value = \"40\"\n }")), none);
    let at = "aws_appautoscaling_policy.p predictive_scaling_policy_configuration.metric_specification";
    for value in ["40", "\"forty\""] {
        assert_eq!(
            wrong("v6", &forecast(&format!("metric_specification {{\n target_value = {value}\n }}"))),
            [format!("{at}.target_value: {value} is not of type NullableFloat")]
        );
    }
    assert_eq!(wrong("v6", &forecast("mode = \"ForecastOnly\"")), [format!("{at}: it is required")]);
    assert_eq!(
        wrong("v6", "resource \"aws_ecs_colour\" \"c\" {}"),
        ["aws_ecs_colour.c : there is no such resource type"]
    );
    assert_eq!(wrong("v3", "resource \"aws_ecs_cluster_capacity_providers\" \"c\" {}").len(), 1);
    assert!(wrong("v6", "resource {")[0].starts_with("it does not parse"));
}

/// What an engine says of a provider's arguments: dotted argument -> facts, defaults unknown.
fn told(engine: &Value, resource: &str) -> BTreeMap<String, Fact> {
    fn word(of: &Value) -> String {
        match (of.as_str(), of.as_array().map(Vec::as_slice)) {
            (Some("string"), _) => "String".into(),
            (Some("number"), _) => "Number".into(),
            (Some("bool"), _) => "Bool".into(),
            (_, Some([kind, _])) if kind == "map" => "Map".into(),
            (_, Some([kind, inner])) => {
                let inner = if inner[0] == "object" { "block".into() } else { word(inner) };
                format!("{}<{inner}>", if kind == "set" { "Set" } else { "List" })
            }
            _ => of.to_string(),
        }
    }
    fn block(body: &Value, around: &str, out: &mut BTreeMap<String, Fact>) {
        let name = |name: &str| if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") };
        for (key, a) in body["attributes"].as_object().into_iter().flatten() {
            let flag = |flag: &str| a[flag] == true;
            let (required, optional, computed) = (flag("required"), flag("optional"), flag("computed"));
            let of = word(&a["type"]);
            let fact = Fact { required, optional, computed, of, default: String::new(), min: 0, max: 0 };
            out.insert(name(key), fact);
        }
        for (key, b) in body["block_types"].as_object().into_iter().flatten() {
            let count = |count: &str| b[count].as_u64().map_or(0, |n| usize::try_from(n).unwrap());
            let of = match b["nesting_mode"].as_str().unwrap() {
                "set" => "Set<block>",
                "list" => "List<block>",
                _ => "Single<block>",
            };
            let min = count("min_items");
            let (required, optional, computed) = (min > 0, min == 0, false);
            let (of, default, max) = (of.into(), String::new(), count("max_items"));
            out.insert(name(key), Fact { required, optional, computed, default, of, min, max });
            block(&b["block"], &name(key), out);
        }
    }
    let mut out = BTreeMap::new();
    let providers = engine["provider_schemas"].as_object().expect("providers");
    let resource = &providers.values().next().expect("one provider")["resource_schemas"][resource];
    block(&resource["block"], "", &mut out);
    out
}

/// The fixture is what the providers say themselves: 3.39 is the real one, 6.62 a double, for which the fixture was read
/// from the provider's source.
#[test]
fn the_arguments_are_those_of_the_providers() {
    let Some(environment) = environment("the fixture of arguments against the providers") else { return };
    let schema = Schema::read();
    for pair in environment.pairs().into_iter().filter(|pair| pair.command == "terraform") {
        let engine = ask(&environment, &pair);
        let dialect = if pair.provider == Provider::V3 { "v3" } else { "v6" };
        let resources: BTreeSet<&str> =
            schema.0.keys().filter(|key| key.0 == dialect).map(|key| key.1.as_str()).collect();
        let (mut wrong, mut compared) = (Vec::new(), 0);
        for resource in resources {
            let told = told(&engine, resource);
            let own = |argument: &str| {
                dialect == "v6" && ["id", "region", "timeouts"].contains(&argument.split('.').next().unwrap())
            };
            for argument in told.keys().filter(|argument| !own(argument)) {
                if schema.fact(dialect, resource, argument).is_none() {
                    wrong.push(format!("{resource} {argument} is not in the fixture"));
                }
            }
            for (argument, fact) in schema.of(dialect, resource) {
                let Some(said) = told.get(argument) else {
                    wrong.push(format!("{resource} has no {argument}"));
                    continue;
                };
                // An engine knows numbers, and texts for nullable ones; of a block it does not say whether it is computed,
                // and of a set or map not how many elements it takes.
                let mut plain = Fact { default: String::new(), ..fact.clone() };
                plain.of = match plain.of.as_str() {
                    "Int" | "Float" => "Number".into(),
                    "NullableInt" | "NullableFloat" => "String".into(),
                    of => of.to_owned(),
                };
                if fact.is_block() {
                    plain.computed = said.computed;
                } else {
                    plain.max = 0;
                }
                if plain != *said {
                    wrong.push(format!("{resource} {argument}: fixture {plain:?}, provider {said:?}"));
                }
                compared += 1;
            }
        }
        assert!(wrong.is_empty(), "{pair}:\n{}", wrong.join("\n"));
        assert!(compared > 150, "{pair}: {compared}");
    }
}

/// `terraform providers schema -json`.
fn ask(environment: &engines::Environment, pair: &Pair) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("main.tf"), pair.provider.versions_text("eu-west-1")).expect("written");
    let program = environment.engine(pair).program().to_owned();
    let run = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.args(words).current_dir(folder.path()).envs(environment.variables());
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{pair}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run(&["init", "-no-color"]);
    serde_json::from_slice(&run(&["providers", "schema", "-json"])).expect("JSON")
}

/// `ignore_changes` stands where evidence is, with the evidence beside it, and nowhere else; `skip_destroy` is advice only.
#[tokio::test]
async fn lifecycle_follows_evidence() {
    let estate = read(Account::from_json(&full())).await;
    for dialect in [Dialect::V3, Dialect::V6] {
        let export = written(&estate, dialect, false);
        let services = &export.files["services.tf"].text;
        let block = |name: &str| {
            let start = services.find(&format!("resource \"aws_ecs_service\" \"{name}\"")).expect(name);
            let block = &services[start..];
            block[..block.find("\n}\n").expect("an end")].to_owned()
        };
        for name in ["connected", "canary"] {
            let block = block(name);
            assert!(block.contains("ignore_changes = [desired_count]"), "{block}");
            let evidence = format!("# desired_count: a scalable target sets it: ecs/service/full/{name}/");
            assert!(block.contains(&evidence), "{block}");
        }
        let shifted = block("shifted");
        assert!(shifted.contains("# task_definition: the deployment controller CODE_DEPLOY sets it"), "{shifted}");
        assert!(shifted.contains("# load_balancer: the deployment controller CODE_DEPLOY sets it"), "{shifted}");
        let mut body = hcl::parse(services).expect("HCL").into_blocks();
        let shifted = body.find(|b| b.labels()[1].as_str() == "shifted").expect("shifted");
        let lifecycle = shifted.body().blocks().find(|b| b.identifier() == "lifecycle").expect("lifecycle");
        let ignored = lifecycle.body().attributes().next().expect("ignore_changes").expr().to_string();
        assert_eq!(ignored.split_whitespace().collect::<String>(), "[task_definition,load_balancer]");
        // A rolling service that nothing scales: no evidence, no lifecycle.
        for name in ["placed", "everywhere"] {
            assert!(!block(name).contains("lifecycle"), "{}", block(name));
        }

        let definitions = &export.files["task_definitions.tf"].text;
        let advice = definitions.lines().filter(|line| line.starts_with("  # ") && line.contains("skip_destroy"));
        assert_eq!(advice.count(), definitions.matches("resource \"aws_ecs_task_definition\"").count());
        assert!(!definitions.lines().any(|line| line.trim_start().starts_with("skip_destroy")), "{definitions}");
    }
}
