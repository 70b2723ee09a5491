//! PURE. The texts of the pane. Slow for long documents, so the shell makes them away from the screen.

use crate::estate::{Estate, Line, Rendered, ResourceId, Subject, json_lines, visible};
use crate::export::{self, Options};
use crate::report;
use crate::secrets::Masks;

use super::message::Tab;

/// A resource as a tab shows it; every line is safe to print.
pub fn of(tab: Tab, estate: &Estate, id: &ResourceId, selection: &[ResourceId], options: Options) -> Rendered {
    let Some(document) = estate.document(id) else { return unread(estate, id) };
    let text = match tab {
        Tab::Overview => report::overview(estate, id),
        Tab::Json => {
            let value = document.value();
            let masks = Masks::of(id.kind, &value);
            json_lines(&value, &|path, value| masks.show(path, value))
        }
        Tab::Hcl => export::pane(estate, id, selection, options),
    };
    let safe = |line: &Line| Line { text: visible(&line.text), ..line.clone() };
    Rendered::new(text.lines().iter().map(safe).collect())
}

fn unread(estate: &Estate, id: &ResourceId) -> Rendered {
    let mut text = Rendered::new(vec![Line::plain(visible(&id.to_string())), Line::plain("")]);
    match estate.gap(&Subject::Resource(id.clone())) {
        Some(gap) => {
            text.push(Line::plain(format!("! {}: {}", gap.reason.word(), visible(&gap.action))));
            text.push(Line::plain(visible(&gap.message)));
        }
        None => text.push(Line::plain("Not read yet.")),
    }
    text
}
