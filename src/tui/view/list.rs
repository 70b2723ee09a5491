//! PURE. The list: one table of the place we are in.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::super::model::{Level, Model, RowId, Session, markable};
use super::super::place::Place;
use super::super::rows;
use super::super::table::{Column, LESSER, Row, Table, Width};
use super::super::theme::{Role, Theme};
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
    let sign =
        |row: &Row<RowId>| markable(&row.id).is_some_and(|id| model.marks.contains(id)).then_some(("*", Role::Marked));
    rows_of(frame, inside, theme, table, focused, &sign);
    if table.shown().len() == 0 {
        let area = Rect { x: inside.x + 2, y: inside.y + 2, width: inside.width.saturating_sub(2), height: 1 };
        if inside.height > 2 {
            write(frame.buffer_mut(), area, theme, &[(empty(model, level), Role::Dim)]);
        }
    }
}

/// What stands before a row.
type Sign = (&'static str, Role);

/// The headings and rows of any table, with the cursor's bar and a sign before each row that has one.
pub fn rows_of<I: Clone + Eq>(
    frame: &mut Frame,
    inside: Rect,
    theme: Theme,
    table: &Table<I>,
    focused: bool,
    sign: &dyn Fn(&Row<I>) -> Option<Sign>,
) {
    let columns = arrange(table, inside);
    let buffer = frame.buffer_mut();
    for (at, x, wide) in &columns.places {
        let column = &table.columns()[*at];
        let sorted = table.sort().filter(|(by, _)| by == at);
        let arrow = sorted.map_or("", |(_, descending)| if descending { " v" } else { " ^" });
        let text = format!("{}{arrow}", column.title);
        let shift = if column.right { wide.saturating_sub(width(&text) as u16) } else { 0 };
        let area = Rect { x: x + shift, y: inside.y, width: wide - shift, height: 1 };
        write(buffer, area, theme, &[(text, Role::Heading)]);
    }
    let height = usize::from(inside.height.saturating_sub(1));
    for (line, row) in table.window(table.offset(), height).enumerate() {
        let area = Rect { y: inside.y + 1 + line as u16, height: 1, ..inside };
        let under_cursor = table.offset() + line == table.cursor();
        let sign = match (sign(row), under_cursor) {
            (Some(sign), _) => sign,
            (None, true) => (">", Role::Dim),
            (None, false) => (" ", Role::Text),
        };
        write(frame.buffer_mut(), area, theme, &[sign]);
        draw_row(frame, area, row, &columns, table, theme);
        if under_cursor {
            bar(frame, area, theme, if focused { Role::Cursor } else { Role::Resting });
        }
    }
}

/// The bar of the cursor: one look for the whole row, so that it reads as one thing on any palette.
fn bar(frame: &mut Frame, area: Rect, theme: Theme, role: Role) {
    let style = theme.style(role);
    for x in area.left()..area.right() {
        let cell = &mut frame.buffer_mut()[(x, area.y)];
        let symbol = cell.symbol().to_owned();
        cell.reset();
        cell.set_symbol(&symbol).set_style(style);
    }
}

fn draw_row<I: Clone + Eq>(
    frame: &mut Frame,
    area: Rect,
    row: &Row<I>,
    columns: &Columns,
    table: &Table<I>,
    theme: Theme,
) {
    let buffer = frame.buffer_mut();
    if let [only] = &row.cells[..] {
        let area = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
        write(buffer, area, theme, &only.pieces);
        return;
    }
    let Columns { places, brief } = columns;
    for (place, (at, x, wide)) in places.iter().enumerate() {
        let Some(cell) = row.cells.get(*at).filter(|cell| !cell.pieces.is_empty()) else { continue };
        // A cell may use the room of empty ones after it: the reason why they are empty often stands there.
        let free = places[place + 1..].iter().find(|(at, ..)| row.cells.get(*at).is_some_and(|c| !c.pieces.is_empty()));
        let end = free.map_or(area.right().saturating_sub(1), |(_, next, _)| next.saturating_sub(2));
        let wide = if table.columns()[*at].right { *wide } else { end.saturating_sub(*x).max(*wide) };
        let used = (cell.width(*brief) as u16).min(wide);
        let shift = if table.columns()[*at].right { wide - used } else { 0 };
        write(buffer, Rect { x: x + shift, width: wide - shift, ..area }, theme, cell.shown(*brief));
    }
}

/// What a short column takes, with the gap before it.
const SHORT: u16 = 10;

/// Which columns are shown, where, and how wide.
struct Columns {
    /// Column, first cell, width.
    places: Vec<(usize, u16, u16)>,
    /// True when cells are shortened.
    brief: bool,
}

/// First the lesser columns go, then cells are shortened, then other columns go; the name is the last.
fn arrange<I: Clone + Eq>(table: &Table<I>, inside: Rect) -> Columns {
    // One column stays free before the frame.
    let room = inside.width.saturating_sub(GUTTER + 1);
    let whole = kept(table, room, false, LESSER);
    let (kept, brief) = match whole {
        Some(kept) => (kept, false),
        None => (kept(table, room, true, 1).unwrap_or_else(|| vec![0]), true),
    };
    let all = table.columns();
    let fixed = |at: &&usize| matches!(all[**at].width, Width::Fit(_));
    let used: u16 = kept.iter().filter(fixed).map(|at| wanted(table, *at, brief) + 2).sum();
    let mut x = inside.x + GUTTER;
    let mut places = Vec::new();
    for at in kept {
        let wants = wanted(table, at, brief);
        let wide = match all[at].width {
            Width::Fit(_) => wants,
            Width::Fill(_) | Width::Whole(_) => room.saturating_sub(used).min(wants.max(24)),
        };
        let wide = wide.min(inside.right().saturating_sub(x));
        if wide > 0 {
            places.push((at, x, wide));
        }
        x = x.saturating_add(wide + 2);
    }
    Columns { places, brief }
}

fn wanted<I: Clone + Eq>(table: &Table<I>, at: usize, brief: bool) -> u16 {
    let column: &Column = &table.columns()[at];
    let heading = width(column.title) + if table.sort().is_some_and(|(by, _)| by == at) { 2 } else { 0 };
    let content = table.widest(at, brief).max(heading).min(400) as u16;
    match column.width {
        Width::Fit(most) => content.min(most.max(heading as u16)),
        Width::Fill(least) | Width::Whole(least) => content.max(least),
    }
}

/// The columns that fit when those from `floor` on may go; `None` when that is not enough.
fn kept<I: Clone + Eq>(table: &Table<I>, room: u16, brief: bool, floor: u8) -> Option<Vec<usize>> {
    let all = table.columns();
    let mut kept: Vec<usize> = (0..all.len()).collect();
    let least = |at: usize| match all[at].width {
        Width::Fill(least) => wanted(table, at, brief).min(if brief { least } else { least.max(16) }),
        Width::Whole(_) if brief => wanted(table, at, brief).min(room.saturating_sub(SHORT)),
        Width::Fit(_) | Width::Whole(_) => wanted(table, at, brief),
    };
    loop {
        let needed: u16 = kept.iter().map(|at| least(*at) + 2).sum::<u16>().saturating_sub(2);
        if needed <= room {
            return Some(kept);
        }
        let spare = kept.iter().copied().filter(|at| all[*at].spare >= floor).max_by_key(|at| all[*at].spare)?;
        kept.retain(|other| *other != spare);
    }
}

fn title(model: &Model, level: &Level) -> Vec<(String, Role)> {
    let table = &level.table;
    // Lines that stand for what could not be read are no clusters, services or revisions.
    let shown = table.shown().filter(|row| row.group != rows::GAPS).count();
    let all = table.rows().iter().filter(|row| row.group != rows::GAPS).count();
    let mut title = vec![(level.place.title(), Role::Title)];
    let count = match (&model.session, table.filter()) {
        (Session::Connecting, _) => String::new(),
        (_, "") => format!(" ({all})"),
        _ => format!(" ({shown} of {all})"),
    };
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
        let word = if matches!(model.session, Session::Connecting) { "connecting" } else { "reading" };
        title.push((format!("  {word} {}", spinner(model)), Role::Dim));
    }
    if let Some(trouble) = &level.trouble {
        title.push((format!("  {trouble}"), Role::Error));
    }
    title
}

fn split(text: &str, at: usize) -> (String, String) {
    (text.chars().take(at).collect(), text.chars().skip(at).collect())
}

fn empty(model: &Model, level: &Level) -> String {
    if let Some(name) = level.table.unknown_column() {
        let columns: Vec<&str> = level.table.columns().iter().map(|column| column.title).collect();
        return format!("no column {} ({})", crate::estate::visible(&name), columns.join(", "));
    }
    let words = match (&model.session, &level.place) {
        (Session::Connecting, _) => "Looking for credentials, then asking AWS whose they are ..",
        _ if !level.table.filter().is_empty() => "No row matches the filter; Esc shows all.",
        _ if model.is_loading() => "Reading ..",
        (_, Place::Account) => "No clusters in this region.",
        (_, Place::Cluster(_)) => "No services and no standalone tasks.",
        (_, Place::Family { .. }) => "No revisions are known.",
    };
    words.to_owned()
}
