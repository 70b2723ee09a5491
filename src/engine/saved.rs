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

/// The file in a plan's folder that its run keeps locked: the lock goes with the process, however that ends.
const OWNER: &str = "owner";

/// Older than any folder that is still being made.
const OLD: Duration = Duration::from_hours(24);

/// Takes away the plans of runs that were killed, which could not do it themselves.
fn sweep() {
    let entries = fs::read_dir(env::temp_dir()).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        if is_abandoned(&entry.path()) {
            // Those of other users stay: they cannot be removed.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Whether nobody owns the plan in a folder any more. A process id would not tell: a container has its own.
fn is_abandoned(folder: &Path) -> bool {
    if let Ok(owner) = fs::File::open(folder.join(OWNER)) {
        return owner.try_lock().is_ok();
    }
    // Killed while it was being made, or just being made.
    let age = fs::metadata(folder).and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > OLD)
}

/// Locks a file of the folder for as long as the answer lives. It gets its name only when it is locked, so that nobody
/// finds it free in between. Where files cannot be locked there is none, and the folder goes when it is old.
fn own(folder: &Path) -> Option<fs::File> {
    let unnamed = folder.join("new");
    let file = fs::File::create_new(&unnamed).ok()?;
    let owned = file.try_lock().is_ok() && fs::rename(&unnamed, folder.join(OWNER)).is_ok();
    if !owned {
        fs::remove_file(&unnamed).ok();
    }
    owned.then_some(file)
}

/// A saved plan holds every value in the clear: it lies where only its owner can look, and goes
/// when this goes.
pub(super) struct PlanFile {
    path: PathBuf,
    _owner: Option<fs::File>,
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
        let plan = Self { path, _owner: own(folder.path()), _folder: folder };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_whose_run_is_gone_is_taken_away_and_one_that_is_owned_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_abandoned(folder.path()), "just being made");
        let owner = own(folder.path()).unwrap();
        assert!(!is_abandoned(folder.path()));
        drop(owner);
        assert!(is_abandoned(folder.path()));
        let old = std::time::SystemTime::now() - OLD - Duration::from_mins(1);
        let nameless = tempfile::tempdir().unwrap();
        fs::File::open(nameless.path()).unwrap().set_modified(old).unwrap();
        assert!(is_abandoned(nameless.path()));
    }

    #[test]
    fn a_new_plan_sweeps() {
        let killed = tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap();
        drop(own(killed.path()).unwrap());
        let first = PlanFile::new().unwrap();
        let second = PlanFile::new().unwrap();
        assert!(!killed.path().exists());
        assert!(first.path().exists() && second.path().exists());
    }
}
