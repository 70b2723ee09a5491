//! What went wrong with a call, in the words of a gap and of an error.

use std::error::Error as StdError;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::demo::NOT_RECORDED;
use super::operations::Operation;
use crate::estate::{Gap, GapReason, Timestamp};

/// One call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) operation: &'static Operation,
    pub(super) reason: GapReason,
    /// AWS's error code, or empty.
    pub(super) code: String,
    /// AWS's own words, or the chain of causes.
    pub(super) message: String,
    /// True when the call was not even sent for want of credentials.
    pub(super) no_credentials: bool,
}

impl Trouble {
    /// An answer that came and cannot be read.
    pub(super) fn malformed(operation: &'static Operation, message: impl Into<String>) -> Self {
        Self {
            operation,
            reason: GapReason::Malformed,
            code: String::new(),
            message: message.into(),
            no_credentials: false,
        }
    }

    /// A call that was answered without what it was asked for.
    pub(super) fn failed(operation: &'static Operation, message: impl Into<String>) -> Self {
        Self { reason: GapReason::Failed, ..Self::malformed(operation, message) }
    }

    /// Reads an error of the SDK. `status` is that of the last answer, if one came.
    pub(super) fn read<E>(operation: &'static Operation, error: &SdkError<E, HttpResponse>, status: Option<u16>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let chain = causes(error);
        let no_credentials = has_credentials_error(error);
        let (code, said) = match error {
            SdkError::ServiceError(e) => (e.err().code().unwrap_or_default(), e.err().message()),
            _ => ("", None),
        };
        let answered = status.is_some_and(|status| (200..300).contains(&status));
        let reason = match error {
            _ if no_credentials && chain.to_lowercase().contains("expired") => GapReason::Expired,
            _ if no_credentials => GapReason::Denied,
            SdkError::ServiceError(_) if !code.is_empty() => reason_of(code),
            SdkError::ServiceError(_) | SdkError::ResponseError(_) if answered => GapReason::Malformed,
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => GapReason::Network,
            SdkError::ResponseError(_) if status.is_none() => GapReason::Network,
            _ => GapReason::Failed,
        };
        let message = match (said, reason, status) {
            (Some(said), _, _) => said.to_owned(),
            (None, GapReason::Malformed, _) => format!("the answer cannot be parsed: {chain}"),
            (None, GapReason::Failed, Some(status)) if code.is_empty() => {
                format!("HTTP status {status} without an error code of AWS")
            }
            (None, _, _) if !code.is_empty() => code.to_owned(),
            _ => chain,
        };
        Self { operation, reason, code: code.to_owned(), message, no_credentials }
    }

    /// The gap that this leaves.
    pub(super) fn gap(&self, observed_at: Timestamp) -> Gap {
        Gap {
            observed_at,
            reason: self.reason,
            action: self.operation.iam_action.into(),
            message: Arc::from(self.message.as_str()),
        }
    }
}

fn reason_of(code: &str) -> GapReason {
    let code = code.rsplit('#').next().unwrap_or(code);
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "AuthorizationError" => GapReason::Denied,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => GapReason::Expired,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "TransactionInProgressException" => GapReason::Throttled,
        NOT_RECORDED => GapReason::NotRecorded,
        _ => GapReason::Failed,
    }
}

/// The words of the SDK that say nothing.
const EMPTY_WORDS: &[&str] = &["dispatch failure", "service error", "unhandled error", "other", "io error"];

/// The distinct words of an error and its causes, outermost first.
fn causes(error: &dyn StdError) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let words = error.to_string();
        let empty = words.is_empty() || EMPTY_WORDS.contains(&words.as_str());
        if !empty && said.last().is_none_or(|last| !last.contains(&words)) {
            said.push(words);
        }
        next = error.source();
    }
    said.join(": ")
}

fn has_credentials_error(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(<dyn StdError>::is::<CredentialsError>)
}
