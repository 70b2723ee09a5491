//! PURE. The texts of the pane. Slow for long documents, so the shell makes them away from the screen.

use crate::estate::{Estate, Gap, GapReason, Line, Rendered, ResourceId, Subject, json_lines, visible};
use crate::export::{self, Options};
use crate::report;
use crate::secrets::Masks;

use super::message::Tab;

/// A resource as a tab shows it; every line is safe to print.
pub fn of(tab: Tab, estate: &Estate, id: &ResourceId, selection: &[ResourceId], options: &Options) -> Rendered {
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
        Some(gap) => refusal(gap).iter().for_each(|line| text.push(Line::plain(line))),
        None => text.push(Line::plain("Not read yet.")),
    }
    text
}

/// Why something was not read, in AWS's words, and what can be done; every line is safe to print.
pub fn refusal(gap: &Gap) -> Vec<String> {
    let action = visible(&gap.action);
    let hint = match gap.reason {
        GapReason::Denied => format!("Allow the action {action} to this caller in IAM, then press r to read again."),
        GapReason::Throttled => "AWS asks for patience: r reads again.".to_owned(),
        GapReason::Expired => "Sign in again, for example with `aws sso login`, then press r.".to_owned(),
        GapReason::Network => "The endpoint did not answer: r reads again.".to_owned(),
        GapReason::Malformed | GapReason::Failed => "r reads again.".to_owned(),
        GapReason::NotRecorded => "Record this answer as well, and replay both.".to_owned(),
    };
    vec![format!("! {}: {action}", gap.reason.word()), visible(&gap.message), String::new(), hint]
}
