//! PURE. What can happen ([`Message`]), and what the shell is asked to do about it ([`Effect`]).

use std::sync::Arc;

use crate::error::Error;
use crate::estate::{Estate, Observation, Rendered, ResourceId, Scope, Timestamp};
use crate::export::{Choices, Import, Need, Options, Preview, Skip, Unread};
use crate::gate::Review;
use crate::report::verify::Verified;

use super::key::Key;
use super::plan::{PlanKey, Stamp};
use super::theme::Role;

/// Who is asking, as AWS told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's ARN.
    pub arn: String,
    /// Partition, account and region.
    pub scope: Scope,
}

/// What the pane shows of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    /// Its fields in the order in which an engineer asks for them.
    Overview,
    /// What AWS returned.
    Json,
    /// What the export writes.
    Hcl,
}

/// Tabs in order, with their titles.
pub const TABS: [(Tab, &str); 3] = [(Tab::Overview, "Overview"), (Tab::Json, "JSON"), (Tab::Hcl, "HCL")];

/// One text of the pane: which resource, which tab, at which state of the estate and the marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneKey {
    /// Which resource.
    pub id: ResourceId,
    /// Which tab.
    pub tab: Tab,
    /// Grows with every fact and every mark that the text could depend on.
    pub stamp: u64,
}

/// For each line, pieces of so many characters with their meaning.
pub type Styles = Vec<Vec<(usize, Role)>>;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The full path of the folder.
    pub folder: String,
    /// The files' names.
    pub files: Vec<String>,
    /// What is imported.
    pub imports: Vec<Import>,
    /// What is not, and why.
    pub skips: Vec<Skip>,
    /// What the export rests on and could not be read.
    pub unread: Vec<Unread>,
    /// How many credentials stand in the private file.
    pub credentials: usize,
}

/// The numbers that effects carry, so that late answers are told from awaited ones.
pub type Job = u64;

/// What an engine does just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A step begins: `init`, `validate`, `plan`, `show`.
    Began(&'static str),
    /// The resource at this address is looked at.
    Resource(String),
    /// A step is done; milliseconds.
    Ended(&'static str, u64),
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// Time has passed.
    Tick(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size: columns, rows.
    Resized(u16, u16),
    /// There is a session.
    Connected(Caller),
    /// There is none.
    NotConnected(Error),
    /// What a recording holds, and what of it was not taken.
    Noted(Vec<String>),
    /// News of the account. Facts are folded in however late they come.
    Observed(Vec<Observation>),
    /// The scan has ended.
    Scanned(Job),
    /// A fetch has ended.
    Fetched(Job),
    /// A review is done, of the estate at this revision.
    Reviewed(u64, Arc<Review>),
    /// A text of the pane is done.
    Rendered(PaneKey, Arc<Rendered>, Option<Arc<Styles>>),
    /// Its meanings are known.
    Highlighted(PaneKey, Arc<Styles>),
    /// An export plan is made.
    Planned(Stamp, Arc<Preview>),
    /// A text of the export plan is done, with its meanings.
    PlanText(PlanKey, Arc<Rendered>, Arc<Styles>),
    /// What an export still needs.
    Needed(Job, Vec<Need>),
    /// An export is written, or is not.
    Written(Job, Result<Exported, Error>),
    /// The engine that verifies is a step further.
    Verifying(Job, Step),
    /// An export is verified, or is not.
    Verified(Job, Result<Arc<Verified>, Error>),
    /// A task of the program itself has failed.
    Trouble(String),
}

/// Something for the shell to do. Each answers with a message.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Find credentials and ask who we are.
    Connect,
    /// Read the whole account; an earlier scan ends.
    Scan(Job),
    /// Read just these.
    Fetch(Job, Vec<Need>),
    /// Stop a fetch or an export.
    Cancel(Job),
    /// Compute findings and drift.
    Review(u64, Arc<Estate>),
    /// Make a text of the pane.
    Render {
        /// Which.
        key: PaneKey,
        /// Of what.
        estate: Arc<Estate>,
        /// What the export would hold.
        selection: Vec<ResourceId>,
        /// How it would be written.
        options: Options,
    },
    /// Find the meanings in a text of the pane.
    Highlight(PaneKey, Arc<Rendered>),
    /// Ask what an export still needs.
    Needs {
        /// Which export.
        job: Job,
        /// Of what.
        estate: Arc<Estate>,
        /// Of which resources.
        selection: Vec<ResourceId>,
        /// The time.
        now: Timestamp,
        /// When the reader asked for it.
        not_before: Timestamp,
    },
    /// Write an export.
    Write {
        /// Which export.
        job: Job,
        /// Of what.
        estate: Arc<Estate>,
        /// Of which resources, and how.
        choices: Arc<Choices>,
    },
    /// Make an export plan.
    Plan {
        /// Of which state of facts and choices.
        stamp: Stamp,
        /// Of what.
        estate: Arc<Estate>,
        /// Of which resources, and how.
        choices: Arc<Choices>,
    },
    /// Make a text of the export plan.
    PlanText {
        /// Which.
        key: PlanKey,
        /// Of what.
        estate: Arc<Estate>,
        /// How it would be written.
        choices: Arc<Choices>,
        /// The plan.
        preview: Arc<Preview>,
    },
    /// Run the user's engine in the folder of an export.
    Verify(Job, String),
    /// Put the program into the background.
    Suspend,
}
