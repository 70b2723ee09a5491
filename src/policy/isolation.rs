//! What separates a container from its host.

use serde_json::Value;

use super::{Described, Rule, RuleMeta, Severity, Subject, Verdicts};
use crate::estate::visible;

/// A privileged container.
pub static ISO_001: RuleMeta = RuleMeta {
    id: "ISO-001",
    title: "Privileged container",
    advice: "A privileged container is root on its host, and so reaches every other task there. \
             Grant single capabilities instead.",
    severity: Severity::Critical,
};

/// ISO-001: `privileged` is true on a container.
pub struct PrivilegedContainer;

impl Rule for PrivilegedContainer {
    fn meta(&self) -> &'static RuleMeta {
        &ISO_001
    }

    fn subject(&self) -> Subject {
        Subject::Revision
    }

    fn check(&self, revision: &Described<'_>, out: &mut Verdicts) {
        for (path, container) in revision.each("containerDefinitions") {
            if container.get("privileged") == Some(&Value::Bool(true)) {
                let name = container.get("name").and_then(Value::as_str).unwrap_or("?");
                out.fail(path.member("privileged"), format!("container {} is root on its host", visible(name)));
            }
        }
    }
}
