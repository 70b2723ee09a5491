//! `ecsight import`, the command, with real engines and real providers: what it imports, what it refuses, what it leaves
//! behind when it is killed, and what it proves afterwards.
#![cfg(target_os = "linux")]
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ecsight::aws::demo::Account;
use engines::{Environment, Pair, Provider, environment};
use serde_json::{Value, json};
use server::Server;

/// Credentials that stand in the demo account.
const PLANTED: [&str; 2] = ["made-up-Plum7", "made-up-Falcon42Rain"];

/// An export of an account on a loopback server, and how to import it.
struct Case {
    environment: Environment,
    pair: Pair,
    server: Server,
    folder: tempfile::TempDir,
}

/// How a run of the program ended, and all that it said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Case {
    /// Exports with these words, and sends the provider to the server by an override file of the user's own.
    fn new(environment: &Environment, pair: &Pair, what: &[&str]) -> Self {
        Self::of(environment, pair, Account::demo(), what)
    }

    fn of(environment: &Environment, pair: &Pair, account: Account, what: &[&str]) -> Self {
        let server = Server::start(account);
        let folder = tempfile::tempdir().expect("a folder");
        let case = Self { environment: environment.clone(), pair: pair.clone(), server, folder };
        let dialect = if pair.provider == Provider::V3 { "v3" } else { "v6" };
        let dir = case.dir();
        let words = ["export", "--dialect", dialect, "--out", dir.to_str().expect("UTF-8")];
        let said = case.run(&words.into_iter().chain(what.iter().copied()).collect::<Vec<_>>());
        assert_eq!(said.code, Some(0), "{}", said.err);
        fs::write(dir.join("zz_override.tf"), pair.provider.override_text(&case.server.url())).expect("written");
        case.server.forget();
        case
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsight"));
        command.args(words).args(["--endpoint-url", &self.server.url(), "--region", "eu-west-1"]);
        command.envs(self.environment.variables()).env_remove("AWS_PROFILE").stdin(Stdio::null());
        // The user's own arguments do not reach the one run that must not be changed.
        command.env("TF_CLI_ARGS_apply", "-no-such-argument");
        command
    }

    fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn words(&self) -> Vec<String> {
        let engine = self.environment.engine(&self.pair).program().display().to_string();
        vec!["import".into(), self.dir().display().to_string(), "--engine".into(), engine]
    }

    fn import(&self, more: &[&str]) -> Said {
        let words = self.words();
        self.run(&words.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>())
    }

    fn verify(&self) -> Said {
        let engine = self.environment.engine(&self.pair).program().display().to_string();
        self.run(&["verify", &self.dir().display().to_string(), "--engine", &engine])
    }

    /// Starts an import in a process group of its own.
    fn start(&self, more: &[&str]) -> Child {
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let mut command = self.command(&words);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        command.spawn().expect("it starts")
    }

    fn evidence(&self) -> Value {
        let text = fs::read(self.dir().join("evidence.json")).expect("evidence.json");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// What the record of the import says; null when there is none.
    fn record(&self) -> Value {
        self.evidence()["import"].clone()
    }

    /// Addresses in the state file.
    fn in_state(&self) -> BTreeSet<String> {
        let Ok(text) = fs::read_to_string(self.dir().join("terraform.tfstate")) else { return BTreeSet::new() };
        let state = ecsight::terraform::State::parse(&text).expect("a state");
        state.resources.into_iter().map(|r| r.address).collect()
    }

    fn wait_for(&self, what: &str, most: u64, mut condition: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !condition(self) {
            assert!(began.elapsed() < Duration::from_secs(most), "no {what} within {most} s");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the engine applies and holds the state's lock, which is before it imports anything, and freezes it there
    /// with its providers. Gives its process group.
    fn freeze(&self) -> String {
        self.wait_for("engine that applies", 90, |case| engine_of(&case.dir()).is_some());
        self.wait_for("lock", 30, Case::is_locked);
        let group = format!("-{}", engine_of(&self.dir()).expect("it applies"));
        signal("-STOP", &group);
        assert_eq!(self.record()["status"], "started", "the record of the start stands before the engine does");
        group
    }

    fn is_locked(&self) -> bool {
        self.dir().join(".terraform.tfstate.lock.info").exists()
    }

    fn imports(&self) -> usize {
        self.evidence()["imports"].as_array().expect("imports").len()
    }
}

/// The double of the newest provider with Terraform: quick, and as good as any for what the program itself does.
fn quick(environment: &Environment) -> Pair {
    environment.pairs().into_iter().find(|p| p.provider == Provider::V6).expect("a pair with provider 6")
}

const ONE: [&str; 2] = ["--service", "prod-apps/payments"];

fn tells_no_credential(text: &str) {
    for secret in PLANTED {
        assert!(!text.contains(secret), "it tells {secret}: {text}");
    }
}

fn strings(value: &Value, member: &str) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|v| v[member].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn the_whole_account_is_imported_and_proved() {
    let Some(environment) = environment("import of the demo account") else { return };
    for pair in environment.pairs() {
        let case = Case::new(&environment, &pair, &["--all"]);
        let imports = case.imports();
        let said = case.import(&["--yes"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        let record = case.record();
        assert_eq!(record["status"], "done", "{pair}");
        assert_eq!(
            record["second_plan"],
            json!({"empty": true, "import": 0, "add": 0, "change": 0, "destroy": 0}),
            "{pair}"
        );
        assert_eq!(record["in_state"], imports, "{pair}");
        assert_eq!(case.in_state().len(), imports, "{pair}");
        let comparison = &record["comparison"];
        assert_eq!(comparison["differing"], json!([]), "{pair}");
        assert_eq!(comparison["unknown"], json!([]), "{pair}");
        let compared = comparison["compared"].as_u64().expect("a number");
        assert!(compared > 20 * imports as u64, "{pair}: {compared} members of {imports} resources");
        let reasons: BTreeSet<String> = strings(&comparison["not_held"], "why").into_iter().collect();
        assert!(!reasons.is_empty() && reasons.iter().all(|why| !why.is_empty()), "{pair}: {reasons:?}");
        if pair.provider == Provider::V3 {
            assert!(reasons.iter().any(|why| why.contains("SETTINGS")), "{pair}: {reasons:?}");
        }
        engines::say(&format!(
            "{pair}: {imports} imported, {compared} members compared, {} not held: {reasons:?}",
            comparison["not_held"].as_array().map_or(0, Vec::len)
        ));
        assert!(said.err.contains(&format!("imported  {imports}/{imports} ")), "{pair}: {}", said.err);
        assert!(
            said.out.contains("second plan: empty") && said.out.contains("delete imports.tf"),
            "{pair}: {}",
            said.out
        );
        let digest = record["plan"]["value"].as_str().expect("a digest");
        assert!(digest.len() == 64 && said.err.contains(digest), "{pair}: what was shown is what was applied");
        tells_no_credential(&(said.out + &said.err + &case.evidence().to_string()));
        assert_eq!(case.server.mutations(), 0, "{pair}: nothing in AWS was asked to change");

        // Once more: nothing is applied, and the proof is made anew.
        let state = fs::read(case.dir().join("terraform.tfstate")).expect("a state");
        let said = case.import(&["--yes", "--format", "json"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert!(said.err.contains("nothing is applied"), "{pair}: {}", said.err);
        let answer: Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
        assert_eq!(answer["import"], case.record(), "{pair}");
        assert_eq!(answer["import"]["plan"], Value::Null, "{pair}");
        assert_eq!(answer["import"]["earlier"][0]["plan"]["value"], digest, "{pair}: which plan was applied is kept");
        assert_eq!(answer["import"]["comparison"], *comparison, "{pair}");
        assert_eq!(fs::read(case.dir().join("terraform.tfstate")).expect("a state"), state, "{pair}");

        // The plan is clean with the import blocks and without them, and so is the proof.
        let said = case.verify();
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert!(said.out.contains("in the state already"), "{pair}: {}", said.out);
        fs::remove_file(case.dir().join("imports.tf")).expect("as it was told to");
        let said = case.verify();
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        let said = case.import(&["--yes"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert!(
            said.out.contains("second plan: empty") && !said.out.contains("delete imports.tf"),
            "{pair}: {}",
            said.out
        );
        assert_eq!(case.record()["comparison"], *comparison, "{pair}");
        assert_eq!(case.record()["earlier"][0]["plan"]["value"], digest, "{pair}");
    }
}

/// `-refresh=false` makes any plan of a state empty: the proof does not listen to it.
#[test]
fn arguments_of_the_environment_do_not_make_the_proof_easy() {
    let Some(environment) = environment("import with TF_CLI_ARGS_plan") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    assert_eq!(case.import(&["--yes"]).code, Some(0));
    case.server.swap(changed_account());
    let words = case.words();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--yes"]).collect();
    let output = case.command(&words).env("TF_CLI_ARGS_plan", "-refresh=false").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("TF_CLI_ARGS_plan set") && said.contains("health_check_grace_period_seconds"), "{said}");
}

/// A request to end, or a terminal that is gone, is heard as an interrupt is: no plan stays behind.
#[test]
fn a_request_to_end_leaves_no_plan() {
    let Some(environment) = environment("verify that is asked to end") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    for name in ["-TERM", "-HUP"] {
        let folder = tempfile::tempdir().expect("a folder");
        let words = case.words();
        let words: Vec<&str> =
            words.iter().map(|word| if word == "import" { "verify" } else { word.as_str() }).collect();
        let mut command = case.command(&words);
        let mut child = command.env("TMPDIR", folder.path()).stderr(Stdio::null()).spawn().expect("it starts");
        let plans = || fs::read_dir(folder.path()).expect("a folder").count();
        case.wait_for("plan", 90, |_| plans() > 0);
        signal(name, &child.id().to_string());
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{name}");
        assert_eq!(plans(), 0, "{name}");
    }
}

#[test]
fn a_plan_with_a_change_is_not_applied() {
    let Some(environment) = environment("import with a change") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    let services = case.dir().join("services.tf");
    let text = fs::read_to_string(&services).expect("services.tf");
    let changed = text.replace("enable_execute_command ", "wait_for_steady_state = true\n  enable_execute_command ");
    let changed =
        if changed == text { text.replace("  name ", "  wait_for_steady_state = true\n  name ") } else { changed };
    assert_ne!(changed, text);
    fs::write(&services, changed).expect("written");
    for format in ["text", "json"] {
        let said = case.import(&["--yes", "--format", format]);
        assert_eq!(said.code, Some(1), "{}\n{}", said.out, said.err);
        assert!(said.out.contains("wait_for_steady_state") && said.err.contains("nothing was applied"), "{}", said.out);
    }
    assert_eq!(case.record(), Value::Null);
    for left in ["terraform.tfstate", ".terraform", ".terraform.lock.hcl"] {
        assert!(!case.dir().join(left).exists(), "{left} is left");
    }
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_asked_of_anyone() {
    let Some(environment) = environment("import without a terminal") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    let said = case.import(&[]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("no terminal to type on") && said.err.contains("--yes"), "{}", said.err);
    assert!(case.server.requests().is_empty());
    assert!(case.in_state().is_empty() && case.record().is_null());
}

#[test]
fn another_account_or_region_is_refused() {
    let Some(environment) = environment("import into another account") else { return };
    let pair = quick(&environment);
    let case = Case::new(&environment, &pair, &ONE);
    let identity = json!({"identity": {"UserId": "A", "Account": "210987654321", "Arn": "arn:aws:sts::210987654321:assumed-role/r/s"}});
    case.server.swap(Account::from_json(&identity));
    let said = case.import(&["--yes"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("123456789012") && said.err.contains("210987654321"), "{}", said.err);
    case.server.swap(Account::demo());
    let providers = case.dir().join("providers.tf");
    let text = fs::read_to_string(&providers).expect("providers.tf");
    fs::write(&providers, text.replace("eu-west-1", "us-east-1")).expect("written");
    let said = case.import(&["--yes"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("us-east-1") && case.in_state().is_empty() && case.record().is_null(), "{}", said.err);
}

/// A service of the demo account asks for one task more.
fn changed_account() -> Account {
    let read = |name: &str| -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(format!("{name}.json"));
        serde_json::from_slice(&fs::read(path).expect("a document")).expect("JSON")
    };
    let mut documents = json!({});
    for name in [
        "identity",
        "clusters",
        "services",
        "task_definitions",
        "tasks",
        "capacity_providers",
        "scalable_targets",
        "scaling_policies",
    ] {
        documents[name] = read(name);
    }
    let services = documents["services"].as_array_mut().expect("services");
    let service = services.iter_mut().find(|s| s["serviceName"] == "payments").expect("payments");
    service["healthCheckGracePeriodSeconds"] = json!(77);
    Account::from_json(&documents)
}

#[test]
fn tags_that_no_description_holds_are_compared() {
    let Some(environment) = environment("an import of tagged scalable targets") else { return };
    let Some(pair) = environment.pairs().into_iter().find(|pair| pair.provider == Provider::V6) else { return };
    let documents = serde_json::from_str(include_str!("fixtures/full_account.json")).expect("JSON");
    let case = Case::of(&environment, &pair, Account::from_json(&documents), &["--service", "full/connected"]);
    let said = case.import(&["--yes"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let state = fs::read_to_string(case.dir().join("terraform.tfstate")).expect("a state");
    assert!(state.contains("cost center"), "the provider has read them");
    let comparison = &case.record()["comparison"];
    assert_eq!((&comparison["differing"], &comparison["unknown"]), (&json!([]), &json!([])));
}

#[test]
fn a_change_between_plan_and_comparison_is_named() {
    let Some(environment) = environment("import while the account changes") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    let mut child = case.start(&["--yes"]);
    case.wait_for("record of the start", 90, |case| case.record()["status"] == "started");
    case.server.swap(changed_account());
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(1));
    let record = case.record();
    assert_eq!(record["status"], "differs");
    assert_eq!(record["second_plan"]["empty"], false);
    let differing = &record["comparison"]["differing"];
    assert_eq!(differing.as_array().map(Vec::len), Some(1), "{differing}");
    assert_eq!(differing[0]["field"], "healthCheckGracePeriodSeconds");
    assert_eq!(differing[0]["argument"], "health_check_grace_period_seconds");
    assert_eq!(differing[0]["live"], "77");
}

/// The engine that applies in a folder, as /proc tells. It leads a process group of its own, with its providers in it.
fn engine_of(folder: &Path) -> Option<i32> {
    let entries = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok()).find(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let cwd = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("apply\0-input=false") && cwd == folder
    })
}

fn signal(signal: &str, target: &str) {
    let status = Command::new("kill").args([signal, "--", target]).status().expect("kill");
    assert!(status.success(), "kill {signal} {target}");
}

/// Both engines, each with the quick provider.
fn both(environment: &Environment) -> Vec<Pair> {
    environment.pairs().into_iter().filter(|p| p.provider == Provider::V6).collect()
}

#[test]
fn killed_with_its_engine_it_leaves_a_folder_that_says_so_and_goes_on() {
    let Some(environment) = environment("import that is killed") else { return };
    for pair in both(&environment) {
        let case = Case::new(&environment, &pair, &ONE);
        let mut child = case.start(&["--yes"]);
        let engine = case.freeze();
        child.kill().expect("killed");
        child.wait().expect("gone");
        signal("-KILL", &engine);
        case.wait_for("end of the engine", 10, |case| engine_of(&case.dir()).is_none());
        assert_eq!(case.record()["status"], "started", "{pair}");
        assert!(case.in_state().len() < case.imports(), "{pair}: it was killed in the middle");
        assert!(case.is_locked(), "{pair}");

        let said = case.import(&["--yes"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert!(said.err.contains("was broken off"), "{pair}: {}", said.err);
        assert!(said.err.contains("a lock lies beside the state: OperationTypeApply"), "{pair}: {}", said.err);
        assert!(said.err.contains("force-unlock"), "{pair}: {}", said.err);
        assert_eq!(case.record()["status"], "done", "{pair}");
        assert_eq!(case.record()["second_plan"]["empty"], true, "{pair}");
        assert_eq!(case.in_state().len(), case.imports(), "{pair}");
        assert!(!case.is_locked(), "{pair}");
    }
}

#[test]
fn killed_alone_it_leaves_an_engine_that_finishes() {
    let Some(environment) = environment("import whose engine outlives it") else { return };
    for pair in both(&environment) {
        let case = Case::new(&environment, &pair, &ONE);
        let mut child = case.start(&["--yes"]);
        // Terraform asks who it is once for the plan and once to apply: there it is made to wait, with the lock in its hand.
        // OpenTofu asks nobody when it only imports. (Neither can be frozen here: a frozen process group that loses its
        // parent is hung up by the kernel.)
        let terraform = pair.command == "terraform";
        case.wait_for("plan", 90, |case| case.server.calls().contains_key("DescribeServices"));
        case.server.delay_next("GetCallerIdentity", Duration::from_secs(25));
        case.wait_for("engine that applies", 90, |case| engine_of(&case.dir()).is_some());
        if terraform {
            case.wait_for("question of the engine", 30, |case| {
                case.server.requests().last().is_some_and(|request| request.operation == "GetCallerIdentity")
            });
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(case.record()["status"], "started", "{pair}");
        if terraform {
            // While it is there, its lock keeps others out, and the words say who holds it.
            let said = case.import(&["--yes"]);
            assert_eq!(said.code, Some(2), "{pair}: {}\n{}", said.out, said.err);
            assert!(said.err.contains("holds the lock") && said.err.contains("force-unlock"), "{pair}: {}", said.err);
            assert!(engine_of(&case.dir()).is_some() && case.is_locked(), "{pair}: it still applies");
        }
        case.server.ok();
        case.wait_for("end of the engine", 60, |case| engine_of(&case.dir()).is_none() && !case.is_locked());
        assert_eq!(case.in_state().len(), case.imports(), "{pair}: the engine has finished the plan");
        let said = case.import(&["--yes"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert!(said.err.contains("was broken off") && said.err.contains("nothing is applied"), "{pair}: {}", said.err);
        assert_eq!(case.record()["status"], "done", "{pair}");
    }
}

/// Interrupts an import while its engine is frozen; gives its exit code and what it said.
fn interrupted(case: &Case, times: usize) -> (Option<i32>, String) {
    let child = case.start(&["--yes"]);
    let engine = case.freeze();
    for _ in 0..times {
        signal("-INT", &child.id().to_string());
        std::thread::sleep(Duration::from_millis(500));
    }
    if times == 1 {
        signal("-CONT", &engine);
    }
    let output = child.wait_with_output().expect("it ends");
    assert!(engine_of(&case.dir()).is_none(), "the engine is gone");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_interrupt_ends_the_engine_in_order_and_says_what_the_state_holds() {
    let Some(environment) = environment("import that is interrupted") else { return };
    for pair in both(&environment) {
        let case = Case::new(&environment, &pair, &ONE);
        let (code, said) = interrupted(&case, 1);
        assert_eq!(code, Some(130), "{pair}: {said}");
        assert!(said.contains("the engine finishes what it has begun"), "{pair}: {said}");
        assert!(!case.is_locked(), "{pair}: unlocked in order");
        let (record, imports) = (case.record(), case.imports());
        // An engine that had nothing left to stop has finished: then only the proof is missing.
        if record["status"] == "broken_off" {
            let words = format!("the state holds {} of {imports}", case.in_state().len());
            assert!(said.contains(&words) && said.contains("run ecsight import again"), "{pair}: {said}");
        } else {
            assert_eq!((&record["status"], case.in_state().len()), (&json!("unproven"), imports), "{pair}: {said}");
        }
        let said = case.import(&["--yes"]);
        assert_eq!(said.code, Some(0), "{pair}: {}\n{}", said.out, said.err);
        assert_eq!(case.record()["status"], "done", "{pair}");
    }
}

#[test]
fn a_second_interrupt_kills() {
    let Some(environment) = environment("import that is interrupted twice") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    let (code, said) = interrupted(&case, 2);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("the engine was killed: the state holds 0 of 4"), "{said}");
    assert_eq!(case.record()["status"], "broken_off");
    let said = case.import(&["--yes"]);
    assert_eq!(said.code, Some(0), "{}\n{}", said.out, said.err);
    assert_eq!(case.record()["status"], "done");
}

#[test]
fn the_confirmation_is_typed() {
    let Some(environment) = environment("import with a typed confirmation") else { return };
    let case = Case::new(&environment, &quick(&environment), &ONE);
    let imports = case.imports();
    let start = || {
        let url = case.server.url();
        let words = case.words();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend(["--endpoint-url", &url, "--region", "eu-west-1"]);
        let variables = case.environment.variables();
        let variables: Vec<(&str, &str)> = variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let program = Path::new(env!("CARGO_BIN_EXE_ecsight"));
        pty::Terminal::start_with(program, &words, case.folder.path(), (160, 50), &variables)
    };
    let mut terminal = start();
    terminal.wait("to go on:");
    let screen = terminal.text();
    for shown in ["123456789012", "eu-west-1", "terraform.tfstate", "6.62.0", "sha256", "nothing in AWS changes"] {
        assert!(screen.contains(shown), "{shown} is not shown:\n{screen}");
    }
    terminal.press("y e s enter");
    assert_eq!(terminal.end().0, 130, "{}", terminal.text());
    assert!(terminal.text().contains("not confirmed: nothing was applied"), "{}", terminal.text());
    assert!(case.in_state().is_empty() && case.record().is_null());

    let mut terminal = start();
    terminal.wait(&format!("type \"import {imports}\" to go on:"));
    terminal.press(&format!("i m p o r t space {} enter", imports.to_string().split("").collect::<Vec<_>>().join(" ")));
    terminal.wait("second plan: empty");
    assert_eq!(terminal.end().0, 0, "{}", terminal.text());
    assert_eq!(case.in_state().len(), imports);
}
