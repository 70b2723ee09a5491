//! PURE. Verify: the engine on its way, then every resource with its verdict, and beside it why.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

use crate::estate::visible;
use crate::report::verify::{Verified, ownership, seconds};
use crate::terraform::plan::{Class, Explained};

use super::super::layout;
use super::super::model::{Model, Verdicts, Verifying};
use super::super::theme::{Role, Theme};
use super::{Page, Pieces, notice, panel, spinner, wrap, write};

/// From this width on, resources and reasons stand side by side.
const WIDE: u16 = 110;

/// Below this width there is no room for the word of the class: its sign stands for it.
const NARROW: u16 = 44;

/// From this height on, the engine and its times are named.
const HIGH: u16 = 12;

/// The steps of a run, in order.
const STEPS: [(&str, &str); 4] = [
    ("init", "install the provider"),
    ("validate", "check the code"),
    ("plan", "compare live objects with the code"),
    ("show", "read the plan"),
];

/// The engine on its way: each step with its time, and what it looks at.
pub fn progress(model: &Model, verifying: &Verifying, room: usize) -> Page {
    let mut lines: Vec<Pieces> = Vec::new();
    for (name, what) in STEPS {
        let done = verifying.done.iter().find(|(step, _)| *step == name);
        let since = verifying.step.filter(|(step, _)| *step == name).map(|(_, since)| since);
        let elapsed = |since: i64| u64::try_from(model.now - since).unwrap_or(0);
        lines.push(match (done, since) {
            (Some((_, took)), _) => vec![(format!("=    {name:<9} {:>7}  {what}", seconds(*took)), Role::Good)],
            (None, Some(since)) => {
                vec![(format!("{}  {name:<9} {:>7}  {what}", spinner(model), seconds(elapsed(since))), Role::Place)]
            }
            (None, None) => vec![(format!("     {name:<9}          {what}"), Role::Dim)],
        });
    }
    lines.push(vec![(looked_at(verifying), Role::Text)]);
    let from = u64::try_from(model.now - verifying.since).unwrap_or(0);
    lines.push(vec![(format!("{} so far, in {}", seconds(from), visible(&verifying.folder)), Role::Dim)]);
    Page { title: "Verifying: a real plan, which changes nothing", room, lines }
}

fn looked_at(verifying: &Verifying) -> String {
    match (&verifying.at, verifying.seen.len()) {
        (_, 0) => String::new(),
        (Some(address), count) => format!("{count} resources looked at, now {}", visible(address)),
        (None, count) => format!("{count} resources looked at"),
    }
}

/// Where what stands.
struct Places {
    table: Option<Rect>,
    reasons: Option<Rect>,
}

fn places(area: Rect, verdicts: &Verdicts) -> Places {
    if verdicts.order.is_empty() {
        return Places { table: None, reasons: Some(area) };
    }
    if area.width >= WIDE {
        let left = area.width / 2;
        return Places {
            table: Some(Rect { width: left, ..area }),
            reasons: Some(Rect { x: area.x + left, width: area.width - left, ..area }),
        };
    }
    if verdicts.reading {
        Places { table: None, reasons: Some(area) }
    } else {
        Places { table: Some(area), reasons: None }
    }
}

pub fn render(frame: &mut Frame, area: Rect, model: &Model, verdicts: &Verdicts) {
    let theme = model.settings.theme;
    frame.render_widget(Clear, area);
    let places = places(area, verdicts);
    if let (Some(area), Ok(verified)) = (places.table, &verdicts.result) {
        table(frame, area, theme, verdicts, verified);
    }
    if let Some(area) = places.reasons {
        let title = match (&verdicts.result, chosen(verdicts)) {
            (Ok(_), Some(resource)) => resource.address.clone(),
            (Ok(_), None) => "Verdict".to_owned(),
            (Err(_), _) => "Not verified".to_owned(),
        };
        let focused = verdicts.reading || verdicts.order.is_empty();
        let inside = panel(frame, area, theme, &[(title, Role::Title)], focused);
        let lines = reasons(verdicts, room(inside));
        let height = usize::from(inside.height);
        let from = verdicts.scroll.min(lines.len().saturating_sub(height));
        for (line, pieces) in lines.iter().skip(from).take(height).enumerate() {
            let row = Rect { x: inside.x + 1, y: inside.y + line as u16, width: room(inside) as u16, height: 1 };
            write(frame.buffer_mut(), row, theme, pieces);
        }
        corner(frame, area, theme, (from + height).min(lines.len()), lines.len(), height);
    }
}

/// Columns of text inside a panel.
fn room(inside: Rect) -> usize {
    usize::from(inside.width.saturating_sub(2))
}

/// How much of a longer text is seen.
fn corner(frame: &mut Frame, area: Rect, theme: Theme, last: usize, all: usize, height: usize) {
    if all > height {
        let place = format!(" {last}/{all} ");
        let wide = (super::width(&place) as u16).min(area.width);
        let at = Rect { x: area.right().saturating_sub(wide + 2), y: area.bottom() - 1, width: wide, height: 1 };
        write(frame.buffer_mut(), at, theme, &[(place, Role::Dim)]);
    }
}

/// How far the reasons can be scrolled.
pub fn most_scroll(area: Rect, verdicts: &Verdicts) -> usize {
    places(area, verdicts).reasons.map_or(0, |area| {
        let inside = layout::inside(area);
        reasons(verdicts, room(inside)).len().saturating_sub(usize::from(inside.height))
    })
}

fn chosen(verdicts: &Verdicts) -> Option<&Explained> {
    let at = *verdicts.order.get(verdicts.cursor)?;
    verdicts.result.as_ref().ok()?.resources.get(at)
}

fn table(frame: &mut Frame, area: Rect, theme: Theme, verdicts: &Verdicts, verified: &Verified) {
    let role = if verified.is_clean() { Role::Good } else { Role::Critical };
    let title = [("Verdict: ".to_owned(), Role::Title), (verified.verdict().to_owned(), role)];
    let inside = panel(frame, area, theme, &title, !verdicts.reading);
    let mut head: Vec<(String, Role)> =
        wrap(&verified.summary(), room(inside)).into_iter().map(|line| (line, role)).collect();
    for trouble in verified.troubles() {
        head.extend(wrap(&trouble, room(inside)).into_iter().map(|line| (line, Role::Critical)));
    }
    if inside.height >= HIGH {
        head.extend(wrap(&verified.run(), room(inside)).into_iter().map(|line| (line, Role::Dim)));
        head.push((String::new(), Role::Text));
    }
    // At least one resource is seen, however little room there is.
    head.truncate(usize::from(inside.height.saturating_sub(1)));
    let row = |line: usize| Rect { x: inside.x, y: inside.y + line as u16, height: 1, ..inside };
    for (line, piece) in head.iter().enumerate() {
        let at = Rect { x: inside.x + 1, width: room(inside) as u16, ..row(line) };
        write(frame.buffer_mut(), at, theme, std::slice::from_ref(piece));
    }
    let height = usize::from(inside.height) - head.len();
    let from = (verdicts.cursor + 1).saturating_sub(height);
    for (line, at) in verdicts.order.iter().enumerate().skip(from).take(height) {
        let Some(resource) = verified.resources.get(*at) else { continue };
        let area = row(head.len() + line - from);
        let under_cursor = line == verdicts.cursor;
        let mut pieces = vec![(if under_cursor { ">" } else { " " }.to_owned(), Role::Text)];
        pieces.extend(line_of(resource, inside.width));
        if under_cursor {
            let role = if verdicts.reading { Role::Resting } else { Role::Cursor };
            for piece in &mut pieces {
                piece.1 = role;
            }
        }
        write(frame.buffer_mut(), area, theme, &pieces);
    }
    let last = (from + height).min(verdicts.order.len());
    corner(frame, area, theme, last, verdicts.order.len(), height);
}

/// `!  in place   aws_ecs_service.web`.
fn line_of(resource: &Explained, width: u16) -> Pieces {
    let role = Role::of_sign(resource.class.sign());
    let mut pieces = vec![(format!("{:<2} ", resource.class.sign()), role)];
    if width >= NARROW {
        pieces.push((format!("{:<10} ", resource.class.word()), role));
    }
    pieces.push((resource.address.clone(), Role::Text));
    pieces
}

/// Why the resource under the cursor has its verdict, or why there is none.
fn reasons(verdicts: &Verdicts, room: usize) -> Vec<Pieces> {
    let mut lines: Vec<(String, Role)> = Vec::new();
    match (&verdicts.result, chosen(verdicts)) {
        (Err(error), _) => lines.extend(notice::lines(error, room)),
        (Ok(verified), None) => lines.extend(wrap(&verified.summary(), room).into_iter().map(|l| (l, Role::Text))),
        (Ok(_), Some(resource)) => explained(resource, room, &mut lines),
    }
    lines.into_iter().map(|line| vec![line]).collect()
}

fn explained(resource: &Explained, room: usize, lines: &mut Vec<(String, Role)>) {
    let mut say = |text: &str, indent: usize, role: Role| {
        let rows = wrap(text, room.saturating_sub(indent)).into_iter();
        lines.extend(rows.map(|row| (format!("{}{row}", " ".repeat(indent)), role)));
    };
    let role = Role::of_sign(resource.class.sign());
    say(&format!("{} {}: {}", resource.class.sign(), resource.verdict, resource.class.word()), 0, role);
    if let Some(id) = &resource.import_id {
        say(&format!("import id {id}"), 2, Role::Dim);
    }
    if let Some(advice) = &resource.advice {
        say(advice, 2, Role::Note);
    }
    if resource.class == Class::Nothing {
        say("Nothing differs: an apply would leave the live object as it is.", 2, Role::Text);
    }
    for reason in &resource.reasons {
        say("", 0, Role::Text);
        let role = Role::of_sign(reason.class.sign());
        say(&format!("{} {}: {}", reason.class.sign(), reason.class.word(), reason.path), 0, role);
        if reason.before == reason.after {
            say(&format!("{}, differs", reason.before), 2, Role::Text);
        } else {
            say(&format!("AWS   {}", reason.before), 2, Role::Text);
            say(&format!("code  {}", reason.after), 2, Role::Text);
        }
        if let Some(whose) = ownership(reason) {
            say(&whose, 2, Role::Dim);
        }
        say(&reason.advice, 2, Role::Note);
    }
}
