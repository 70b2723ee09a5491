//! PURE. Where each region stands, from the size of the terminal.
//!
//! ```text
//! wide                                tall                    narrow
//! header                              header                  header
//! +- list ------+- pane ----------+   +- list -----------+    +- list, or the pane once it has the keys -+
//! |             |                 |   +- pane -----------+    strip: the worst mark of the row
//! footer                              footer                  footer
//! ```

use ratatui::layout::Rect;

/// Below this there is only a notice.
pub const SMALLEST: (u16, u16) = (32, 7);

/// From this width on, list and pane stand side by side.
const WIDE: u16 = 110;

/// From this width on, the pane has three fifths.
const WIDEST: u16 = 160;

/// From this height on, list and pane stand above each other on a narrow terminal.
const TALL: u16 = 36;

/// The regions. Frames are inside `list` and `pane`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Who and where.
    pub header: Rect,
    /// The list.
    pub list: Option<Rect>,
    /// The pane.
    pub pane: Option<Rect>,
    /// One line about the row, where the pane has no room.
    pub strip: Option<Rect>,
    /// Marks, keys, progress.
    pub footer: Rect,
}

/// The regions of a terminal; `None` when it is too small.
pub fn areas((width, height): (u16, u16), pane_focused: bool) -> Option<Areas> {
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let header = Rect::new(0, 0, width, 1);
    let footer = Rect::new(0, height - 1, width, 1);
    let main = Rect::new(0, 1, width, height - 2);
    let (list, pane, strip) = if width >= WIDE {
        let left = if width >= WIDEST { width * 2 / 5 } else { width / 2 + 2 };
        let list = Rect { width: left, ..main };
        let pane = Rect { x: left, width: width - left, ..main };
        (Some(list), Some(pane), None)
    } else if height >= TALL {
        let top = main.height / 2 - 2;
        let list = Rect { height: top, ..main };
        let pane = Rect { y: main.y + top, height: main.height - top, ..main };
        (Some(list), Some(pane), None)
    } else if pane_focused {
        (None, Some(main), None)
    } else {
        let list = Rect { height: main.height - 1, ..main };
        let strip = Rect { y: list.bottom(), height: 1, ..main };
        (Some(list), None, Some(strip))
    };
    Some(Areas { header, list, pane, strip, footer })
}

/// From this height on, rows and pane of the export plan stand above each other: addresses are long.
const PLAN_TALL: u16 = 30;

/// The regions while the export plan is open. A line about the row stands below the rows in any case.
pub fn plan_areas(size: (u16, u16), pane_focused: bool) -> Option<Areas> {
    let areas = areas(size, pane_focused)?;
    let main = Rect::new(0, 1, size.0, size.1 - 2);
    if size.1 >= PLAN_TALL {
        let top = main.height * 2 / 5;
        let list = Rect { height: top, ..main };
        let strip = Rect { y: list.bottom(), height: 1, ..main };
        let pane = Rect { y: strip.bottom(), height: main.height - top - 1, ..main };
        return Some(Areas { list: Some(list), pane: Some(pane), strip: Some(strip), ..areas });
    }
    let under = areas.list.filter(|_| areas.strip.is_none());
    let Some(list) = under else { return Some(areas) };
    let list = Rect { height: list.height - 1, ..list };
    let strip = Rect { y: list.bottom(), height: 1, ..list };
    Some(Areas { list: Some(list), strip: Some(strip), ..areas })
}

/// What a frame leaves inside.
pub fn inside(area: Rect) -> Rect {
    Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height.saturating_sub(2) }
}
