//! Init, validate, plan, show: from a folder to the verdict of a real plan.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::litter::{Litter, OverrideFile};
use super::process::{Command, Ended, Output};
use super::saved::{PlanFile, SavedPlan};
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
    progress: impl FnMut(Progress),
    cancel: &CancellationToken,
) -> Result<String, Error> {
    Ok(saved_plan(dir, options, progress, cancel).await?.text)
}

/// As [`plan_json`], for a caller that may apply: the plan file lives as long as the value.
pub async fn saved_plan(
    dir: &Path,
    options: &VerifyOptions,
    mut progress: impl FnMut(Progress),
    cancel: &CancellationToken,
) -> Result<SavedPlan, Error> {
    if !dir.is_dir() {
        return Err(Error::new(Kind::NotFound, format!("{} is not a folder", dir.display())));
    }
    let litter = Litter::note(dir, options.keep_init);
    let override_file = match &options.override_file {
        Some(text) => Some(OverrideFile::write(dir, text)?),
        None => None,
    };
    let file = PlanFile::new()?;
    let plan_path = file.path().display().to_string();
    let mut run = Run { dir, options, progress: &mut progress, cancel };

    run.step(Phase::Init, &["init", "-input=false", "-no-color"]).await?;
    run.step(Phase::Validate, &["validate", "-json", "-no-color"]).await?;
    let out = format!("-out={plan_path}");
    // Without a state lock: the plan is thrown away, a lock would need the right to write, and an
    // engine that has to be killed would leave it behind.
    let mut arguments = vec!["plan", "-input=false", "-no-color", "-lock=false", out.as_str()];
    arguments.extend(options.plan_arguments.iter().map(String::as_str));
    run.step(Phase::Plan, &arguments).await?;
    // What is shown is what was hashed: a file that changes in between is found before it is applied.
    let sha256 = file.sha256()?;
    let shown = run.step(Phase::Show, &["show", "-json", "-no-color", &plan_path]).await?;
    let text =
        String::from_utf8(shown.stdout).map_err(|_| Error::new(Kind::Engine, "the engine's plan is not UTF-8"))?;
    Ok(SavedPlan { dir: dir.to_owned(), text, sha256, file, litter, _override_file: override_file })
}

/// The text of `show -json` of the state, wherever the folder keeps it. It holds every value in the clear.
pub async fn state_json(dir: &Path, options: &VerifyOptions, cancel: &CancellationToken) -> Result<String, Error> {
    let mut progress = |_: Progress| {};
    let mut run = Run { dir, options, progress: &mut progress, cancel };
    let shown = run.step(Phase::Show, &["show", "-json", "-no-color"]).await?;
    String::from_utf8(shown.stdout).map_err(|_| Error::new(Kind::Engine, "the engine's state is not UTF-8"))
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

#[cfg(test)]
mod tests {
    use super::*;

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
