//! Arguments -> command -> exit code. Nothing else.

use std::process::ExitCode;

use clap::Parser;
use ecsight::{cli::Cli, commands};

fn main() -> ExitCode {
    match commands::run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprint!("{}", ecsight::report::print::error(&error));
            ExitCode::from(error.exit_code())
        }
    }
}
