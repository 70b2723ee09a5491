//! SHELL. The only room that calls AWS, and only from a closed list of read operations.

pub mod demo;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Kind};
use crate::estate::{Observation, Scope, Timestamp};
use crate::export::Need;

/// Where to look, from flags and environment.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    /// A profile of the AWS configuration.
    pub profile: Option<String>,
    /// A region that overrides the profile's.
    pub region: Option<String>,
    /// An endpoint for every service, for emulators.
    pub endpoint_url: Option<String>,
    /// Answer from the built-in demo account: no credentials, no network.
    pub demo: bool,
    /// Wait this long before each answer of the demo account.
    pub demo_latency: Option<Duration>,
    /// Where files of the AWS configuration are, when not at the usual place. Unused paths stay `None`.
    pub config_file: Option<PathBuf>,
}

/// Who is asking, as STS tells.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// For example `arn:aws:sts::123456789012:assumed-role/ReadOnly/me`.
    pub arn: String,
    /// Partition, account and region of the session.
    pub scope: Scope,
}

/// What a running scan tells.
#[derive(Debug, Clone)]
pub enum Event {
    /// News, in batches.
    Observed(Vec<Observation>),
    /// The scan or fetch has ended; what could not be read stands in the estate as gaps.
    Finished,
}

/// A connected session.
#[derive(Debug, Clone)]
pub struct Session {
    identity: Identity,
}

impl Session {
    /// Loads the configuration, finds credentials and asks STS who we are.
    pub async fn connect(_options: &Connect) -> Result<Self, Error> {
        Err(Error::new(Kind::Network, "not connected"))
    }

    /// Who is asking.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// API calls made so far: operation -> number of requests sent, retries included.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        BTreeMap::new()
    }

    /// Reads the whole account and sends what it learns as it comes. Ends with [`Event::Finished`].
    pub async fn scan(&self, _out: UnboundedSender<Event>, _cancel: CancellationToken) {}

    /// Reads just these things, and sends what it learns. Ends with [`Event::Finished`].
    pub async fn fetch(&self, _needs: Vec<Need>, _out: UnboundedSender<Event>, _cancel: CancellationToken) {}
}

/// Milliseconds since the Unix epoch, now.
pub fn now() -> Timestamp {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| Timestamp::try_from(d.as_millis()).unwrap_or(Timestamp::MAX))
}
