//! PURE. What was observed of an account: documents, the address of each field in them, identities, and the fold.
//!
//! Nothing here knows where an [`Observation`] came from: the AWS API, the demo account and a test all look alike.

mod ask;
mod document;
mod fold;
mod id;
mod path;
mod reference;
mod rendered;
mod trail;
mod views;

pub use document::{Document, MAX_DEPTH, envelope, json_lines};
pub use fold::{Entry, Estate, Gap, GapReason, Listed, News, Observation, Subject};
pub use id::{Arn, Kind, Listing, ResourceId, Scope, Timestamp};
pub use path::{FieldPath, PathError, Segment, Selector, StableKey, children};
pub use reference::{Reference, ReferenceKind, references};
pub use rendered::{Line, Rendered, visible};
pub use trail::{Trail, follow, walk};
pub use views::{Deployment, ServiceView, TaskDefinitionView, TaskView, revision_arn};
