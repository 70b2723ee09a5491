//! PURE. `X`: the export plan. Every change of a choice makes a new plan, away from the screen; cursor, filter and sort
//! stay by identity.

use std::sync::Arc;

use clap::ValueEnum;
use tui_input::Input;

use crate::estate::{Rendered, ResourceId, visible};
use crate::export::{Choices, Preview};

use super::super::keymap::Action;
use super::super::layout;
use super::super::message::{Effect, Styles, Tab};
use super::super::model::{Goal, Model};
use super::super::plan::{self, Field, PlanKey, PlanView, Stamp, TABS, Typing};
use super::super::sheet::Sheet;
use super::super::theme::Role;
use super::export;

/// Opens the plan of what was read for it.
pub fn open(model: &mut Model, choices: Arc<Choices>) {
    let own = Arc::new(model.own_choices(&choices));
    let change = model.next_job();
    model.plan = Some(PlanView::new(choices, own, change));
    model.dirty = true;
}

/// Asks for the plan and the text that belong to the choices and the cursor. One of each at a time.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    clamp(model);
    let (revision, estate) = (model.revision, Arc::clone(&model.estate));
    let Some(plan) = &mut model.plan else { return };
    let stamp = (revision, plan.change);
    if plan.planning.is_none()
        && plan.failed != Some(stamp)
        && plan.preview.as_ref().is_none_or(|(there, _)| *there != stamp)
    {
        plan.planning = Some(stamp);
        let (estate, choices) = (Arc::clone(&estate), Arc::clone(&plan.choices));
        effects.push(Effect::Plan { stamp, estate, choices });
    }
    let is_shown = areas(model).is_some_and(|areas| areas.pane.is_some());
    let Some(plan) = &mut model.plan else { return };
    // A text is made of the plan that is shown, not of one that is on its way.
    let Some((there, preview)) = plan.preview.clone().filter(|(there, _)| there.1 == plan.change && is_shown) else {
        return;
    };
    let Some(about) = plan.about() else {
        plan.content = None;
        plan.sheet = Sheet::default();
        return;
    };
    let key = PlanKey { about, stamp: there };
    let is_tried = plan.failed_text.as_ref() == Some(&key);
    if plan.pending.is_none() && !is_tried && plan.content.as_ref().is_none_or(|(shown, ..)| *shown != key) {
        plan.pending = Some(key.clone());
        effects.push(Effect::PlanText { key, estate, choices: Arc::clone(&plan.choices), preview });
    }
}

/// A plan has come. One that was made of other choices is of no use; one of older facts is better than none.
pub fn planned(model: &mut Model, stamp: Stamp, preview: Arc<Preview>) {
    let Some(plan) = &mut model.plan else { return };
    if plan.planning == Some(stamp) {
        plan.planning = None;
    }
    if stamp.1 != plan.change {
        return;
    }
    plan.table.set_rows(plan::rows(&preview, &plan.choices));
    plan.preview = Some((stamp, preview));
    if let (Some(typing), Some((_, preview))) = (&mut plan.typing, &plan.preview) {
        typing.problem = plan::problem(&typing.field, typing.input.value(), preview, &plan.choices);
    }
    if let Some(at) = plan.modes {
        let kinds = plan.kinds().len();
        plan.modes = (kinds > 0).then(|| at.min(kinds.saturating_sub(1)));
    }
    model.dirty = true;
}

pub fn text(model: &mut Model, key: PlanKey, text: Arc<Rendered>, styles: Arc<Styles>) {
    let Some(plan) = &mut model.plan else { return };
    if plan.pending.as_ref() == Some(&key) {
        plan.pending = None;
    }
    if key.stamp.1 != plan.change {
        return;
    }
    if plan.content.as_ref().is_none_or(|(there, ..)| there.about != key.about) {
        plan.scroll = 0;
    }
    plan.content = Some((key, text, styles));
    lay_out(model);
}

/// The regions while the plan is open.
fn areas(model: &Model) -> Option<layout::Areas> {
    layout::plan_areas(model.size, model.plan.as_ref()?.pane_focused)
}

fn room(model: &Model) -> Option<(usize, usize)> {
    let inside = layout::inside(areas(model)?.pane?);
    Some((usize::from(inside.width), usize::from(inside.height)))
}

fn lay_out(model: &mut Model) {
    let Some((width, _)) = room(model) else { return };
    let Some(plan) = &mut model.plan else { return };
    let Some((key, text, styles)) = &plan.content else { return };
    let marks = match &key.about {
        plan::About::Hcl(id) => model.review.marks(id),
        _ => Vec::new(),
    };
    plan.sheet = Sheet::of(text, Some(styles), &marks, &[], Tab::Hcl, width);
    model.dirty = true;
    clamp(model);
}

fn clamp(model: &mut Model) {
    let height = areas(model).and_then(|areas| areas.list).map_or(1, |area| usize::from(area.height.saturating_sub(3)));
    let room = room(model);
    let Some(plan) = &mut model.plan else { return };
    plan.table.fit(height);
    let Some((width, height)) = room else { return };
    if plan.content.is_some() && plan.sheet.width != width {
        plan.sheet.width = width;
        return lay_out(model);
    }
    plan.scroll = plan.scroll.min(plan.sheet.rows.len().saturating_sub(height));
}

/// Does what a key of the plan asks for. False for what it leaves to others.
pub fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) -> bool {
    match action {
        Action::PaneDown | Action::PaneUp => {
            let half = room(model).map_or(1, |(_, height)| isize::try_from(height / 2).unwrap_or(1).max(1));
            scroll(model, if action == Action::PaneDown { half } else { -half });
            return true;
        }
        Action::PaneLineDown | Action::PaneLineUp => {
            scroll(model, if action == Action::PaneLineDown { 1 } else { -1 });
            return true;
        }
        Action::Export => {
            if let Some(choices) = model.plan.as_ref().map(|plan| Arc::clone(&plan.choices)) {
                export::start(model, choices, Goal::Write, effects);
            }
        }
        Action::Skip => skip(model),
        Action::Dialect => change(model, |choices| choices.options.dialect = next(choices.options.dialect)),
        Action::Concise => change(model, |choices| choices.options.concise = !choices.options.concise),
        Action::Portable => change(model, |choices| choices.options.portable = !choices.options.portable),
        Action::Reset => {
            if let Some(own) = model.plan.as_ref().map(|plan| Arc::clone(&plan.own)) {
                change(model, |choices| choices.clone_from(&own));
                model.say("Every choice is as it was in the beginning", Role::Text);
            }
        }
        Action::Rename | Action::Folder | Action::Filter => begin_typing(model, action),
        Action::Accept => accept(model),
        Action::Cycle => cycle(model),
        _ => return view(model, action),
    }
    model.dirty = true;
    true
}

/// What only changes how the plan is looked at.
fn view(model: &mut Model, action: Action) -> bool {
    let hidden = room(model).is_none();
    let Some(plan) = &mut model.plan else { return false };
    match action {
        Action::GiveUp => plan.typing = None,
        Action::ClearFilter => {
            plan.typing = None;
            plan.table.set_filter("");
        }
        Action::Modes => plan.modes = Some(0),
        Action::Sort => plan.table.sort_next(),
        Action::SortReverse => plan.table.sort_reverse(),
        Action::Focus => plan.pane_focused = !plan.pane_focused,
        // Where the pane has no room, it first takes that of the rows.
        Action::NextTab | Action::PreviousTab if hidden => plan.pane_focused = true,
        Action::NextTab | Action::PreviousTab => {
            let at = TABS.iter().position(|(tab, _)| *tab == plan.tab).unwrap_or(0);
            let by = if action == Action::NextTab { 1 } else { TABS.len() - 1 };
            plan.tab = TABS[(at + by) % TABS.len()].0;
        }
        Action::Close if plan.modes.is_some() => plan.modes = None,
        Action::Close => {
            model.plan = None;
            model.toast = None;
        }
        _ => return false,
    }
    model.dirty = true;
    true
}

/// Moves the cursor, or the text while the pane has the keys.
pub fn go(model: &mut Model, by: isize) {
    let Some(plan) = &mut model.plan else { return };
    if plan.modes.is_some() {
        step_modes(model, by);
    } else if plan.pane_focused {
        scroll(model, by);
    } else {
        model.dirty |= plan.table.step(by);
    }
}

fn scroll(model: &mut Model, by: isize) {
    let Some(plan) = &mut model.plan else { return };
    let before = plan.scroll;
    plan.scroll = before.saturating_add_signed(by);
    clamp(model);
    model.dirty |= model.plan.as_ref().is_some_and(|plan| plan.scroll != before);
}

/// Changes the choices, and keeps them for this selection.
fn change(model: &mut Model, change: impl FnOnce(&mut Choices)) {
    let number = model.next_job();
    let Some(plan) = &mut model.plan else { return };
    let before = Arc::clone(&plan.choices);
    change(Arc::make_mut(&mut plan.choices));
    if *before == *plan.choices {
        return;
    }
    plan.change = number;
    let (choices, is_own) = (Arc::clone(&plan.choices), plan.choices == plan.own);
    let selection = choices.these().to_vec();
    if is_own {
        model.chosen.remove(&selection);
    } else {
        model.chosen.insert(selection, choices);
    }
    // The HCL beside the lists is written with the same choices.
    model.marks_revision += 1;
    model.dirty = true;
}

fn next<T: ValueEnum + PartialEq + Copy>(now: T) -> T {
    let all = T::value_variants();
    let at = all.iter().position(|one| *one == now).map_or(0, |at| (at + 1) % all.len().max(1));
    all.get(at).copied().unwrap_or(now)
}

/// Leaves the row out, or takes it in again, and says what follows from that.
fn skip(model: &mut Model) {
    let Some(plan) = &model.plan else { return };
    let (Some(row), Some(preview)) = (plan.row(), plan.plan()) else { return };
    let (id, name) = (row.id.clone(), visible(&row.id.to_string()));
    if plan.choices.options.skips.contains(&id) {
        let refusal = row.skip.as_ref().filter(|skip| !skip.by_choice).map(|skip| visible(&skip.reason));
        change(model, |choices| {
            choices.options.skips.remove(&id);
        });
        match refusal {
            Some(reason) => model.say(format!("{name} cannot be imported: {reason}"), Role::Warning),
            None => model.say(format!("{name} is imported"), Role::Text),
        }
        return;
    }
    if let Some(skip) = &row.skip {
        let text = format!("{name} cannot be taken in: {}", visible(&skip.reason));
        return model.say(text, Role::Warning);
    }
    let by: Vec<String> = preview.dependents(&id).into_iter().map(visible).collect();
    change(model, |choices| {
        choices.options.skips.insert(id);
    });
    let text = match &by[..] {
        [] => format!("{name} is left out"),
        by => format!("{name} is left out: a literal in {}", by.join(", ")),
    };
    model.say(text, Role::Warning);
}

fn begin_typing(model: &mut Model, action: Action) {
    let Some(plan) = &mut model.plan else { return };
    let (field, text) = match action {
        Action::Rename => {
            let Some(row) = plan.row() else { return };
            (Field::Label(row.id.clone()), row.label.clone())
        }
        Action::Folder => (Field::Folder, plan.plan().map(|plan| plan.folder.clone()).unwrap_or_default()),
        _ => (Field::Filter, plan.table.filter().to_owned()),
    };
    plan.typing = Some(Typing { field, input: Input::new(text), problem: None });
}

/// A key went into the line that is being typed.
pub fn typed(model: &mut Model, request: tui_input::InputRequest) {
    let Some(plan) = &mut model.plan else { return };
    let preview = plan.plan().cloned().unwrap_or_default();
    let Some(typing) = &mut plan.typing else { return };
    typing.input.handle(request);
    let text = typing.input.value().to_owned();
    typing.problem = plan::problem(&typing.field, &text, &preview, &plan.choices);
    if typing.field == Field::Filter {
        plan.table.set_filter(&text);
    }
    model.dirty = true;
}

/// Takes what was typed, when nothing is wrong with it.
fn accept(model: &mut Model) {
    let Some(plan) = &mut model.plan else { return };
    let Some(typing) = plan.typing.take_if(|typing| typing.problem.is_none()) else { return };
    let text = typing.input.value().to_owned();
    let own_folder = plan.plan().map(|plan| plan.own_folder.clone());
    let unchanged = |id: &ResourceId| plan.plan().and_then(|p| p.row(id)).is_some_and(|row| row.label == text);
    match typing.field {
        Field::Filter => {}
        Field::Label(id) if text.is_empty() => change(model, |choices| {
            choices.options.labels.remove(&id);
        }),
        Field::Label(id) if unchanged(&id) => {}
        Field::Label(id) => change(model, |choices| {
            choices.options.labels.insert(id, text);
        }),
        Field::Folder => change(model, |choices| {
            choices.folder = Some(text).filter(|text| !text.is_empty() && own_folder.as_ref() != Some(text));
        }),
    }
}

fn step_modes(model: &mut Model, by: isize) {
    let Some(plan) = &mut model.plan else { return };
    let last = plan.kinds().len().saturating_sub(1);
    let before = plan.modes;
    plan.modes = before.map(|at| at.saturating_add_signed(by).min(last));
    model.dirty |= plan.modes != before;
}

fn cycle(model: &mut Model) {
    let Some(plan) = &model.plan else { return };
    let Some((kind, _, mode)) = plan.modes.and_then(|at| plan.kinds().get(at).copied()) else { return };
    change(model, |choices| {
        choices.options.references.insert(kind, next(mode));
        let own = crate::export::Mode::default();
        choices.options.references.retain(|_, mode| *mode != own);
    });
}
