//! PURE. `x`: read what is not loaded or not fresh, then write the folder.

use std::sync::Arc;

use crate::error::Error;
use crate::export::Need;

use super::super::message::{Effect, Exported, Job};
use super::super::model::{Exporting, Model, Overlay};
use super::super::theme::Role;

/// So often is asked for more: a service leads to its revision, that to nothing. What is missing then is a skip.
const ROUNDS: usize = 6;

/// Begins the export of the marks, else of the row.
pub fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let selection = model.selection();
    if selection.is_empty() || model.scope().is_none() {
        return;
    }
    let job = model.next_job();
    let since = model.now;
    model.toast = None;
    model.exporting = Some(Exporting { job, selection, since, round: 0, reading: 0, writing: false });
    ask(model, effects);
}

fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if let Some(export) = &model.exporting {
        effects.push(Effect::Needs {
            job: export.job,
            estate: Arc::clone(&model.estate),
            selection: export.selection.clone(),
            now: model.now,
            not_before: export.since,
        });
    }
}

/// What is needed is read; when nothing is needed any more, the folder is written.
pub fn needed(model: &mut Model, job: Job, needs: Vec<Need>, effects: &mut Vec<Effect>) {
    let scope = model.scope().cloned();
    let options = model.settings.options;
    let Some(export) = model.exporting.as_mut().filter(|export| export.job == job) else { return };
    model.dirty = true;
    if !needs.is_empty() && export.round < ROUNDS {
        export.round += 1;
        export.reading = needs.len();
        effects.push(Effect::Fetch(job, needs));
    } else if let Some(scope) = export.selection.first().map(|id| id.scope.clone()).or(scope) {
        export.writing = true;
        let selection = export.selection.clone();
        effects.push(Effect::Write { job, estate: Arc::clone(&model.estate), selection, options, scope });
    }
}

/// A fetch has ended: if it was the export's, ask again.
pub fn fetched(model: &mut Model, job: Job, effects: &mut Vec<Effect>) {
    if model.exporting.as_ref().is_some_and(|export| export.job == job && !export.writing) {
        model.dirty = true;
        ask(model, effects);
    }
}

pub fn written(model: &mut Model, job: Job, result: Result<Exported, Error>) {
    if model.exporting.as_ref().is_some_and(|export| export.job == job) {
        model.exporting = None;
        model.overlay = Some(Overlay::Result(result));
        model.dirty = true;
    }
}

pub fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(export) = model.exporting.take_if(|export| !export.writing) else {
        model.say("Too late to cancel: the folder is being written", Role::Warning);
        return;
    };
    effects.push(Effect::Cancel(export.job));
    model.say("Export cancelled; nothing was written", Role::Warning);
}
