//! Which engine: the one that was asked for, else `terraform`, else `tofu`.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::process::{Command, Ended};
use crate::error::{Error, Kind};

/// The environment variable that names an engine, by command or by path.
pub const ENGINE_VARIABLE: &str = "ECSIGHT_ENGINE";

const HOW_TO_GET: &str = "install Terraform 1.5 or later (developer.hashicorp.com/terraform/install) or \
    OpenTofu 1.6 or later (opentofu.org/docs/intro/install), or name one with --engine PATH or ECSIGHT_ENGINE";

/// Which of the two an engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Terraform.
    Terraform,
    /// `OpenTofu`.
    OpenTofu,
}

impl Flavour {
    /// The name people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::OpenTofu => "OpenTofu",
        }
    }
}

/// A `terraform` or `tofu` command that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    program: PathBuf,
}

impl Engine {
    /// Looks for the engine: `configured` (a name or a path), else `ECSIGHT_ENGINE`, else
    /// `terraform` on PATH, else `tofu` on PATH. One that was asked for by name is not replaced
    /// by another when it is missing.
    pub fn find(configured: Option<&Path>) -> Result<Self, Error> {
        let named = env::var_os(ENGINE_VARIABLE).filter(|name| !name.is_empty());
        let path = env::var_os("PATH").unwrap_or_default();
        Self::find_in(configured, named.as_deref(), &path)
    }

    /// [`Engine::find`] with the values of `ECSIGHT_ENGINE` and PATH given.
    pub fn find_in(configured: Option<&Path>, variable: Option<&OsStr>, path: &OsStr) -> Result<Self, Error> {
        let asked = configured
            .map(|name| (name, "--engine"))
            .or_else(|| variable.map(|name| (Path::new(name), ENGINE_VARIABLE)));
        if let Some((name, source)) = asked {
            return search(name, path).ok_or_else(|| {
                Error::new(Kind::Engine, format!("{source} names {}, which is not a command here", name.display()))
                    .hint(HOW_TO_GET)
            });
        }
        ["terraform", "tofu"]
            .iter()
            .find_map(|name| search(Path::new(name), path))
            .ok_or_else(|| Error::new(Kind::Engine, "neither terraform nor tofu is on PATH").hint(HOW_TO_GET))
    }

    /// The command's path.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Asks the command which engine it is, and of which version: `("Terraform", "1.15.5")`.
    pub async fn version(&self) -> Result<(Flavour, String), Error> {
        let ended =
            self.command(Path::new("."), &["version", "-no-color"]).run(&CancellationToken::new(), |_| {}).await?;
        if let Ended::Finished(output) = &ended {
            let text = output.stdout_text();
            for (flavour, prefix) in [(Flavour::Terraform, "Terraform v"), (Flavour::OpenTofu, "OpenTofu v")] {
                if let Some(rest) = text.lines().find_map(|line| line.strip_prefix(prefix)) {
                    return Ok((flavour, rest.trim().to_owned()));
                }
            }
        }
        Err(Error::new(
            Kind::Engine,
            format!("{} does not say which version of Terraform or OpenTofu it is", self.program.display()),
        )
        .hint(HOW_TO_GET))
    }

    /// The command with its arguments, to be run in a folder, without questions and news.
    pub(super) fn command(&self, dir: &Path, arguments: &[&str]) -> Command {
        Command::new(&self.program, dir)
            .arguments(arguments.iter().map(|a| (*a).to_owned()))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
    }
}

/// A name with a slash is a path; any other is looked up in the folders of PATH.
fn search(name: &Path, path: &OsStr) -> Option<Engine> {
    let program = if name.components().count() > 1 {
        // The command runs in another folder: a relative path must not change its meaning.
        std::path::absolute(name).ok().filter(|p| is_executable(p))
    } else {
        env::split_paths(path)
            .map(|folder| folder.join(name))
            .find(|candidate| is_executable(candidate))
            .and_then(|found| std::path::absolute(found).ok())
    };
    program.map(|program| Engine { program })
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}
