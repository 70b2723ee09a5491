//! The log: a file in the XDG state folder, only when asked for. It tells what was called and how it went, and holds no
//! answer and no value.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use super::{failed, state_dir};
use crate::error::{Error, Kind};

/// How much is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Calls that were not answered.
    Warn,
    /// And what was exported.
    Info,
    /// And every call, with its time.
    Debug,
}

/// Opens the log for appending (mode 0600) and says where it is.
///
/// Only ecsight's own events are written: the SDK's would hold the bodies of answers.
pub fn start_log(level: LogLevel) -> Result<PathBuf, Error> {
    let folder = state_dir().ok_or_else(|| {
        Error::new(Kind::Io, "there is no home folder to keep the log in").hint("set HOME or XDG_STATE_HOME")
    })?;
    std::fs::create_dir_all(&folder).map_err(|e| failed("cannot make the folder", &folder, &e))?;
    let path = folder.join("ecsight.log");
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(&path).map_err(|e| failed("cannot write", &path, &e))?;
    let filter = match level {
        LogLevel::Warn => "ecsight=warn",
        LogLevel::Info => "ecsight=info",
        LogLevel::Debug => "ecsight=debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .try_init()
        .map_err(|e| Error::new(Kind::Io, format!("the log is open already: {e}")))?;
    Ok(path)
}
