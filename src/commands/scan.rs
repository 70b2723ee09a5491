//! `ecsight scan`: the whole account, read once.

use std::io::Write;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::Format;
use crate::aws::{Event, Session};
use crate::error::{Error, Kind};
use crate::estate::Estate;
use crate::report::{print, scan::Scan};

/// Scans and writes what was found. 0, or 2 when not even the clusters could be listed.
pub async fn run(session: &Session, format: Format, out: &mut dyn Write) -> Result<u8, Error> {
    let mut estate = Estate::default();
    let (news, mut events) = unbounded_channel();
    let fold = async {
        while let Some(event) = events.recv().await {
            if let Event::Observed(batch) = event {
                estate.fold(batch);
            }
        }
    };
    tokio::join!(session.scan(news, CancellationToken::new()), fold);
    let who = session.identity();
    let report = Scan::of(&estate, &who.scope, &who.arn, session.calls());
    let text = match format {
        Format::Text => report.text(),
        Format::Json => print::json(&report).map_err(|e| Error::new(Kind::Malformed, e.to_string()))?,
    };
    write(out, &text)?;
    Ok(if report.is_empty_handed() { 2 } else { 0 })
}

/// Writes a report. A reader that has gone away (`| head`) is no failure.
pub(super) fn write(out: &mut dyn Write, text: &str) -> Result<(), Error> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Io, format!("cannot write the report: {error}")))
        }
        _ => Ok(()),
    }
}
