//! `ecsight export --into DIR`: an export is added to a root module that exists, and changes nothing there.
//!
//! The folders are real, git is real, and where a plan is asked for the engines and providers are.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use ecsight::aws::demo::Account;
use ecsight::engine::OVERRIDE_FILE;
use ecsight::terraform::plan::Verdict;
use engines::{Environment, Pair, Planned, Provider, environment};
use serde_json::{Value, json};
use server::Server;

/// What the program said, and how it ended.
struct Said {
    code: Option<i32>,
    text: String,
}

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecsight"));
    command
        .args(arguments)
        .args(["--endpoint-url", &server.url(), "--region", "eu-west-1"])
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("AWS_PROFILE")
        .env_remove("TF_WORKSPACE")
        .env_remove("TF_DATA_DIR");
    command
}

fn said(mut command: Command) -> Said {
    let output = command.output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Said { code: output.status.code(), text }
}

fn run(server: &Server, arguments: &[&str]) -> Said {
    said(command(server, arguments))
}

/// Every file of a folder, but what engines keep there, with its text.
fn files(dir: &Path) -> BTreeMap<String, String> {
    fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A folder with a root module of one file.
fn module(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("main.tf"), text).expect("written");
    dir
}

const PROVIDER: &str = "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \
                        \"~> 6.40\"\n    }\n  }\n}\n\nprovider \"aws\" {\n  region              = \"eu-west-1\"\n  \
                        allowed_account_ids = [\"123456789012\"]\n}\n";

fn text(dir: &Path) -> &str {
    dir.to_str().expect("UTF-8")
}

/// A service without credentials in its revision, and one with.
const PLAIN: &str = "prod-apps/catalog-api";
const SECRET: &str = "prod-apps/payments";

/// Runs the engine itself in a folder, against the server: only an import-only apply goes through there.
fn apply(environment: &Environment, pair: &Pair, dir: &Path, server: &Server) {
    let settings = dir.join(OVERRIDE_FILE);
    fs::write(&settings, pair.provider.override_text(&server.url())).expect("written");
    for arguments in
        [&["init", "-input=false", "-no-color"][..], &["apply", "-auto-approve", "-input=false", "-no-color"]]
    {
        let output = Command::new(environment.engine(pair).program())
            .args(arguments)
            .current_dir(dir)
            .envs(environment.variables())
            .output()
            .expect("the engine runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{pair}: {arguments:?}: {out}{err}");
    }
    fs::remove_file(settings).expect("removed");
}

fn import_only(planned: &Planned, what: &str) {
    let wrong: Vec<String> = planned
        .report
        .resources
        .iter()
        .filter(|r| !r.verdict.is_harmless())
        .map(|r| {
            let causes: Vec<String> = r.verdict.causes().map(ToString::to_string).collect();
            format!("{}: {} ({})", r.address, r.verdict, causes.join("; "))
        })
        .collect();
    assert!(planned.report.is_import_only(), "{what}: {}\n{}", planned.report.counts, wrong.join("\n"));
}

/// The whole way, twice: a module that has a cluster and a service in its state gets another service of that cluster.
#[tokio::test]
async fn a_service_joins_the_cluster_that_the_state_has() {
    let Some(environment) = environment("plans of --into") else { return };
    let server = Server::start(Account::demo());
    for pair in environment.pairs() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("module");
        let at = text(&dir);
        let dialect = if pair.provider == Provider::V3 { "v3" } else { "v6" };
        let first = run(&server, &["export", "--service", PLAIN, "--dialect", dialect, "--out", at]);
        assert_eq!(first.code, Some(0), "{pair}: {}", first.text);
        apply(&environment, &pair, &dir, &server);
        fs::remove_file(dir.join("imports.tf")).expect("the import is done");
        let before = files(&dir);

        // The dialect is the folder's own.
        let second = run(&server, &["export", "--service", SECRET, "--into", at]);
        assert_eq!(second.code, Some(0), "{pair}: {}", second.text);
        assert!(second.text.contains("already in the state as aws_ecs_cluster.prod-apps"), "{pair}: {}", second.text);
        let after = files(&dir);
        for (name, text) in &before {
            assert_eq!(after.get(name), Some(text), "{pair}: {name} was there and has changed");
        }
        let added: Vec<&str> = after.keys().filter(|n| !before.contains_key(*n)).map(String::as_str).collect();
        assert!(added.iter().all(|name| name.starts_with("ecsight_")), "{added:?}");
        for name in ["ecsight_services.tf", "ecsight_imports.tf", "ecsight_secrets.auto.tfvars", "ecsight_REVIEW.md"] {
            assert!(added.contains(&name), "{pair}: {name} is not among {added:?}");
        }
        assert!(!added.iter().any(|name| name.contains("versions") || name.contains("providers.tf")), "{added:?}");
        assert_eq!(environment.fmt_check(&dir, &pair), "", "{pair}: fmt");

        let planned = environment.plan(&dir, &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
        let cluster = planned.report.resource("aws_ecs_cluster.prod-apps").expect("the cluster");
        assert_eq!(cluster.verdict, Verdict::NoOp, "{pair}");
        let references = planned.report.references_of("aws_ecs_service.payments", "cluster");
        assert!(references.contains(&"aws_ecs_cluster.prod-apps.arn".to_owned()), "{pair}: {references:?}");
        let in_state = planned.report.resources.iter().filter(|r| r.verdict == Verdict::NoOp).count();
        assert!(in_state >= 3 && planned.report.counts.import >= 2, "{pair}: {}", planned.report.counts);
        let evidence: Value = serde_json::from_str(&after["ecsight_evidence.json"]).expect("JSON");
        assert_eq!(planned.report.counts.import, evidence["imports"].as_array().unwrap().len());
        let held = evidence["root_module"]["held"].as_array().unwrap();
        assert!(held.iter().any(|held| held["address"] == "aws_ecs_cluster.prod-apps" && held["linked"] == true));

        // Named by import blocks, then in the state: there is nothing left to import, and nothing is written.
        let again = |why: &str| {
            let third = run(&server, &["export", "--service", SECRET, "--service", PLAIN, "--into", at]);
            assert_eq!(third.code, Some(0), "{pair}: {}", third.text);
            assert!(third.text.starts_with("nothing to import, nothing was written"), "{pair}: {}", third.text);
            assert!(third.text.contains(why), "{pair}: {}", third.text);
        };
        again("an import block has it already, as aws_ecs_service.payments (ecsight_imports.tf)");
        assert_eq!(files(&dir), after, "{pair}");
        apply(&environment, &pair, &dir, &server);
        again("already in the state as aws_ecs_service.payments");
    }
    assert_eq!(server.mutations(), 0);
}

/// `ecsight verify` takes a folder whose import blocks stand in a file of any name.
#[tokio::test]
async fn verify_judges_what_was_added() {
    let Some(environment) = environment("verify of --into") else { return };
    let Some(pair) = environment.pairs().into_iter().find(|p| p.provider == Provider::V6) else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("module");
    run(&server, &["export", "--service", PLAIN, "--out", text(&dir)]);
    apply(&environment, &pair, &dir, &server);
    fs::remove_file(dir.join("imports.tf")).expect("removed");
    let verify = || {
        let mut command = command(&server, &["verify", text(&dir)]);
        command.arg("--engine").arg(environment.engine(&pair).program()).envs(environment.variables());
        said(command)
    };
    let finished = verify();
    assert_eq!(finished.code, Some(0), "{}", finished.text);
    assert!(finished.text.contains("in the state already"), "{}", finished.text);
    run(&server, &["export", "--service", SECRET, "--into", text(&dir)]);
    let judged = verify();
    assert_eq!(judged.code, Some(0), "{}", judged.text);
    let cluster = "=  in the state already no change  aws_ecs_cluster.prod-apps\n";
    assert!(judged.text.contains(cluster), "{}", judged.text);
    // What the module had before does not make the added code an edited one.
    assert!(!judged.text.contains("edited"), "{}", judged.text);
    assert!(judged.text.contains("0 to add, 0 to change, 0 to destroy: import-only"), "{}", judged.text);
}

/// The provider's own tags: what it sets is not written again, and what it would add keeps a resource out.
#[tokio::test]
async fn default_tags_of_the_folder_change_nothing() {
    let Some(environment) = environment("plans of --into with default_tags") else { return };
    let tags = |more: Value| {
        let mut tags = vec![json!({"key": "env", "value": "prod"}), json!({"key": "own", "value": "x"})];
        tags.extend(more.as_array().cloned().unwrap_or_default());
        tags
    };
    let cluster = |name: &str, tags: Value| {
        json!({"clusterArn": format!("arn:aws:ecs:eu-west-1:123456789012:cluster/{name}"), "clusterName": name,
            "status": "ACTIVE", "settings": [{"name": "containerInsights", "value": "disabled"}], "tags": tags,
            "capacityProviders": [], "defaultCapacityProviderStrategy": []})
    };
    let account = json!({
        "identity": {"account": "123456789012", "arn": "arn:aws:iam::123456789012:user/t", "userId": "AIDA", "region": "eu-west-1"},
        "clusters": [
            cluster("tagged", json!(tags(json!([{"key": "aws:cloudformation:stack-name", "value": "s"}, {"key": "skip-me", "value": "1"}])))),
            cluster("other", json!([{"key": "env", "value": "test"}])),
            cluster("bare", json!([{"key": "own", "value": "x"}])),
        ],
    });
    let server = Server::start(Account::from_json(&account));
    for pair in environment.pairs() {
        let dir = module(&format!(
            "{}\nprovider \"aws\" {{\n  region = \"eu-west-1\"\n  default_tags {{\n    tags = {{\n      env = \"prod\"\n    }}\n  \
             }}\n  ignore_tags {{\n    key_prefixes = [\"skip-\"]\n  }}\n}}\n",
            pair.provider.versions_text("eu-west-1").split("\nprovider").next().unwrap()
        ));
        let done = run(&server, &["export", "--all", "--into", text(dir.path())]);
        assert_eq!(done.code, Some(0), "{pair}: {}", done.text);
        assert!(
            done.text.contains("skipped cluster bare: default_tags of the folder's provider would add the tag \"env\"")
        );
        let planned = environment.plan(dir.path(), &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
        assert_eq!(planned.report.counts.import, 2, "{pair}: {}", done.text);
    }
}

#[test]
fn names_and_variables_that_are_taken_stay_with_their_owners() {
    let server = Server::start(Account::demo());
    let dir = module(&format!(
        "{PROVIDER}\nresource \"aws_ecs_service\" \"payments\" {{\n  name = \"something-else\"\n}}\nvariable \
         \"payments_DB_PASSWORD\" {{}}\nresource \"aws_ecs_cluster\" \"prod-apps\" {{\n  name = \"not-prod-apps\"\n}}\n"
    ));
    fs::write(dir.path().join("ecsight_services.tofu"), "").unwrap();
    let done = run(&server, &["export", "--service", SECRET, "--into", text(dir.path()), "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    let after = files(dir.path());
    assert!(after.contains_key("ecsight_services_2.tf"), "{:?}", after.keys());
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, text) in after.iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|e| e == "tf")) {
        for block in hcl::parse(text).unwrap().blocks() {
            let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
            if ["resource", "variable"].contains(&block.identifier()) {
                let clash = seen.insert(labels.join("."), name);
                assert_eq!(clash, None, "{labels:?} stands in {name}, too");
            }
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
    let said: Value = serde_json::from_str(&done.text).unwrap();
    let remarks = said["remarks"].to_string();
    assert!(remarks.contains("in no git work tree"), "{remarks}");
}

/// Runs one export into a folder that must stay as it is; gives what was said.
fn refused(server: &Server, dir: &Path, more: &[&str]) -> String {
    let before = files(dir);
    let arguments: Vec<&str> =
        ["export", "--service", SECRET, "--into", text(dir)].iter().chain(more).copied().collect();
    let said = run(server, &arguments);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert_eq!(files(dir), before, "something was written: {}", said.text);
    said.text
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let server = Server::start(Account::demo());
    let broken = module(&format!("{PROVIDER}\nlocals {{\n  token = \"s3cr3t-in-code\" oops\n}}\n"));
    let words = refused(&server, broken.path(), &[]);
    assert!(words.contains("main.tf, line 16"), "{words}");
    assert!(!words.contains("s3cr3t"), "{words}");

    let words = refused(&server, module("").path(), &["--state", "/nowhere/state"]);
    assert!(words.contains("/nowhere/state"), "{words}");
    let pinned = |constraint: &str| module(&PROVIDER.replace("~> 6.40", constraint));
    let words = refused(&server, pinned("~> 5.0").path(), &[]);
    assert!(words.contains("pins hashicorp/aws ~> 5.0") && words.contains("3.39"), "{words}");
    let words = refused(&server, pinned("~> 3.39").path(), &["--dialect", "v6"]);
    assert!(words.contains("--dialect v6 is for another generation"), "{words}");
    let words = refused(&server, module(&PROVIDER.replace("eu-west-1", "eu-west-3")).path(), &[]);
    assert!(words.contains("provider is for region eu-west-3, and the export is of eu-west-1"), "{words}");
    let words = refused(&server, module(&PROVIDER.replace("123456789012", "210987654321")).path(), &[]);
    assert!(words.contains("allows account 210987654321 only"), "{words}");
    assert_eq!(server.mutations(), 0);
}

#[test]
fn the_dialect_is_the_folders() {
    let server = Server::start(Account::demo());
    for (constraint, has_timeouts) in [("~> 3.39", true), ("~> 6.40", false)] {
        let dir = module(&PROVIDER.replace("~> 6.40", constraint));
        let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path())]);
        assert_eq!(done.code, Some(0), "{}", done.text);
        // Only provider 3.39 wants them (rule 0.7).
        assert_eq!(files(dir.path())["ecsight_services.tf"].contains("timeouts {}"), has_timeouts, "{constraint}");
    }
}

#[test]
fn a_state_elsewhere_is_said_to_be_unread_and_can_be_given() {
    let server = Server::start(Account::demo());
    let code = format!(
        "{PROVIDER}\nterraform {{\n  backend \"s3\" {{}}\n}}\nresource \"aws_ecs_cluster\" \"main\" {{\n  name = \"prod-apps\"\n}}\n"
    );
    let dir = module(&code);
    let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path())]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(done.text.contains("its state was not read: it is kept by backend \"s3\""), "{}", done.text);
    assert!(done.text.contains("the code may have it already, as aws_ecs_cluster.main"), "{}", done.text);
    let written = files(dir.path());
    assert!(written["ecsight_REVIEW.md"].contains("its state was not read"));
    // By value: whether the address has the cluster is not known.
    assert!(written["ecsight_services.tf"].contains("cluster/prod-apps\""), "{}", written["ecsight_services.tf"]);
    assert!(!written.values().any(|text| text.contains("resource \"aws_ecs_cluster\" \"prod-apps\"")));

    let dir = module(&code);
    let state = dir.path().join("pulled.json");
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps";
    let pulled = json!({"version": 4, "terraform_version": "1.15.5", "serial": 1, "resources": [{"mode": "managed",
        "type": "aws_ecs_cluster", "name": "main", "instances": [{"attributes": {"arn": cluster, "name": "prod-apps"}}]}]});
    fs::write(&state, pulled.to_string()).unwrap();
    let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path()), "--state", text(&state)]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(!done.text.contains("not read: it is kept"), "{}", done.text);
    let services = &files(dir.path())["ecsight_services.tf"];
    assert!(services.contains("= aws_ecs_cluster.main.arn"), "{services}");
}

#[test]
fn what_a_module_hides_is_named_by_its_value() {
    let server = Server::start(Account::demo());
    let dir = module(PROVIDER);
    let arn = |resource: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{resource}");
    let state = json!({"version": 4, "terraform_version": "1.15.5", "serial": 1, "resources": [
        {"mode": "managed", "module": "module.base", "type": "aws_ecs_cluster", "name": "this", "instances": [
            {"index_key": 0, "attributes": {"arn": arn("cluster/prod-apps"), "name": "prod-apps"}}]},
        {"mode": "managed", "type": "aws_ecs_task_definition", "name": "api", "instances": [
            {"attributes": {"arn": arn("task-definition/catalog-api:1"), "family": "catalog-api", "revision": 1}}]}]});
    fs::write(dir.path().join("terraform.tfstate"), state.to_string()).unwrap();
    let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path())]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(done.text.contains("already in the state as module.base.aws_ecs_cluster.this[0], where"), "{}", done.text);
    let one_owner = "its family is aws_ecs_task_definition.api already, which holds catalog-api:1";
    assert!(done.text.contains(one_owner), "{}", done.text);
    let written = files(dir.path());
    let services = &written["ecsight_services.tf"];
    assert!(services.contains(&format!("= \"{}\"", arn("cluster/prod-apps"))), "{services}");
    assert!(services.contains("task_definition") && !services.contains("aws_ecs_task_definition."), "{services}");
    assert!(!written.contains_key("ecsight_task_definitions.tf"), "{:?}", written.keys());
}

#[test]
fn credentials_go_only_where_git_ignores_them() {
    let server = Server::start(Account::demo());
    let dir = module(PROVIDER);
    let git = |arguments: &[&str]| {
        let done = Command::new("git").args(arguments).current_dir(dir.path()).output().expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q"]);
    // The folder may be anywhere in the work tree.
    let root = dir.path().join("infra");
    fs::create_dir(&root).unwrap();
    fs::rename(dir.path().join("main.tf"), root.join("main.tf")).unwrap();

    let words = refused(&server, &root, &[]);
    assert!(words.contains("git does not ignore ecsight_secrets.auto.tfvars"), "{words}");
    assert!(words.contains("add the line ecsight_secrets*.auto.tfvars to"), "{words}");
    assert!(words.contains("infra/.gitignore"), "{words}");

    // A repository without git: nobody can say.
    let before = files(&root);
    let mut without = command(&server, &["export", "--service", SECRET, "--into", text(&root)]);
    without.env("PATH", "/nowhere");
    let without = said(without);
    assert_eq!((without.code, files(&root)), (Some(2), before), "{}", without.text);
    assert!(without.text.contains("git does not start"), "{}", without.text);

    // Without a repository there is nothing to ask.
    let alone = module(PROVIDER);
    let mut without = command(&server, &["export", "--service", SECRET, "--into", text(alone.path())]);
    without.env("PATH", "/nowhere");
    let without = said(without);
    assert_eq!(without.code, Some(0), "{}", without.text);
    assert!(without.text.contains("the folder is in no git work tree"), "{}", without.text);

    fs::write(root.join(".gitignore"), "ecsight_secrets*.auto.tfvars\n").unwrap();
    let done = run(&server, &["export", "--service", SECRET, "--into", text(&root)]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(done.text.contains("git does not ignore the state"), "{}", done.text);
    let written = files(&root);
    assert_eq!(written[".gitignore"], "ecsight_secrets*.auto.tfvars\n");
    let planted: Value = serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap();
    let needles: Vec<&str> = planted["secret_values"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let holds = |text: &str| needles.iter().any(|needle| text.contains(needle));
    assert!(holds(&written["ecsight_secrets.auto.tfvars"]));
    for (name, text) in written.iter().filter(|(name, _)| !name.starts_with("ecsight_secrets")) {
        assert!(!holds(text), "{name} holds a credential");
    }
    git(&["add", "-A"]);
    let staged = Command::new("git").args(["ls-files"]).current_dir(dir.path()).output().unwrap();
    let staged = String::from_utf8_lossy(&staged.stdout).into_owned();
    assert!(staged.contains("ecsight_services.tf") && !staged.contains("tfvars"), "{staged}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(root.join("ecsight_secrets.auto.tfvars")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}

/// Runs an export that is killed as it places its file of this number; true when it was quicker than that.
#[cfg(target_os = "linux")]
fn killed_at(server: &Server, dir: &Path, number: usize) -> bool {
    let inner = command(server, &["export", "--service", SECRET, "--into", text(dir)]);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e"])
        .arg(format!("inject=renameat2:signal=SIGKILL:when={number}"))
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    said(command).code == Some(0)
}

/// However an export is killed: no engine plans to create anything in what it leaves, and the next one says what to do.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_killed_export_leaves_nothing_that_would_be_created() {
    let Some(environment) = environment("an export that is killed") else { return };
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        engines::say("left out: an export that is killed: needs strace");
        return;
    }
    let server = Server::start(Account::demo());
    for pair in environment.pairs().into_iter().filter(|pair| pair.provider == Provider::V6) {
        let base = tempfile::tempdir().expect("a folder");
        let (mut broken, mut whole, mut number) = (0, 0, 0);
        loop {
            number += 1;
            // Every path of it has the word in it that the file of import blocks has in its name.
            let dir = base.path().join(format!("my-imports-{number}"));
            fs::create_dir(&dir).expect("made");
            fs::write(dir.join("main.tf"), PROVIDER).expect("written");
            let finished = killed_at(&server, &dir, number);
            let left = files(&dir);
            let what = format!("{pair}: killed at {number}: {:?}", left.keys());
            let planned = environment.try_plan(&dir, &pair, &server.url()).await;
            if let Ok(planned) = &planned {
                assert_eq!(planned.report.counts.add, 0, "{what}");
                assert!(planned.report.resources.iter().all(|r| r.verdict.is_harmless()), "{what}");
            }
            let imported = planned.map_or(0, |planned| planned.report.counts.import);
            if finished {
                assert!(imported > 2 && left.contains_key("ecsight_evidence.json"), "{what}");
                break;
            }
            assert!(left.keys().any(|name| name.starts_with(".ecsight-")), "{what}");
            let again = run(&server, &["export", "--service", SECRET, "--into", text(&dir)]);
            if imported > 0 {
                // All of the code was in its place: there is nothing left to import.
                whole += 1;
                assert!(again.text.starts_with("nothing to import"), "{what}: {}", again.text);
            } else if left.contains_key("ecsight_imports.tf") {
                broken += 1;
                assert_eq!(again.code, Some(2), "{what}: {}", again.text);
                assert!(again.text.contains("an export was broken off there"), "{what}: {}", again.text);
                let words = run(&server, &["verify", text(&dir)]);
                assert!(words.text.contains("an export was broken off there"), "{what}: {}", words.text);
                for name in left.keys().filter(|name| again.text.contains(*name)) {
                    fs::remove_file(dir.join(name)).expect("removed, as it says");
                }
                let again = run(&server, &["export", "--service", SECRET, "--into", text(&dir)]);
                assert_eq!(again.code, Some(0), "{what}: {}", again.text);
                import_only(&environment.plan(&dir, &pair, &server.url()).await, &what);
            } else {
                assert_eq!(again.code, Some(0), "{what}: {}", again.text);
                assert!(again.text.contains("ecsight_secrets.auto.tfvars holds credentials, and"), "{}", again.text);
            }
        }
        assert!(broken >= 3 && whole >= 1, "{pair}: {broken} {whole}");
    }
    assert_eq!(server.mutations(), 0);
}

#[test]
fn what_cannot_be_compared_is_said_and_nothing_is_kept_back() {
    let server = Server::start(Account::demo());
    let code = format!(
        "{PROVIDER}\nmodule \"app\" {{\n  source = \"./app\"\n}}\nresource \"aws_ecs_service\" \"many\" {{\n  for_each = \
         toset([\"catalog-api\"])\n  name     = each.key\n  cluster  = \"prod-apps\"\n}}\n"
    );
    let block = "aws_ecs_service.many (main.tf) has a computed name, and no state was read that says what it is: it may be \
                 one of these, which are imported all the same, and would then be managed twice: service \
                 prod-apps/catalog-api;";
    let call = "they were not looked into: module.app (main.tf)";
    for backend in ["", "terraform {\n  backend \"s3\" {}\n}\n"] {
        let dir = module(&(code.clone() + backend));
        for format in ["text", "json"] {
            let words = ["export", "--service", PLAIN, "--into", text(dir.path()), "--dry-run", "--format", format];
            let planned = run(&server, &words);
            assert_eq!((planned.code, files(dir.path()).len()), (Some(0), 1), "{}", planned.text);
            assert!(planned.text.contains(block) && planned.text.contains(call), "{format}: {}", planned.text);
        }
        let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path())]);
        assert_eq!(done.code, Some(0), "{}", done.text);
        let written = files(dir.path());
        assert!(written["ecsight_imports.tf"].contains("prod-apps/catalog-api"), "it is imported");
        let evidence: Value = serde_json::from_str(&written["ecsight_evidence.json"]).unwrap();
        let remarks: Vec<&str> =
            evidence["root_module"]["remarks"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for words in [block, call] {
            assert!(done.text.contains(words), "{words}\n{}", done.text);
            assert_eq!(remarks.iter().filter(|remark| remark.contains(words)).count(), 1, "{remarks:?}");
        }
        let review = &written["ecsight_REVIEW.md"];
        assert!(review.contains("has a computed name") && review.contains("module.app"), "{review}");
    }

    // The state decides: what it has under that block is left out, and nothing is in doubt.
    let dir = module(&code);
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps";
    let state = json!({"version": 4, "terraform_version": "1.15.5", "serial": 1, "resources": [{"mode": "managed",
        "type": "aws_ecs_service", "name": "many", "instances": [{"index_key": "catalog-api",
            "attributes": {"cluster": cluster, "name": "catalog-api"}}]}]});
    fs::write(dir.path().join("terraform.tfstate"), state.to_string()).unwrap();
    let done = run(&server, &["export", "--service", PLAIN, "--into", text(dir.path())]);
    assert!(done.text.contains("already in the state as aws_ecs_service.many[\"catalog-api\"]"), "{}", done.text);
    assert!(!done.text.contains("computed name") && !done.text.contains("module.app"), "{}", done.text);
}

/// `ecsight import` of what was added to a root module whose provider block computes its region and names no account.
#[tokio::test]
async fn import_proves_what_was_added() {
    let Some(environment) = environment("import of --into") else { return };
    let Some(pair) = environment.pairs().into_iter().find(|p| p.provider == Provider::V6) else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("module");
    run(&server, &["export", "--service", PLAIN, "--out", text(&dir)]);
    apply(&environment, &pair, &dir, &server);
    fs::remove_file(dir.join("imports.tf")).expect("removed");
    fs::write(
        dir.join("providers.tf"),
        "variable \"region\" {}\n\nprovider \"aws\" {\n  region = lower(var.region)\n}\n",
    )
    .expect("written");
    fs::write(dir.join("terraform.tfvars"), "region = \"EU-WEST-1\"\n").expect("written");
    let added = run(&server, &["export", "--service", SECRET, "--into", text(&dir)]);
    assert!(
        added.text.contains("region is computed") && added.text.contains("says that the account is"),
        "{}",
        added.text
    );
    let before = files(&dir);
    let asked = |words: &[&str]| {
        let mut command = command(&server, &[words, &[text(&dir)]].concat());
        command.arg("--engine").arg(environment.engine(&pair).program()).envs(environment.variables());
        said(command)
    };
    let done = asked(&["import", "--yes"]);
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(done.text.contains("second plan: empty") && done.text.contains("ecsight_evidence.json"), "{}", done.text);
    assert!(done.text.contains("delete ecsight_imports.tf"), "{}", done.text);
    assert!(done.text.contains("state and ecsight_secrets.auto.tfvars hold credentials"), "{}", done.text);
    assert!(done.text.contains("in the state already no change  aws_ecs_cluster.prod-apps"), "{}", done.text);
    let after = files(&dir);
    assert_eq!(after["evidence.json"], before["evidence.json"], "the first export's record is its own");
    let evidence: Value = serde_json::from_str(&after["ecsight_evidence.json"]).expect("JSON");
    let record = &evidence["import"];
    assert_eq!((&record["status"], &record["second_plan"]["empty"]), (&json!("done"), &json!(true)), "{record}");
    assert_eq!(record["in_state"], evidence["imports"].as_array().unwrap().len(), "{record}");
    assert_eq!(record["comparison"]["differing"], json!([]), "{record}");
    assert_eq!(record["comparison"]["unknown"], json!([]), "{record}");
    assert!(record["comparison"]["compared"].as_u64().unwrap() > 20, "{record}");

    // Once more: nothing is left to apply, and the code is still as it was exported.
    let again = asked(&["import", "--yes"]);
    assert_eq!(again.code, Some(0), "{}", again.text);
    assert!(again.text.contains("nothing is applied"), "{}", again.text);
    let judged = asked(&["verify", "--format", "json"]);
    assert!(judged.text.contains("\"code\": \"as_exported\""), "{}", judged.text);
    let mut services = fs::OpenOptions::new().append(true).open(dir.join("ecsight_services.tf")).expect("there");
    std::io::Write::write_all(&mut services, b"# mine\n").expect("written");
    let judged = asked(&["verify", "--format", "json"]);
    assert!(judged.text.contains("\"code\": \"edited\""), "{}", judged.text);
    assert_eq!(server.mutations(), 0);
}
