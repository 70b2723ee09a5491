//! A saved plan: what it would do, which file it is, and that nobody else reads it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::litter::{Litter, OverrideFile, private_file};
use super::process::io;
use crate::error::Error;

/// A plan on disk, with its text. The file goes when this goes.
pub struct SavedPlan {
    /// The folder it was made in.
    pub(super) dir: PathBuf,
    /// What `show -json` said of it.
    pub(super) text: String,
    /// SHA-256 of the file before it was shown, in hex.
    pub(super) sha256: String,
    pub(super) file: PlanFile,
    pub(super) litter: Litter,
    /// A plan that is applied configures its provider anew.
    pub(super) _override_file: Option<OverrideFile>,
}

impl SavedPlan {
    /// What `show -json` said. It holds every value in the clear and must not be written or shown.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the plan file, in hex, taken before it was shown.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What init left in the folder stays there when this goes.
    pub fn keep(&mut self) {
        self.litter.keep();
    }
}

const PREFIX: &str = "ecsight-plan-";

/// Older than any plan that is still looked at.
const OLD: Duration = Duration::from_hours(24);

/// Takes away the plans of runs that were killed, which could not do it themselves.
fn sweep() {
    let entries = fs::read_dir(env::temp_dir()).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > OLD) {
            // Those of other users stay: they cannot be removed.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// A saved plan holds every value in the clear: it lies where only its owner can look, and goes
/// when this goes.
pub(super) struct PlanFile {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl PlanFile {
    pub fn new() -> Result<Self, Error> {
        sweep();
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir().map_err(|e| io("making a folder for the plan", &e))?;
        // The engine runs in another folder: a relative path would mean another place there.
        let path =
            std::path::absolute(folder.path().join("tfplan")).map_err(|e| io("making a folder for the plan", &e))?;
        let plan = Self { path, _folder: folder };
        // The engine writes into the file that it finds, and leaves its mode alone.
        private_file(&plan.path, "").map_err(|e| io("making a file for the plan", &e))?;
        Ok(plan)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the file as it is now, in hex.
    pub fn sha256(&self) -> Result<String, Error> {
        let bytes = fs::read(&self.path).map_err(|e| io("reading the saved plan", &e))?;
        Ok(Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}
