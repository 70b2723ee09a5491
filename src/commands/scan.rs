//! `ecsight scan`: the whole account, read once.

use std::io::Write;

use tokio_util::sync::CancellationToken;

use super::{Format, print, read_all};
use crate::aws::Session;
use crate::error::Error;
use crate::report::{print::json, scan::Scan};

/// Scans and writes what was found. 0, or 2 when not even the clusters could be listed.
pub async fn run(
    session: &Session,
    format: Format,
    out: &mut dyn Write,
    cancel: &CancellationToken,
) -> Result<u8, Error> {
    let estate = read_all(session, cancel).await?;
    let who = session.identity();
    let report = Scan::of(&estate, &who.scope, &who.arn, session.calls());
    print(out, &if format == Format::Json { json(&report) } else { report.text() })?;
    Ok(if report.is_empty_handed() { 2 } else { 0 })
}
