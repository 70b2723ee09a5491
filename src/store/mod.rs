//! SHELL. Atomic writes and paths.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};
use crate::estate::Scope;
use crate::export::Export;

/// Writes an export to a new folder below `BASE/ACCOUNT-REGION`. Blocking; overwrites nothing.
pub fn write_export(export: &Export, base: &Path, scope: &Scope) -> Result<PathBuf, Error> {
    let failed = |error: std::io::Error| Error::new(Kind::Io, error.to_string());
    let above = base.join(scope.to_string());
    std::fs::create_dir_all(&above).map_err(failed)?;
    let name = if export.folder.is_empty() { "export" } else { &export.folder };
    for at in 1.. {
        let folder = above.join(if at == 1 { name.to_owned() } else { format!("{name}-{at}") });
        if folder.exists() {
            continue;
        }
        std::fs::create_dir(&folder).map_err(failed)?;
        for (name, file) in &export.files {
            std::fs::write(folder.join(name), &file.text).map_err(failed)?;
        }
        return Ok(folder);
    }
    Err(Error::new(Kind::Io, "no free name"))
}
