//! Turns what a failed engine wrote into an error for people: which kind, what, what to do.

use serde::Deserialize;

use crate::error::{Error, Kind};

/// How much of an engine's words an error repeats.
const LONGEST: usize = 4_000;

/// What `init` said when it failed.
pub(super) fn of_init(stderr: &str) -> Error {
    let problem = paragraph(stderr);
    let flat = flat(&problem);
    let Some(provider) = missing_provider(&flat) else {
        return Error::new(Kind::Engine, format!("init failed: {problem}"))
            .hint(hint_of(&flat).unwrap_or("run init in the folder by hand to see all that it says"));
    };
    let no_version = flat.contains("no available releases match");
    let locked = flat.contains("locked provider");
    let hint = if locked {
        "the lock file .terraform.lock.hcl asks for another version: run init -upgrade in the folder, or delete the lock file"
    } else if no_version {
        "relax the version constraint in versions.tf, or put a version that meets it into the mirror or the registry that the engine asks"
    } else {
        "let the engine reach its registry, or give it the provider: a filesystem or network mirror (provider_installation \
         in the file that TF_CLI_CONFIG_FILE names), or a plugin cache (TF_PLUGIN_CACHE_DIR)"
    };
    Error::new(Kind::Engine, format!("provider {provider} not found: {problem}")).hint(hint)
}

/// What `plan` or `show` said when it failed.
pub(super) fn of_plan(command: &str, stderr: &str) -> Error {
    let problem = paragraph(stderr);
    let flat = flat(&problem);
    let kind = if NO_CREDENTIALS.iter().any(|words| flat.contains(words)) {
        Kind::Credentials
    } else if flat.contains("AccessDenied") || flat.contains("is not authorized to perform") {
        Kind::Denied
    } else if flat.contains("non-existent remote object") {
        Kind::NotFound
    } else if flat.contains("connection refused") || flat.contains("no such host") {
        Kind::Network
    } else {
        Kind::Engine
    };
    let error = Error::new(kind, format!("{command} failed: {problem}"));
    if let Some(hint) = unlock(&problem) {
        return error.hint(hint);
    }
    match hint_of(&flat) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The answer of `validate -json`: nothing when the code is valid.
pub(super) fn of_validate(stdout: &str, stderr: &str) -> Option<Error> {
    let Ok(answer) = serde_json::from_str::<Validation>(stdout) else {
        return Some(of_plan("validate", if stderr.trim().is_empty() { stdout } else { stderr }));
    };
    if answer.valid {
        return None;
    }
    let errors: Vec<String> =
        answer.diagnostics.iter().filter(|diagnostic| diagnostic.severity == "error").map(Diagnostic::text).collect();
    Some(
        Error::new(
            Kind::Engine,
            shortened(&format!("the code is not valid: {}", errors.join("\n"))),
        )
        .hint(hint_of(&errors.join(" ")).unwrap_or("an argument that is not expected here usually means another provider generation: export with the --dialect of the provider that init installed")),
    )
}

const NO_CREDENTIALS: [&str; 6] = [
    "No valid credential sources",
    "no valid credential sources",
    "ExpiredToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "failed to refresh cached credentials",
];

fn hint_of(flat: &str) -> Option<&'static str> {
    if NO_CREDENTIALS.iter().any(|words| flat.contains(words)) {
        Some("the engine needs AWS credentials of its own: the same profile or variables that ecsight was started with")
    } else if flat.contains("non-existent remote object") {
        Some(
            "it was deleted or deregistered after the export, or the provider looks in another account or region: export again",
        )
    } else if flat.contains("allowed_account_ids")
        || flat.contains("account ID not allowed")
        || flat.contains("AWS Account ID not allowed")
    {
        Some("the credentials belong to another account than the exported one")
    } else if flat.contains("Blocks of type \"import\" are not expected here") {
        Some("this engine is too old for import blocks: Terraform 1.5 and OpenTofu 1.6 are the first that know them")
    } else if flat.contains("Error acquiring the state lock") {
        Some("another run holds the state lock: wait for it to end")
    } else if flat.contains("Inconsistent dependency lock file") {
        Some("run init in the folder")
    } else if flat.contains("No value for required variable") {
        Some(
            "the private file of values that the export wrote (secrets.auto.tfvars; ecsight_secrets.auto.tfvars in a root \
             module) must lie beside the code",
        )
    } else {
        None
    }
}

/// What to do about a state lock, with its id. Nothing here ever unlocks by itself.
fn unlock(problem: &str) -> Option<String> {
    if !flat(problem).contains("Error acquiring the state lock") {
        return None;
    }
    let said = |name: &str| {
        let line = problem.lines().find_map(|line| line.trim().strip_prefix(name))?;
        Some(line.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let id = said("ID:")?;
    let who = said("Who:").unwrap_or_else(|| "somebody".into());
    let when = said("Created:").map(|when| format!(" since {when}")).unwrap_or_default();
    Some(format!(
        "{who} holds the lock{when}: wait for that run to end. Only when it is certain that it is dead, unlock the state in \
         the folder with: terraform force-unlock {id} (or tofu)"
    ))
}

/// The provider that init could not get: `hashicorp/aws`.
fn missing_provider(flat: &str) -> Option<String> {
    let subject =
        ["list of available versions for provider ", "Could not resolve provider ", "Error while installing "]
            .iter()
            .find_map(|words| flat.split_once(words))
            .map(|(_, rest)| rest);
    let trouble = flat.contains("Failed to query available provider packages")
        || flat.contains("Failed to resolve provider packages")
        || flat.contains("Failed to install provider");
    if !trouble {
        return None;
    }
    let name: String = subject?.chars().take_while(|c| c.is_alphanumeric() || "/-_.".contains(*c)).collect();
    Some(name.trim_end_matches('.').to_owned()).filter(|name| !name.is_empty())
}

/// The errors of an engine's standard error, without warnings, frames and decoration.
fn paragraph(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(|line| line.trim_start_matches(['│', '╷', '╵']).trim_end()).collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut in_error = false;
    for line in &lines {
        let head = line.trim_start();
        if head.starts_with("Error: ") {
            in_error = true;
        } else if head.starts_with("Warning: ") {
            in_error = false;
        }
        let blank_twice = line.is_empty() && kept.last().is_none_or(|last| last.is_empty());
        if in_error && !blank_twice {
            kept.push(line);
        }
    }
    let text = if kept.is_empty() { lines.join("\n") } else { kept.join("\n") };
    let text = text.trim();
    if text.is_empty() {
        return "the engine said nothing".to_owned();
    }
    shortened(text.strip_prefix("Error: ").unwrap_or(text))
}

/// One line: the engine breaks sentences at the width of a terminal.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text.chars());
    // Names out of the account may hold escape sequences for the terminal.
    kept.extend(rest.by_ref().take(LONGEST).filter(|c| *c == '\n' || !c.is_control()));
    if rest.next().is_some() {
        kept.push_str(" ...");
    }
    kept
}

#[derive(Deserialize)]
struct Validation {
    valid: bool,
    #[serde(default)]
    diagnostics: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    severity: String,
    summary: String,
    #[serde(default)]
    detail: String,
    range: Option<Range>,
}

#[derive(Deserialize)]
struct Range {
    filename: String,
    start: Start,
}

#[derive(Deserialize)]
struct Start {
    line: u64,
}

impl Diagnostic {
    /// `services.tf:12: Unsupported argument: An argument named "x" is not expected here.`
    fn text(&self) -> String {
        let place =
            self.range.as_ref().map(|range| format!("{}:{}: ", range.filename, range.start.line)).unwrap_or_default();
        let detail = flat(&self.detail);
        if detail.is_empty() {
            format!("{place}{}", self.summary)
        } else {
            format!("{place}{}: {detail}", self.summary)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Words of Terraform 1.15.5 and OpenTofu 1.12.6 with a mirror that lacks the provider.
    const NOT_IN_MIRROR: &str = "\nError: Failed to query available provider packages\n\n\
        Could not retrieve the list of available versions for provider nosuch/aws:\n\
        provider registry.terraform.io/nosuch/aws was not found in any of the search\nlocations\n\n  - /mirror\n";
    const NO_RELEASE: &str = "\nError: Failed to resolve provider packages\n\n\
        Could not resolve provider hashicorp/aws: no available releases match the\ngiven constraints >= 7.34.0\n";

    #[test]
    fn a_missing_provider_is_named_and_the_hint_says_how_to_get_it() {
        let error = of_init(NOT_IN_MIRROR);
        assert_eq!(error.kind, Kind::Engine);
        assert!(error.message.starts_with("provider nosuch/aws not found"), "{error}");
        assert!(error.hint.is_some_and(|h| h.contains("TF_PLUGIN_CACHE_DIR")));
    }

    #[test]
    fn a_version_that_does_not_exist_points_to_the_constraint() {
        let error = of_init(NO_RELEASE);
        assert!(error.message.starts_with("provider hashicorp/aws not found"), "{error}");
        assert!(error.hint.is_some_and(|h| h.contains("version constraint")));
    }

    #[test]
    fn an_invalid_file_is_shown_with_its_line() {
        let stdout = r#"{"format_version":"1.0","valid":false,"error_count":1,"diagnostics":[
            {"severity":"warning","summary":"Old","detail":""},
            {"severity":"error","summary":"Unsupported argument","detail":"An argument named \"x\" is\nnot expected here.",
             "range":{"filename":"services.tf","start":{"line":12,"column":3,"byte":9},"end":{"line":12,"column":4,"byte":10}}}]}"#;
        let error = of_validate(stdout, "").expect("not valid");
        assert_eq!(
            error.message,
            "the code is not valid: services.tf:12: Unsupported argument: An argument named \"x\" is not expected here."
        );
        assert!(of_validate(r#"{"valid":true,"diagnostics":[]}"#, "").is_none());
    }

    #[test]
    fn warnings_and_frames_are_left_out() {
        let stderr = "╷\n│ Warning: Old\n│ \n│ words\n╵\n╷\n│ Error: Cannot import non-existent remote object\n│ \n│ While \
            attempting to import\n╵\n";
        let error = of_plan("plan", stderr);
        assert_eq!(error.kind, Kind::NotFound);
        assert!(!error.message.contains("Warning") && !error.message.contains('│'), "{error}");
        assert!(error.hint.is_some_and(|h| h.contains("export again")));
    }

    #[test]
    fn a_lock_is_told_with_its_holder_and_how_to_end_it() {
        let stderr = "\nError: Error acquiring the state lock\n\nError message: resource temporarily unavailable\nLock Info:\n  ID:        \
            4f1c-22\n  Path:      terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       me@host\n  Version:   1.15.5\n  \
            Created:   2026-01-02 03:04:05.6 +0000 UTC\n  Info:      \n";
        let hint = of_plan("plan", stderr).hint.unwrap();
        assert!(hint.contains("me@host holds the lock since 2026-01-02"), "{hint}");
        assert!(hint.contains("force-unlock 4f1c-22"), "{hint}");
    }

    #[test]
    fn escapes_for_the_terminal_are_taken_out() {
        let error = of_plan("plan", "Error: bad name \u{1b}[2Jx\u{9b}y\n\nmore");
        assert_eq!(error.message, "plan failed: bad name [2Jxy\n\nmore");
        let long = of_plan("plan", &format!("Error: {}", "ü".repeat(5_000)));
        assert!(long.message.ends_with("ü ..."));
    }

    #[test]
    fn expired_credentials_are_a_matter_of_credentials() {
        let error = of_plan("plan", "Error: error configuring provider: ExpiredToken: the token has expired");
        assert_eq!(error.kind, Kind::Credentials);
    }
}
