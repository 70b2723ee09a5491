//! PURE. The pane: which text it needs, where its marks stand, how far it is scrolled.

use std::sync::Arc;

use crate::estate::Rendered;

use super::super::layout;
use super::super::message::{Effect, PaneKey, Styles, TABS, Tab};
use super::super::model::Model;
use super::super::sheet::Sheet;

/// Columns and rows inside the pane; none when it is not shown.
pub fn room(model: &Model) -> Option<(usize, usize)> {
    let pane = layout::areas(model.size, model.pane_focused)?.pane?;
    let inside = layout::inside(pane);
    Some((usize::from(inside.width), usize::from(inside.height)))
}

/// Asks for the text that belongs to the cursor. One at a time: while it is made the cursor may move on, and only the
/// newest wish is asked for then.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    clamp(model);
    if room(model).is_none() || model.pane.pending.is_some() {
        return;
    }
    let Some(id) = model.subject().cloned() else {
        if model.pane.content.take().is_some() {
            model.pane.sheet = Sheet::default();
            model.pane.scroll = 0;
        }
        return;
    };
    let key = PaneKey { id, tab: model.pane.tab, stamp: (model.revision << 16) + (model.marks_revision & 0xffff) };
    if model.pane.content.as_ref().is_some_and(|(there, ..)| *there == key) {
        return;
    }
    model.pane.pending = Some(key.clone());
    let selection =
        if model.marks.contains(&key.id) { model.marks.iter().cloned().collect() } else { vec![key.id.clone()] };
    let options = model.choices(&selection).map_or_else(|| model.settings.options.clone(), |c| c.options.clone());
    let estate = Arc::clone(&model.estate);
    effects.push(Effect::Render { key, estate, selection, options });
}

/// A text has come. It is shown even when the cursor has moved on: its title says whose it is, and the next follows.
pub fn rendered(
    model: &mut Model,
    key: PaneKey,
    text: Arc<Rendered>,
    styles: Option<Arc<Styles>>,
    effects: &mut Vec<Effect>,
) {
    if model.pane.pending.as_ref() == Some(&key) {
        model.pane.pending = None;
    }
    let same_text = model
        .pane
        .content
        .as_ref()
        .is_some_and(|(there, shown, _)| there.id == key.id && there.tab == key.tab && **shown == *text);
    let same_subject =
        model.pane.content.as_ref().is_some_and(|(there, ..)| there.id == key.id && there.tab == key.tab);
    if !same_subject {
        model.pane.scroll = 0;
        model.pane.note = None;
    }
    if same_text {
        if let Some(content) = &mut model.pane.content {
            content.0 = key;
        }
        return;
    }
    if styles.is_none() && key.tab != Tab::Overview {
        effects.push(Effect::Highlight(key.clone(), Arc::clone(&text)));
    }
    model.pane.content = Some((key, text, styles));
    lay_out(model);
}

pub fn highlighted(model: &mut Model, key: &PaneKey, styles: Arc<Styles>) {
    let Some((there, _, slot)) = &mut model.pane.content else { return };
    if there.id == key.id && there.tab == key.tab {
        *slot = Some(styles);
        lay_out(model);
    }
}

/// Lays the text out again: it, its marks or its width have changed.
pub fn lay_out(model: &mut Model) {
    let (Some((width, _)), Some((key, text, styles))) = (room(model), &model.pane.content) else { return };
    let marks = model.review.marks(&key.id);
    let mut elsewhere = model.review.rolled_up(&model.estate, &key.id);
    elsewhere.retain(|mark| mark.resource != key.id);
    let sheet = Sheet::of(text, styles.as_deref(), &marks, &elsewhere, key.tab, width);
    model.pane.note = model.pane.note.filter(|note| *note < sheet.notes.len());
    model.pane.sheet = sheet;
    model.dirty = true;
    clamp(model);
}

fn clamp(model: &mut Model) {
    let Some((width, height)) = room(model) else { return };
    if model.pane.content.is_some() && model.pane.sheet.width != width {
        model.pane.sheet.width = width;
        lay_out(model);
        return;
    }
    let last = model.pane.sheet.rows.len().saturating_sub(height);
    model.pane.scroll = model.pane.scroll.min(last);
}

/// The next or previous tab, round and round; a pane that was hidden first shows the tab it has.
pub fn turn(model: &mut Model, by: isize) {
    if room(model).is_none() {
        return show(model, model.pane.tab);
    }
    let at = TABS.iter().position(|(tab, _)| *tab == model.pane.tab).unwrap_or(0);
    let to = at.wrapping_add_signed(by).min(TABS.len());
    let to = if by < 0 && at == 0 { TABS.len() - 1 } else { to % TABS.len() };
    show(model, TABS[to].0);
}

/// Shows a tab. Where the pane has no room beside the list, it takes the list's.
pub fn show(model: &mut Model, tab: Tab) {
    let hidden = room(model).is_none();
    if hidden {
        model.pane_focused = true;
    }
    model.pane.tab = tab;
}

pub fn half_page(model: &Model) -> isize {
    room(model).map_or(1, |(_, height)| isize::try_from(height / 2).unwrap_or(1).max(1))
}

pub fn scroll(model: &mut Model, by: isize) {
    let before = model.pane.scroll;
    model.pane.scroll = before.saturating_add_signed(by);
    clamp(model);
    model.dirty |= model.pane.scroll != before;
}

/// Goes to the next or previous row with a sign, and shows it a third of the way down.
pub fn next_note(model: &mut Model, forward: bool) {
    let Some((_, height)) = room(model) else { return };
    let notes = &model.pane.sheet.notes;
    let to = match (model.pane.note, forward) {
        (Some(note), true) => Some(note + 1),
        (Some(note), false) => note.checked_sub(1),
        (None, true) => notes.iter().position(|at| *at >= model.pane.scroll),
        (None, false) => notes.iter().rposition(|at| *at < model.pane.scroll),
    };
    let Some((note, at)) = to.and_then(|to| Some((to, *notes.get(to)?))) else { return };
    model.pane.note = Some(note);
    model.pane.scroll = at.saturating_sub(height / 3);
    clamp(model);
    model.dirty = true;
}
