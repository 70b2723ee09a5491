//! PURE. Session, scan, facts and review.

use std::sync::Arc;

use crate::error::Error;
use crate::estate::{Kind, Listing, Observation, ResourceId, visible};
use crate::gate::Review;

use super::super::message::{Caller, Effect, Job};
use super::super::model::{Model, RowId, Scan, Session};
use super::super::place::Place;
use super::super::rows;
use super::super::theme::Role;
use super::{export, list, pane};

pub fn connected(model: &mut Model, caller: Caller, effects: &mut Vec<Effect>) {
    let scope = caller.scope.clone();
    model.session = Session::Connected(caller);
    if let Some((cluster, _)) = &model.settings.start {
        let id = ResourceId::cluster(&scope, cluster);
        if let Some(level) = model.levels.last_mut() {
            level.table.seek(RowId::Resource(id));
        }
    }
    scan(model, effects);
}

/// Opens what the command line asked for as soon as its cluster is known, unless the reader has moved on.
fn open_start(model: &mut Model) {
    let Some((cluster, service)) = &model.settings.start else { return };
    let Some(scope) = model.scope() else { return };
    let id = ResourceId::cluster(scope, cluster);
    if !model.estate.is_present(&id) {
        return;
    }
    let service = service.as_ref().map(|service| {
        let native = scope.ecs_arn(&format!("service/{cluster}/{service}"));
        ResourceId::new(scope, Kind::Service, &native)
    });
    model.settings.start = None;
    if model.levels.len() > 1 {
        return;
    }
    list::enter(model, Place::Cluster(id));
    if let (Some(service), Some(level)) = (&service, model.levels.last_mut()) {
        level.table.seek(RowId::Resource(service.clone()));
    }
    model.wanted = service;
}

/// Says that what the command line asked for is not there.
fn miss_start(model: &mut Model) {
    if let Some((cluster, _)) = model.settings.start.take() {
        let listed = model.scope().is_some_and(|scope| model.estate.complete_at(scope, &Listing::Clusters).is_some());
        let why = if listed { "here" } else { "in what could be listed" };
        model.say(format!("There is no cluster {} {why}", visible(&cluster)), Role::Error);
    }
    if let Some(service) = model.wanted.take().filter(|id| !model.estate.is_present(id)) {
        let cluster = service.cluster_name().unwrap_or_default();
        let text = format!("There is no service {} in {}", visible(service.name()), visible(cluster));
        model.say(text, Role::Error);
    }
}

fn scan(model: &mut Model, effects: &mut Vec<Effect>) {
    let job = model.next_job();
    let services = rows::service_counts(&model.estate);
    model.scan = Some(Scan { job, since: model.now, took: None, services });
    model.dirty = true;
    effects.push(Effect::Scan(job));
}

pub fn failed(model: &mut Model, error: Error) {
    model.session = Session::Failed(error);
    model.typing = None;
    model.dirty = true;
}

/// What of a recording was not taken stands in the log; that there is something is said at once.
pub fn noted(model: &mut Model, notes: Vec<String>) {
    let refused = notes.len().saturating_sub(1);
    let what = if refused == 1 {
        "1 thing of the recording was".to_owned()
    } else {
        format!("{refused} things of the recording were")
    };
    model.say(format!("{what} not taken: ! shows more"), Role::Warning);
    model.troubles.extend(notes);
}

/// Reads everything again. What is on screen stays until newer facts replace it.
pub fn refresh(model: &mut Model, effects: &mut Vec<Effect>) {
    if matches!(model.session, Session::Connected(_)) {
        model.asked.clear();
        scan(model, effects);
    }
}

/// Facts are folded in whatever they were asked for, and however late.
pub fn observed(model: &mut Model, batch: Vec<Observation>) {
    Arc::make_mut(&mut model.estate).fold(batch);
    model.revision += 1;
    if let Some(scan) = &mut model.scan {
        scan.services = rows::service_counts(&model.estate);
    }
    open_start(model);
    list::fill(model);
    model.dirty = true;
}

pub fn scanned(model: &mut Model, job: Job) {
    let now = model.now;
    if let Some(scan) = model.scan.as_mut().filter(|scan| scan.job == job) {
        scan.took = Some(now - scan.since);
        model.dirty = true;
        // Dots that stood for what might still come become signs.
        list::fill(model);
        miss_start(model);
    }
}

pub fn fetched(model: &mut Model, job: Job, effects: &mut Vec<Effect>) {
    if model.fetching == Some(job) {
        model.fetching = None;
        model.dirty = true;
    }
    export::fetched(model, job, effects);
}

pub fn reviewed(model: &mut Model, revision: u64, review: Arc<Review>) {
    model.reviewing = false;
    let first = model.reviewed.replace(revision).is_none();
    if !first && *model.review == *review {
        return;
    }
    model.review = review;
    list::fill(model);
    pane::lay_out(model);
    model.dirty = true;
}

/// One review at a time: when it is done and facts have come meanwhile, the next begins.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.reviewing && model.revision > 0 && model.reviewed != Some(model.revision) {
        model.reviewing = true;
        effects.push(Effect::Review(model.revision, Arc::clone(&model.estate)));
    }
}
