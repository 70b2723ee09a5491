//! PURE. The export plan: its rows, a line about the row, the pane, and what covers them while a choice is made.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::visible;
use crate::export::choices::{mode_word, reference_word};

use super::super::layout;
use super::super::model::Model;
use super::super::plan::{Field, PlanView, TABS, Typing};
use super::super::sheet::GUTTER;
use super::super::theme::{Role, Theme};
use super::pane::cut;
use super::{Page, Pieces, between, list, panel, scrolled, spinner, width, wrap, write};

pub fn render(frame: &mut Frame, model: &Model, plan: &PlanView) {
    let Some(areas) = layout::plan_areas(model.size, plan.pane_focused) else { return };
    if let Some(area) = areas.list {
        rows(frame, area, model, plan);
    }
    if let Some(area) = areas.strip {
        write(frame.buffer_mut(), area, model.settings.theme, &about(plan));
    }
    if let Some(area) = areas.pane {
        pane(frame, area, model.settings.theme, plan);
    }
    let room = usize::from(model.size.0).saturating_sub(4).min(76);
    let page = match (&plan.typing, plan.modes) {
        (Some(typing), _) if typing.field != Field::Filter => naming(plan, typing, room),
        (None, Some(at)) => modes(plan, at, room),
        _ => return,
    };
    scrolled(frame, between(model.size), model.settings.theme, &page, plan.modes.map_or(0, |at| at.saturating_sub(4)));
}

fn rows(frame: &mut Frame, area: Rect, model: &Model, plan: &PlanView) {
    let theme = model.settings.theme;
    let inside = panel(frame, area, theme, &title(model, plan), !plan.pane_focused);
    if inside.height < 2 {
        return;
    }
    list::rows_of(frame, inside, theme, &plan.table, !plan.pane_focused, &|_| None);
    if plan.table.shown().len() == 0 && inside.height > 2 {
        let words = match (plan.table.unknown_column(), plan.plan().is_some()) {
            (Some(name), _) => {
                let columns: Vec<&str> = plan.table.columns().iter().map(|column| column.title).collect();
                format!("no column {} ({})", visible(&name), columns.join(", "))
            }
            (None, true) if !plan.table.filter().is_empty() => "No row matches the filter; Esc shows all.".to_owned(),
            (None, true) => "There is nothing to export.".to_owned(),
            (None, false) if plan.planning.is_none() && plan.failed.is_some() => {
                "No plan could be made: ! shows why, any change tries again.".to_owned()
            }
            (None, false) => "Planning ..".to_owned(),
        };
        let area = Rect { x: inside.x + 2, y: inside.y + 2, width: inside.width.saturating_sub(2), height: 1 };
        write(frame.buffer_mut(), area, theme, &[(words, Role::Dim)]);
    }
}

/// `Export plan  9 to import, 1 not  v6 concise  to catalog-api/`
fn title(model: &Model, plan: &PlanView) -> Pieces {
    let mut title = vec![("Export plan".to_owned(), Role::Title)];
    if let Some(preview) = plan.plan() {
        let skips = preview.skips().count();
        title.push((format!("  {} to import", preview.imports), Role::Good));
        title.push((format!(", {skips} not"), if skips == 0 { Role::Dim } else { Role::Warning }));
        let options = &plan.choices.options;
        let mut words = options.dialect.word().to_owned();
        for (is, word) in [(options.concise, " concise"), (options.portable, " portable")] {
            words.push_str(if is { word } else { "" });
        }
        title.push((format!("  {words}"), Role::Key));
        title.push((format!("  to {}/", visible(&preview.folder)), Role::Place));
        if !preview.unread.is_empty() {
            title.push((format!("  {} not read", preview.unread.len()), Role::Unknown));
        }
    }
    if let Some(Typing { field: Field::Filter, input, .. }) = &plan.typing {
        title.extend(typed(input));
    } else if !plan.table.filter().is_empty() {
        title.push((format!("  /{}", visible(plan.table.filter())), Role::Key));
    }
    if plan.planning.is_some() && plan.preview.is_none() {
        title.push((format!("  planning {}", spinner(model)), Role::Dim));
    }
    title
}

fn typed(input: &tui_input::Input) -> Pieces {
    let (before, after) = halves(input);
    vec![(format!("  /{before}"), Role::Key), ("_".to_owned(), Role::Title), (after, Role::Key)]
}

fn halves(input: &tui_input::Input) -> (String, String) {
    let before: String = input.value().chars().take(input.cursor()).collect();
    let after: String = input.value().chars().skip(input.cursor()).collect();
    (visible(&before), visible(&after))
}

/// One line about the row: why it is left out, or its import id.
fn about(plan: &PlanView) -> Pieces {
    let Some(row) = plan.row() else { return Vec::new() };
    if let Some(skip) = &row.skip {
        let word = if skip.by_choice { " left out: " } else { " cannot be imported: " };
        return vec![(word.to_owned(), Role::Warning), (visible(&skip.reason), Role::Text)];
    }
    let mut pieces = vec![(" import id ".to_owned(), Role::Dim), (visible(&row.import_id), Role::Text)];
    if !row.loose.is_empty() {
        let names: Vec<String> = row.loose.iter().map(|id| visible(&id.to_string())).collect();
        pieces.push((format!("  not linked, left out: {}", names.join(", ")), Role::Warning));
    }
    pieces
}

fn pane(frame: &mut Frame, area: Rect, theme: Theme, plan: &PlanView) {
    let mut tabs = Vec::new();
    for (tab, word) in TABS {
        let open = tab == plan.tab;
        let text = if open { format!("[{word}]") } else { format!(" {word} ") };
        tabs.push((text, if open { Role::Key } else { Role::Dim }));
    }
    // Frame, blanks and the gap before the tabs.
    let taken = tabs.iter().map(|(text, _)| width(text)).sum::<usize>() + 8;
    let name = plan.row().map_or_else(String::new, |row| visible(&row.id.to_string()));
    let mut title = vec![(cut(&name, usize::from(area.width).saturating_sub(taken)), Role::Title)];
    title.push(("  ".to_owned(), Role::Text));
    title.extend(tabs);
    let inside = panel(frame, area, theme, &title, plan.pane_focused);
    let rows = &plan.sheet.rows;
    let height = usize::from(inside.height);
    for (line, row) in rows.iter().skip(plan.scroll).take(height).enumerate() {
        let y = inside.y + line as u16;
        let gutter = Rect { x: inside.x, y, width: inside.width.min(GUTTER as u16), height: 1 };
        write(frame.buffer_mut(), gutter, theme, &[(row.sign, Role::of_sign(row.sign))]);
        let text = Rect { x: gutter.right(), y, width: inside.width - gutter.width, height: 1 };
        write(frame.buffer_mut(), text, theme, &row.pieces);
    }
    if rows.len() > height {
        let place = format!(" {}/{} ", (plan.scroll + height).min(rows.len()), rows.len());
        let wide = (width(&place) as u16).min(inside.width);
        let corner = Rect { x: area.right().saturating_sub(wide + 2), y: area.bottom() - 1, width: wide, height: 1 };
        write(frame.buffer_mut(), corner, theme, &[(place, Role::Dim)]);
    }
}

/// The line in which a name is typed, and what is wrong with it.
fn naming(plan: &PlanView, typing: &Typing, room: usize) -> Page {
    let title = if typing.field == Field::Folder { "Name of the folder" } else { "Name in Terraform" };
    let lead = match (&typing.field, plan.plan()) {
        (Field::Label(id), Some(preview)) => {
            let address = preview.row(id).and_then(|row| row.addresses.first());
            address.and_then(|address| address.split_once('.')).map_or_else(String::new, |(kind, _)| format!("{kind}."))
        }
        _ => String::new(),
    };
    let (before, after) = halves(&typing.input);
    let used = width(&lead) + width(&before) + width(&after) + 1;
    // What has no room on one line goes without the type before it.
    let lead = if used > room { String::new() } else { lead };
    let line = vec![(lead, Role::Dim), (before, Role::Key), ("_".to_owned(), Role::Title), (after, Role::Key)];
    let (words, role) = match &typing.problem {
        Some(problem) => (problem.as_str(), Role::Error),
        None if typing.input.value().is_empty() => ("Enter gives back the name that ecsight would choose.", Role::Dim),
        None => ("Enter takes it; an empty line is the name that ecsight would choose.", Role::Dim),
    };
    let mut lines: Vec<Pieces> = vec![line, Vec::new()];
    lines.extend(wrap(words, room).into_iter().map(|line| vec![(line, role)]));
    Page { title, room, lines }
}

/// The kinds of reference that the plan has, each with its mode.
fn modes(plan: &PlanView, at: usize, room: usize) -> Page {
    let kinds = plan.kinds();
    let widest = kinds.iter().map(|(kind, ..)| width(&reference_word(*kind))).max().unwrap_or(0);
    let lines = kinds.iter().enumerate().map(|(row, (kind, count, mode))| {
        let here = row == at;
        let sign = if here { "> " } else { "  " };
        let name = format!("{sign}{:<widest$}  {count:>3}  ", reference_word(*kind));
        vec![
            (name, if here { Role::Focus } else { Role::Text }),
            (mode_word(*mode), if here { Role::Key } else { Role::Dim }),
        ]
    });
    Page { title: "How references are written", room: room.min(44), lines: lines.collect() }
}
