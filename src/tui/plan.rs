//! PURE. The export plan on the screen: what is shown of it, its rows, and the texts of its pane.

use std::collections::BTreeMap;
use std::sync::Arc;

use tui_input::Input;

use crate::estate::{Estate, Line, ReferenceKind, Rendered, ResourceId, visible};
use crate::export::choices::{mode_word, reference_word};
use crate::export::{self, Choices, Mode, PlanRow, Preview, RowSkip};
use crate::report;

use super::content;
use super::message::{Job, Styles, Tab};
use super::sheet::Sheet;
use super::table::{Cell, Column, LESSER, Row, Table, Width};
use super::theme::Role;

/// What a plan was made of: the revision of the estate, and the number of the choices.
pub type Stamp = (u64, Job);

/// The tabs of the plan's pane, with their titles.
pub const TABS: [(PlanTab, &str); 3] = [(PlanTab::Hcl, "HCL"), (PlanTab::Links, "Links"), (PlanTab::Diff, "Diff")];

/// What the plan's pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanTab {
    /// The row's code as it would be written.
    Hcl,
    /// What the row names and what names it.
    Links,
    /// What differs from the newest earlier export.
    Diff,
}

/// What a text of the pane is about. A diff is of the whole export, the file of the row first: rows of one file share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The code of a resource.
    Hcl(ResourceId),
    /// The links of a resource.
    Links(ResourceId),
    /// Every file, this one first.
    Diff(Option<&'static str>),
}

/// One text of the plan's pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanKey {
    /// About what.
    pub about: About,
    /// Of which plan.
    pub stamp: Stamp,
}

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The name of a resource.
    Label(ResourceId),
    /// The name of the folder.
    Folder,
    /// The filter of the rows.
    Filter,
}

/// A line that is being typed, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Typing {
    /// What for.
    pub field: Field,
    /// The line.
    pub input: Input,
    /// Why it cannot be accepted.
    pub problem: Option<String>,
}

/// The export plan on the screen.
#[derive(Debug, Clone)]
pub struct PlanView {
    /// What has been chosen.
    pub choices: Arc<Choices>,
    /// What is chosen when nothing was changed.
    pub own: Arc<Choices>,
    /// Another number for every change.
    pub change: Job,
    /// The newest plan, and what it was made of.
    pub preview: Option<(Stamp, Arc<Preview>)>,
    /// The plan that is being made.
    pub planning: Option<Stamp>,
    /// What could not be made a plan of.
    pub failed: Option<Stamp>,
    /// A row for each resource.
    pub table: Table<ResourceId>,
    /// What the pane shows.
    pub tab: PlanTab,
    /// The text that is there, and its meanings.
    pub content: Option<(PlanKey, Arc<Rendered>, Arc<Styles>)>,
    /// The text that is being made.
    pub pending: Option<PlanKey>,
    /// The text that could not be made.
    pub failed_text: Option<PlanKey>,
    /// The text as drawn.
    pub sheet: Sheet,
    /// The first line shown.
    pub scroll: usize,
    /// True while the pane has the keys.
    pub pane_focused: bool,
    /// What is being typed.
    pub typing: Option<Typing>,
    /// The row of the chooser of modes, while it is open.
    pub modes: Option<usize>,
}

impl PlanView {
    /// A view without a plan yet.
    pub fn new(choices: Arc<Choices>, own: Arc<Choices>, change: Job) -> Self {
        Self {
            choices,
            own,
            change,
            preview: None,
            planning: None,
            failed: None,
            table: Table::new(&COLUMNS),
            tab: PlanTab::Hcl,
            content: None,
            pending: None,
            failed_text: None,
            sheet: Sheet::default(),
            scroll: 0,
            pane_focused: false,
            typing: None,
            modes: None,
        }
    }

    /// The newest plan.
    pub fn plan(&self) -> Option<&Arc<Preview>> {
        self.preview.as_ref().map(|(_, preview)| preview)
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<&PlanRow> {
        self.plan()?.row(&self.table.at_cursor()?.id)
    }

    /// The kinds of reference of this plan, with how many there are and how they are written.
    pub fn kinds(&self) -> Vec<(ReferenceKind, usize, Mode)> {
        let kinds = self.plan().into_iter().flat_map(|plan| &plan.kinds);
        kinds.map(|(kind, count)| (*kind, *count, self.choices.options.mode(*kind))).collect()
    }

    /// The text that belongs to the cursor.
    pub fn about(&self) -> Option<About> {
        let row = self.row()?;
        Some(match self.tab {
            PlanTab::Hcl => About::Hcl(row.id.clone()),
            PlanTab::Links => About::Links(row.id.clone()),
            PlanTab::Diff => About::Diff(row.file),
        })
    }
}

const fn column(title: &'static str, width: Width, spare: u8) -> Column {
    Column { title, width, right: false, spare, worst_first: false }
}

static COLUMNS: [Column; 4] = [
    column("ADDRESS", Width::Whole(24), 0),
    column("PLAN", Width::Fit(8), 1),
    // An address that is cut cannot be told from another.
    column("NAMES", Width::Fit(30), LESSER),
    column("IMPORT ID", Width::Fit(70), 6),
];

/// Rows that cannot be imported stand below the others, whatever the sort.
const REFUSED: u8 = 1;

/// The rows of a plan.
pub fn rows(preview: &Preview, choices: &Choices) -> Vec<Row<ResourceId>> {
    preview.rows.iter().map(|row| row_of(row, preview, choices)).collect()
}

fn row_of(row: &PlanRow, preview: &Preview, choices: &Choices) -> Row<ResourceId> {
    let (word, role) = match (&row.skip, row.renamed) {
        (Some(RowSkip { by_choice: true, .. }), _) => ("left out", Role::Warning),
        (Some(_), _) => ("cannot", Role::Error),
        (None, true) => ("renamed", Role::Marked),
        (None, false) => ("import", Role::Good),
    };
    let weight = if row.skip.is_some() { Role::Dim } else { Role::Text };
    let refused = row.skip.as_ref().is_some_and(|skip| !skip.by_choice);
    // What cannot be imported has no address.
    let (first, more) = match row.addresses.split_first().filter(|_| !refused) {
        Some((first, more)) => (visible(first), more),
        None => (visible(&row.id.to_string()), &[][..]),
    };
    let mut address = vec![(first, weight)];
    let brief = [&address[..], &[(format!(" +{}", more.len()), Role::Dim)]].concat();
    address.extend(more.iter().map(|more| (format!(" + {}", visible(more)), Role::Dim)));
    let address = if more.is_empty() { Cell::pieces(address) } else { Cell::pieces(address).short(brief) };
    let words = match &row.skip {
        Some(skip) if skip.by_choice => match preview.dependents(&row.id).len() {
            0 => vec![("nothing names it".to_owned(), Role::Dim)],
            count => vec![(format!("a literal in {count}"), Role::Warning)],
        },
        Some(skip) => vec![(visible(&skip.reason), Role::Dim)],
        None => names(row, choices),
    };
    let id = if row.skip.is_some() { Vec::new() } else { vec![(visible(&row.import_id), Role::Dim)] };
    Row {
        id: row.id.clone(),
        group: if refused { REFUSED } else { 0 },
        cells: vec![address, Cell::new(word, role), Cell::pieces(words), Cell::pieces(id)],
    }
}

/// `2 links  3 literal  1 data`, what a row names.
fn names(row: &PlanRow, choices: &Choices) -> Vec<(String, Role)> {
    let mut pieces = Vec::new();
    let mut say = |count: usize, word: &str, role: Role| {
        if count > 0 {
            let gap = if pieces.is_empty() { "" } else { "  " };
            pieces.push((format!("{gap}{count} {word}"), role));
        }
    };
    say(row.links.len(), if row.links.len() == 1 { "link" } else { "links" }, Role::Text);
    say(row.loose.len(), "not linked", Role::Warning);
    let mut modes: BTreeMap<Mode, usize> = BTreeMap::new();
    for (kind, named) in &row.references {
        *modes.entry(choices.options.mode(*kind)).or_default() += named.len();
    }
    for (mode, count) in modes {
        say(count, &mode_word(mode), Role::Dim);
    }
    pieces
}

/// A text of the plan's pane, and what its pieces mean where that is not for the highlighter. `earlier` is the newest
/// export of the same folder name: its name and its files.
pub fn text(
    about: &About,
    estate: &Estate,
    choices: &Choices,
    preview: &Preview,
    earlier: Option<(&str, &BTreeMap<String, String>)>,
) -> (Rendered, Option<Styles>) {
    match about {
        About::Hcl(id) => {
            let selection = choices.selection(estate);
            (content::of(Tab::Hcl, estate, id, &selection, &choices.options), None)
        }
        About::Links(id) => lined(links(id, choices, preview)),
        About::Diff(file) => lined(diff(*file, estate, choices, preview, earlier)),
    }
}

type Lines = Vec<(String, Role)>;

fn lined(lines: Lines) -> (Rendered, Option<Styles>) {
    let styles = lines.iter().map(|(text, role)| vec![(text.chars().count(), *role)]).collect();
    (Rendered::new(lines.into_iter().map(|(text, _)| Line::plain(text)).collect()), Some(styles))
}

fn links(id: &ResourceId, choices: &Choices, preview: &Preview) -> Lines {
    let Some(row) = preview.row(id) else { return Vec::new() };
    let mut lines: Lines = Vec::new();
    let mut say = |title: &str, all: Vec<(String, Role)>| {
        if !all.is_empty() {
            lines.push((title.to_owned(), Role::Label));
            lines.extend(all.into_iter().map(|(text, role)| (format!("  {}", visible(&text)), role)));
            lines.push((String::new(), Role::Text));
        }
    };
    let plain = |texts: Vec<String>| texts.into_iter().map(|text| (text, Role::Text)).collect::<Lines>();
    if let Some(skip) = &row.skip {
        let hint = if skip.by_choice { "Space takes it in again." } else { "It cannot be taken in." };
        say("Not imported", vec![(skip.reason.clone(), Role::Warning), (hint.to_owned(), Role::Dim)]);
    }
    say("Address", plain(row.addresses.clone()));
    say("Import id", plain(Some(row.import_id.clone()).filter(|id| !id.is_empty()).into_iter().collect()));
    let address = |id: &ResourceId| preview.row(id).and_then(|row| row.addresses.first().cloned());
    say("Linked to", plain(row.links.iter().filter_map(address).collect()));
    let loose = row.loose.iter().map(|id| (format!("{id}: left out, so it is a literal"), Role::Warning));
    say("Not linked", loose.collect());
    say("Named by", plain(preview.dependents(id).into_iter().map(str::to_owned).collect()));
    for (kind, named) in &row.references {
        let mode = mode_word(choices.options.mode(*kind));
        say(&format!("{}: {mode}", reference_word(*kind)), plain(named.iter().cloned().collect()));
    }
    lines
}

fn diff(
    first: Option<&'static str>,
    estate: &Estate,
    choices: &Choices,
    preview: &Preview,
    earlier: Option<(&str, &BTreeMap<String, String>)>,
) -> Lines {
    let Some((name, files)) = earlier else {
        return vec![(format!("There is no earlier export in a folder {}.", visible(&preview.folder)), Role::Dim)];
    };
    let export = match report::chosen(estate, choices) {
        Ok(export) => export,
        Err(error) => return vec![(visible(&error.message), Role::Error)],
    };
    let mut changed = report::changes(files, &export);
    if changed.is_empty() {
        return vec![(format!("Nothing differs from {}.", visible(name)), Role::Good)];
    }
    changed.sort_by_key(|change| Some(change.file.as_str()) != first);
    let mut lines: Lines = vec![(format!("What would differ from {}", visible(name)), Role::Title)];
    for change in &changed {
        let counts = change.counts.map_or_else(String::new, |(added, gone)| format!("  +{added} -{gone}"));
        lines.push((format!("  {}{counts}", visible(&change.file)), Role::Text));
    }
    for change in &changed {
        lines.push((String::new(), Role::Text));
        lines.push((visible(&change.file), Role::Label));
        if change.counts.is_some() && change.file == MACHINE {
            lines.push(("  it follows from the others".to_owned(), Role::Dim));
            continue;
        }
        lines.extend(change.text.lines().iter().map(|line| (line.text.clone(), role_of(&line.text))));
    }
    lines
}

/// The file whose lines say nothing to a reader that the others do not.
const MACHINE: &str = "evidence.json";

fn role_of(line: &str) -> Role {
    match line.as_bytes().first() {
        Some(b'+') => Role::Good,
        Some(b'-') => Role::Error,
        Some(b'@') => Role::Keyword,
        _ => Role::Text,
    }
}

/// Why a name cannot be taken in this plan; `None` when it can. An empty one is ecsight's own.
pub fn problem(field: &Field, text: &str, preview: &Preview, choices: &Choices) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    match field {
        Field::Folder => export::choices::folder_problem(text),
        Field::Label(id) => export::name_problem(text).or_else(|| {
            // What was left out keeps the name that was chosen for it.
            let chosen = || {
                choices.options.labels.iter().find(|(of, label)| **of != *id && of.kind == id.kind && *label == text)
            };
            let bearer = preview.bearer(id, text).or_else(|| chosen().map(|(of, _)| of))?;
            Some(format!("{} has that name", visible(&bearer.to_string())))
        }),
        Field::Filter => None,
    }
}

/// What was chosen, in few words: `1 renamed, 2 left out`; empty when nothing was.
pub fn words(choices: &Choices, own: &Choices) -> String {
    let (now, before) = (&choices.options, &own.options);
    let mut words = Vec::new();
    let mut say = |is: bool, word: String| {
        if is {
            words.push(word);
        }
    };
    say(!now.labels.is_empty(), format!("{} renamed", now.labels.len()));
    say(!now.skips.is_empty(), format!("{} left out", now.skips.len()));
    say(now.dialect != before.dialect, now.dialect.word().to_owned());
    say(now.concise != before.concise, if now.concise { "concise" } else { "not concise" }.to_owned());
    say(now.portable != before.portable, if now.portable { "portable" } else { "not portable" }.to_owned());
    let modes = now.references.iter().filter(|(kind, mode)| **mode != before.mode(**kind));
    for (kind, mode) in modes {
        say(true, format!("{} as {}", reference_word(*kind), mode_word(*mode)));
    }
    words.join(", ")
}
