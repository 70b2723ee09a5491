//! The signals that end a run in order: an interrupt, a request to end, a terminal that is gone.

use crate::error::Error;

/// Hears them from now on. Each value hears for itself.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where the run was started to outlive its terminal (`nohup`): that wish stands.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Has to be called within a runtime. An error when the system refuses.
    pub fn new() -> Result<Self, Error> {
        use crate::error::Kind;
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: std::io::Error| Error::new(Kind::Io, format!("signals could not be caught: {error}"));
        let hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup()).map_err(failed)?) };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            hangup,
        })
    }

    /// Waits for one. The exit code that belongs to it: 128 and its number.
    pub async fn next(&mut self) -> u8 {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
            _ = hangup => 129,
        }
    }
}

/// Whether whoever started this program has told it to ignore a hang-up, as far as the system says so (Linux does).
#[cfg(unix)]
fn ignores_hangup() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANGUP != 0)
}

/// Hears an interrupt.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Never fails here.
    pub fn new() -> Result<Self, Error> {
        Ok(Self)
    }

    /// Waits for one. The exit code that belongs to it.
    pub async fn next(&mut self) -> u8 {
        let _ = tokio::signal::ctrl_c().await;
        130
    }
}
