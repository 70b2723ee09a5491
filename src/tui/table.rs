//! PURE. One table for every list: rows by identity, sorted, filtered, with a cursor that survives every refresh.

use std::cmp::Ordering;

use unicode_width::UnicodeWidthChar;

use super::theme::Role;

/// How wide a column wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As wide as its widest cell, at most this.
    Fit(u16),
    /// What the others leave, at least this.
    Fill(u16),
    /// As wide as its widest cell before any other column but a short one has room, at least this.
    Whole(u16),
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
    /// Dropped first when there is no room: higher goes earlier, 0 never. From [`LESSER`] on before cells are shortened.
    pub spare: u8,
    /// The first sort by it goes from the top down: of risks the worst are wanted.
    pub worst_first: bool,
}

/// Columns that are less worth than whole cells in the others.
pub const LESSER: u8 = 5;

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
    /// What stands there when there is little room; empty for the same.
    pub brief: Vec<(String, Role)>,
    /// By what it is sorted.
    pub key: SortKey,
}

impl Cell {
    /// A cell of one piece.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self::pieces(vec![(text.into(), role)])
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(text, Role::Text)
    }

    /// A cell of several pieces.
    pub fn pieces(pieces: Vec<(String, Role)>) -> Self {
        Self { pieces, brief: Vec::new(), key: SortKey::Text }
    }

    /// The same cell with other pieces for where there is little room.
    #[must_use]
    pub fn short(mut self, pieces: Vec<(String, Role)>) -> Self {
        self.brief = pieces;
        self
    }

    /// The pieces that are drawn.
    pub fn shown(&self, brief: bool) -> &[(String, Role)] {
        if brief && !self.brief.is_empty() { &self.brief } else { &self.pieces }
    }

    /// The same cell, sorted by a number.
    #[must_use]
    pub fn by(mut self, number: impl Into<i64>) -> Self {
        self.key = SortKey::Number(number.into());
        self
    }

    /// How many columns of the terminal it wants.
    pub fn width(&self, brief: bool) -> usize {
        self.shown(brief).iter().flat_map(|(text, _)| text.chars()).map(|c| c.width().unwrap_or(0)).sum()
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
    widest: Vec<[usize; 2]>,
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
            widest: vec![[0; 2]; columns.len()],
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
        let wide = |at: usize| {
            let cells = || rows.iter().filter(|row| row.cells.len() > 1).filter_map(|row| row.cells.get(at));
            [false, true].map(|brief| cells().map(|cell| cell.width(brief)).max().unwrap_or(0))
        };
        self.widest = (0..self.columns.len()).map(wide).collect();
        self.rows = rows;
        self.arrange();
    }

    /// Columns of the widest cell of a column, shown or not: a filter does not move the columns.
    pub fn widest(&self, column: usize, brief: bool) -> usize {
        self.widest.get(column).map_or(0, |widths| widths[usize::from(brief)])
    }

    /// Puts the cursor on a row as soon as it is there.
    pub fn seek(&mut self, id: I) {
        self.cursor_id = Some(id);
        self.touched = true;
        self.follow();
    }

    fn arrange(&mut self) {
        let terms: Vec<Term> = self.filter.split_whitespace().map(|word| Term::parse(word, self.columns)).collect();
        let shows = |at: &usize| terms.iter().all(|term| term.matches(&self.rows[*at]));
        self.shown = (0..self.rows.len()).filter(shows).collect();
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

    /// The column that a filter names and the list does not have.
    pub fn unknown_column(&self) -> Option<String> {
        self.filter.split_whitespace().find_map(|word| Term::parse(word, self.columns).unknown)
    }

    /// Shows only rows that hold every word of this text in any cell, `column:word` in that one; with `!` before a word
    /// those that do not.
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
        let next = self.sort.map_or(0, |(column, _)| column + 1);
        self.sort = self.columns.get(next).map(|column| (next, column.worst_first));
        self.arrange();
    }

    /// Turns the sort around.
    pub fn sort_reverse(&mut self) {
        let (column, descending) = self.sort.unwrap_or((0, false));
        self.sort = Some((column, !descending));
        self.arrange();
    }
}

/// What one word of a filter asks for.
struct Term {
    text: String,
    column: Option<usize>,
    inverse: bool,
    /// A name before a colon that is no column's: the word is text then.
    unknown: Option<String>,
}

impl Term {
    fn parse(word: &str, columns: &[Column]) -> Self {
        let (word, inverse) = word.strip_prefix('!').map_or((word, false), |rest| (rest, true));
        let lower = word.to_lowercase();
        let named = lower.split_once(':').filter(|(name, _)| !name.is_empty());
        let column_of = |name: &str| {
            let whole = |column: &Column| column.title.eq_ignore_ascii_case(name);
            let begins = |column: &Column| column.title.to_lowercase().starts_with(name);
            // What a row is called stands first in every list.
            let named = || "name".starts_with(name).then_some(0);
            columns.iter().position(whole).or_else(|| columns.iter().position(begins)).or_else(named)
        };
        match named.map(|(name, rest)| (name, rest, column_of(name))) {
            Some((_, rest, Some(column))) => Self { text: rest.into(), column: Some(column), inverse, unknown: None },
            Some((name, ..)) => Self { unknown: Some(name.to_owned()), text: lower, column: None, inverse },
            None => Self { text: lower, column: None, inverse, unknown: None },
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
        Column { title: "NAME", width: Width::Fill(4), right: false, spare: 0, worst_first: false },
        Column { title: "N", width: Width::Fit(4), right: true, spare: 0, worst_first: true },
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
        assert_eq!(ids(&table), ["b", "a", "c"], "the worst first");
        table.sort_reverse();
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
        table.set_filter("foo:b");
        assert_eq!(table.unknown_column().as_deref(), Some("foo"));
        table.set_filter("");
        assert_eq!(table.at_cursor().unwrap().id, "cc");
    }

    #[test]
    fn every_word_of_a_filter_must_be_there() {
        let mut table = Table::new(&COLUMNS);
        table.set_rows(rows(&[("pay-check", 1), ("pay-in", 2), ("check", 3)]));
        for (filter, shown) in [
            ("pay check", &["pay-check"][..]),
            ("pay !check", &["pay-in"]),
            ("name:check n:3", &["check"]),
            ("", &["pay-check", "pay-in", "check"]),
        ] {
            table.set_filter(filter);
            assert_eq!(ids(&table), shown, "{filter}");
        }
    }
}
