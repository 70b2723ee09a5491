//! Arguments -> command -> exit code. Nothing else.

use std::process::ExitCode;

use clap::Parser;
use ecsight::cli::{self, Cli};
use ecsight::commands;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A program that asked for JSON gets JSON, whatever happens.
            if error.use_stderr() && cli::wants_json(std::env::args_os()) {
                let value = cli::usage(&error.to_string());
                print!("{}", ecsight::report::print::json(&value));
            }
            error.exit()
        }
    };
    match commands::run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprint!("{}", ecsight::report::print::error(&error));
            ExitCode::from(error.exit_code())
        }
    }
}
