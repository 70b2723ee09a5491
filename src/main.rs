//! Arguments -> command -> exit code. Nothing else.

use std::process::ExitCode;

use clap::Parser;
use ecsight::{cli::Cli, commands};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("ecsight: {}", ecsight::estate::visible(&error.message));
            if let Some(hint) = &error.hint {
                eprintln!("  hint: {}", ecsight::estate::visible(hint));
            }
            ExitCode::from(error.exit_code())
        }
    }
}
