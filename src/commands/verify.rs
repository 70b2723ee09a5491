//! `ecsight verify DIR`: a real plan of an export, with a verdict for every resource. The key `v` asks the same.

pub mod known;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Format, print};
use crate::engine::{Engine, Phase, Progress, VerifyOptions, plan_json, state_place};
use crate::error::{Error, Kind};
use crate::estate::visible;
use crate::report::verify::{Verified, machine, text};
use crate::report::{digest_of, print::json};
use crate::secrets::redact;
use crate::store::{code_of, is_whole};
use crate::terraform::plan::{Code, PlanReport};

/// How to verify.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The export's folder.
    pub dir: PathBuf,
    /// The engine to run, when not the one on PATH.
    pub engine: Option<PathBuf>,
    /// Environment for the engine: profile, region and endpoint, as the command line names them.
    pub env: Vec<(String, String)>,
}

/// Runs the user's engine in the folder and prints the verdicts. 0: import-only, or all of it is in the state already; 1:
/// something would change.
pub async fn run(wish: &Wish, format: Format, out: &mut dyn Write, cancel: &CancellationToken) -> Result<u8, Error> {
    let verified = judge(wish, |news| progress(&news), cancel).await?;
    print(out, &words(&verified, format))?;
    Ok(u8::from(!verified.is_clean()))
}

/// A verdict as it is printed.
pub(super) fn words(verified: &Verified, format: Format) -> String {
    if format == Format::Json { json(&machine(verified)) } else { text(verified) }
}

/// The environment, as far as it is text.
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Runs the user's engine in the folder and explains its plan. `news` hears every step. Nothing secret is in the answer,
/// nor in the error. Cancelling ends the engine in order.
pub async fn judge(wish: &Wish, mut news: impl FnMut(Progress), cancel: &CancellationToken) -> Result<Verified, Error> {
    let dir = wish.dir.as_path();
    if !dir.is_dir() {
        return Err(Error::new(Kind::NotFound, format!("{} is not a folder", dir.display())));
    }
    let (taken, _) = code_of(dir)?;
    // What was imported may have lost its import blocks: their work is done.
    if taken.imports.is_empty() && !evidence_file(dir).exists() && !has_state(dir) {
        let message = format!("{} holds no import blocks, no evidence and no state: it is no export", dir.display());
        return Err(Error::new(Kind::NotFound, message).hint("write one with: ecsight export --all --out DIR"));
    }
    is_whole(dir)?;
    let engine = Engine::find(wish.engine.as_deref())?;
    let (flavour, version) = engine.version().await?;
    let mut options = VerifyOptions::new(engine);
    options.env.clone_from(&wish.env);
    let values = known::of_folder(dir, environment());
    let mask = values.clone();
    options.mask = Arc::new(move |text| redact(text, &mask));
    let code = code(dir);
    let mut phases = Vec::new();
    let listen = |step: Progress| {
        if let Progress::Finished(phase, took) = &step {
            phases.push((phase.name(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
        }
        news(step);
    };
    let plan = plan_json(dir, &options, listen, cancel).await.map_err(refused)?;
    let report = PlanReport::parse(&plan).map_err(|e| Error::new(Kind::Engine, e.to_string()))?;
    let values = known::in_order(values.into_iter().chain(known::of_plan(&plan, &report)).collect());
    Ok(Verified::of(&report, (flavour.name(), &version), phases, code, &|text| redact(text, &values)))
}

/// Whether a folder has a state: a file of its own, or a backend elsewhere that init has chosen.
fn has_state(dir: &Path) -> bool {
    state_place(dir).file.is_none_or(|file| file.exists())
}

/// A plan that the provider itself refuses, with what is known of the reason.
fn refused(error: Error) -> Error {
    let flat = error.message.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.contains("force_new_deployment should be true when capacity_provider_strategy") {
        return error.hint(
            "the capacity_provider_strategy in the code is not the one that AWS says, and provider 6 refuses the change: write \
             every element that AWS says, also those that came from the cluster's default, or export again (rule 2)",
        );
    }
    error
}

/// A line to standard error. One that nobody can read any more (a terminal that is gone) is no reason to stop in the middle.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}

/// Progress goes to standard error, a line a step: standard output is the answer.
pub(super) fn progress(news: &Progress) {
    if let Progress::Finished(phase, took) = news {
        let what = match phase {
            Phase::Init => "providers installed",
            Phase::Validate => "code is valid",
            Phase::Plan => "live objects compared",
            Phase::Show => "plan read",
        };
        say(&format!("{:<9} {what}, {:.1} s", phase.name(), took.as_secs_f64()));
    }
}

/// The files of a folder, in order of name.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// The Terraform files of a folder, with their texts.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let is_code = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "tf");
    files(dir).into_iter().filter(is_code).filter_map(|p| std::fs::read_to_string(&p).ok().map(|t| (p, t))).collect()
}

/// Whether the code is as it was exported, by the digest in `evidence.json`.
pub(super) fn code(dir: &Path) -> Code {
    let text = std::fs::read_to_string(evidence_file(dir)).unwrap_or_default();
    let evidence: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let Some(digest) = evidence["digest"]["value"].as_str() else { return Code::Unknown };
    // An export that was added to a root module names its own files.
    let own: Option<Vec<&str>> = evidence["root_module"]["files"]
        .as_array()
        .map(|names| names.iter().filter_map(serde_json::Value::as_str).collect());
    // What an export writes for everyone to read; private values, state and the engine's own are none of it.
    let is_public = |name: &str| {
        let extension = Path::new(name).extension();
        let by_name = || name == ".gitignore" || extension.is_some_and(|e| e == "tf" || e == "toml");
        own.as_ref().map_or_else(by_name, |own| own.contains(&name))
    };
    let public: Vec<(String, String)> = files(dir)
        .into_iter()
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path)))
        .filter(|(name, _)| is_public(name))
        .filter_map(|(name, path)| Some((name, std::fs::read_to_string(path).ok()?)))
        .collect();
    let now = digest_of(public.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    if now == digest { Code::AsExported } else { Code::Edited }
}

/// The evidence of a folder: `evidence.json`, or the newest that an export into a root module wrote
/// (`ecsight_evidence.json`, `ecsight_evidence_2.json` ...). The plain name when there is none.
pub(super) fn evidence_file(dir: &Path) -> PathBuf {
    let number = |path: &PathBuf| {
        let rest = path.file_name()?.to_str()?.strip_suffix(".json")?.strip_prefix("ecsight_evidence")?;
        if rest.is_empty() { Some(1) } else { rest.strip_prefix('_')?.parse::<u64>().ok() }
    };
    let newest = files(dir).into_iter().filter(|path| number(path).is_some()).max_by_key(number);
    newest.unwrap_or_else(|| dir.join("evidence.json"))
}
