//! `ecsight tasks`: the running tasks of every cluster, standalone ones grouped by who started them.

use std::io::Write;

use tokio_util::sync::CancellationToken;

use super::{Format, fetch, print};
use crate::aws::Session;
use crate::error::Error;
use crate::estate::{Estate, Kind, Listing};
use crate::export::Need;
use crate::report::{print::json, tasks::Tasks};

/// Reads the tasks alone, in three rounds: clusters, tasks of each, their documents. 0, or 2 without clusters.
pub async fn run(
    session: &Session,
    format: Format,
    out: &mut dyn Write,
    cancel: &CancellationToken,
) -> Result<u8, Error> {
    let scope = &session.identity().scope;
    let mut estate = Estate::default();
    fetch(session, &mut estate, vec![Need::List(scope.clone(), Listing::Clusters)], cancel).await?;
    let clusters = estate.of_kind(Kind::Cluster).map(|(id, _)| Listing::Tasks(id.name().into()));
    let lists = clusters.map(|listing| Need::List(scope.clone(), listing)).collect();
    fetch(session, &mut estate, lists, cancel).await?;
    let tasks = estate.of_kind(Kind::Task).map(|(id, _)| Need::Describe(id.clone())).collect();
    fetch(session, &mut estate, tasks, cancel).await?;
    let report = Tasks::of(&estate, scope, session.calls());
    print(out, &if format == Format::Json { json(&report) } else { report.text() })?;
    Ok(if report.is_empty_handed() { 2 } else { 0 })
}
