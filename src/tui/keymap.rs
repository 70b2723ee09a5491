//! PURE. The keymap, as data. Footer, help and docs/keys.md are made from it, so no hint can lie.

use std::fmt::Write as _;

use super::key::{Code, Key};

/// What the reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// One row or line down.
    Down,
    /// One row or line up.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Half a page down in the pane.
    PaneDown,
    /// Half a page up in the pane.
    PaneUp,
    /// One line down in the pane.
    PaneLineDown,
    /// One line up in the pane.
    PaneLineUp,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Into the row.
    Open,
    /// One level up.
    Back,
    /// Marks or unmarks the row.
    Mark,
    /// Marks everything shown.
    MarkAll,
    /// Removes all marks.
    Unmark,
    /// Writes the export.
    Export,
    /// Runs a real plan of the last export.
    Verify,
    /// From the verdicts to the reasons of one.
    Reasons,
    /// From the reasons back to the verdicts.
    Verdicts,
    /// Types a filter.
    Filter,
    /// Accepts the filter.
    Accept,
    /// Removes the filter.
    ClearFilter,
    /// Sorts by the next column.
    Sort,
    /// Turns the sort around.
    SortReverse,
    /// The next tab of the pane.
    NextTab,
    /// The previous tab of the pane.
    PreviousTab,
    /// The first tab.
    Overview,
    /// The second tab.
    Json,
    /// The third tab.
    Hcl,
    /// Gives the keys to the other panel.
    Focus,
    /// The next mark of the pane.
    NextNote,
    /// The previous mark of the pane.
    PreviousNote,
    /// Reads everything again.
    Refresh,
    /// Shows this help.
    Help,
    /// Shows what went wrong.
    Log,
    /// Closes what is open.
    Close,
    /// Opens the export plan.
    Plan,
    /// Leaves a row of the plan out, or takes it in again.
    Skip,
    /// Gives a row of the plan another name.
    Rename,
    /// Chooses how references are written.
    Modes,
    /// The next mode of a kind of reference.
    Cycle,
    /// The next generation of the provider.
    Dialect,
    /// Concise container definitions, or whole ones.
    Concise,
    /// Account and region as data sources, or as they are.
    Portable,
    /// Gives the folder another name.
    Folder,
    /// Takes every choice back.
    Reset,
    /// Gives up what is being typed.
    GiveUp,
    /// Stops the export that is on its way.
    Cancel,
    /// Tries to connect again.
    Retry,
    /// Puts the program into the background.
    Suspend,
    /// Leaves.
    Quit,
    /// Leaves at once.
    Abort,
}

/// Who has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// The list.
    List,
    /// The pane beside it.
    Pane,
    /// A filter is being typed.
    Typing,
    /// Help or the log covers the screen.
    Reading,
    /// The result of an export covers the screen.
    Result,
    /// An export is on its way.
    Exporting,
    /// An engine is verifying an export.
    Verifying,
    /// The verdict over an export covers the screen.
    Verdict,
    /// The reasons of one verdict have the keys.
    Reasons,
    /// The rows of the export plan.
    Plan,
    /// The pane of the export plan.
    PlanPane,
    /// A name is being typed in the export plan.
    Naming,
    /// The modes of references cover the export plan.
    Modes,
    /// There is no session.
    Failed,
    /// The terminal is too small to show anything.
    Small,
}

/// What must be true for a key to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Nothing.
    Always,
    /// The row can be opened.
    CanOpen,
    /// There is a level above.
    CanGoBack,
    /// The row can be exported.
    CanMark,
    /// There are marks, or the row can be exported.
    CanExport,
    /// Something is marked.
    HasMarks,
    /// The list is filtered.
    Filtered,
    /// The list has rows.
    HasRows,
    /// The pane has notes.
    HasNotes,
    /// There is an export to verify.
    CanVerify,
    /// There are verdicts.
    HasVerdicts,
    /// The row of the plan is imported.
    Imported,
    /// The plan names something that it does not import.
    HasKinds,
    /// A choice of the plan is not as it began.
    Changed,
}

/// All that decides what a key does: a pure picture of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is one fact of the moment, named as the keymap asks for it
pub struct Moment {
    /// Who has the keys.
    pub context: Context,
    /// The row can be opened.
    pub can_open: bool,
    /// There is a level above.
    pub can_go_back: bool,
    /// The row can be exported.
    pub can_mark: bool,
    /// Something is marked.
    pub has_marks: bool,
    /// The list is filtered.
    pub filtered: bool,
    /// The list has rows.
    pub has_rows: bool,
    /// The pane has notes.
    pub has_notes: bool,
    /// There is an export to verify.
    pub can_verify: bool,
    /// There are verdicts.
    pub has_verdicts: bool,
    /// The row of the plan is imported.
    pub imported: bool,
    /// The plan names something that it does not import.
    pub has_kinds: bool,
    /// A choice of the plan is not as it began.
    pub changed: bool,
}

impl Moment {
    fn allows(self, when: When) -> bool {
        match when {
            When::Always => true,
            When::CanOpen => self.can_open,
            When::CanGoBack => self.can_go_back,
            When::CanMark => self.can_mark,
            When::CanExport => self.can_mark || self.has_marks,
            When::HasMarks => self.has_marks,
            When::Filtered => self.filtered,
            When::HasRows => self.has_rows,
            When::HasNotes => self.has_notes,
            When::CanVerify => self.can_verify,
            When::HasVerdicts => self.has_verdicts,
            When::Imported => self.imported,
            When::HasKinds => self.has_kinds,
            When::Changed => self.changed,
        }
    }
}

/// One line of the keymap.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys, the best known first.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// Where.
    pub contexts: &'static [Context],
    /// If.
    pub when: When,
    /// The footer's word; empty for keys that only help and docs name.
    pub hint: &'static str,
    /// One sentence for help and docs.
    pub help: &'static str,
}

const LIST: &[Context] = &[Context::List];
const PANE: &[Context] = &[Context::Pane];
const BOTH: &[Context] = &[Context::List, Context::Pane];
const PLAN: &[Context] = &[Context::Plan];
const PLANS: &[Context] = &[Context::Plan, Context::PlanPane];
const MODES: &[Context] = &[Context::Modes];
const PANES: &[Context] = &[Context::List, Context::Pane, Context::Plan, Context::PlanPane];
const MOVING: &[Context] = &[
    Context::List,
    Context::Pane,
    Context::Reading,
    Context::Result,
    Context::Exporting,
    Context::Verdict,
    Context::Reasons,
    Context::Plan,
    Context::PlanPane,
    Context::Modes,
];
const BASES: &[Context] =
    &[Context::List, Context::Pane, Context::Exporting, Context::Verifying, Context::Failed, Context::Small];
const ANYWHERE: &[Context] = &[
    Context::List,
    Context::Pane,
    Context::Typing,
    Context::Reading,
    Context::Result,
    Context::Exporting,
    Context::Verifying,
    Context::Verdict,
    Context::Reasons,
    Context::Plan,
    Context::PlanPane,
    Context::Naming,
    Context::Modes,
    Context::Failed,
    Context::Small,
];

const fn bind(
    keys: &'static [Key],
    action: Action,
    contexts: &'static [Context],
    when: When,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, action, contexts, when, hint, help }
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn k(code: Code) -> Key {
    Key::of(code)
}

/// Every key. The first line that fits the moment decides; the footer shows its lines in this order.
pub static KEYMAP: &[Binding] = &[
    bind(
        &[k(Code::Enter), k(Code::Right), c('l')],
        Action::Open,
        LIST,
        When::CanOpen,
        "open",
        "Open the row: cluster, service, revision.",
    ),
    bind(&[c(' ')], Action::Mark, LIST, When::CanMark, "mark", "Mark or unmark the row for export."),
    bind(
        &[c('x')],
        Action::Export,
        BOTH,
        When::CanExport,
        "export",
        "Export the marked rows, or the row under the cursor, as Terraform with import blocks.",
    ),
    bind(
        &[k(Code::Esc), k(Code::Left), c('h')],
        Action::Focus,
        PANE,
        When::Always,
        "list",
        "Give the keys back to the list.",
    ),
    bind(
        &[c('/')],
        Action::Filter,
        LIST,
        When::Always,
        "filter",
        "Show only rows that contain every word; column:word in that column; !word those that do not.",
    ),
    bind(
        &[c(' ')],
        Action::Skip,
        PLANS,
        When::HasRows,
        "skip",
        "Leave the row out of the export, or take it in again.",
    ),
    bind(
        &[c('r'), k(Code::Enter)],
        Action::Rename,
        PLANS,
        When::Imported,
        "rename",
        "Give the resource another name in Terraform; an empty one is ecsight's own.",
    ),
    bind(&[c('x')], Action::Export, PLANS, When::HasRows, "write", "Write the export as planned."),
    bind(
        &[c('m')],
        Action::Modes,
        PLANS,
        When::HasKinds,
        "modes",
        "Choose how each kind of reference is written: literal, data source, variable.",
    ),
    bind(&[c('?')], Action::Help, PANES, When::Always, "help", "Show every key that works here."),
    bind(&[k(Code::Esc)], Action::ClearFilter, LIST, When::Filtered, "all rows", "Remove the filter."),
    bind(&[k(Code::Esc)], Action::ClearFilter, PLAN, When::Filtered, "all rows", "Remove the filter."),
    bind(
        &[k(Code::Esc), k(Code::Left), c('h')],
        Action::Focus,
        &[Context::PlanPane],
        When::Always,
        "plan",
        "Give the keys back to the rows of the plan.",
    ),
    bind(
        &[k(Code::Esc), c('q')],
        Action::Close,
        PLAN,
        When::Always,
        "back",
        "Go back; the choices stay for this selection until ecsight ends.",
    ),
    bind(&[k(Code::Tab), c(']')], Action::NextTab, PLANS, When::Always, "view", "Next tab: HCL, Links, Diff."),
    bind(&[c('f')], Action::Folder, PLANS, When::Always, "folder", "Give the folder another name."),
    bind(
        &[c('d')],
        Action::Dialect,
        PLANS,
        When::Always,
        "dialect",
        "Write for the next generation of the provider: v3, v6.",
    ),
    bind(
        &[c('c')],
        Action::Concise,
        PLANS,
        When::Always,
        "concise",
        "Leave out of container definitions what the provider treats as equal, or write all of it.",
    ),
    bind(
        &[c('P')],
        Action::Portable,
        PLANS,
        When::Always,
        "portable",
        "Account id and region as data sources, or as they are.",
    ),
    bind(
        &[c('/')],
        Action::Filter,
        PLAN,
        When::Always,
        "filter",
        "Show only rows that contain every word; column:word in that column; !word those that do not.",
    ),
    bind(&[c('p')], Action::Focus, PLANS, When::Always, "pane", "Keys to the pane, or to the rows; narrow: show it."),
    bind(&[c('R')], Action::Reset, PLANS, When::Changed, "reset", "Take every choice back."),
    bind(&[c('s')], Action::Sort, PLAN, When::HasRows, "", "Sort by the next column."),
    bind(
        &[k(Code::Esc), k(Code::Left), c('h'), k(Code::Backspace)],
        Action::Back,
        LIST,
        When::CanGoBack,
        "back",
        "Go one level up.",
    ),
    bind(
        &[k(Code::Enter), k(Code::Right), c('l')],
        Action::Reasons,
        &[Context::Verdict],
        When::HasVerdicts,
        "why",
        "Read what differs: class, values, whose argument it is, what to do.",
    ),
    bind(
        &[k(Code::Esc), k(Code::Left), c('h')],
        Action::Verdicts,
        &[Context::Reasons],
        When::Always,
        "resources",
        "Back to the resources.",
    ),
    bind(
        &[c('v')],
        Action::Verify,
        &[Context::Result, Context::List, Context::Verdict, Context::Reasons],
        When::CanVerify,
        "verify",
        "Verify the last export: a real plan.",
    ),
    bind(&[k(Code::Esc), c('q')], Action::Close, &[Context::Verdict], When::Always, "close", "Close the verdict."),
    bind(&[c('q')], Action::Close, &[Context::Reasons], When::Always, "close", "Close the verdict."),
    bind(&[c('X')], Action::Plan, BOTH, When::CanExport, "plan", "Plan the export, and edit it."),
    bind(&[k(Code::Tab), c(']')], Action::NextTab, BOTH, When::Always, "view", "Next tab: Overview, JSON, HCL."),
    bind(&[c('n')], Action::NextNote, BOTH, When::HasNotes, "next finding", "Next finding: risk, drift or unknown."),
    bind(&[c('q')], Action::Quit, BASES, When::Always, "quit", "Leave."),
    bind(&[c('p')], Action::Focus, BOTH, When::Always, "pane", "Keys to the pane, or to the list; narrow: show it."),
    bind(
        &[c('s')],
        Action::Sort,
        LIST,
        When::HasRows,
        "sort",
        "Sort by the next column; risk and drift with the worst first.",
    ),
    bind(
        &[c('r')],
        Action::Refresh,
        BOTH,
        When::Always,
        "refresh",
        "Read the account again; cursor, marks, sort and filter stay.",
    ),
    bind(&[c('u'), Key::ctrl('\\')], Action::Unmark, BOTH, When::HasMarks, "unmark all", "Remove all marks."),
    bind(&[k(Code::BackTab), c('[')], Action::PreviousTab, PANES, When::Always, "", "Previous tab."),
    bind(&[c('N')], Action::PreviousNote, BOTH, When::HasNotes, "", "Previous finding."),
    bind(&[c('S')], Action::SortReverse, &[Context::List, Context::Plan], When::HasRows, "", "Turn the sort around."),
    bind(&[k(Code::Down), c('j')], Action::Down, MOVING, When::Always, "", "Down."),
    bind(&[k(Code::Up), c('k')], Action::Up, MOVING, When::Always, "", "Up."),
    bind(&[k(Code::PageDown), Key::ctrl('f')], Action::PageDown, MOVING, When::Always, "", "A page down."),
    bind(&[k(Code::PageUp), Key::ctrl('b')], Action::PageUp, MOVING, When::Always, "", "A page up."),
    bind(&[c('g'), k(Code::Home)], Action::Top, MOVING, When::Always, "", "To the top (gg works too)."),
    bind(&[c('G'), k(Code::End)], Action::Bottom, MOVING, When::Always, "", "To the bottom."),
    bind(&[c('J')], Action::PaneLineDown, PANES, When::Always, "", "Scroll the pane down."),
    bind(&[c('K')], Action::PaneLineUp, PANES, When::Always, "", "Scroll the pane up."),
    bind(&[Key::ctrl('d')], Action::PaneDown, PANES, When::Always, "", "Scroll the pane half a page down."),
    bind(&[Key::ctrl('u')], Action::PaneUp, PANES, When::Always, "", "Scroll the pane half a page up."),
    bind(&[c('1')], Action::Overview, BOTH, When::Always, "", "The Overview."),
    bind(&[c('2')], Action::Json, BOTH, When::Always, "", "The JSON that AWS returned, credentials masked."),
    bind(&[c('3')], Action::Hcl, BOTH, When::Always, "", "The Terraform code as the export writes it."),
    bind(&[Key::ctrl('a')], Action::MarkAll, LIST, When::HasRows, "", "Mark every row that is shown."),
    bind(&[c('!')], Action::Log, PANES, When::Always, "", "Show what went wrong: denied and failed calls."),
    bind(
        &[k(Code::Enter), k(Code::Down), k(Code::Up)],
        Action::Accept,
        &[Context::Typing],
        When::Always,
        "keep",
        "Keep the filter and go back to the list.",
    ),
    bind(&[k(Code::Esc)], Action::ClearFilter, &[Context::Typing], When::Always, "all rows", "Remove the filter."),
    bind(
        &[k(Code::Esc), k(Code::Enter), c('q'), c('?'), c('!')],
        Action::Close,
        &[Context::Reading],
        When::Always,
        "close",
        "Close help or log.",
    ),
    bind(
        &[k(Code::Enter)],
        Action::Accept,
        &[Context::Naming],
        When::Always,
        "keep",
        "Take the name, when it is a legal one.",
    ),
    bind(&[k(Code::Esc)], Action::GiveUp, &[Context::Naming], When::Always, "as it was", "Leave the name as it was."),
    bind(
        &[c(' '), k(Code::Enter), k(Code::Right), c('l'), c('m')],
        Action::Cycle,
        MODES,
        When::Always,
        "next mode",
        "The next mode of the kind: literal, data source, variable.",
    ),
    bind(&[k(Code::Esc), c('q')], Action::Close, MODES, When::Always, "close", "Back to the plan."),
    bind(
        &[k(Code::Esc), c('q'), k(Code::Enter), c(' ')],
        Action::Close,
        &[Context::Result],
        When::Always,
        "close",
        "Close the result; the marks stay.",
    ),
    bind(
        &[k(Code::Esc)],
        Action::Cancel,
        &[Context::Exporting],
        When::Always,
        "cancel",
        "Stop the export; nothing has been written.",
    ),
    bind(
        &[k(Code::Esc)],
        Action::Cancel,
        &[Context::Verifying],
        When::Always,
        "cancel",
        "Stop the engine; a plan changes nothing.",
    ),
    bind(&[c('r')], Action::Retry, &[Context::Failed], When::Always, "retry", "Try to connect again."),
    bind(&[Key::ctrl('z')], Action::Suspend, ANYWHERE, When::Always, "", "Into the background; fg brings it back."),
    bind(&[Key::ctrl('c')], Action::Abort, ANYWHERE, When::Always, "", "Leave at once."),
];

/// What a key does at this moment.
pub fn resolve(key: Key, moment: &Moment) -> Option<Action> {
    KEYMAP
        .iter()
        .find(|b| b.keys.contains(&key) && b.contexts.contains(&moment.context) && moment.allows(b.when))
        .map(|b| b.action)
}

/// The footer at this moment: key and word, the most useful first.
pub fn hints(moment: &Moment) -> Vec<(String, &'static str)> {
    let valid = KEYMAP.iter().filter(|b| {
        !b.hint.is_empty() && b.contexts.contains(&moment.context) && moment.allows(b.when) && leads(b, *moment)
    });
    valid.filter_map(|b| Some((b.keys.first()?.to_string(), b.hint))).collect()
}

/// True when the first key of a line really reaches it at this moment: no hint for a key that another line takes.
fn leads(binding: &Binding, moment: Moment) -> bool {
    binding.keys.first().is_some_and(|key| resolve(*key, &moment) == Some(binding.action))
}

/// The groups of help, in order.
pub const GROUPS: [Group; 4] = [Group::Rows, Group::Pane, Group::Move, Group::Global];

/// A group of keys in help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What is done with rows, and with what covers them.
    Rows,
    /// What the pane shows.
    Pane,
    /// Up and down.
    Move,
    /// What works everywhere.
    Global,
}

impl Group {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rows => "Here",
            Self::Pane => "The pane",
            Self::Move => "Move",
            Self::Global => "Everywhere",
        }
    }

    fn of(action: Action) -> Self {
        match action {
            Action::Down | Action::Up | Action::PageDown | Action::PageUp | Action::Top | Action::Bottom => Self::Move,
            Action::NextTab
            | Action::PreviousTab
            | Action::Overview
            | Action::Json
            | Action::Hcl
            | Action::Focus
            | Action::NextNote
            | Action::PreviousNote
            | Action::PaneDown
            | Action::PaneUp
            | Action::PaneLineDown
            | Action::PaneLineUp => Self::Pane,
            Action::Help | Action::Log | Action::Refresh | Action::Quit | Action::Abort | Action::Suspend => {
                Self::Global
            }
            _ => Self::Rows,
        }
    }
}

/// What help shows of a group: for a context its keys and sentences, those for the moment first.
pub fn help(context: Context, group: Group) -> Vec<(String, &'static str)> {
    let shown = KEYMAP.iter().filter(|b| b.contexts.contains(&context) && Group::of(b.action) == group);
    shown.map(|b| (keys(b), b.help)).collect()
}

fn keys(binding: &Binding) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The contexts, with the headings of docs/keys.md.
pub const CONTEXTS: [(Context, &str); 15] = [
    (Context::List, "In the list"),
    (Context::Pane, "In the pane"),
    (Context::Typing, "While typing a filter"),
    (Context::Reading, "In help and log"),
    (Context::Plan, "In the export plan"),
    (Context::PlanPane, "In the pane of the export plan"),
    (Context::Naming, "While typing a name"),
    (Context::Modes, "In the modes of references"),
    (Context::Exporting, "While an export is on its way"),
    (Context::Result, "In the result of an export"),
    (Context::Verifying, "While an export is verified"),
    (Context::Verdict, "In the verdict over an export"),
    (Context::Reasons, "In the reasons of a verdict"),
    (Context::Failed, "Without a session"),
    (Context::Small, "When the terminal is too small"),
];

/// docs/keys.md.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Keys\n\nMade from the keymap (`src/tui/keymap.rs`) by `UPDATE=1 cargo test --test screens keys`.\n",
    );
    for (context, heading) in CONTEXTS {
        let _ = write!(text, "\n## {heading}\n\n| keys | what they do |\n|---|---|\n");
        for binding in KEYMAP.iter().filter(|b| b.contexts.contains(&context)) {
            let names: Vec<String> = binding.keys.iter().map(|k| format!("`{k}`")).collect();
            let _ = writeln!(text, "| {} | {} |", names.join(" "), binding.help);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_at_one_moment() {
        for (at, a) in KEYMAP.iter().enumerate() {
            for b in &KEYMAP[at + 1..] {
                let shared = a.keys.iter().any(|k| b.keys.contains(k));
                let together = a.contexts.iter().any(|c| b.contexts.contains(c));
                // A conditional line may stand before one that takes the key when the condition fails.
                let ordered = a.when != When::Always && a.when != b.when;
                assert!(!(shared && together) || ordered, "{:?} and {:?}", a.action, b.action);
            }
        }
    }
}
