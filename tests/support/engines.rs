//! Real engines with real providers, as far as `tests/run` has set them up.
//!
//! Included by path (`#[path = "support/engines.rs"] mod engines;`), so that a test which needs
//! no engine does not build it.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::expect_used, clippy::panic)]

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ecsight::engine::{self, Engine, VerifyOptions};
use ecsight::error::Error;
use ecsight::terraform::plan::PlanReport;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// A provider generation that can plan here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// hashicorp/aws 3.39.0, the real one.
    V3,
    /// A double of hashicorp/aws 6.62.0 that plans as the real one does.
    V6,
}

impl Provider {
    pub fn version(self) -> &'static str {
        match self {
            Self::V3 => "3.39.0",
            Self::V6 => "6.62.0",
        }
    }

    /// A provider block that sends every call to one server on loopback. The account is asked
    /// from that server's STS: provider 3.39 knows no endpoint variables, so each service stands
    /// here by name (3.39 calls the load balancers `elb`).
    pub fn override_text(self, endpoint: &str) -> String {
        self.override_text_beside(endpoint, endpoint)
    }

    /// The same with a second server for all that is neither ECS, scaling nor STS.
    pub fn override_text_beside(self, endpoint: &str, beside: &str) -> String {
        let (services, generation): (&[&str], &str) = match self {
            Self::V3 => (
                &[
                    "ecs",
                    "sts",
                    "iam",
                    "ec2",
                    "elb",
                    "efs",
                    "applicationautoscaling",
                    "autoscaling",
                    "servicediscovery",
                    "cloudwatchlogs",
                    "kms",
                    "secretsmanager",
                    "ssm",
                ],
                "",
            ),
            Self::V6 => (
                &[
                    "ecs",
                    "sts",
                    "iam",
                    "ec2",
                    "elbv2",
                    "efs",
                    "applicationautoscaling",
                    "autoscaling",
                    "servicediscovery",
                    "logs",
                    "kms",
                    "secretsmanager",
                    "ssm",
                ],
                "  s3_use_path_style = true\n",
            ),
        };
        let at = |service: &str| match service {
            "ecs" | "sts" | "applicationautoscaling" => endpoint,
            _ => beside,
        };
        let endpoints: Vec<String> =
            services.iter().map(|service| format!("    {service} = \"{}\"", at(service))).collect();
        let endpoints = endpoints.join("\n");
        format!(
            r#"provider "aws" {{
  access_key = "testing"
  secret_key = "testing"
  max_retries = 1
{generation}  skip_credentials_validation = true
  skip_metadata_api_check = true
  skip_region_validation = true
  skip_requesting_account_id = false
  endpoints {{
{endpoints}
  }}
}}
"#
        )
    }

    /// `terraform` and `provider` blocks for a hand-written folder.
    pub fn versions_text(self, region: &str) -> String {
        let version = self.version();
        format!(
            r#"terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}

provider "aws" {{
  region = "{region}"
}}
"#
        )
    }
}

/// One engine with one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// `terraform` or `tofu`.
    pub command: &'static str,
    pub provider: Provider,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with provider {}", self.command, self.provider.version())
    }
}

/// What `tests/support/env/setup` made.
#[derive(Debug, Clone)]
pub struct Environment {
    pub dir: PathBuf,
}

/// The environment, or nothing and a line on standard error that says what is left out.
pub fn environment(test: &str) -> Option<Environment> {
    let dir = env::var_os("ECSIGHT_TEST_ENV").filter(|dir| !dir.is_empty());
    if dir.is_none() {
        say(&format!("left out: {test}: needs Terraform and a server, ./tests/run sets them up"));
    }
    dir.map(|dir| Environment { dir: std::path::absolute(dir).expect("a path") })
}

/// Prints past the capture of the test harness: what was left out is heard in every run.
pub fn say(line: &str) {
    use std::io::Write;
    writeln!(std::io::stderr(), "{line}").ok();
}

/// A plan as the report has it, and as the engine wrote it.
pub struct Planned {
    pub report: PlanReport,
    pub json: Value,
}

impl Environment {
    /// All pairs that exist here: Terraform before OpenTofu, generation 3 before 6.
    pub fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (command, host) in [("terraform", "registry.terraform.io"), ("tofu", "registry.opentofu.org")] {
            for provider in [Provider::V3, Provider::V6] {
                let at = self.dir.join("mirror").join(host).join("hashicorp/aws").join(provider.version());
                if self.program(command).exists() && at.exists() {
                    pairs.push(Pair { command, provider });
                }
            }
        }
        pairs
    }

    /// A command of the environment, by name.
    pub fn program(&self, name: &str) -> PathBuf {
        ["bin", "venv/bin"]
            .iter()
            .map(|folder| self.dir.join(folder).join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| self.dir.join("bin").join(name))
    }

    pub fn engine(&self, pair: &Pair) -> Engine {
        Engine::find_in(Some(&self.program(pair.command)), None, OsStr::new("")).expect("the pair exists")
    }

    /// Variables for an engine: the mirror, dummy credentials, nothing of the user's own.
    pub fn variables(&self) -> Vec<(String, String)> {
        let tfrc = self.dir.join("cli.tfrc").display().to_string();
        [
            ("TF_CLI_CONFIG_FILE", tfrc.as_str()),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_PROXY", "127.0.0.1"),
            ("no_proxy", "127.0.0.1"),
        ]
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
    }

    /// Options that plan against the server at `endpoint`.
    pub fn options(&self, pair: &Pair, endpoint: &str) -> VerifyOptions {
        VerifyOptions {
            env: self.variables(),
            override_file: Some(pair.provider.override_text(endpoint)),
            ..VerifyOptions::new(self.engine(pair))
        }
    }

    /// Plans a folder against the server at `endpoint`, through the program's own engine room.
    pub async fn try_plan(&self, dir: &Path, pair: &Pair, endpoint: &str) -> Result<Planned, Error> {
        self.try_plan_beside(dir, pair, endpoint, endpoint).await
    }

    /// [`Environment::try_plan`] with a second server, see [`Provider::override_text_beside`].
    pub async fn try_plan_beside(
        &self,
        dir: &Path,
        pair: &Pair,
        endpoint: &str,
        beside: &str,
    ) -> Result<Planned, Error> {
        let mut options = self.options(pair, endpoint);
        options.override_file = Some(pair.provider.override_text_beside(endpoint, beside));
        let text = engine::plan_json(dir, &options, |_| {}, &CancellationToken::new()).await?;
        Ok(Planned {
            report: PlanReport::parse(&text).expect("a plan"),
            json: serde_json::from_str(&text).expect("JSON"),
        })
    }

    /// [`Environment::try_plan`] for a folder that must plan.
    pub async fn plan(&self, dir: &Path, pair: &Pair, endpoint: &str) -> Planned {
        match self.try_plan(dir, pair, endpoint).await {
            Ok(planned) => planned,
            Err(error) => panic!("{pair}: {error} (hint: {})", error.hint.as_deref().unwrap_or("none")),
        }
    }

    /// What `fmt` would change in a folder: empty when nothing.
    pub fn fmt_check(&self, dir: &Path, pair: &Pair) -> String {
        let output = Command::new(self.engine(pair).program())
            .args(["fmt", "-check", "-diff", "-recursive", "-no-color"])
            .current_dir(dir)
            .envs(self.variables())
            .output()
            .expect("fmt runs");
        if output.status.success() {
            return String::new();
        }
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        format!("{out}{err}")
    }
}
