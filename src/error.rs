//! Errors are for people: what happened, to which resource, and what to do about it.

use std::fmt;

/// What sort of trouble an [`Error`] is. Decides the exit code and the sign on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The command line asks for something that does not exist or does not fit together.
    Usage,
    /// No credentials, or credentials that have expired.
    Credentials,
    /// AWS refused the call: an IAM action is missing.
    Denied,
    /// AWS asked us to slow down, and went on asking.
    Throttled,
    /// The endpoint could not be reached.
    Network,
    /// An answer or a file could not be parsed.
    Malformed,
    /// A named resource, file or folder does not exist.
    NotFound,
    /// terraform or tofu is missing, or failed before it had a plan.
    Engine,
    /// The plan is not import-only.
    Verify,
    /// The file system refused.
    Io,
    /// The user stopped it.
    Interrupted,
}

/// One failure: its kind, a sentence that says what and where, and a hint that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The sort of failure.
    pub kind: Kind,
    /// What happened, to which resource.
    pub message: String,
    /// What the reader can do about it.
    pub hint: Option<String>,
}

impl Error {
    /// An error without a hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// The same error with advice for the reader.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The process exit code: 2 for "no answer could be given", 1 for a plan that is not import-only, 130 for an interrupt.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Verify => 1,
            Kind::Interrupted => 130,
            _ => 2,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
