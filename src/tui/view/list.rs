//! PURE. The list: one table of the place we are in.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::super::model::{Level, Model, RowId, Session, markable};
use super::super::place::Place;
use super::super::table::{Column, Row, Table, Width};
use super::super::theme::Role;
use super::{panel, spinner, width, write};

/// Marks and the cursor stand before the first column.
const GUTTER: u16 = 2;

pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let Some(level) = model.level() else { return };
    let focused = !model.pane_focused;
    let inside = panel(frame, area, theme, &title(model, level), focused);
    if inside.height < 2 {
        return;
    }
    let table = &level.table;
    let columns = arrange(table, inside);
    let buffer = frame.buffer_mut();
    for (at, x, wide) in &columns {
        let column = &table.columns()[*at];
        let sorted = table.sort().filter(|(by, _)| by == at);
        let arrow = sorted.map_or("", |(_, descending)| if descending { " v" } else { " ^" });
        let text = format!("{}{arrow}", column.title);
        let shift = if column.right { wide.saturating_sub(width(&text) as u16) } else { 0 };
        let area = Rect { x: x + shift, y: inside.y, width: wide - shift, height: 1 };
        write(buffer, area, theme, &[(text, Role::Heading)]);
    }
    let height = usize::from(inside.height - 1);
    for (line, row) in table.window(table.offset(), height).enumerate() {
        let area = Rect { y: inside.y + 1 + line as u16, height: 1, ..inside };
        let under_cursor = table.offset() + line == table.cursor();
        let marked = markable(&row.id).is_some_and(|id| model.marks.contains(id));
        let sign = match (marked, under_cursor) {
            (true, _) => ("*", Role::Marked),
            (false, true) => (">", Role::Dim),
            (false, false) => (" ", Role::Text),
        };
        let buffer = frame.buffer_mut();
        write(buffer, area, theme, &[sign]);
        draw_row(frame, area, row, &columns, table, model);
        if under_cursor {
            let role = if focused { Role::Cursor } else { Role::Resting };
            bar(frame, area, model, role);
        }
    }
    if table.shown().len() == 0 {
        let area = Rect { x: inside.x + 2, y: inside.y + 2, width: inside.width.saturating_sub(2), height: 1 };
        if inside.height > 2 {
            write(frame.buffer_mut(), area, theme, &[(empty(model, level), Role::Dim)]);
        }
    }
}

/// The bar of the cursor: one look for the whole row, so that it reads as one thing on any palette.
fn bar(frame: &mut Frame, area: Rect, model: &Model, role: Role) {
    let style = model.settings.theme.style(role);
    for x in area.left()..area.right() {
        let cell = &mut frame.buffer_mut()[(x, area.y)];
        let symbol = cell.symbol().to_owned();
        cell.reset();
        cell.set_symbol(&symbol).set_style(style);
    }
}

fn draw_row(
    frame: &mut Frame,
    area: Rect,
    row: &Row<RowId>,
    columns: &[(usize, u16, u16)],
    table: &Table<RowId>,
    model: &Model,
) {
    let theme = model.settings.theme;
    let buffer = frame.buffer_mut();
    if let [only] = &row.cells[..] {
        let area = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
        write(buffer, area, theme, &only.pieces);
        return;
    }
    for (place, (at, x, wide)) in columns.iter().enumerate() {
        let Some(cell) = row.cells.get(*at).filter(|cell| !cell.pieces.is_empty()) else { continue };
        // A cell may use the room of empty ones after it: the reason why they are empty often stands there.
        let free =
            columns[place + 1..].iter().find(|(at, ..)| row.cells.get(*at).is_some_and(|c| !c.pieces.is_empty()));
        let end = free.map_or(area.right().saturating_sub(1), |(_, next, _)| next.saturating_sub(2));
        let wide = if table.columns()[*at].right { *wide } else { end.saturating_sub(*x).max(*wide) };
        let used = (cell.pieces.iter().map(|(text, _)| width(text)).sum::<usize>() as u16).min(wide);
        let shift = if table.columns()[*at].right { wide - used } else { 0 };
        write(buffer, Rect { x: x + shift, width: wide - shift, ..area }, theme, &cell.pieces);
    }
}

/// Which columns are shown, where, and how wide.
fn arrange(table: &Table<RowId>, inside: Rect) -> Vec<(usize, u16, u16)> {
    let all = table.columns();
    let mut kept: Vec<usize> = (0..all.len()).collect();
    let wants = |at: usize| -> u16 {
        let column: &Column = &all[at];
        let heading = width(column.title) + if table.sort().is_some_and(|(by, _)| by == at) { 2 } else { 0 };
        let cells = table.rows().iter().filter(|row| row.cells.len() > 1).filter_map(|row| row.cells.get(at));
        let widest = cells.map(|cell| cell.pieces.iter().map(|(text, _)| width(text)).sum()).max().unwrap_or(0);
        let content = widest.max(heading).min(400) as u16;
        match column.width {
            Width::Fit(most) => content.min(most.max(heading as u16)),
            Width::Fill(least) => content.max(least),
        }
    };
    let widths: Vec<u16> = (0..all.len()).map(wants).collect();
    let least = |at: usize| match all[at].width {
        Width::Fit(_) => widths[at],
        Width::Fill(least) => widths[at].min(least.max(16)),
    };
    // One column stays free before the frame.
    let room = inside.width.saturating_sub(GUTTER + 1);
    loop {
        let needed: u16 = kept.iter().map(|at| least(*at) + 2).sum::<u16>().saturating_sub(2);
        let spare = kept.iter().copied().filter(|at| all[*at].spare > 0).max_by_key(|at| all[*at].spare);
        match spare {
            Some(at) if needed > room => kept.retain(|other| *other != at),
            _ => break,
        }
    }
    let fixed: u16 = kept.iter().filter(|at| matches!(all[**at].width, Width::Fit(_))).map(|at| widths[*at] + 2).sum();
    let mut x = inside.x + GUTTER;
    let mut places = Vec::new();
    for at in kept {
        let wide = match all[at].width {
            Width::Fit(_) => widths[at],
            Width::Fill(_) => room.saturating_sub(fixed).min(widths[at].max(24)),
        };
        let wide = wide.min((inside.right()).saturating_sub(x));
        if wide > 0 {
            places.push((at, x, wide));
        }
        x = x.saturating_add(wide + 2);
    }
    places
}

fn title(model: &Model, level: &Level) -> Vec<(String, Role)> {
    let table = &level.table;
    let (shown, all) = (table.shown().len(), table.rows().len());
    let mut title = vec![(level.place.title(), Role::Title)];
    let count = if table.filter().is_empty() { format!(" ({all})") } else { format!(" ({shown} of {all})") };
    title.push((count, Role::Dim));
    if let Some(input) = &model.typing {
        let (before, after) = split(input.value(), input.cursor());
        title.push((format!("  /{}", crate::estate::visible(&before)), Role::Key));
        title.push(("_".to_owned(), Role::Title));
        title.push((crate::estate::visible(&after), Role::Key));
    } else if !table.filter().is_empty() {
        title.push((format!("  /{}", crate::estate::visible(table.filter())), Role::Key));
    }
    if model.is_loading() {
        title.push((format!("  {}", spinner(model)), Role::Dim));
    }
    if let Some(gaps) = gaps_here(model, &level.place) {
        title.push((format!("  {gaps}"), Role::Error));
    }
    title
}

fn split(text: &str, at: usize) -> (String, String) {
    (text.chars().take(at).collect(), text.chars().skip(at).collect())
}

/// `50 denied: ecs:DescribeServices`, for rows that are there by name only.
fn gaps_here(model: &Model, place: &Place) -> Option<String> {
    let Place::Cluster(cluster) = place else { return None };
    let mut count = 0;
    let mut word = None;
    for (id, _) in model.estate.services_of(cluster) {
        if let Some(gap) = model.estate.gap(&crate::estate::Subject::Resource(id.clone())) {
            count += 1;
            word.get_or_insert_with(|| format!("{}: {}", gap.reason.word(), crate::estate::visible(&gap.action)));
        }
    }
    word.map(|word| format!("{count} {word}"))
}

fn empty(model: &Model, level: &Level) -> &'static str {
    match (&model.session, &level.place) {
        (Session::Connecting, _) => "Looking for credentials ..",
        _ if !level.table.filter().is_empty() => "No row matches the filter; Esc shows all.",
        _ if model.is_loading() => "Reading ..",
        (_, Place::Account) => "No clusters in this region.",
        (_, Place::Cluster(_)) => "No services and no standalone tasks.",
        (_, Place::Family { .. }) => "No revisions are known.",
    }
}
