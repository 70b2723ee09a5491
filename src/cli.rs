//! The command line, as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::aws::Connect;
use crate::commands::Format;
use crate::export::Options;
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
    /// Generation of the AWS provider that exports are written for [default: v6]
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<Dialect>,

    /// Leave out of container definitions what the provider treats as equal
    #[arg(long)]
    pub concise: bool,

    /// Where new export folders are made
    #[arg(long, value_name = "DIR", default_value = "./ecsight-export")]
    pub export_dir: PathBuf,
}

impl Writing {
    /// How exports are written.
    pub fn options(&self) -> Options {
        Options { dialect: self.dialect.unwrap_or_default(), concise: self.concise, ..Options::default() }
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
}

impl Common {
    /// Where to look.
    pub fn connect(&self) -> Connect {
        Connect {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            demo: self.demo,
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
            ascii: self.screen.ascii,
            color: self.screen.color,
            start: self.start.clone(),
        }
    }
}
