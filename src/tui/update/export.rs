//! PURE. `x`: read what is not loaded or not fresh, then write the folder.

use std::sync::Arc;

use crate::error::{Error, Kind as Trouble};
use crate::estate::{Kind, ResourceId, visible};
use crate::export::{Choices, Need};

use super::super::message::{Effect, Exported, Job};
use super::super::model::{Exporting, Goal, Model, Overlay, RowId};
use super::super::plan as chosen;
use super::super::theme::Role;
use super::plan;

/// So often is asked for more: a service leads to its revision, that to nothing. What is missing then is a skip.
const ROUNDS: usize = 6;

/// Begins the export of the marks, else of the row: to write it, or to show its plan.
pub fn begin(model: &mut Model, goal: Goal, effects: &mut Vec<Effect>) {
    let selection = model.selection();
    if let Some(choices) = model.choices(&selection) {
        start(model, choices, goal, effects);
    }
}

/// Begins an export with these choices.
pub fn start(model: &mut Model, choices: Arc<Choices>, goal: Goal, effects: &mut Vec<Effect>) {
    if model.scope().is_none() {
        return;
    }
    let words = words(model, &choices);
    let job = model.next_job();
    let since = model.now;
    model.toast = None;
    model.exporting = Some(Exporting { job, choices, goal, words, since, round: 0, reading: 0, writing: false });
    ask(model, effects);
}

fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if let Some(export) = &model.exporting {
        effects.push(Effect::Needs {
            job: export.job,
            estate: Arc::clone(&model.estate),
            selection: export.choices.these().to_vec(),
            now: model.now,
            not_before: export.since,
        });
    }
}

/// What is needed is read; when nothing is needed any more, the folder is written, or the plan is shown.
pub fn needed(model: &mut Model, job: Job, needs: Vec<Need>, effects: &mut Vec<Effect>) {
    let Some(export) = model.exporting.as_mut().filter(|export| export.job == job) else { return };
    model.dirty = true;
    if !needs.is_empty() && export.round < ROUNDS {
        export.round += 1;
        export.reading = needs.len();
        effects.push(Effect::Fetch(job, needs));
        return;
    }
    let choices = Arc::clone(&export.choices);
    if export.goal == Goal::Plan {
        model.exporting = None;
        plan::open(model, choices);
    } else {
        export.writing = true;
        effects.push(Effect::Write { job, estate: Arc::clone(&model.estate), choices });
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
    let Some(export) = model.exporting.take_if(|export| export.job == job) else { return };
    let result = result.map_err(|error| in_here(model, error));
    if let Err(error) = &result {
        model.troubles.push(match &error.hint {
            Some(hint) => format!("{}. {hint}", error.message),
            None => error.message.clone(),
        });
    }
    if let Ok(exported) = &result {
        model.last_export = Some(exported.folder.clone());
    }
    model.overlay = Some(Overlay::Result(result, export.words, 0));
    // What stands on disk is another now.
    let change = model.next_job();
    if let Some(plan) = &mut model.plan {
        plan.change = change;
    }
    model.dirty = true;
}

/// What to say with the result: how many marks, what a row stands for, what is not taken along.
fn words(model: &Model, choices: &Choices) -> Vec<String> {
    let selection = choices.these();
    let mut words = Vec::new();
    if !model.marks.is_empty() {
        words.push(format!("{} marked", model.marks.len()));
    } else if let (Some(RowId::Tasks { .. }), [revision]) = (model.row(), selection) {
        words.push(format!("A task cannot be imported: this is the revision it runs, {}.", visible(revision.name())));
    }
    let alone = |cluster: &&ResourceId| {
        cluster.kind == Kind::Cluster
            && model.estate.services_of(cluster).next().is_some()
            && !model.estate.services_of(cluster).any(|(service, _)| selection.contains(service))
    };
    let alone: Vec<String> = selection.iter().filter(alone).map(|cluster| visible(cluster.name())).collect();
    if !alone.is_empty() {
        let of = alone.join(", ");
        words.push(format!("The services of {of} are not exported: open it and mark them (ctrl-a marks all shown)."));
    }
    let chosen = chosen::words(choices, &model.own_choices(choices));
    if !chosen.is_empty() {
        words.push(format!("As chosen in the plan: {chosen}."));
    }
    words
}

/// An error in the words of the explorer: the hints of the command line name its own flags.
fn in_here(model: &Model, error: Error) -> Error {
    let hint = match error.kind {
        Trouble::Io | Trouble::Usage if error.hint.as_deref().is_some_and(|hint| hint.contains("--out")) => {
            "Start ecsight with --export-dir FOLDER to write to another folder.".to_owned()
        }
        Trouble::NotFound if model.estate.gaps().next().is_some() => {
            "Nothing was written. ! shows what could not be read.".to_owned()
        }
        Trouble::NotFound => "Nothing was written.".to_owned(),
        _ => return error,
    };
    Error { hint: Some(hint), ..error }
}

pub fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(export) = model.exporting.take_if(|export| !export.writing) else {
        model.say("Too late to cancel: the folder is being written", Role::Warning);
        return;
    };
    effects.push(Effect::Cancel(export.job));
    model.say("Export cancelled; nothing was written", Role::Warning);
}
