//! PURE. One table for every list: rows by identity, sorted, filtered, with a cursor that survives every refresh.

use std::cmp::Ordering;

use super::theme::Role;

/// How wide a column wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As wide as its widest cell, at most this.
    Fit(u16),
    /// What the others leave, at least this.
    Fill(u16),
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// How wide.
    pub width: Width,
    /// Numbers stand to the right.
    pub right: bool,
    /// Dropped first when there is no room: higher goes earlier, 0 never.
    pub spare: u8,
}

/// By what a cell is sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SortKey {
    /// By its text.
    #[default]
    Text,
    /// By a number.
    Number(i64),
}

/// One cell: pieces of text with their meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The pieces, from the left.
    pub pieces: Vec<(String, Role)>,
    /// By what it is sorted.
    pub key: SortKey,
}

impl Cell {
    /// A cell of one piece.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { pieces: vec![(text.into(), role)], key: SortKey::Text }
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(text, Role::Text)
    }

    /// A cell of several pieces.
    pub fn pieces(pieces: Vec<(String, Role)>) -> Self {
        Self { pieces, key: SortKey::Text }
    }

    /// The same cell, sorted by a number.
    #[must_use]
    pub fn by(mut self, number: impl Into<i64>) -> Self {
        self.key = SortKey::Number(number.into());
        self
    }

    /// All its text.
    pub fn plain(&self) -> String {
        self.pieces.iter().map(|(text, _)| text.as_str()).collect()
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<I> {
    /// Who it is.
    pub id: I,
    /// Rows of a lower group come first whatever the sort: services, then tasks, then gaps.
    pub group: u8,
    /// One cell per column. A row with a single cell spans them all.
    pub cells: Vec<Cell>,
}

/// Rows, and what the reader has done to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<I> {
    columns: &'static [Column],
    rows: Vec<Row<I>>,
    shown: Vec<usize>,
    cursor: usize,
    cursor_id: Option<I>,
    touched: bool,
    offset: usize,
    sort: Option<(usize, bool)>,
    filter: String,
}

impl<I: Clone + Eq> Table<I> {
    /// An empty table.
    pub fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            shown: Vec::new(),
            cursor: 0,
            cursor_id: None,
            touched: false,
            offset: 0,
            sort: None,
            filter: String::new(),
        }
    }

    /// The columns.
    pub fn columns(&self) -> &'static [Column] {
        self.columns
    }

    /// New rows in their natural order. Cursor, sort and filter stay.
    pub fn set_rows(&mut self, rows: Vec<Row<I>>) {
        self.rows = rows;
        self.arrange();
    }

    /// Puts the cursor on a row as soon as it is there.
    pub fn seek(&mut self, id: I) {
        self.cursor_id = Some(id);
        self.touched = true;
        self.follow();
    }

    fn arrange(&mut self) {
        let filter = Filter::parse(&self.filter, self.columns);
        self.shown = (0..self.rows.len()).filter(|at| filter.matches(&self.rows[*at])).collect();
        if let Some((column, descending)) = self.sort {
            let rows = &self.rows;
            self.shown.sort_by(|a, b| {
                let (a, b) = (&rows[*a], &rows[*b]);
                let by_cell = compare(a.cells.get(column), b.cells.get(column));
                a.group.cmp(&b.group).then(if descending { by_cell.reverse() } else { by_cell })
            });
        } else {
            let rows = &self.rows;
            self.shown.sort_by_key(|at| rows[*at].group);
        }
        self.follow();
    }

    /// Finds the cursor's row again; if it has gone, stays at the same place.
    fn follow(&mut self) {
        let last = self.shown.len().saturating_sub(1);
        if !self.touched {
            self.cursor = 0;
        } else if let Some(id) = &self.cursor_id
            && let Some(at) = self.shown.iter().position(|at| self.rows[*at].id == *id)
        {
            self.cursor = at;
            return;
        }
        self.cursor = self.cursor.min(last);
    }

    /// Moves the cursor to a place in the shown rows. True if it moved.
    pub fn go(&mut self, to: usize) -> bool {
        let to = to.min(self.shown.len().saturating_sub(1));
        let before = self.cursor;
        self.cursor = to;
        self.touched = true;
        self.cursor_id = self.at_cursor().map(|row| row.id.clone());
        before != to
    }

    /// Moves the cursor by some rows. True if it moved.
    pub fn step(&mut self, by: isize) -> bool {
        self.go(self.cursor.saturating_add_signed(by))
    }

    /// Keeps the cursor within a window of this many rows.
    pub fn fit(&mut self, height: usize) {
        let height = height.max(1);
        self.offset = self.offset.clamp(self.cursor.saturating_sub(height - 1), self.cursor);
        self.offset = self.offset.min(self.shown.len().saturating_sub(height));
    }

    /// The row under the cursor.
    pub fn at_cursor(&self) -> Option<&Row<I>> {
        self.shown.get(self.cursor).map(|at| &self.rows[*at])
    }

    /// The place of the cursor among the shown rows.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The first row of the window.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The shown rows, in order.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Row<I>> + '_ {
        self.shown.iter().map(|at| &self.rows[*at])
    }

    /// The shown rows from one place on.
    pub fn window(&self, from: usize, height: usize) -> impl Iterator<Item = &Row<I>> + '_ {
        self.shown.iter().skip(from).take(height).map(|at| &self.rows[*at])
    }

    /// All rows, shown or not.
    pub fn rows(&self) -> &[Row<I>] {
        &self.rows
    }

    /// The filter's text.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only rows that contain this text in any cell, `column:text` in that one; with `!` before it those that do
    /// not.
    pub fn set_filter(&mut self, filter: &str) {
        filter.clone_into(&mut self.filter);
        self.arrange();
    }

    /// By which column the rows are sorted, and whether from the top down.
    pub fn sort(&self) -> Option<(usize, bool)> {
        self.sort
    }

    /// Sorts by the next column; after the last, in natural order again.
    pub fn sort_next(&mut self) {
        self.sort = match self.sort {
            None => Some((0, false)),
            Some((column, _)) if column + 1 < self.columns.len() => Some((column + 1, false)),
            Some(_) => None,
        };
        self.arrange();
    }

    /// Turns the sort around.
    pub fn sort_reverse(&mut self) {
        let (column, descending) = self.sort.unwrap_or((0, false));
        self.sort = Some((column, !descending));
        self.arrange();
    }
}

/// What a filter's text asks for.
struct Filter {
    text: String,
    column: Option<usize>,
    inverse: bool,
}

impl Filter {
    fn parse(text: &str, columns: &[Column]) -> Self {
        let (text, inverse) = text.strip_prefix('!').map_or((text, false), |rest| (rest, true));
        let lower = text.to_lowercase();
        let named = lower.split_once(':').and_then(|(name, rest)| {
            let is = |column: &Column| !name.is_empty() && column.title.to_lowercase().starts_with(name);
            Some((columns.iter().position(is)?, rest.to_owned()))
        });
        match named {
            Some((column, text)) => Self { text, column: Some(column), inverse },
            None => Self { text: lower, column: None, inverse },
        }
    }

    fn matches<I>(&self, row: &Row<I>) -> bool {
        let holds = |cell: &Cell| cell.plain().to_lowercase().contains(&self.text);
        let found = match self.column {
            Some(column) => row.cells.get(column).is_some_and(holds),
            None => row.cells.iter().any(holds),
        };
        self.text.is_empty() || found != self.inverse
    }
}

fn compare(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => match (&a.key, &b.key) {
            (SortKey::Number(a), SortKey::Number(b)) => a.cmp(b),
            _ => a.plain().to_lowercase().cmp(&b.plain().to_lowercase()),
        },
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static COLUMNS: [Column; 2] = [
        Column { title: "NAME", width: Width::Fill(4), right: false, spare: 0 },
        Column { title: "N", width: Width::Fit(4), right: true, spare: 0 },
    ];

    fn rows(names: &[(&'static str, i64)]) -> Vec<Row<&'static str>> {
        let row = |(name, n): &(&'static str, i64)| Row {
            id: *name,
            group: 0,
            cells: vec![Cell::text(*name), Cell::text(n.to_string()).by(*n)],
        };
        names.iter().map(row).collect()
    }

    fn ids(table: &Table<&'static str>) -> Vec<&'static str> {
        table.shown().map(|row| row.id).collect()
    }

    #[test]
    fn the_cursor_follows_its_row_through_sort_filter_and_refresh() {
        let mut table = Table::new(&COLUMNS);
        table.set_rows(rows(&[("b", 10), ("a", 9), ("c", 1)]));
        table.go(2);
        table.sort_next();
        assert_eq!(ids(&table), ["a", "b", "c"]);
        table.sort_next();
        assert_eq!(ids(&table), ["c", "a", "b"]);
        assert_eq!(table.at_cursor().unwrap().id, "c");
        table.set_rows(rows(&[("z", 0), ("c", 5), ("b", 7)]));
        assert_eq!(table.at_cursor().unwrap().id, "c");
        table.set_filter("!z");
        assert_eq!(ids(&table), ["c", "b"]);
        assert_eq!(table.at_cursor().unwrap().id, "c");
    }

    #[test]
    fn an_untouched_cursor_stays_on_top_while_rows_come_in() {
        let mut table = Table::new(&COLUMNS);
        table.set_rows(rows(&[("m", 0)]));
        table.set_rows(rows(&[("a", 0), ("m", 0)]));
        assert_eq!(table.at_cursor().unwrap().id, "a");
    }

    #[test]
    fn the_cursor_returns_when_a_filter_is_lifted() {
        let mut table = Table::new(&COLUMNS);
        table.set_rows(rows(&[("aa", 0), ("bb", 0), ("cc", 0)]));
        table.go(2);
        table.set_filter("a");
        assert_eq!(table.at_cursor().unwrap().id, "aa");
        table.set_filter("name:b");
        assert_eq!(ids(&table), ["bb"]);
        table.set_filter("!name:b");
        assert_eq!(ids(&table), ["aa", "cc"]);
        table.set_filter(":3");
        assert_eq!(ids(&table).len(), 0, "a colon without a column is text");
        table.set_filter("");
        assert_eq!(table.at_cursor().unwrap().id, "cc");
    }
}
