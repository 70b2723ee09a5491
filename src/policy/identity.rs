//! Which role a workload acts as.

use super::{Described, Rule, RuleMeta, Severity, Subject, Verdicts};
use crate::estate::{Arn, FieldPath, visible};

/// One role plays two parts.
pub static IDN_001: RuleMeta = RuleMeta {
    id: "IDN-001",
    title: "Role plays two parts",
    advice: "The containers gain what only ECS itself should do: pull images, read every referenced secret. \
             Give the task a role of its own.",
    severity: Severity::High,
};

/// A role by account, path and name. Old definitions hold the bare name, which AWS looks up in the own account.
#[derive(Debug, PartialEq, Eq)]
struct Role<'a> {
    account: Option<&'a str>,
    path: Option<&'a str>,
    name: &'a str,
}

impl<'a> Role<'a> {
    fn read(text: &'a str) -> Self {
        if let Some(arn) = Arn::parse(text) {
            let resource = arn.resource.strip_prefix("role").unwrap_or(arn.resource);
            let (path, name) = resource.rsplit_once('/').unwrap_or(("", resource));
            return Self { account: Some(arn.account), path: Some(path), name };
        }
        let (path, name) = text.rsplit_once('/').map_or((None, text), |(path, name)| (Some(path), name));
        Self { account: None, path, name }
    }

    fn is_same(&self, other: &Self) -> bool {
        let agree = |a: Option<&str>, b: Option<&str>| match (a, b) {
            (Some(a), Some(b)) => a.trim_matches('/') == b.trim_matches('/'),
            _ => true,
        };
        self.name == other.name && agree(self.account, other.account) && agree(self.path, other.path)
    }
}

/// IDN-001: the task role is the execution role.
pub struct RolePlaysTwoParts;

impl Rule for RolePlaysTwoParts {
    fn meta(&self) -> &'static RuleMeta {
        &IDN_001
    }

    fn subject(&self) -> Subject {
        Subject::Revision
    }

    fn check(&self, revision: &Described<'_>, out: &mut Verdicts) {
        let (Some(task), Some(execution)) = (revision.text("taskRoleArn"), revision.text("executionRoleArn")) else {
            return;
        };
        let task = Role::read(task);
        if task.is_same(&Role::read(execution)) {
            let evidence = format!("executionRoleArn is the same role, {}", visible(task.name));
            out.fail(FieldPath::root().member("taskRoleArn"), evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_compared_by_account_path_and_name() {
        let same = |a: &str, b: &str| Role::read(a).is_same(&Role::read(b));
        assert!(same("arn:aws:iam::1:role/app", "arn:aws:iam::1:role/app"));
        assert!(same("app", "arn:aws:iam::1:role/app"));
        assert!(same("arn:aws:iam::1:role/team/app", "team/app"));
        assert!(!same("arn:aws:iam::1:role/app", "arn:aws:iam::2:role/app"));
        assert!(!same("arn:aws:iam::1:role/a/app", "arn:aws:iam::1:role/b/app"));
        assert!(!same("arn:aws:iam::1:role/app", "arn:aws:iam::1:role/app-execution"));
    }
}
