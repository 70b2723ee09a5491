//! Credentials that stand where anyone who may describe can read them.

use super::{Described, Rule, RuleMeta, Severity, Subject, Verdicts};
use crate::estate::{Segment, visible};
use crate::secrets::{Confidence, Hit};

/// A credential in the environment of a container.
pub static SEC_001: RuleMeta = RuleMeta {
    id: "SEC-001",
    title: "Credential in environment",
    advice: "Whoever may call ecs:DescribeTaskDefinition reads it, in every revision for ever. \
             Store it in Secrets Manager or SSM, name it under `secrets`, and rotate it.",
    severity: Severity::High,
};

/// A credential in another field.
pub static SEC_002: RuleMeta = RuleMeta {
    id: "SEC-002",
    title: "Credential elsewhere in the definition",
    advice: "Commands, labels and log options are read by whoever may describe the task, and often logged. \
             Pass it by `secrets` or `secretOptions`, and rotate it.",
    severity: Severity::High,
};

/// `containerDefinitions[i].environment[j].value`.
fn in_environment(hit: &Hit) -> bool {
    let named = |at: usize, name: &str| matches!(hit.path.segments().get(at), Some(Segment::Member(member)) if &**member == name);
    named(0, "containerDefinitions") && named(2, "environment") && named(4, "value") && hit.path.segments().len() == 5
}

fn evidence(hit: &Hit) -> String {
    // The name of a hit within a text is the reason again, or a flag; a name is never a value.
    if hit.name == hit.reason { hit.reason.to_owned() } else { format!("{}: {}", visible(&hit.name), hit.reason) }
}

fn severity(hit: &Hit, surest: Severity) -> Severity {
    match hit.confidence {
        Confidence::Pattern => surest,
        Confidence::Heuristic => Severity::High,
        Confidence::Low => Severity::Medium,
    }
}

/// SEC-001: a credential as plain environment.
pub struct CredentialInEnvironment;

impl Rule for CredentialInEnvironment {
    fn meta(&self) -> &'static RuleMeta {
        &SEC_001
    }

    fn subject(&self) -> Subject {
        Subject::Revision
    }

    fn check(&self, revision: &Described<'_>, out: &mut Verdicts) {
        for hit in revision.masks.hits().filter(|hit| in_environment(hit)) {
            out.fail_as(severity(hit, Severity::Critical), hit.path.clone(), evidence(hit));
        }
    }
}

/// SEC-002: a credential in a command, a health check, a label, an option, a tag.
pub struct CredentialElsewhere;

impl Rule for CredentialElsewhere {
    fn meta(&self) -> &'static RuleMeta {
        &SEC_002
    }

    fn subject(&self) -> Subject {
        Subject::Revision
    }

    fn check(&self, revision: &Described<'_>, out: &mut Verdicts) {
        for hit in revision.masks.hits().filter(|hit| !in_environment(hit)) {
            out.fail_as(severity(hit, Severity::High), hit.path.clone(), evidence(hit));
        }
    }
}

/// SEC-002: a credential in what a task overrides.
pub struct CredentialInOverride;

impl Rule for CredentialInOverride {
    fn meta(&self) -> &'static RuleMeta {
        &SEC_002
    }

    fn subject(&self) -> Subject {
        Subject::Task
    }

    fn check(&self, task: &Described<'_>, out: &mut Verdicts) {
        let overridden =
            |hit: &&Hit| matches!(hit.path.segments().first(), Some(Segment::Member(m)) if &**m == "overrides");
        for hit in task.masks.hits().filter(overridden) {
            out.fail_as(severity(hit, Severity::High), hit.path.clone(), evidence(hit));
        }
    }
}
