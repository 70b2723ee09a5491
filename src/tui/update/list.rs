//! PURE. The lists: open and back, marks, filter, sort.

use tui_input::Input;

use crate::estate::{Kind, Listing, ResourceId, Subject};
use crate::export::Need;

use super::super::layout;
use super::super::message::Effect;
use super::super::model::{Level, Model, RowId, Session, markable};
use super::super::place::Place;
use super::super::rows;

/// Fills every level again from the facts.
pub fn fill(model: &mut Model) {
    let filled: Vec<_> = model.levels.iter().map(|level| rows::of(model, &level.place)).collect();
    for (level, rows) in model.levels.iter_mut().zip(filled) {
        level.table.set_rows(rows);
    }
}

/// Keeps the cursor in sight.
pub fn settle(model: &mut Model) {
    let height = layout::areas(model.size, model.pane_focused)
        .and_then(|areas| areas.list)
        // Frame and headings take three lines.
        .map_or(1, |area| usize::from(area.height.saturating_sub(3)));
    if let Some(level) = model.levels.last_mut() {
        level.table.fit(height);
    }
}

/// Opens a place and puts the cursor where it belongs.
pub fn enter(model: &mut Model, place: Place) {
    let mut level = Level::new(place);
    let rows = rows::of(model, &level.place);
    level.table.set_rows(rows);
    if let Place::Family { cursor: Some(cursor), .. } = &level.place {
        level.table.seek(RowId::Resource(cursor.clone()));
    }
    model.levels.push(level);
    model.pane.scroll = 0;
}

pub fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(place) = model.row().and_then(|row| model.opens(row)) else { return };
    if let Place::Family { scope, family, .. } = &place {
        let listing = Listing::Revisions(family.clone());
        let subject = Subject::Listing(scope.clone(), listing.clone());
        if model.asked.insert(subject) {
            let need = Need::List(scope.clone(), listing);
            fetch(model, vec![need], effects);
        }
    }
    enter(model, place);
}

fn fetch(model: &mut Model, needs: Vec<Need>, effects: &mut Vec<Effect>) {
    if matches!(model.session, Session::Connected(_)) {
        let job = model.next_job();
        model.fetching = Some(job);
        effects.push(Effect::Fetch(job, needs));
    }
}

/// Reads the revision under the cursor when nobody has. One call at a time: the newest cursor wins.
pub fn fetch_unread(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.fetching.is_some() {
        return;
    }
    let Some(RowId::Resource(id)) = model.row() else { return };
    let id = id.clone();
    let unread = id.kind == Kind::TaskDefinition && model.estate.task_definition(&id).is_none();
    if unread && model.asked.insert(Subject::Resource(id.clone())) {
        fetch(model, vec![Need::Describe(id)], effects);
    }
}

pub fn back(model: &mut Model) {
    if model.levels.len() > 1 {
        model.levels.pop();
        model.pane.scroll = 0;
    }
}

fn marks_changed(model: &mut Model) {
    model.marks_revision += 1;
}

pub fn mark(model: &mut Model) {
    let Some(id) = model.row().and_then(markable).cloned() else { return };
    if !model.marks.remove(&id) {
        model.marks.insert(id);
    }
    marks_changed(model);
}

pub fn mark_all(model: &mut Model) {
    let shown: Vec<ResourceId> = model
        .level()
        .map(|level| level.table.shown().filter_map(|row| markable(&row.id)).cloned().collect())
        .unwrap_or_default();
    model.marks.extend(shown);
    marks_changed(model);
}

pub fn unmark(model: &mut Model) {
    model.marks.clear();
    marks_changed(model);
}

pub fn begin_filter(model: &mut Model) {
    let text = model.level().map(|level| level.table.filter().to_owned()).unwrap_or_default();
    model.typing = Some(Input::new(text));
}

pub fn clear_filter(model: &mut Model) {
    model.typing = None;
    if let Some(level) = model.levels.last_mut() {
        level.table.set_filter("");
    }
    model.dirty = true;
}

pub fn sort(model: &mut Model, reverse: bool) {
    if let Some(level) = model.levels.last_mut() {
        if reverse {
            level.table.sort_reverse();
        } else {
            level.table.sort_next();
        }
    }
}
