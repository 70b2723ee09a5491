//! The engine room: real engines where `tests/run` has set them up, a scripted one everywhere.
#![cfg(target_os = "linux")]
// The functions beside the tests may fail as loudly as the tests.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecsight::engine::apply::{self, Outcome};
use ecsight::engine::{Activity, Engine, Flavour, OVERRIDE_FILE, Phase, Progress, VerifyOptions, saved_plan, verify};
use ecsight::error::Kind;
use ecsight::terraform::plan::Verdict;
use engines::{Environment, Provider, environment, say};
use tokio_util::sync::CancellationToken;

// ---- a real engine against moto -------------------------------------------------------------

/// A moto server behind its front, which gives back what moto forgets. Stopped when dropped.
struct Moto {
    children: Vec<Child>,
    url: String,
}

impl Moto {
    fn start(environment: &Environment) -> Self {
        let (back, front) = (free_port(), free_port());
        let mut moto = Self { children: Vec::new(), url: format!("http://127.0.0.1:{front}") };
        let server = Command::new(environment.program("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &back.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server starts");
        moto.children.push(server);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/env/moto_front.py");
        let server = Command::new(environment.program("python"))
            .arg(script)
            .args(["--port", &front.to_string(), "--back", &format!("127.0.0.1:{back}"), "--keep"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the front starts");
        moto.children.push(server);
        wait_for(back);
        wait_for(front);
        moto
    }

    fn ecs(&self, operation: &str, body: &str) {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the front listens");
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AmazonEC2ContainerServiceV20141113.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=testing/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with("HTTP/1.1 200"), "{operation}: {answer}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        for child in &mut self.children {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn wait_for(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_mins(1), "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A cluster, a task definition and a service, imported by hand-written code.
fn hand_written(provider: Provider, maximum_percent: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("versions.tf"), provider.versions_text("us-east-1")).expect("written");
    let main = r#"
import {
  to = aws_ecs_cluster.main
  id = "main"
}

import {
  to = aws_ecs_task_definition.web
  id = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"
}

import {
  to = aws_ecs_service.web
  id = "main/web"
}

resource "aws_ecs_cluster" "main" {
  name = "main"
  tags = {
    owner = "platform"
  }
}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  network_mode          = "bridge"
  container_definitions = jsonencode([{
    name   = "web"
    image  = "public.ecr.aws/acme/web:1"
    memory = 64
  }])
}

resource "aws_ecs_service" "web" {
  name                               = "web"
  cluster                            = aws_ecs_cluster.main.arn
  task_definition                    = "${aws_ecs_task_definition.web.family}:${aws_ecs_task_definition.web.revision}"
  launch_type                        = "EC2"
  desired_count                      = 2
  deployment_minimum_healthy_percent = 50
  deployment_maximum_percent         = MAXIMUM
  timeouts {}
}
"#;
    let mut main = main.replace("MAXIMUM", &maximum_percent.to_string());
    if provider == Provider::V6 {
        main = main.replace("  timeouts {}\n", "");
    }
    fs::write(folder.path().join("main.tf"), main).expect("written");
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_plan_is_clean_or_names_what_differs() {
    let Some(environment) = environment("real plans of hand-written code") else {
        return;
    };
    let moto = Moto::start(&environment);
    moto.ecs("CreateCluster", r#"{"clusterName":"main","tags":[{"key":"owner","value":"platform"}]}"#);
    moto.ecs(
        "RegisterTaskDefinition",
        r#"{"family":"web","networkMode":"bridge","containerDefinitions":[{"name":"web","image":"public.ecr.aws/acme/web:1","memory":64}]}"#,
    );
    moto.ecs(
        "CreateService",
        r#"{"cluster":"main","serviceName":"web","taskDefinition":"web:1","desiredCount":2,"launchType":"EC2",
            "deploymentConfiguration":{"maximumPercent":150,"minimumHealthyPercent":50}}"#,
    );

    let pairs = environment.pairs();
    assert!(!pairs.is_empty(), "the environment has no engine with a provider");
    for pair in pairs {
        let began = Instant::now();
        let clean = hand_written(pair.provider, 150);
        let planned = environment.plan(clean.path(), &pair, &moto.url).await;
        say(&format!("{pair}: planned in {:.1} s", began.elapsed().as_secs_f32()));
        let report = &planned.report;
        assert!(report.is_import_only(), "{pair}: {} {:#?}", report.counts, report.resources);
        assert_eq!(report.counts.to_string(), "3 to import, 0 to add, 0 to change, 0 to destroy", "{pair}");
        let service = report.resource("aws_ecs_service.web").expect("planned");
        assert_eq!(service.import_id.as_deref(), Some("main/web"), "{pair}");
        assert_eq!(service.verdict, Verdict::ImportNoOp, "{pair}");
        assert_eq!(service.before["deployment_maximum_percent"], 150, "{pair}");
        assert_eq!(
            report.references_of("aws_ecs_service.web", "cluster"),
            ["aws_ecs_cluster.main.arn", "aws_ecs_cluster.main"],
            "{pair}"
        );
        assert!(
            report
                .references_of("aws_ecs_service.web", "task_definition")
                .contains(&"aws_ecs_task_definition.web.revision".to_owned()),
            "{pair}"
        );
        assert!(report.references_of("aws_ecs_service.web", "name").is_empty(), "{pair}");
        assert!(!planned.json["resource_changes"].is_null(), "{pair}");
        // Nothing of the run stays in the folder.
        assert_eq!(names(clean.path()), ["main.tf", "versions.tf"], "{pair}");

        let different = hand_written(pair.provider, 200);
        let options = environment.options(&pair, &moto.url);
        let mut heard = Vec::new();
        let report = verify(different.path(), &options, |news| heard.push(news), &CancellationToken::new())
            .await
            .unwrap_or_else(|e| panic!("{pair}: {e}"));
        assert!(!report.is_import_only(), "{pair}");
        assert_eq!(report.counts.to_string(), "3 to import, 0 to add, 1 to change, 0 to destroy", "{pair}");
        let service = report.resource("aws_ecs_service.web").expect("planned");
        assert!(matches!(service.verdict, Verdict::ImportWithChange { .. }), "{pair}: {}", service.verdict);
        let causes: Vec<String> = service.verdict.causes().map(ToString::to_string).collect();
        assert_eq!(causes, ["deployment_maximum_percent: 150 -> 200"], "{pair}");
        for activity in [Activity::PreparingImport, Activity::Refreshing] {
            let address = "aws_ecs_service.web".to_owned();
            assert!(heard.contains(&Progress::Resource { address, activity }), "{pair}: {activity:?} in {heard:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_value_in_an_argument_differs_only_in_its_mark() {
    let Some(environment) = environment("the sensitivity mark in a real plan") else {
        return;
    };
    let Some(pair) = environment.pairs().into_iter().find(|pair| pair.command == "terraform") else {
        return say("left out: the sensitivity mark: no Terraform");
    };
    let moto = Moto::start(&environment);
    moto.ecs("CreateCluster", r#"{"clusterName":"main","tags":[{"key":"owner","value":"hunter2-not-real"}]}"#);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("main.tf"),
        pair.provider.versions_text("us-east-1")
            + r#"
variable "owner" {
  type      = string
  sensitive = true
  default   = "hunter2-not-real"
}

import {
  to = aws_ecs_cluster.main
  id = "main"
}

resource "aws_ecs_cluster" "main" {
  name = "main"
  tags = {
    owner = var.owner
  }
}
"#,
    )
    .expect("written");
    let planned = environment.plan(folder.path(), &pair, &moto.url).await;
    let cluster = planned.report.resource("aws_ecs_cluster.main").expect("planned");
    assert!(cluster.verdict.is_only_sensitivity(), "{:#?}", cluster.verdict);
    assert!(cluster.verdict.to_string().contains("only the sensitivity mark differs"));
    let words = format!("{:?}", cluster.verdict);
    assert!(!words.contains("hunter2"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_engine_that_is_cancelled_ends_with_its_provider() {
    let Some(environment) = environment("cancelling a real engine") else {
        return;
    };
    // Accepts every connection and never answers: the provider waits for STS.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    for pair in environment.pairs() {
        let folder = hand_written(pair.provider, 150);
        let temp = tempfile::tempdir().expect("a folder");
        let mut options = environment.options(&pair, &url);
        options.grace = Duration::from_millis(1500);
        // A mark in the environment by which the processes of this run can be told.
        let mark = format!("ECSIGHT_TEST_MARK={}", temp.path().display());
        let (name, value) = mark.split_once('=').expect("a pair");
        options.env.push((name.into(), value.into()));
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let run = verify(
            folder.path(),
            &options,
            move |news| {
                if news == Progress::Started(Phase::Plan) {
                    let stop = stop.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                        stop.cancel();
                    });
                }
            },
            &cancel,
        );
        let error = run.await.expect_err("cancelled");
        assert_eq!(error.kind, Kind::Interrupted, "{pair}: {error}");
        assert_eq!(error.message, "interrupted during plan", "{pair}");
        assert_eq!(names(folder.path()), ["main.tf", "versions.tf"], "{pair}");
        assert_gone(&mark);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_says_how_to_get_it() {
    let Some(environment) = environment("init without its provider") else {
        return;
    };
    for pair in environment.pairs() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = pair.provider.versions_text("us-east-1").replace(pair.provider.version(), ">= 99.0");
        fs::write(folder.path().join("main.tf"), text).expect("written");
        let error =
            environment.try_plan(folder.path(), &pair, "http://127.0.0.1:9").await.err().expect("no such version");
        assert_eq!(error.kind, Kind::Engine, "{pair}");
        assert!(error.message.starts_with("provider hashicorp/aws not found: "), "{pair}: {error}");
        assert!(error.hint.is_some_and(|hint| hint.contains("version constraint")), "{pair}");

        let text = pair.provider.versions_text("us-east-1")
            + "\nresource \"aws_ecs_cluster\" \"a\" {\n  name = \"a\"\n  nam = 1\n}\n";
        fs::write(folder.path().join("main.tf"), text).expect("written");
        let error = environment.try_plan(folder.path(), &pair, "http://127.0.0.1:9").await.err().expect("not valid");
        assert_eq!(error.kind, Kind::Engine, "{pair}: {error}");
        assert!(error.message.contains("main.tf:16: Unsupported argument"), "{pair}: {error}");
    }
}

// ---- a scripted engine, which needs nothing -------------------------------------------------

/// A shell script that stands for an engine; `$1` is the subcommand.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("terraform");
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
        fs::create_dir(folder.path().join("code")).expect("made");
        // Another test may be starting a process just now, which holds our file open for writing
        // for a moment; until then it cannot be run.
        for _ in 0..200 {
            let run =
                Command::new(&path).stdout(Stdio::null()).stderr(Stdio::null()).env("NOTES", "/dev/null").status();
            match run {
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                _ => break,
            }
        }
        Self { folder }
    }

    fn options(&self) -> VerifyOptions {
        let mark = self.folder.path().display().to_string();
        VerifyOptions {
            env: vec![("ECSIGHT_TEST_MARK".into(), mark), ("NOTES".into(), self.notes().display().to_string())],
            grace: Duration::from_millis(500),
            ..VerifyOptions::new(self.engine())
        }
    }

    fn engine(&self) -> Engine {
        Engine::find_in(None, None, self.folder.path().as_os_str()).expect("found on PATH")
    }

    fn code(&self) -> PathBuf {
        self.folder.path().join("code")
    }

    fn notes(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    fn noted(&self) -> String {
        fs::read_to_string(self.notes()).unwrap_or_default()
    }
}

/// No process carries this entry in its environment.
fn assert_gone(mark: &str) {
    let began = Instant::now();
    loop {
        let alive: Vec<_> = processes_with(mark);
        if alive.is_empty() {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(3), "still running: {alive:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn processes_with(mark: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let state = fs::read_to_string(path.join("stat")).unwrap_or_default();
            let zombie = state.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
            let environ = fs::read(path.join("environ")).unwrap_or_default();
            !zombie && environ.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
        })
        .collect()
}

const VALID: &str = r#"validate) echo '{"valid":true,"diagnostics":[]}' ;;"#;
const PLAN_JSON: &str = r#"{"format_version":"1.2","terraform_version":"1.15.5","configuration":{"root_module":{}},
"resource_changes":[{"address":"aws_ecs_cluster.a","type":"aws_ecs_cluster","name":"a","change":{"actions":["no-op"],
"before":{"name":"hunter2"},"after":{"name":"hunter2"},"after_unknown":{},"before_sensitive":{},"after_sensitive":{},
"importing":{"id":"a"}}}]}"#;

#[tokio::test]
async fn the_four_steps_run_in_order_and_leave_nothing() {
    let script = Script::new(&format!(
        "echo \"$*\" >>$NOTES\ncase $1 in\n{VALID}\n\
         init) mkdir .terraform; touch .terraform.lock.hcl; ls {OVERRIDE_FILE} >>$NOTES ;;\n\
         plan) f=${{5#-out=}}; stat -c '%a' $f $(dirname $f) >>$NOTES; echo secret >$f\n\
           echo 'aws_ecs_cluster.a: Preparing import... [id=a]'; echo 'aws_ecs_cluster.a: Refreshing state... [id=a]' ;;\n\
         show) cat <<'EOF'\n{PLAN_JSON}\nEOF\n;;\nesac"
    ));
    let mut options = script.options();
    options.override_file = Some("# nothing\n".into());
    options.plan_arguments = vec!["-refresh=true".into()];
    options.mask = Arc::new(|text| text.replace("hunter2", "***"));
    let mut heard = Vec::new();
    let report =
        verify(&script.code(), &options, |news| heard.push(news), &CancellationToken::new()).await.expect("planned");
    assert!(report.is_import_only());
    assert_eq!(report.resources[0].before["name"], "***");
    let noted = script.noted();
    let lines: Vec<&str> = noted.lines().collect();
    let plan = lines[3].strip_prefix("plan -input=false -no-color -lock=false -out=").expect("planned");
    let plan = plan.strip_suffix(" -refresh=true").expect("more arguments");
    let show = format!("show -json -no-color {plan}");
    assert_eq!(lines[..3], ["init -input=false -no-color", OVERRIDE_FILE, "validate -json -no-color"]);
    assert_eq!(lines[4..], ["600", "700", show.as_str()]);
    assert!(!Path::new(plan).exists() && !Path::new(plan).starts_with(script.code()));
    assert!(names(&script.code()).is_empty(), "{:?}", names(&script.code()));
    let steps: Vec<Phase> = heard
        .iter()
        .filter_map(|news| match news {
            Progress::Finished(phase, _) => Some(*phase),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [Phase::Init, Phase::Validate, Phase::Plan, Phase::Show]);
    assert!(
        heard
            .contains(&Progress::Resource { address: "aws_ecs_cluster.a".into(), activity: Activity::PreparingImport })
    );

    options.keep_init = true;
    verify(&script.code(), &options, |_| {}, &CancellationToken::new()).await.expect("planned");
    assert_eq!(names(&script.code()), [".terraform", ".terraform.lock.hcl"]);
}

#[tokio::test]
async fn what_the_engine_says_is_masked() {
    let script = Script::new("case $1 in init) echo 'Error: bad value hunter2' >&2; exit 1 ;; esac");
    let mut options = script.options();
    options.mask = Arc::new(|text| text.replace("hunter2", "***"));
    let error = verify(&script.code(), &options, |_| {}, &CancellationToken::new()).await.expect_err("init failed");
    assert_eq!(error.message, "init failed: bad value ***");
}

/// Cancels as soon as the engine has written the note `ready`.
async fn cancelled(script: &Script) -> (ecsight::error::Error, Duration) {
    let options = script.options();
    let cancel = CancellationToken::new();
    let (stop, notes) = (cancel.clone(), script.notes());
    let waiting = tokio::spawn(async move {
        for _ in 0..600 {
            if fs::read_to_string(&notes).is_ok_and(|text| text.contains("ready")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
        Instant::now()
    });
    let error = verify(&script.code(), &options, |_| {}, &cancel).await.expect_err("cancelled");
    let since = waiting.await.expect("cancelled").elapsed();
    (error, since)
}

fn plan_file(script: &Script) -> PathBuf {
    let noted = script.noted();
    let (_, rest) = noted.split_once("-out=").expect("the plan began");
    PathBuf::from(rest.split_whitespace().next().expect("a path"))
}

#[tokio::test]
async fn an_engine_that_listens_ends_in_order() {
    let script = Script::new(&format!(
        "case $1 in\n{VALID}\nplan) trap 'echo released >>$NOTES; exit 1' INT; echo \"$5\" >>$NOTES\n\
         echo ready >>$NOTES; while :; do sleep 0.05; done ;;\nesac"
    ));
    let (error, since) = cancelled(&script).await;
    assert_eq!(error.kind, Kind::Interrupted);
    assert!(script.noted().contains("released"), "{}", script.noted());
    assert!(since < Duration::from_millis(450), "{since:?}");
    assert!(!plan_file(&script).exists());
    assert_gone(&format!("ECSIGHT_TEST_MARK={}", script.folder.path().display()));
}

#[tokio::test]
async fn an_engine_that_does_not_listen_is_killed_with_its_children() {
    let script = Script::new(&format!(
        "case $1 in\n{VALID}\nplan) trap '' INT; echo \"$5\" >>$NOTES\n\
         sleep 60 & echo ready >>$NOTES; while :; do sleep 60; done ;;\nesac"
    ));
    let (error, since) = cancelled(&script).await;
    assert_eq!(error.kind, Kind::Interrupted);
    assert!(since < Duration::from_secs(2), "{since:?}");
    assert!(!plan_file(&script).exists());
    assert_gone(&format!("ECSIGHT_TEST_MARK={}", script.folder.path().display()));
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_nothing_either() {
    let script = Script::new(&format!(
        "case $1 in\n{VALID}\nplan) trap '' INT; echo \"$5\" >>$NOTES\n\
         sleep 60 & echo ready >>$NOTES; while :; do sleep 60; done ;;\nesac"
    ));
    let options = script.options();
    let token = CancellationToken::new();
    let code = script.code();
    let run = verify(&code, &options, |_| {}, &token);
    tokio::time::timeout(Duration::from_secs(2), run).await.expect_err("still running");
    assert!(!plan_file(&script).exists());
    assert_gone(&format!("ECSIGHT_TEST_MARK={}", script.folder.path().display()));
}

#[tokio::test]
async fn a_child_that_holds_the_pipe_does_not_hold_the_run() {
    let script = Script::new("case $1 in init) sleep 60 & exit 1 ;; esac");
    let began = Instant::now();
    let error =
        verify(&script.code(), &script.options(), |_| {}, &CancellationToken::new()).await.expect_err("init failed");
    assert_eq!(error.kind, Kind::Engine);
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_gone(&format!("ECSIGHT_TEST_MARK={}", script.folder.path().display()));
}

/// A scripted plan, saved, and how applying it ends. `body` is what the script does to apply; `$2` to `$4` are its arguments.
async fn applied(
    body: &str,
    tamper: bool,
    stop: usize,
) -> (Script, Result<Outcome, ecsight::error::Error>, Vec<String>) {
    let script = Script::new(&format!(
        "case $1 in\n{VALID}\nplan) f=${{5#-out=}}; echo \"plan $NOTES\" >$f ;;\nshow) cat <<'EOF'\n{PLAN_JSON}\nEOF\n;;\n\
         apply) echo \"$*\" >>$NOTES; cat $4 >>$NOTES; {body} ;;\nesac"
    ));
    let mut options = script.options();
    options.mask = Arc::new(|text| text.replace("hunter2", "***"));
    options.env.push(("TF_CLI_ARGS_apply".into(), "-destroy".into()));
    let plan = saved_plan(&script.code(), &options, |_| {}, &CancellationToken::new()).await.expect("planned");
    if tamper {
        let entries = fs::read_dir(std::env::temp_dir()).expect("a folder").flatten();
        let wanted = format!("plan {}\n", script.notes().display());
        let mine = |path: &PathBuf| fs::read_to_string(path.join("tfplan")).is_ok_and(|text| text == wanted);
        let folder = entries.map(|entry| entry.path()).find(mine).expect("the plan");
        fs::write(folder.join("tfplan"), "another plan\n").expect("written");
    }
    let (ask, kill, notes) = (CancellationToken::new(), CancellationToken::new(), script.notes());
    let stops = [ask.clone(), kill.clone()];
    let stopping = tokio::spawn(async move {
        while stop > 0 && !fs::read_to_string(&notes).is_ok_and(|text| text.contains("ready")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for token in stops.iter().take(stop) {
            token.cancel();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let mut heard = Vec::new();
    let outcome = apply::saved(plan, &options, |address| heard.push(address.to_owned()), &ask, &kill).await;
    stopping.await.expect("stopped");
    (script, outcome, heard)
}

#[tokio::test]
async fn exactly_the_saved_plan_is_applied() {
    let body = "echo \"args=$TF_CLI_ARGS_apply\" >>$NOTES; echo 'aws_ecs_cluster.a: Importing... [id=a]'\n\
        sleep 0.3; ls $4 >>$NOTES 2>&1; echo 'aws_ecs_cluster.a: Import complete [id=a]'";
    let (script, outcome, heard) = applied(body, false, 0).await;
    assert_eq!(outcome.expect("it ran"), Outcome::Done);
    assert_eq!(heard, ["aws_ecs_cluster.a"]);
    let noted = script.noted();
    let lines: Vec<&str> = noted.lines().collect();
    assert!(lines[0].starts_with("apply -input=false -no-color /"), "{noted}");
    assert_eq!(lines[1..3], [&*format!("plan {}", script.notes().display()), "args="], "nothing is added to it");
    assert!(lines[3].contains("No such file"), "the plan is gone as soon as the engine speaks: {noted}");
    assert_eq!(names(&script.code()), [""; 0]);
}

#[tokio::test]
async fn a_plan_that_has_changed_since_it_was_shown_is_not_applied() {
    let (script, outcome, _) = applied("true", true, 0).await;
    let error = outcome.expect_err("refused");
    assert!(error.message.contains("changed since it was shown: nothing was applied"), "{error}");
    assert_eq!(script.noted(), "");
}

#[tokio::test]
async fn an_apply_that_fails_or_is_stopped_says_so() {
    let (_, outcome, heard) = applied("echo 'Error: no room for hunter2' >&2; exit 1", false, 0).await;
    let Ok(Outcome::Failed(error)) = outcome else { panic!("{outcome:?}") };
    assert!(error.message.contains("no room for ***") && heard.is_empty(), "{error}");
    let listens = "trap 'echo released >>$NOTES; exit 1' INT; echo ready >>$NOTES; while :; do sleep 0.05; done";
    let (script, outcome, _) = applied(listens, false, 1).await;
    assert_eq!(outcome.expect("it ran"), Outcome::Interrupted);
    assert!(script.noted().contains("released"), "it was asked, not killed");
    let deaf = "trap '' INT; echo ready >>$NOTES; while :; do sleep 0.05; done";
    let (script, outcome, _) = applied(deaf, false, 2).await;
    assert_eq!(outcome.expect("it ran"), Outcome::Killed);
    assert_gone(&format!("ECSIGHT_TEST_MARK={}", script.folder.path().display()));
}

#[tokio::test]
async fn the_engine_is_found_in_the_order_that_is_promised() {
    let script = Script::new("echo 'OpenTofu v1.12.6'; echo 'on linux_amd64'");
    let path = script.folder.path().as_os_str();
    let terraform = script.folder.path().join("terraform");
    let tofu = script.folder.path().join("tofu");
    assert_eq!(script.engine().program(), terraform);
    assert_eq!(script.engine().version().await.expect("a version"), (Flavour::OpenTofu, "1.12.6".to_owned()));

    fs::copy(&terraform, &tofu).expect("copied");
    let find = |configured: Option<&str>, variable: Option<&str>| {
        Engine::find_in(configured.map(Path::new), variable.map(OsStr::new), path)
    };
    assert_eq!(find(None, None).expect("found").program(), terraform);
    assert_eq!(find(None, Some("tofu")).expect("found").program(), tofu);
    assert_eq!(find(Some("terraform"), Some("tofu")).expect("found").program(), terraform);
    assert_eq!(find(tofu.to_str(), None).expect("found").program(), tofu);

    let error = find(Some("terrafrom"), None).expect_err("no such command");
    assert_eq!(error.kind, Kind::Engine);
    assert_eq!(error.message, "--engine names terrafrom, which is not a command here");
    fs::remove_file(&terraform).expect("removed");
    assert_eq!(find(None, None).expect("found").program(), tofu);
    fs::remove_file(&tofu).expect("removed");
    let error = find(None, None).expect_err("no engine");
    assert_eq!(error.message, "neither terraform nor tofu is on PATH");
    assert!(error.hint.is_some_and(|hint| hint.contains("--engine PATH")));
}
