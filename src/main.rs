//! Arguments -> command -> exit code. Nothing else.

use std::process::ExitCode;
use std::time::Duration;

use ecsight::aws::Connect;
use ecsight::tui::{ColorChoice, TuiOptions};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let after = |flag: &str| words.iter().skip_while(|word| *word != flag).nth(1).cloned();
    let options = TuiOptions {
        connect: Connect {
            demo: has("--demo"),
            demo_latency: after("--demo-latency").and_then(|ms| ms.parse().ok()).map(Duration::from_millis),
            endpoint_url: after("--endpoint-url"),
            region: after("--region"),
            ..Connect::default()
        },
        export_dir: after("--export-dir").map_or_else(|| "./ecsight-export".into(), Into::into),
        dialect: ecsight::terraform::Dialect::default(),
        concise: has("--concise"),
        ascii: has("--ascii"),
        color: if after("--color").as_deref() == Some("never") { ColorChoice::Never } else { ColorChoice::Auto },
        start: words.first().filter(|word| !word.starts_with('-')).cloned(),
    };
    match ecsight::tui::run(&options) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            if let Some(hint) = &error.hint {
                eprintln!("{hint}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
