//! SHELL. One file per subcommand, each a few lines of wiring.

pub mod scan;
pub mod tasks;

/// How a command writes its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Tables for people.
    #[default]
    Text,
    /// For machines.
    Json,
}
