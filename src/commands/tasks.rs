//! `ecsight tasks`: the running tasks of every cluster, standalone ones grouped by who started them.

use std::io::Write;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::{Format, scan::write};
use crate::aws::{Event, Session};
use crate::error::{Error, Kind};
use crate::estate::{Estate, Kind as Of, Listing};
use crate::export::Need;
use crate::report::{print, tasks::Tasks};

/// Reads the tasks alone, in three rounds: clusters, tasks of each, their documents. 0, or 2 without clusters.
pub async fn run(session: &Session, format: Format, out: &mut dyn Write) -> Result<u8, Error> {
    let scope = &session.identity().scope;
    let mut estate = Estate::default();
    fetch(session, &mut estate, vec![Need::List(scope.clone(), Listing::Clusters)]).await;
    let clusters = estate.of_kind(Of::Cluster).map(|(id, _)| Listing::Tasks(id.name().into()));
    let lists = clusters.map(|listing| Need::List(scope.clone(), listing)).collect();
    fetch(session, &mut estate, lists).await;
    let tasks = estate.of_kind(Of::Task).map(|(id, _)| Need::Describe(id.clone())).collect();
    fetch(session, &mut estate, tasks).await;
    let report = Tasks::of(&estate, scope, session.calls());
    let text = match format {
        Format::Text => report.text(),
        Format::Json => print::json(&report).map_err(|e| Error::new(Kind::Malformed, e.to_string()))?,
    };
    write(out, &text)?;
    Ok(if report.is_empty_handed() { 2 } else { 0 })
}

async fn fetch(session: &Session, estate: &mut Estate, needs: Vec<Need>) {
    let (news, mut events) = unbounded_channel();
    let fold = async {
        while let Some(event) = events.recv().await {
            if let Event::Observed(batch) = event {
                estate.fold(batch);
            }
        }
    };
    tokio::join!(session.fetch(needs, news, CancellationToken::new()), fold);
}
