//! PURE. All that the screen is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tui_input::Input;

use crate::error::Error;
use crate::estate::{Estate, Kind, Listing, Rendered, ResourceId, Scope, Subject, Timestamp};
use crate::export::{Choices, Options};
use crate::gate::Review;
use crate::report::verify::Verified;

use super::keymap::{Context, Moment};
use super::layout;
use super::message::{Caller, Exported, Job, PaneKey, Styles, Tab};
use super::place::Place;
use super::plan::{Field, PlanView};
use super::rows::Filled;
use super::sheet::Sheet;
use super::table::Table;
use super::theme::{Role, Theme};

/// What was decided before the first frame.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The profile's name, or `demo`.
    pub profile: String,
    /// How exports are written.
    pub options: Options,
    /// What is looked at where no engine can reach it: the built-in account, a recording.
    pub offline: Option<&'static str>,
    /// No glyphs beyond ASCII.
    pub ascii: bool,
    /// How roles look.
    pub theme: Theme,
    /// Where to start: cluster and service.
    pub start: Option<(String, Option<String>)>,
}

/// Whether there is a session.
#[derive(Debug, Clone)]
pub enum Session {
    /// Looking for credentials.
    Connecting,
    /// With a caller.
    Connected(Caller),
    /// Without, and why.
    Failed(Error),
}

/// What a row of a list stands for. The identity of cursor and marks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    /// A resource.
    Resource(ResourceId),
    /// Standalone tasks of one cluster: started by the same, in the same group, of one revision.
    Tasks {
        /// Which cluster.
        cluster: ResourceId,
        /// Their group.
        group: Arc<str>,
        /// Who started them.
        started_by: Option<Arc<str>>,
        /// What they run.
        revision: Option<ResourceId>,
    },
    /// Something that could not be read.
    Gap(Subject),
}

/// One level of the way down: a place and its list.
#[derive(Debug, Clone)]
pub struct Level {
    /// Where.
    pub place: Place,
    /// What is there.
    pub table: Table<RowId>,
    /// For rows that stand for many tasks: one of them, whose fields the pane shows.
    pub subjects: BTreeMap<RowId, ResourceId>,
    /// What is wrong with the list as a whole.
    pub trouble: Option<String>,
}

impl Level {
    /// A level without rows.
    pub fn new(place: Place) -> Self {
        Self { table: Table::new(place.columns()), place, subjects: BTreeMap::new(), trouble: None }
    }

    /// New rows. Cursor, sort and filter stay.
    pub fn fill(&mut self, filled: Filled) {
        self.subjects = filled.subjects;
        self.trouble = filled.trouble;
        self.table.set_rows(filled.rows);
    }
}

/// The pane beside the list.
#[derive(Debug, Clone)]
pub struct Pane {
    /// Which tab.
    pub tab: Tab,
    /// The first line shown.
    pub scroll: usize,
    /// The text that is there: its key, its lines, their meanings.
    pub content: Option<(PaneKey, Arc<Rendered>, Option<Arc<Styles>>)>,
    /// Lines as drawn, with marks in their places.
    pub sheet: Sheet,
    /// The text that is being made.
    pub pending: Option<PaneKey>,
    /// Which of the sheet's notes `n` has come to.
    pub note: Option<usize>,
}

impl Pane {
    /// The row of the sheet that `n` has come to.
    pub fn current(&self) -> Option<usize> {
        self.sheet.notes.get(self.note?).copied()
    }
}

/// What covers the lists.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Every key that works here.
    Help(Context, usize),
    /// What went wrong.
    Log(usize),
    /// The result of an export, words about what was taken, and how far it is scrolled.
    Result(Result<Exported, Error>, Vec<String>, usize),
    /// An engine is verifying an export.
    Verifying(Verifying),
    /// What the engine would do, resource by resource.
    Verdict(Verdicts),
}

/// An engine that is on its way through a folder.
#[derive(Debug, Clone)]
pub struct Verifying {
    /// Its number.
    pub job: Job,
    /// The export's folder.
    pub folder: String,
    /// When it began.
    pub since: Timestamp,
    /// The steps that are done, with their milliseconds.
    pub done: Vec<(&'static str, u64)>,
    /// The step it is at, and since when.
    pub step: Option<(&'static str, Timestamp)>,
    /// The resources it has looked at.
    pub seen: BTreeSet<String>,
    /// The last of them.
    pub at: Option<String>,
}

/// The verdict over an export, and where the reader is in it.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// The export's folder.
    pub folder: String,
    /// What the engine plans, or why there is no plan.
    pub result: Result<Arc<Verified>, Error>,
    /// The resources as they are shown, the worst first: places in the result's list.
    pub order: Vec<usize>,
    /// The line under the cursor.
    pub cursor: usize,
    /// True while the reasons of the resource have the keys.
    pub reading: bool,
    /// How far the reasons, or the error, are scrolled.
    pub scroll: usize,
}

/// What is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To write the export.
    Write,
    /// To show its plan.
    Plan,
}

/// An export that is on its way.
#[derive(Debug, Clone)]
pub struct Exporting {
    /// Its number.
    pub job: Job,
    /// What was marked, or the row; and how it is written.
    pub choices: Arc<Choices>,
    /// What comes of it.
    pub goal: Goal,
    /// What to say of it with the result: how many marks, what a row stands for, what is not taken along.
    pub words: Vec<String>,
    /// When the reader asked.
    pub since: Timestamp,
    /// How often has been asked for more.
    pub round: usize,
    /// How many things are being read.
    pub reading: usize,
    /// True while the folder is written: too late to cancel.
    pub writing: bool,
}

/// How far a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Its number.
    pub job: Job,
    /// When it began.
    pub since: Timestamp,
    /// How long it took, once it has ended, in milliseconds.
    pub took: Option<Timestamp>,
    /// Services described, services named.
    pub services: (usize, usize),
}

/// A short word to the reader, for a few seconds.
#[derive(Debug, Clone)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// How it looks.
    pub role: Role,
    /// Until when.
    pub until: Timestamp,
}

/// Everything.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is one independent fact about the screen
pub struct Model {
    /// What was decided before.
    pub settings: Settings,
    /// The service that was asked for on the command line, until the scan has told whether it is there.
    pub wanted: Option<ResourceId>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time.
    pub now: Timestamp,
    /// Whether there is a session.
    pub session: Session,
    /// All facts.
    pub estate: Arc<Estate>,
    /// How often facts have come.
    pub revision: u64,
    /// The last whole review.
    pub review: Arc<Review>,
    /// Of which revision of the estate it is; `None` before the first.
    pub reviewed: Option<u64>,
    /// True while a review is computed.
    pub reviewing: bool,
    /// The way down; never empty.
    pub levels: Vec<Level>,
    /// What was marked.
    pub marks: BTreeSet<ResourceId>,
    /// How often marks have changed.
    pub marks_revision: u64,
    /// The pane.
    pub pane: Pane,
    /// True while the pane has the keys.
    pub pane_focused: bool,
    /// The filter while it is typed.
    pub typing: Option<Input>,
    /// What covers the lists.
    pub overlay: Option<Overlay>,
    /// The scan.
    pub scan: Option<Scan>,
    /// The last number given.
    pub last_job: Job,
    /// The fetch that is on its way for the list or the pane.
    pub fetching: Option<Job>,
    /// What was asked for since the last refresh, so that it is not asked again and again.
    pub asked: BTreeSet<Subject>,
    /// The export that is on its way.
    pub exporting: Option<Exporting>,
    /// The folder of the last export of this session.
    pub last_export: Option<String>,
    /// The export plan, while it is open.
    pub plan: Option<PlanView>,
    /// What was chosen in the export plan, by selection.
    pub chosen: BTreeMap<Vec<ResourceId>, Arc<Choices>>,
    /// A short word.
    pub toast: Option<Toast>,
    /// What went wrong inside the program.
    pub troubles: Vec<String>,
    /// The exit code, once it is time to leave.
    pub quit: Option<u8>,
    /// True when the screen is out of date.
    pub dirty: bool,
}

impl Model {
    /// The state before anything has happened.
    pub fn new(settings: Settings, size: (u16, u16), now: Timestamp) -> Self {
        Self {
            settings,
            wanted: None,
            size,
            now,
            session: Session::Connecting,
            estate: Arc::default(),
            revision: 0,
            review: Arc::default(),
            reviewed: None,
            reviewing: false,
            levels: vec![Level::new(Place::Account)],
            marks: BTreeSet::new(),
            marks_revision: 0,
            pane: Pane {
                tab: Tab::Overview,
                scroll: 0,
                content: None,
                sheet: Sheet::default(),
                pending: None,
                note: None,
            },
            pane_focused: false,
            typing: None,
            overlay: None,
            scan: None,
            last_job: 0,
            fetching: None,
            asked: BTreeSet::new(),
            exporting: None,
            last_export: None,
            plan: None,
            chosen: BTreeMap::new(),
            toast: None,
            troubles: Vec::new(),
            quit: None,
            dirty: true,
        }
    }

    /// The list that is shown.
    pub fn level(&self) -> Option<&Level> {
        self.levels.last()
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<&RowId> {
        self.level()?.table.at_cursor().map(|row| &row.id)
    }

    /// The resource whose fields the pane shows.
    pub fn subject(&self) -> Option<&ResourceId> {
        match self.row()? {
            RowId::Resource(id) => Some(id),
            row @ RowId::Tasks { .. } => self.level()?.subjects.get(row),
            RowId::Gap(_) => None,
        }
    }

    /// The account and region, once known.
    pub fn scope(&self) -> Option<&Scope> {
        match &self.session {
            Session::Connected(caller) => Some(&caller.scope),
            _ => None,
        }
    }

    /// Who has the keys.
    pub fn context(&self) -> Context {
        // Nobody presses a key on purpose whose effect cannot be seen.
        if layout::areas(self.size, self.pane_focused).is_none() {
            return Context::Small;
        }
        match (&self.overlay, &self.session) {
            (Some(Overlay::Help(..) | Overlay::Log(_)), _) => Context::Reading,
            (Some(Overlay::Result(..)), _) => Context::Result,
            (Some(Overlay::Verifying(_)), _) => Context::Verifying,
            (Some(Overlay::Verdict(verdicts)), _) if verdicts.reading => Context::Reasons,
            (Some(Overlay::Verdict(_)), _) => Context::Verdict,
            (None, Session::Failed(_)) => Context::Failed,
            (None, _) if self.typing.is_some() => Context::Typing,
            (None, _) if self.exporting.is_some() => Context::Exporting,
            (None, _) if self.plan.is_some() => self.plan.as_ref().map_or(Context::Plan, plan_context),
            (None, _) if self.pane_focused => Context::Pane,
            (None, _) => Context::List,
        }
    }

    /// All that decides what a key does now.
    pub fn moment(&self) -> Moment {
        let row = self.row();
        let plan = self.plan.as_ref();
        let (filter, rows) = match (plan, self.level()) {
            (Some(plan), _) => (plan.table.filter(), plan.row().is_some()),
            (None, level) => (level.map_or("", |level| level.table.filter()), row.is_some()),
        };
        Moment {
            context: self.context(),
            can_open: row.is_some_and(|row| self.opens(row).is_some()),
            can_go_back: self.levels.len() > 1,
            can_mark: row.is_some_and(|row| markable(row).is_some()),
            has_marks: !self.marks.is_empty(),
            filtered: !filter.is_empty(),
            has_rows: rows,
            has_notes: self.pane.sheet.has_notes(),
            can_verify: match &self.overlay {
                Some(Overlay::Result(result, ..)) => result.is_ok(),
                _ => self.last_export.is_some(),
            },
            has_verdicts: matches!(&self.overlay, Some(Overlay::Verdict(verdicts)) if !verdicts.order.is_empty()),
            imported: plan.and_then(PlanView::row).is_some_and(|row| row.skip.is_none()),
            has_kinds: plan.is_some_and(|plan| !plan.kinds().is_empty()),
            changed: plan.is_some_and(|plan| plan.choices != plan.own),
        }
    }

    /// Where a row leads.
    pub fn opens(&self, row: &RowId) -> Option<Place> {
        let family_of = |revision: &ResourceId, service: Option<&ResourceId>| {
            let (family, _) = revision.family_revision()?;
            Some(Place::Family {
                scope: revision.scope.clone(),
                family: family.into(),
                service: service.cloned(),
                cursor: Some(revision.clone()),
            })
        };
        let here = self.level().map(|level| &level.place);
        match row {
            RowId::Resource(id) => match id.kind {
                Kind::Cluster => Some(Place::Cluster(id.clone())),
                Kind::Service => family_of(&self.estate.declared(id)?, Some(id)),
                Kind::Task => {
                    let named = self.estate.task(id)?.task_definition.clone()?;
                    family_of(&crate::estate::revision_arn(&id.scope, &named), None)
                }
                _ => None,
            },
            RowId::Tasks { revision: Some(revision), .. } if !matches!(here, Some(Place::Family { .. })) => {
                family_of(revision, None)
            }
            RowId::Tasks { .. } | RowId::Gap(_) => None,
        }
    }

    /// Open gaps, counted by their word.
    pub fn gap_counts(&self) -> Vec<(usize, &'static str)> {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (_, gap) in self.estate.gaps() {
            *counts.entry(gap.reason.word()).or_default() += 1;
        }
        counts.into_iter().map(|(word, count)| (count, word)).collect()
    }

    /// True while the screen changes by itself: a spinner turns or a short word expires.
    pub fn is_pending(&self) -> bool {
        self.toast.is_some()
            || self.exporting.is_some()
            || matches!(self.overlay, Some(Overlay::Verifying(_)))
            || matches!(self.session, Session::Connecting)
            || self.scan.is_some_and(|scan| scan.took.is_none())
            || self.fetching.is_some()
            || self.plan.as_ref().is_some_and(|plan| plan.preview.is_none())
    }

    /// True when the list of this level is still being read.
    pub fn is_loading(&self) -> bool {
        match (&self.session, self.level().map(|level| &level.place)) {
            (Session::Connecting, _) => true,
            (_, Some(Place::Family { scope, family, .. })) => {
                self.fetching.is_some() && self.estate.complete_at(scope, &Listing::Revisions(family.clone())).is_none()
            }
            _ => self.scan.is_some_and(|scan| scan.took.is_none()),
        }
    }

    /// What an export would take: the marks, else the row.
    pub fn selection(&self) -> Vec<ResourceId> {
        if self.marks.is_empty() {
            self.row().and_then(markable).into_iter().cloned().collect()
        } else {
            self.marks.iter().cloned().collect()
        }
    }

    /// How an export of these is written: as was chosen in its plan, else as the program was started.
    pub fn choices(&self, selection: &[ResourceId]) -> Option<Arc<Choices>> {
        let scope = selection.first()?.scope.clone();
        let own = Choices::of(scope, selection, self.settings.options.clone());
        Some(self.chosen.get(own.these()).cloned().unwrap_or_else(|| Arc::new(own)))
    }

    /// The same without what was chosen in the plan.
    pub fn own_choices(&self, choices: &Choices) -> Choices {
        Choices::of(choices.scope.clone(), choices.these(), self.settings.options.clone())
    }

    /// The next number.
    pub fn next_job(&mut self) -> Job {
        self.last_job += 1;
        self.last_job
    }

    /// Says a short word.
    pub fn say(&mut self, text: impl Into<String>, role: Role) {
        self.toast = Some(Toast { text: text.into(), role, until: self.now + 4_000 });
    }
}

/// Who has the keys while the export plan is open.
fn plan_context(plan: &PlanView) -> Context {
    match (&plan.typing, plan.modes) {
        (Some(typing), _) if typing.field == Field::Filter => Context::Typing,
        (Some(_), _) => Context::Naming,
        (None, Some(_)) => Context::Modes,
        (None, None) if plan.pane_focused => Context::PlanPane,
        (None, None) => Context::Plan,
    }
}

/// The resource that a row's mark stands for: clusters, services, capacity providers and revisions can be imported, and
/// standalone tasks stand for what they run.
pub fn markable(row: &RowId) -> Option<&ResourceId> {
    match row {
        RowId::Resource(id) if id.kind != Kind::Task => Some(id),
        RowId::Tasks { revision, .. } => revision.as_ref(),
        RowId::Resource(_) | RowId::Gap(_) => None,
    }
}
