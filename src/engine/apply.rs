//! The one place that applies, for `ecsight import` alone: a saved plan, unchanged, to the end.
//!
//! `tests/architecture.rs` holds that no other file gives an engine this word and that no other command calls
//! [`saved`].

use std::fs;

use tokio_util::sync::CancellationToken;

use super::complaint;
use super::saved::SavedPlan;
use super::verify::VerifyOptions;
use crate::error::{Error, Kind};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The engine says that all of the plan is done.
    Done,
    /// It was asked to stop, and ended in order: what was begun is finished, the state is written and unlocked.
    Interrupted,
    /// It was killed: the state may be locked, and may lack the last resource.
    Killed,
    /// The engine says that it failed.
    Failed(Error),
}

/// Applies exactly this plan, once.
///
/// The file must be the one that was shown: its SHA-256 is taken again. It is deleted as soon as the engine speaks, which
/// it does after it has opened it. `imported` hears the address of each resource as it enters the state. `ask` interrupts
/// the engine, so that it ends in order; `kill` ends it at once. When this program dies the engine goes on, finishes
/// the plan, writes the state and unlocks it. Errors before the start: nothing was applied.
pub async fn saved(
    plan: SavedPlan,
    options: &VerifyOptions,
    mut imported: impl FnMut(&str),
    ask: &CancellationToken,
    kill: &CancellationToken,
) -> Result<Outcome, Error> {
    let mut plan = plan;
    if ask.is_cancelled() {
        return Err(Error::new(Kind::Interrupted, "interrupted before anything was applied"));
    }
    if plan.file.sha256()? != plan.sha256 {
        return Err(Error::new(Kind::Engine, "the saved plan has changed since it was shown: nothing was applied")
            .hint("something else writes in the folder for temporary files: find out what, then import again"));
    }
    let path = plan.file.path().display().to_string();
    let command = options
        .engine
        .command(&plan.dir, &["apply", "-input=false", "-no-color", &path])
        .envs(&options.env)
        // The user's own arguments belong to their own runs: here nothing is added to the plan.
        .env("TF_CLI_ARGS", "")
        .env("TF_CLI_ARGS_apply", "");
    plan.keep();
    let mut lies_there = true;
    let lasting = command
        .outlast(ask, kill, |line| {
            if std::mem::take(&mut lies_there) {
                fs::remove_file(&path).ok();
            }
            if let Some((address, _)) = line.split_once(": Import complete") {
                imported(address);
            }
        })
        .await?;
    if lasting.killed {
        return Ok(Outcome::Killed);
    }
    if lasting.output.status.success() {
        return Ok(Outcome::Done);
    }
    if lasting.interrupted {
        return Ok(Outcome::Interrupted);
    }
    let mask = &options.mask;
    let mut error = complaint::of_plan("the import", &mask(&lasting.output.stderr_text()));
    error.message = mask(&error.message);
    Ok(Outcome::Failed(error))
}
