//! The command line, as data.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum as _};

use crate::aws::Connect;
use crate::commands::Format;
use crate::estate::ReferenceKind;
use crate::export::{Mode, Options};
use crate::store::LogLevel;
use crate::terraform::Dialect;
use crate::tui::{ColorChoice, TuiOptions};

/// Explore an Amazon ECS account, read-only, and export what you mark as Terraform code with import blocks.
///
/// Without a command it opens the explorer. It only ever lists, describes and gets.
#[derive(Debug, Parser)]
#[command(name = "ecsight", version)]
pub struct Cli {
    /// Open the explorer here.
    #[arg(value_name = "CLUSTER[/SERVICE]")]
    pub start: Option<String>,

    /// Where to look and how to answer.
    #[command(flatten)]
    pub common: Common,

    /// The screen.
    #[command(flatten)]
    pub screen: Screen,

    /// How exports are written.
    #[command(flatten)]
    pub writing: Writing,

    /// The terraform or tofu that verifies exports (key v) [env: `ECSIGHT_ENGINE`; default: terraform, then tofu, on PATH]
    #[arg(long, value_name = "COMMAND")]
    pub engine: Option<PathBuf>,

    /// What to do instead of opening the explorer.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Profile of the AWS configuration [env: `AWS_PROFILE`]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,

    /// AWS region [env: `AWS_REGION`]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,

    /// Endpoint for every AWS service, for emulators [env: `AWS_ENDPOINT_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,

    /// Look at the built-in demo account: no credentials, no network
    #[arg(long, global = true)]
    pub demo: bool,

    /// Look at recorded answers of the AWS CLI: a file, a folder, or - for standard input; no credentials, no network
    #[arg(long, global = true, value_name = "FILE")]
    pub replay: Option<PathBuf>,

    /// Wait before each answer of the demo account, in milliseconds
    #[arg(long, global = true, value_name = "MS", hide = true)]
    pub demo_latency: Option<u64>,

    /// How headless commands answer
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub format: Format,

    /// Write a log to ecsight.log in the XDG state folder; it holds no answer of AWS and no value
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
}

/// Flags of the explorer's screen.
#[derive(Debug, Clone, Args)]
pub struct Screen {
    /// When to use colour; `NO_COLOR` is respected
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,

    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

/// How and where exports are written.
#[derive(Debug, Clone, Args)]
pub struct Writing {
    /// Generation of the AWS provider that exports are written for [default: v6; with --into, what the folder pins]
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<Dialect>,

    /// Leave out of container definitions what the provider treats as equal
    #[arg(long)]
    pub concise: bool,

    /// How something that an export names and does not import is written: `role=data`, `all=variable`; repeatable
    #[arg(long, value_name = "KIND=MODE", value_parser = reference)]
    pub reference: Vec<(Vec<ReferenceKind>, Mode)>,

    /// Write account, region and partition as data sources, so that the code fits another account as well
    #[arg(long)]
    pub portable: bool,

    /// Where new export folders are made
    #[arg(long, value_name = "DIR", default_value = "./ecsight-export")]
    pub export_dir: PathBuf,
}

impl Writing {
    /// How exports are written.
    pub fn options(&self) -> Options {
        Options {
            dialect: self.dialect.unwrap_or_default(),
            concise: self.concise,
            portable: self.portable,
            references: self.references(),
            ..Options::default()
        }
    }

    /// Saved choices with what these flags say in their place; a flag that is not given changes nothing.
    pub fn over(&self, saved: Options) -> Options {
        let given = self.options();
        let mut references = saved.references;
        references.extend(given.references);
        Options {
            dialect: self.dialect.unwrap_or(saved.dialect),
            concise: saved.concise || given.concise,
            portable: saved.portable || given.portable,
            references,
            ..saved
        }
    }

    /// How each kind of reference is written; a later flag wins.
    fn references(&self) -> BTreeMap<ReferenceKind, Mode> {
        self.reference.iter().flat_map(|(kinds, mode)| kinds.iter().map(|kind| (*kind, *mode))).collect()
    }
}

/// `KIND=MODE` of `--reference`; the kind `all` stands for every one.
fn reference(text: &str) -> Result<(Vec<ReferenceKind>, Mode), String> {
    let names = |values: &[String]| values.join(", ");
    let all = ReferenceKind::value_variants();
    let word = |value: Option<PossibleValue>| value.map_or_else(String::new, |value| value.get_name().to_owned());
    let kinds: Vec<String> = all.iter().map(|kind| word(kind.to_possible_value())).collect();
    let modes: Vec<String> = Mode::value_variants().iter().map(|mode| word(mode.to_possible_value())).collect();
    let (kind, mode) = text.split_once('=').ok_or("it is no KIND=MODE: for example role=data, all=variable")?;
    let kind = kind.replace('_', "-");
    let mode = Mode::from_str(mode, true).map_err(|_| format!("no mode {mode:?}: {}", names(&modes)))?;
    if kind == "all" {
        return Ok((all.to_vec(), mode));
    }
    let kind = ReferenceKind::from_str(&kind, true).map_err(|_| format!("no kind {kind:?}: all, {}", names(&kinds)))?;
    Ok((vec![kind], mode))
}

/// The headless commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the account and list what is there, what was denied, and how many calls it took
    Scan,
    /// Show one resource with its findings: an ARN, CLUSTER, CLUSTER/SERVICE, FAMILY or FAMILY:REVISION
    Show {
        /// Which resource
        #[arg(value_name = "ID")]
        id: String,
    },
    /// List running tasks; those that no service owns stand apart
    Tasks,
    /// Write Terraform code with import blocks, whose plan imports and changes nothing
    Export {
        /// Export everything that can be imported
        #[arg(long, conflicts_with = "service")]
        all: bool,
        /// Export a service and all it depends on; may be given several times
        #[arg(long, value_name = "CLUSTER/SERVICE", num_args = 1..)]
        service: Vec<String>,
        /// Export again with the choices of an earlier export: its folder, or its ecsight.export.toml. Flags beside it win
        #[arg(long, value_name = "PATH", conflicts_with_all = ["all", "service"])]
        from: Option<PathBuf>,
        /// Show what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
        /// Write exactly this folder, which must not exist or be empty
        #[arg(long, value_name = "DIR", conflicts_with = "export_dir")]
        out: Option<PathBuf>,
        /// Add to this root module: only new files, no address twice, nothing that its state has
        #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "export_dir"])]
        into: Option<PathBuf>,
        /// The state of that root module, when it is not a file in its folder: terraform state pull > FILE
        #[arg(long, value_name = "FILE", requires = "into")]
        state: Option<PathBuf>,
        /// How and where.
        #[command(flatten)]
        writing: Writing,
    },
    /// Run a real plan of an export and judge every resource
    Verify {
        /// The export's folder
        dir: PathBuf,
        /// The terraform or tofu to run [env: `ECSIGHT_ENGINE`; default: terraform, then tofu, on PATH]
        #[arg(long, value_name = "COMMAND")]
        engine: Option<PathBuf>,
    },
    /// Import an export into its state, when its plan changes nothing; afterwards prove it: a second plan, and live against state
    Import {
        /// The export's folder
        dir: PathBuf,
        /// Do not ask for the typed confirmation
        #[arg(long)]
        yes: bool,
        /// The terraform or tofu to run [env: `ECSIGHT_ENGINE`; default: terraform, then tofu, on PATH]
        #[arg(long, value_name = "COMMAND")]
        engine: Option<PathBuf>,
    },
}

/// True when the arguments ask for JSON, whatever else is wrong with them.
pub fn wants_json(args: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let args: Vec<_> = args.collect();
    args.iter().any(|arg| arg == "--format=json") || args.windows(2).any(|two| two[0] == "--format" && two[1] == "json")
}

/// What is wrong with the command line, in the form of every other error.
pub fn usage(said: &str) -> serde_json::Value {
    let message = said.split("\n\nUsage:").next().unwrap_or(said).trim();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    serde_json::json!({"error": {"kind": crate::error::Kind::Usage, "message": message, "hint": "ecsight --help lists every flag"}})
}

impl Common {
    /// Where to look.
    pub fn connect(&self) -> Connect {
        Connect {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            demo: self.demo,
            replay: self.replay.clone(),
            demo_latency: self.demo_latency.map(Duration::from_millis),
            config_file: None,
        }
    }

    /// The same for an engine: the environment variables that the command line stands for.
    pub fn env(&self) -> Vec<(String, String)> {
        let flags =
            [("AWS_PROFILE", &self.profile), ("AWS_REGION", &self.region), ("AWS_ENDPOINT_URL", &self.endpoint_url)];
        flags.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
    }
}

impl Cli {
    /// How the explorer is started.
    pub fn tui(&self) -> TuiOptions {
        TuiOptions {
            connect: self.common.connect(),
            export_dir: self.writing.export_dir.clone(),
            dialect: self.writing.dialect.unwrap_or_default(),
            concise: self.writing.concise,
            portable: self.writing.portable,
            references: self.writing.references(),
            ascii: self.screen.ascii,
            color: self.screen.color,
            start: self.start.clone(),
            engine: self.engine.clone(),
            env: self.common.env(),
        }
    }
}
