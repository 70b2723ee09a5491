//! Errors for people: a kind, what happened, and what to do about it.

use std::fmt;

/// What sort of trouble it is; decides the exit code and where it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The command line or the configuration asks for something impossible.
    Usage,
    /// No credentials, or credentials that are not accepted.
    Credentials,
    /// AWS refused one operation.
    Denied,
    /// AWS asked to slow down, for longer than the retries lasted.
    Throttled,
    /// No answer from the endpoint.
    Network,
    /// An answer that cannot be read.
    Malformed,
    /// The thing that was asked for does not exist.
    NotFound,
    /// The Terraform or OpenTofu command, or its provider, is missing or broken.
    Engine,
    /// The engine refused the exported code, or its plan failed.
    Verify,
    /// The file system said no.
    Io,
    /// The user stopped it.
    Interrupted,
}

/// An error with its kind and, where there is one, a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What sort of trouble it is.
    pub kind: Kind,
    /// What happened, to which resource.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Error {
    /// An error without a hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    /// The same error with a hint.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
