//! PURE. Messages in, a changed model and effects out. Nothing here waits, reads or writes.

mod export;
mod list;
mod pane;
mod plan;
mod session;
mod verify;

use tui_input::InputRequest;

use super::key::{Code, Key};
use super::keymap::{self, Action, Context};
use super::layout;
use super::message::{Effect, Message, Tab};
use super::model::{Goal, Model, Overlay, Session};
use super::theme::Role;
use super::view;

/// The effects of starting: find out who we are.
pub fn start() -> Vec<Effect> {
    vec![Effect::Connect]
}

/// Changes the model as a message says, and asks for what follows from it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Tick(now) => tick(model, now),
        Message::Key(key) => match keymap::resolve(key, &model.moment()) {
            Some(action) => act(model, action, &mut effects),
            None if matches!(model.context(), Context::Typing | Context::Naming) => type_key(model, key),
            None => return effects,
        },
        Message::Pasted(_) if model.context() == Context::Small => return effects,
        Message::Pasted(text) => {
            for c in text.chars().filter(|c| !c.is_control()) {
                type_key(model, Key::char(c));
            }
        }
        Message::Resized(width, height) => {
            model.size = (width, height);
            model.dirty = true;
        }
        Message::Connected(caller) => session::connected(model, caller, &mut effects),
        Message::NotConnected(error) => session::failed(model, error),
        Message::Noted(notes) => session::noted(model, notes),
        Message::Observed(batch) => session::observed(model, batch),
        Message::Scanned(job) => session::scanned(model, job),
        Message::Fetched(job) => session::fetched(model, job, &mut effects),
        Message::Reviewed(revision, review) => session::reviewed(model, revision, review),
        Message::Rendered(key, text, styles) => pane::rendered(model, key, text, styles, &mut effects),
        Message::Highlighted(key, styles) => pane::highlighted(model, &key, styles),
        Message::Planned(stamp, preview) => plan::planned(model, stamp, preview),
        Message::PlanText(key, text, styles) => plan::text(model, key, text, styles),
        Message::Needed(job, needs) => export::needed(model, job, needs, &mut effects),
        Message::Written(job, result) => export::written(model, job, result),
        Message::Verifying(job, step) => verify::stepped(model, job, step),
        Message::Verified(job, result) => verify::verified(model, job, result),
        Message::Trouble(text) => {
            model.say(text.clone(), Role::Error);
            model.troubles.push(text);
            model.reviewing = false;
            model.pane.pending = None;
            // What failed is not tried again until something changes: it would fail for good.
            if let Some(plan) = &mut model.plan {
                plan.failed = plan.planning.take().or(plan.failed);
                plan.failed_text = plan.pending.take().or(plan.failed_text.take());
            }
            if let Some(export) = &mut model.exporting {
                export.writing = false;
            }
            model.dirty = true;
        }
    }
    settle(model, &mut effects);
    effects
}

/// What follows from any change: scrolling, the pane's text, the next review.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    list::settle(model);
    list::fetch_unread(model, effects);
    pane::settle(model, effects);
    plan::settle(model, effects);
    session::settle(model, effects);
}

fn tick(model: &mut Model, now: i64) {
    model.now = now;
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
        model.dirty = true;
    }
    // The spinner and the seconds turn only while something is on its way.
    model.dirty |= model.is_pending();
}

fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    // What covers the plan, and an export on its way, have their keys first.
    if model.plan.is_some() && model.overlay.is_none() && model.exporting.is_none() && plan::act(model, action, effects)
    {
        return;
    }
    match action {
        Action::Down | Action::Up | Action::PageDown | Action::PageUp | Action::Top | Action::Bottom => {
            return go(model, action);
        }
        Action::PaneDown => return pane::scroll(model, pane::half_page(model)),
        Action::PaneUp => return pane::scroll(model, -pane::half_page(model)),
        Action::PaneLineDown => return pane::scroll(model, 1),
        Action::PaneLineUp => return pane::scroll(model, -1),
        Action::NextNote => return pane::next_note(model, true),
        Action::PreviousNote => return pane::next_note(model, false),
        _ => model.dirty = true,
    }
    match action {
        Action::Quit => model.quit = Some(0),
        Action::Abort => model.quit = Some(130),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => model.overlay = Some(Overlay::Help(model.context(), 0)),
        Action::Log => model.overlay = Some(Overlay::Log(0)),
        Action::Close => model.overlay = None,
        Action::Retry => {
            model.session = Session::Connecting;
            effects.push(Effect::Connect);
        }
        Action::Refresh => session::refresh(model, effects),
        Action::Export => export::begin(model, Goal::Write, effects),
        Action::Plan => export::begin(model, Goal::Plan, effects),
        Action::Cancel if matches!(model.overlay, Some(Overlay::Verifying(_))) => verify::cancel(model, effects),
        Action::Cancel => export::cancel(model, effects),
        Action::Verify => verify::begin(model, effects),
        Action::Reasons => verify::read(model, true),
        Action::Verdicts => verify::read(model, false),
        Action::Focus => model.pane_focused = !model.pane_focused,
        Action::NextTab => pane::turn(model, 1),
        Action::PreviousTab => pane::turn(model, -1),
        Action::Overview => pane::show(model, Tab::Overview),
        Action::Json => pane::show(model, Tab::Json),
        Action::Hcl => pane::show(model, Tab::Hcl),
        Action::Open => list::open(model, effects),
        Action::Back => list::back(model),
        Action::Mark => list::mark(model),
        Action::MarkAll => list::mark_all(model),
        Action::Unmark => list::unmark(model),
        Action::Filter => list::begin_filter(model),
        Action::Accept => model.typing = None,
        Action::ClearFilter => list::clear_filter(model),
        Action::Sort => list::sort(model, false),
        Action::SortReverse => list::sort(model, true),
        // Movement is done above: it alone may leave the screen as it is.
        _ => {}
    }
}

/// Moves whatever has the keys: the list, the pane, help or log.
fn go(model: &mut Model, action: Action) {
    let (page, most) = (page_of(model), view::most_scroll(model));
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    };
    if model.overlay.is_none() && model.plan.is_some() {
        return plan::go(model, by);
    }
    match (&mut model.overlay, model.pane_focused) {
        (Some(Overlay::Help(_, scroll) | Overlay::Log(scroll) | Overlay::Result(.., scroll)), _) => {
            let before = *scroll;
            *scroll = scroll.saturating_add_signed(by).min(most);
            model.dirty |= *scroll != before;
        }
        (Some(Overlay::Verdict(_)), _) => verify::go(model, by, most),
        (Some(Overlay::Verifying(_)), _) => {}
        (None, true) => pane::scroll(model, by),
        (None, false) => {
            let moved = model.levels.last_mut().is_some_and(|level| level.table.step(by));
            model.dirty |= moved;
        }
    }
}

fn page_of(model: &Model) -> isize {
    let (pane_focused, areas) = match &model.plan {
        Some(plan) => (plan.pane_focused, layout::plan_areas(model.size, plan.pane_focused)),
        None => (model.pane_focused, layout::areas(model.size, model.pane_focused)),
    };
    let height = areas
        .and_then(|areas| if pane_focused { areas.pane } else { areas.list })
        .map_or(1, |area| area.height.saturating_sub(4));
    isize::try_from(height.max(1)).unwrap_or(1)
}

fn type_key(model: &mut Model, key: Key) {
    let Some(request) = request(key) else { return };
    if model.plan.is_some() {
        return plan::typed(model, request);
    }
    let Some(input) = &mut model.typing else { return };
    if request == InputRequest::DeletePrevChar && input.value().is_empty() {
        return list::clear_filter(model);
    }
    input.handle(request);
    let text = input.value().to_owned();
    if let Some(level) = model.levels.last_mut() {
        level.table.set_filter(&text);
    }
    model.dirty = true;
}

/// What a key does to a line that is being typed.
fn request(key: Key) -> Option<InputRequest> {
    Some(match (key.code, key.ctrl) {
        (Code::Char(c), false) => InputRequest::InsertChar(c),
        (Code::Backspace, _) | (Code::Char('h'), true) => InputRequest::DeletePrevChar,
        (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, _) => InputRequest::GoToPrevChar,
        (Code::Right, _) => InputRequest::GoToNextChar,
        (Code::Home, _) | (Code::Char('a'), true) => InputRequest::GoToStart,
        (Code::End, _) | (Code::Char('e'), true) => InputRequest::GoToEnd,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        (Code::Char('u'), true) => InputRequest::DeleteLine,
        _ => return None,
    })
}
