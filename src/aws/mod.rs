//! SHELL. The only room that calls AWS, and only from a closed list of read operations.

pub mod demo;

mod answer;
mod fetch;
mod job;
mod newest;
mod operations;
mod region;
mod replay;
mod session;
mod trouble;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use operations::{OPERATIONS, Operation, iam_policy};

use job::{Job, Outcome};
use trouble::Trouble;
use walk::Walk;

use crate::error::Error;
use crate::estate::{Observation, ResourceId, Scope, Timestamp};
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
    /// Answer from recorded answers: a file, a folder, or `-` for standard input. No credentials, no network.
    pub replay: Option<PathBuf>,
    /// Wait this long before each answer of the demo account.
    pub demo_latency: Option<Duration>,
    /// Where files of the AWS configuration are, when not at the usual place. Unused paths stay `None`.
    pub config_file: Option<PathBuf>,
}

impl Connect {
    /// What is looked at instead of AWS, in words, where no engine can follow: the demo account, or a recording.
    pub fn offline(&self) -> Option<&'static str> {
        match (&self.replay, self.demo) {
            (Some(_), _) => Some("a recording"),
            (None, true) => Some("the built-in demo account"),
            (None, false) => None,
        }
    }
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

/// Calls in flight at once. Measured at 80 ms a call: 1,000 services in 1.4 s, and no throttling by AWS.
const IN_FLIGHT: usize = 16;

/// A connected session.
#[derive(Debug, Clone)]
pub struct Session {
    clients: session::Clients,
    identity: Identity,
    /// Revisions that a scan describes though nothing that runs may name them: those of a recording.
    recorded: Vec<ResourceId>,
    is_offline: bool,
}

impl Session {
    /// Loads the configuration, finds credentials and asks STS who we are.
    pub async fn connect(options: &Connect) -> Result<Self, Error> {
        Self::connect_noting(options, &mut Vec::new()).await
    }

    /// The same, and tells what of a recording was taken and what was not, a line each, also when no session comes of it.
    pub async fn connect_noting(options: &Connect, notes: &mut Vec<String>) -> Result<Self, Error> {
        session::connect(options, notes).await
    }

    /// Who is asking.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// True for the demo account and a recording: no engine can reach them.
    pub fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// API calls made so far: operation -> number of requests sent, retries included.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.clients.gate.calls()
    }

    /// Reads the whole account and sends what it learns as it comes. Ends with [`Event::Finished`].
    pub async fn scan(&self, out: UnboundedSender<Event>, cancel: CancellationToken) {
        let (walk, jobs) = Walk::scan(&self.identity.scope, &self.recorded);
        self.drive(walk, jobs, &out, &cancel).await;
        let _ = out.send(Event::Finished);
    }

    /// Reads just these things, and sends what it learns. Ends with [`Event::Finished`].
    pub async fn fetch(&self, needs: Vec<Need>, out: UnboundedSender<Event>, cancel: CancellationToken) {
        let (walk, jobs, news) = Walk::fetch(&self.identity.scope, &needs, now());
        if !news.is_empty() {
            let _ = out.send(Event::Observed(news));
        }
        self.drive(walk, jobs, &out, &cancel).await;
        let _ = out.send(Event::Finished);
    }

    /// Keeps calls in flight until nothing is left to ask, nobody listens, or it is cancelled: then the calls that
    /// are under way are dropped at once.
    async fn drive(&self, mut walk: Walk, jobs: Vec<Job>, out: &UnboundedSender<Event>, cancel: &CancellationToken) {
        let mut arrival = 0_usize;
        let mut waiting = BTreeMap::new();
        let mut enqueue = |waiting: &mut BTreeMap<(u8, usize), Job>, jobs: Vec<Job>| {
            for job in jobs {
                arrival += 1;
                waiting.insert((job.rank(), arrival), job);
            }
        };
        enqueue(&mut waiting, jobs);
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < IN_FLIGHT
                && let Some((_, job)) = waiting.pop_first()
            {
                running.push(self.start(job));
            }
            let ended = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                () = out.closed() => return,
                ended = running.next() => ended,
            };
            let Some((job, outcome)) = ended else { return };
            let (news, jobs) = walk.answered(&job, outcome);
            enqueue(&mut waiting, jobs);
            if !news.is_empty() && out.send(Event::Observed(news)).is_err() {
                return;
            }
        }
    }

    /// Makes one call in a task of its own, so that answers are taken apart on every core.
    fn start(&self, job: Job) -> impl Future<Output = (Job, Outcome)> + use<> {
        let (clients, scope, asked) = (self.clients.clone(), self.identity.scope.clone(), job.clone());
        let sent = now();
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            let page = asked.send(&clients).await.and_then(|answer| asked.read(&answer, &scope));
            Outcome { sent, at: now(), page }
        }));
        async move {
            let outcome = task.await.unwrap_or_else(|error| Outcome {
                sent,
                at: now(),
                page: Err(Trouble::failed(job.operation(), error.to_string())),
            });
            (job, outcome)
        }
    }
}

/// Milliseconds since the Unix epoch, now.
pub fn now() -> Timestamp {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| Timestamp::try_from(d.as_millis()).unwrap_or(Timestamp::MAX))
}
