//! PURE. A model in, a frame out. One file per region; each has `render(frame, area, &model)`.

mod footer;
mod header;
mod help;
mod list;
mod log;
mod notice;
mod pane;
mod plan;
mod result;
mod strip;
mod verify;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear};
use unicode_width::UnicodeWidthChar;

use super::layout;
use super::model::{Model, Overlay, Session};
use super::theme::{Role, Theme};

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, model: &Model) {
    match layout::areas(model.size, model.pane_focused) {
        None => notice::too_small(frame, frame.area(), model),
        Some(areas) => {
            header::render(frame, areas.header, model);
            if let Session::Failed(error) = &model.session {
                let main = areas.list.or(areas.pane).unwrap_or_default();
                let main = areas.pane.map_or(main, |pane| main.union(pane));
                notice::failed(frame, main, model, error);
            } else if let Some(open) = &model.plan {
                plan::render(frame, model, open);
            } else {
                for (area, render) in [
                    (areas.list, list::render as fn(&mut Frame, Rect, &Model)),
                    (areas.pane, pane::render),
                    (areas.strip, strip::render),
                ] {
                    if let Some(area) = area {
                        render(frame, area, model);
                    }
                }
            }
            if let Some(page) = page(model) {
                scrolled(frame, between(model.size), model.settings.theme, &page, scroll_of(model));
            }
            if let Some(Overlay::Verdict(verdicts)) = &model.overlay {
                verify::render(frame, between(model.size), model, verdicts);
            }
            footer::render(frame, areas.footer, model);
        }
    }
    if model.settings.ascii {
        to_ascii(frame.buffer_mut());
    }
}

/// Pieces of text with their meaning.
type Pieces = Vec<(String, Role)>;

/// What covers the lists: a title, and lines for so many columns.
struct Page {
    title: &'static str,
    room: usize,
    lines: Vec<Pieces>,
}

/// What overlays may cover.
fn between((width, height): (u16, u16)) -> Rect {
    Rect::new(0, 1, width, height.saturating_sub(2))
}

fn page(model: &Model) -> Option<Page> {
    let room = |most: usize| usize::from(model.size.0).saturating_sub(4).min(most);
    match model.overlay.as_ref()? {
        Overlay::Help(context, _) => Some(help::page(*context, room(116))),
        Overlay::Log(_) => Some(log::page(model, room(110))),
        Overlay::Result(result, words, _) => Some(result::page(result, words, room(100))),
        Overlay::Verifying(verifying) => Some(verify::progress(model, verifying, room(100))),
        Overlay::Verdict(_) => None,
    }
}

fn scroll_of(model: &Model) -> usize {
    match &model.overlay {
        Some(Overlay::Help(_, scroll) | Overlay::Log(scroll) | Overlay::Result(.., scroll)) => *scroll,
        Some(Overlay::Verifying(_) | Overlay::Verdict(_)) | None => 0,
    }
}

/// How far what covers the lists can be scrolled.
pub fn most_scroll(model: &Model) -> usize {
    if let Some(Overlay::Verdict(verdicts)) = &model.overlay {
        return verify::most_scroll(between(model.size), verdicts);
    }
    let height = usize::from(layout::inside(between(model.size)).height);
    page(model).map_or(0, |page| page.lines.len().saturating_sub(height))
}

/// Writes pieces from the left; what has no room is cut with two dots. Returns the column after the last piece.
fn write(buffer: &mut Buffer, area: Rect, theme: Theme, pieces: &[(impl AsRef<str>, Role)]) -> u16 {
    let (mut x, end) = (area.x, area.right());
    if area.height == 0 {
        return x;
    }
    let wanted: usize = pieces.iter().map(|(text, _)| width(text.as_ref())).sum();
    let cut = wanted > usize::from(area.width);
    let stop = if cut && area.width > 3 { end - 2 } else { end };
    for (text, role) in pieces {
        let style = theme.style(*role);
        for c in text.as_ref().chars() {
            let wide = c.width().unwrap_or(0) as u16;
            if wide == 0 {
                continue;
            }
            if x + wide > stop {
                if cut && area.width > 3 {
                    buffer.set_string(x, area.y, "..", theme.style(Role::Dim));
                }
                return end;
            }
            // What was there before, a frame's line for example, lends its style to nothing.
            for under in x..x + wide {
                buffer[(under, area.y)].reset();
            }
            let mut utf8 = [0; 4];
            buffer.set_string(x, area.y, c.encode_utf8(&mut utf8), style);
            x += wide;
        }
    }
    x
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A frame with a title. Returns what is inside.
fn panel(frame: &mut Frame, area: Rect, theme: Theme, title: &[(String, Role)], focused: bool) -> Rect {
    let role = if focused { Role::Focus } else { Role::Border };
    let block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.style(role));
    frame.render_widget(block, area);
    let line = Rect { x: area.x + 2, y: area.y, width: area.width.saturating_sub(4), height: 1.min(area.height) };
    let mut padded = vec![(" ".to_owned(), Role::Text)];
    padded.extend(title.iter().cloned());
    padded.push((" ".to_owned(), Role::Text));
    write(frame.buffer_mut(), line, theme, &padded);
    layout::inside(area)
}

/// A panel in the middle of an area, over whatever is there.
fn popup(frame: &mut Frame, area: Rect, theme: Theme, title: &str, size: (usize, usize)) -> Rect {
    let wide = (size.0 as u16).saturating_add(4).min(area.width);
    let high = (size.1 as u16).saturating_add(2).min(area.height);
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    frame.render_widget(Clear, place);
    let inside = panel(frame, place, theme, &[(title.to_owned(), Role::Title)], true);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

/// A panel in the middle of an area with lines that may be more than fit: from where on is shown, and how far that is.
fn scrolled(frame: &mut Frame, area: Rect, theme: Theme, page: &Page, scroll: usize) {
    let lines = &page.lines;
    let inside = popup(frame, area, theme, page.title, (page.room, lines.len()));
    let height = usize::from(inside.height);
    let from = scroll.min(lines.len().saturating_sub(height));
    for (line, pieces) in lines.iter().skip(from).take(height).enumerate() {
        write(frame.buffer_mut(), Rect { y: inside.y + line as u16, height: 1, ..inside }, theme, pieces);
    }
    if lines.len() > height {
        let place = format!(" {}/{} ", from + height, lines.len());
        let wide = (width(&place) as u16).min(inside.width);
        let corner = Rect { x: inside.right().saturating_sub(wide), y: inside.bottom(), width: wide, height: 1 };
        write(frame.buffer_mut(), corner, theme, &[(place, Role::Dim)]);
    }
}

/// Breaks a text into lines of at most so many columns, between words where it can.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(4);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let wide = width(word);
        if used > 0 && used + 1 + wide > room {
            lines.push(String::new());
            used = 0;
        }
        if used > 0 {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            used += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += wide;
        }
    }
    lines
}

/// The turning sign of something that is on its way: eight pictures a second, by the clock of the model.
fn spinner(model: &Model) -> &'static str {
    // No slash: it would look like a filter.
    ["o..", ".o.", "..o", ".o."][usize::try_from(model.now / 125).unwrap_or(0) % 4]
}

/// The glyphs beyond ASCII that the views use, and hostile ones that were made visible, in ASCII.
fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            symbol if symbol.is_ascii() => continue,
            "─" => "-",
            "│" => "|",
            "╭" | "╮" | "╰" | "╯" | "└" => "+",
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}
