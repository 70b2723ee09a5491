//! Init, validate, plan, show: from a folder to the verdict of a real plan.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::process::{Command, Ended, Output, io};
use super::{Engine, complaint};
use crate::error::{Error, Kind};
use crate::terraform::plan::PlanReport;

/// The name under which [`VerifyOptions::override_file`] lies in the folder during a run.
/// Engines merge a file whose name ends in `_override.tf` into the others.
pub const OVERRIDE_FILE: &str = "ecsight_verify_override.tf";

/// How to verify.
#[derive(Clone)]
pub struct VerifyOptions {
    /// Which engine.
    pub engine: Engine,
    /// More arguments for `plan`, such as `-var-file=prod.tfvars` or `-lock=true`.
    pub plan_arguments: Vec<String>,
    /// More environment for the engine and its providers.
    pub env: Vec<(String, String)>,
    /// Leave `.terraform` and `.terraform.lock.hcl` in the folder, so that the next init is
    /// quick. Otherwise what was not there before is taken away again.
    pub keep_init: bool,
    /// Text of a Terraform override file that is there only while the run lasts; it may change
    /// provider arguments, such as endpoints.
    pub override_file: Option<String>,
    /// Hides secret values in everything that the engine says and the report holds.
    pub mask: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// How long an interrupted engine may take to end before it is killed.
    pub grace: Duration,
}

impl VerifyOptions {
    /// The usual: nothing more, nothing kept, nothing hidden, five seconds to end.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            plan_arguments: Vec::new(),
            env: Vec::new(),
            keep_init: false,
            override_file: None,
            mask: Arc::new(str::to_owned),
            grace: Duration::from_secs(5),
        }
    }
}

/// The four steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Providers are installed.
    Init,
    /// The code is checked.
    Validate,
    /// The live objects are read and compared with the code.
    Plan,
    /// The saved plan is read.
    Show,
}

impl Phase {
    /// The engine's subcommand.
    pub fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Validate => "validate",
            Self::Plan => "plan",
            Self::Show => "show",
        }
    }
}

/// What the engine does with one resource just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It looks up the object of an import block.
    PreparingImport,
    /// It reads an object.
    Refreshing,
    /// It reads a data source.
    Reading,
}

/// News of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A step begins.
    Started(Phase),
    /// The engine works on the resource at this address.
    Resource {
        /// `aws_ecs_service.web`.
        address: String,
        /// What it does with it.
        activity: Activity,
    },
    /// A step is done.
    Finished(Phase, Duration),
}

/// Runs init, validate, plan and show in `dir`, and reads the plan.
///
/// The saved plan lies in a folder of its own (0700, the file 0600) outside `dir` and is gone
/// when this returns, is cancelled, or is dropped. Cancelling interrupts the engine, so that it
/// can end in order, and kills it after [`VerifyOptions::grace`]; the error is then of
/// kind [`Kind::Interrupted`]. No state lock is taken unless [`VerifyOptions::plan_arguments`]
/// asks for one.
pub async fn verify(
    dir: &Path,
    options: &VerifyOptions,
    progress: impl FnMut(Progress),
    cancel: &CancellationToken,
) -> Result<PlanReport, Error> {
    let text = plan_json(dir, options, progress, cancel).await?;
    let report = PlanReport::parse(&text).map_err(|e| Error::new(Kind::Engine, e.to_string()))?;
    Ok(report.masked(&*options.mask))
}

/// As [`verify`], for callers that read more than the report: the text of `show -json`. It holds
/// every value in the clear, masked nowhere, and must not be written or shown.
pub async fn plan_json(
    dir: &Path,
    options: &VerifyOptions,
    mut progress: impl FnMut(Progress),
    cancel: &CancellationToken,
) -> Result<String, Error> {
    if !dir.is_dir() {
        return Err(Error::new(Kind::NotFound, format!("{} is not a folder", dir.display())));
    }
    let _litter = Litter::note(dir, options.keep_init);
    let _override = match &options.override_file {
        Some(text) => Some(OverrideFile::write(dir, text)?),
        None => None,
    };
    let plan = PlanFile::new()?;
    let plan_path = plan.path.display().to_string();
    let mut run = Run { dir, options, progress: &mut progress, cancel };

    run.step(Phase::Init, &["init", "-input=false", "-no-color"]).await?;
    run.step(Phase::Validate, &["validate", "-json", "-no-color"]).await?;
    let out = format!("-out={plan_path}");
    // Without a state lock: the plan is thrown away, a lock would need the right to write, and an
    // engine that has to be killed would leave it behind.
    let mut arguments = vec!["plan", "-input=false", "-no-color", "-lock=false", out.as_str()];
    arguments.extend(options.plan_arguments.iter().map(String::as_str));
    run.step(Phase::Plan, &arguments).await?;
    let shown = run.step(Phase::Show, &["show", "-json", "-no-color", &plan_path]).await?;
    String::from_utf8(shown.stdout).map_err(|_| Error::new(Kind::Engine, "the engine's plan is not UTF-8"))
}

struct Run<'a, P> {
    dir: &'a Path,
    options: &'a VerifyOptions,
    progress: &'a mut P,
    cancel: &'a CancellationToken,
}

impl<P: FnMut(Progress)> Run<'_, P> {
    async fn step(&mut self, phase: Phase, arguments: &[&str]) -> Result<Output, Error> {
        let began = Instant::now();
        (self.progress)(Progress::Started(phase));
        let command: Command =
            self.options.engine.command(self.dir, arguments).envs(&self.options.env).grace(self.options.grace);
        let progress = &mut *self.progress;
        let ended = command
            .run(self.cancel, |line| {
                if let (Phase::Plan, Some(news)) = (phase, resource_line(line)) {
                    progress(news);
                }
            })
            .await?;
        let Ended::Finished(output) = ended else {
            return Err(Error::new(Kind::Interrupted, format!("interrupted during {}", phase.name())));
        };
        if let Some(error) = self.complaint(phase, &output) {
            return Err(error);
        }
        (self.progress)(Progress::Finished(phase, began.elapsed()));
        Ok(output)
    }

    /// The error of a step that failed, with secret values hidden.
    fn complaint(&self, phase: Phase, output: &Output) -> Option<Error> {
        let mask = &self.options.mask;
        let (stdout, stderr) = (mask(&output.stdout_text()), mask(&output.stderr_text()));
        // A broken provider may write to either.
        let words = if stderr.trim().is_empty() { &stdout } else { &stderr };
        let mut error = match phase {
            Phase::Validate => complaint::of_validate(&stdout, &stderr),
            _ if output.status.success() => None,
            Phase::Init => Some(complaint::of_init(words)),
            Phase::Plan => Some(complaint::of_plan("plan", words)),
            Phase::Show => Some(complaint::of_plan("show", &stderr)),
        }?;
        // Once more: a value that the engine had broken over two lines is whole only now.
        error.message = mask(&error.message);
        Some(error)
    }
}

/// Reads `aws_ecs_service.web: Refreshing state... [id=...]`.
fn resource_line(line: &str) -> Option<Progress> {
    [
        (": Preparing import...", Activity::PreparingImport),
        (": Refreshing state...", Activity::Refreshing),
        (": Reading...", Activity::Reading),
    ]
    .into_iter()
    .find_map(|(words, activity)| {
        let (address, _) = line.split_once(words)?;
        Some(Progress::Resource { address: address.to_owned(), activity })
    })
}

/// A saved plan holds every value in the clear: it lies where only its owner can look, and goes
/// when this goes.
struct PlanFile {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl PlanFile {
    fn new() -> Result<Self, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("ecsight-plan-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir().map_err(|e| io("making a folder for the plan", &e))?;
        // The engine runs in another folder: a relative path would mean another place there.
        let path =
            std::path::absolute(folder.path().join("tfplan")).map_err(|e| io("making a folder for the plan", &e))?;
        let plan = Self { path, _folder: folder };
        // The engine writes into the file that it finds, and leaves its mode alone.
        private_file(&plan.path, "").map_err(|e| io("making a file for the plan", &e))?;
        Ok(plan)
    }
}

/// The override file, for as long as this lives.
struct OverrideFile {
    path: PathBuf,
}

impl OverrideFile {
    fn write(dir: &Path, text: &str) -> Result<Self, Error> {
        let path = dir.join(OVERRIDE_FILE);
        // One that a killed run left behind; the name is ours.
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                return Err(io("replacing the override file", &e));
            }
            _ => {}
        }
        let file = Self { path };
        private_file(&file.path, text).map_err(|e| io("writing the override file", &e))?;
        Ok(file)
    }
}

impl Drop for OverrideFile {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Makes a new file that only its owner can read.
fn private_file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// What a run leaves in a folder and was not there before.
struct Litter {
    paths: Vec<PathBuf>,
    empty_state: Option<PathBuf>,
}

impl Litter {
    fn note(dir: &Path, keep_init: bool) -> Self {
        let absent = |name: &str| {
            let path = dir.join(name);
            fs::symlink_metadata(&path).is_err().then_some(path)
        };
        Self {
            paths: [".terraform", ".terraform.lock.hcl"]
                .into_iter()
                .filter(|_| !keep_init)
                .filter_map(absent)
                .collect(),
            empty_state: absent("terraform.tfstate"),
        }
    }
}

impl Drop for Litter {
    fn drop(&mut self) {
        for path in &self.paths {
            if path.is_dir() {
                fs::remove_dir_all(path).ok();
            } else {
                fs::remove_file(path).ok();
            }
        }
        // OpenTofu leaves a state file without content when it is interrupted. A state that holds
        // anything, or that another run has locked, is not ours.
        if let Some(path) = &self.empty_state {
            let locked = path.with_file_name(".terraform.tfstate.lock.info").exists();
            if !locked && fs::read_to_string(path).is_ok_and(|text| holds_nothing(&text)) {
                fs::remove_file(path).ok();
            }
        }
    }
}

/// Whether the text of a state names no resource and no output.
fn holds_nothing(state: &str) -> bool {
    if state.trim().is_empty() {
        return true;
    }
    serde_json::from_str::<Value>(state).is_ok_and(|state| {
        state["resources"].as_array().is_some_and(Vec::is_empty)
            && state["outputs"].as_object().is_some_and(Map::is_empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_state_without_content_holds_nothing() {
        assert!(holds_nothing(""));
        assert!(holds_nothing(r#"{"version":4,"serial":1,"outputs":{},"resources":[],"check_results":null}"#));
        assert!(!holds_nothing(r#"{"version":4,"outputs":{},"resources":[{}]}"#));
        assert!(!holds_nothing(r#"{"version":4,"outputs":{"a":{}},"resources":[]}"#));
        assert!(!holds_nothing("{"));
        assert!(!holds_nothing("{}"));
    }

    #[test]
    fn a_line_of_the_plan_names_the_resource() {
        let line = r#"module.a["b c"].aws_ecs_service.web: Preparing import... [id=main/web]"#;
        assert_eq!(
            resource_line(line),
            Some(Progress::Resource {
                address: r#"module.a["b c"].aws_ecs_service.web"#.into(),
                activity: Activity::PreparingImport,
            })
        );
        assert_eq!(resource_line("Plan: 1 to import, 0 to add"), None);
    }
}
