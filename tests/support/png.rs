//! What a terminal shows, as a picture.

#![allow(clippy::cast_sign_loss)] // sizes of pictures

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

const CELL: (f32, f32) = (8.4287, 17.0);
const FONT_SIZE: f32 = 14.0;
const BASELINE: f32 = 13.2;
const PADDING: f32 = 12.0;
const BACKGROUND: &str = "#1e222a";
const FOREGROUND: &str = "#d8dee9";
const PALETTE: [&str; 16] = [
    "#3b4252", "#e06c75", "#a3be8c", "#ebcb8b", "#81a1c1", "#c795c9", "#88c0d0", "#e5e9f0", "#5c6579", "#e88790",
    "#b4d09c", "#f0d89c", "#91b1d1", "#d4a9d6", "#98d0e0", "#ffffff",
];
const FONTS: [&str; 4] =
    ["DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique", "DejaVuSansMono-BoldOblique"];

fn hex(color: Color, default: &str) -> String {
    let index = match color {
        Color::Rgb(r, g, b) => return format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(index) if index < 16 => usize::from(index),
        Color::Indexed(index) if index < 232 => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + u32::from(n) * 40 };
            let n = index - 16;
            return format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6));
        }
        Color::Indexed(index) => {
            let level = 8 + (u32::from(index) - 232) * 10;
            return format!("#{level:02x}{level:02x}{level:02x}");
        }
        _ => return default.to_owned(),
    };
    PALETTE[index].to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (f32::from(columns) * CELL.0 + 2.0 * PADDING, f32::from(rows) * CELL.1 + 2.0 * PADDING);
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" font-family="DejaVu Sans Mono" font-size="{FONT_SIZE}" xml:space="preserve"><rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>"#
    );
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let style = buffer[(x, y)].style();
            let (mut end, mut text, mut places) = (x, String::new(), String::new());
            while end < columns && buffer[(end, y)].style() == style {
                let symbol = buffer[(end, y)].symbol();
                if !symbol.trim().is_empty() {
                    text += symbol;
                    places += &format!("{:.2} ", PADDING + f32::from(end) * CELL.0);
                    // Combining characters have no place of their own.
                    places += &"0 ".repeat(symbol.chars().count() - 1);
                }
                end += 1;
            }
            let has = |modifier| style.add_modifier.contains(modifier);
            let (mut fg, mut bg) =
                (hex(style.fg.unwrap_or_default(), FOREGROUND), hex(style.bg.unwrap_or_default(), BACKGROUND));
            if has(Modifier::REVERSED) {
                std::mem::swap(&mut fg, &mut bg);
            }
            let (left, top) = (PADDING + f32::from(x) * CELL.0, PADDING + f32::from(y) * CELL.1);
            if bg != BACKGROUND {
                let wide = f32::from(end - x) * CELL.0;
                out +=
                    &format!(r#"<rect x="{left:.2}" y="{top:.2}" width="{wide:.2}" height="{}" fill="{bg}"/>"#, CELL.1);
            }
            if !text.is_empty() {
                let bold = if has(Modifier::BOLD) { r#" font-weight="bold""# } else { "" };
                let italic = if has(Modifier::ITALIC) { r#" font-style="italic""# } else { "" };
                let dim = if has(Modifier::DIM) && !has(Modifier::REVERSED) { r#" opacity="0.65""# } else { "" };
                let (places, y) = (places.trim_end(), top + BASELINE);
                out += &format!(
                    r#"<text x="{places}" y="{y:.2}" fill="{fg}"{bold}{italic}{dim}>{}</text>"#,
                    escape(&text)
                );
            }
            x = end;
        }
    }
    out + "</svg>"
}

/// What the terminal shows, cell by cell.
pub fn cells(screen: &vt100::Screen) -> Buffer {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let color = |color| match color {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    };
    for y in 0..rows {
        for x in 0..columns {
            let Some(cell) = screen.cell(y, x) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let mut modifier = Modifier::empty();
            for (set, name) in [
                (cell.bold(), Modifier::BOLD),
                (cell.italic(), Modifier::ITALIC),
                (cell.inverse(), Modifier::REVERSED),
                (cell.dim(), Modifier::DIM),
            ] {
                modifier.set(name, set);
            }
            let style = Style::new().fg(color(cell.fgcolor())).bg(color(cell.bgcolor())).add_modifier(modifier);
            buffer[(x, y)].set_symbol(if cell.has_contents() { cell.contents() } else { " " }).set_style(style);
        }
    }
    buffer
}

/// Writes the picture of a screen.
pub fn save(screen: &vt100::Screen, path: &std::path::Path) {
    let mut options = resvg::usvg::Options::default();
    for font in FONTS {
        let file = format!("/usr/share/fonts/truetype/dejavu/{font}.ttf");
        let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}; install fonts-dejavu-core"));
        options.fontdb_mut().load_font_data(bytes);
    }
    let tree = resvg::usvg::Tree::from_str(&svg(&cells(screen)), &options).expect("an SVG of our own");
    let scale = 1.5;
    let size = tree.size();
    let (width, height) = ((size.width() * scale) as u32, (size.height() * scale) as u32);
    let mut pixels = resvg::tiny_skia::Pixmap::new(width, height).expect("a picture");
    resvg::render(&tree, resvg::tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.save_png(path).expect("the picture is written");
}
