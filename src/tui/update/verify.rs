//! PURE. `v`: a real plan of the last export, and the way through its verdicts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::report::verify::Verified;

use super::super::message::{Effect, Job, Step};
use super::super::model::{Model, Overlay, Verdicts, Verifying};
use super::super::theme::Role;

/// Begins to verify the last export. What covered the screen makes room for the progress.
pub fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(folder) = model.last_export.clone() else { return };
    if let Some(what) = model.settings.offline {
        let error = Error::new(Kind::Usage, format!("a real plan cannot reach {what}"))
            .hint("terraform and tofu ask AWS themselves. Start ecsight on an account of yours and press x, then v.");
        return show(model, folder, Err(error));
    }
    let job = model.next_job();
    model.toast = None;
    model.overlay = Some(Overlay::Verifying(Verifying {
        job,
        folder: folder.clone(),
        since: model.now,
        done: Vec::new(),
        step: None,
        seen: BTreeSet::new(),
        at: None,
    }));
    effects.push(Effect::Verify(job, folder));
}

/// The run with this number, if it is the one on screen.
fn running(model: &mut Model, job: Job) -> Option<&mut Verifying> {
    match &mut model.overlay {
        Some(Overlay::Verifying(verifying)) if verifying.job == job => Some(verifying),
        _ => None,
    }
}

pub fn stepped(model: &mut Model, job: Job, step: Step) {
    let now = model.now;
    let Some(verifying) = running(model, job) else { return };
    match step {
        Step::Began(name) => verifying.step = Some((name, now)),
        Step::Resource(address) => {
            verifying.at = Some(address.clone());
            verifying.seen.insert(address);
        }
        Step::Ended(name, took) => {
            verifying.done.push((name, took));
            verifying.step = None;
            verifying.at = None;
        }
    }
    model.dirty = true;
}

/// The plan is there, or is not. One that was cancelled is answered for already.
pub fn verified(model: &mut Model, job: Job, result: Result<Arc<Verified>, Error>) {
    let Some(folder) = running(model, job).map(|verifying| verifying.folder.clone()) else { return };
    if let Err(error) = &result {
        model.troubles.push(match &error.hint {
            Some(hint) => format!("{}. {hint}", error.message),
            None => error.message.clone(),
        });
    }
    show(model, folder, result);
}

fn show(model: &mut Model, folder: String, result: Result<Arc<Verified>, Error>) {
    let mut order: Vec<usize> = result.iter().flat_map(|verified| 0..verified.resources.len()).collect();
    if let Ok(verified) = &result {
        order.sort_by_key(|at| std::cmp::Reverse(verified.resources[*at].class));
    }
    let verdicts = Verdicts { folder, result, order, cursor: 0, reading: false, scroll: 0 };
    model.overlay = Some(Overlay::Verdict(verdicts));
    model.dirty = true;
}

pub fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Verifying(verifying)) = model.overlay.take() {
        effects.push(Effect::Cancel(verifying.job));
        model.say("Verify cancelled; the engine is told to end. v verifies again", Role::Warning);
    }
}

/// Gives the keys to the reasons of the resource, or back to the resources.
pub fn read(model: &mut Model, reading: bool) {
    if let Some(Overlay::Verdict(verdicts)) = &mut model.overlay {
        verdicts.reading = reading;
        if !reading {
            verdicts.scroll = 0;
        }
    }
}

/// Moves the cursor, or scrolls the reasons or the error.
pub fn go(model: &mut Model, by: isize, most: usize) {
    let Some(Overlay::Verdict(verdicts)) = &mut model.overlay else { return };
    let before = (verdicts.cursor, verdicts.scroll);
    if verdicts.reading || verdicts.order.is_empty() {
        verdicts.scroll = verdicts.scroll.saturating_add_signed(by).min(most);
    } else {
        verdicts.cursor = verdicts.cursor.saturating_add_signed(by).min(verdicts.order.len() - 1);
        verdicts.scroll = 0;
    }
    model.dirty |= before != (verdicts.cursor, verdicts.scroll);
}
