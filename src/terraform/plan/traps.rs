//! What is known of single arguments: orders to the provider that AWS never hears of, and the traps of its importers.
//!
//! Advice, not a list of fields: the rows of the mapping tables own the arguments. Rule numbers are those of the
//! provider's semantics.

use serde_json::Value;

/// An argument of the provider alone: a difference in it changes the state and nothing at AWS.
pub(super) struct Own {
    resource: &'static str,
    argument: &'static str,
    /// The rule that says so.
    pub rule: &'static str,
    /// What to do.
    pub advice: &'static str,
}

const OMIT: &str = "the provider never reads it: leave it out until the import is done";

const fn own(resource: &'static str, argument: &'static str, rule: &'static str, advice: &'static str) -> Own {
    Own { resource, argument, rule, advice }
}

static OWN: [Own; 10] = [
    own("aws_ecs_service", "wait_for_steady_state", "2", OMIT),
    own("aws_ecs_service", "sigint_rollback", "2", OMIT),
    own("aws_ecs_service", "force_delete", "2", OMIT),
    own("aws_ecs_task_set", "force_delete", "5", OMIT),
    own("aws_ecs_task_set", "wait_until_stable", "5", "name it in ignore_changes, with wait_until_stable_timeout"),
    own("aws_ecs_task_set", "wait_until_stable_timeout", "5", "name it in ignore_changes, with wait_until_stable"),
    own("aws_ecs_task_definition", "track_latest", "3", OMIT),
    own(
        "aws_ecs_task_definition",
        "skip_destroy",
        "3",
        "leave it out until the import is done: it is a change on import",
    ),
    own("aws_ecs_express_gateway_service", "wait_for_steady_state", "5", "the provider plans it in any case"),
    own(
        "",
        "timeouts",
        "0.7",
        "provider 3.39 wants an empty timeouts block, later ones none: export with the --dialect of the provider",
    ),
];

/// The argument of the provider alone, if it is one.
pub(super) fn own_argument(resource: &str, argument: &str) -> Option<&'static Own> {
    OWN.iter().find(|own| own.argument == argument && (own.resource == resource || own.resource.is_empty()))
}

/// One way in which code and state are known to miss each other.
pub(super) struct Trap {
    resource: &'static str,
    argument: &'static str,
    holds: fn(&Value, &Value) -> bool,
    /// The rule that describes it.
    pub rule: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// The values differ, and not only how they are spelled: who changed them is worth a word too.
    pub is_change: bool,
}

const fn trap(
    resource: &'static str,
    argument: &'static str,
    holds: fn(&Value, &Value) -> bool,
    rule: &'static str,
    advice: &'static str,
) -> Trap {
    Trap { resource, argument, holds, rule, advice, is_change: false }
}

impl Trap {
    const fn change(self) -> Self {
        Self { is_change: true, ..self }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_arn(value: &Value) -> bool {
    text(value).starts_with("arn:")
}

fn always(_: &Value, _: &Value) -> bool {
    true
}

fn name_for_arn(before: &Value, after: &Value) -> bool {
    is_arn(before) && !is_arn(after) && !after.is_null() && text(before).ends_with(&format!("/{}", text(after)))
}

fn arn_for_name(before: &Value, after: &Value) -> bool {
    is_arn(after) && !before.is_null() && !is_arn(before)
}

fn role_spelling(before: &Value, after: &Value) -> bool {
    let last = |value: &Value| text(value).rsplit('/').next().unwrap_or_default().to_owned();
    !text(before).is_empty() && last(before) == last(after)
}

fn absent(_: &Value, after: &Value) -> bool {
    crate::terraform::is_zero(after)
}

fn only_written(before: &Value, after: &Value) -> bool {
    crate::terraform::is_zero(before) && !crate::terraform::is_zero(after)
}

fn says_none(_: &Value, after: &Value) -> bool {
    text(after) == "NONE"
}

fn same_size(before: &Value, after: &Value) -> bool {
    let number = |value: &Value| {
        let lower = text(value).trim().to_ascii_lowercase();
        let digits: String = lower.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let unit = lower[digits.len()..].trim().to_owned();
        let factor = if ["vcpu", "gb"].contains(&unit.as_str()) { 1024.0 } else { 1.0 };
        digits.parse::<f64>().ok().map(|n| n * factor)
    };
    matches!((number(before), number(after)), (Some(a), Some(b)) if a.total_cmp(&b).is_eq())
}

fn same_json(before: &Value, after: &Value) -> bool {
    let parse = |value: &Value| serde_json::from_str::<Value>(text(value)).ok();
    parse(before).is_some_and(|document| parse(after) == Some(document))
}

const SERVICE: &str = "aws_ecs_service";
const DEFINITION: &str = "aws_ecs_task_definition";

static TRAPS: [Trap; 18] = [
    trap(SERVICE, "cluster", name_for_arn, "2", "the state holds the cluster's ARN: write aws_ecs_cluster.NAME.arn or the ARN, a name means replacement"),
    trap(SERVICE, "task_definition", arn_for_name, "2", "the state holds family:revision: write \"${aws_ecs_task_definition.NAME.family}:${aws_ecs_task_definition.NAME.revision}\", not the ARN"),
    trap(SERVICE, "iam_role", role_spelling, "2", "the state holds the role's name (with its path, if it has one): write that, not the ARN"),
    trap(SERVICE, "iam_role", absent, "2", "the role is Optional and Computed: leave the argument out or write the name that AWS says"),
    trap(SERVICE, "launch_type", only_written, "2", "beside a capacity provider strategy AWS says no launch type: leave it out"),
    trap(SERVICE, "capacity_provider_strategy", always, "2", "write every element that AWS says, also those that came from the cluster's default: provider 6 refuses a change without force_new_deployment").change(),
    trap(SERVICE, "force_new_deployment", always, "2", "leave it out: an apply would start a deployment"),
    trap(SERVICE, "triggers", always, "2", "leave it out: with force_new_deployment an apply would start a deployment"),
    trap(SERVICE, "propagate_tags", says_none, "2", "NONE is how AWS says nothing: leave the argument out"),
    trap(SERVICE, "scheduling_strategy", absent, "0.2", "write what AWS says: the provider's default is REPLICA"),
    trap(SERVICE, "hook_details", same_json, "2", "write the very text of the state (keys sorted, no spaces): the hook stands in a set"),
    trap(DEFINITION, "cpu", same_size, "3", "write it as AWS says it, unit and all: another spelling is another revision"),
    trap(DEFINITION, "memory", same_size, "3", "write it as AWS says it, unit and all: another spelling is another revision"),
    trap("aws_ecs_cluster", "setting", always, "4", "provider 3.39 does not read settings: leave them out for it; for provider 6 write what AWS says").change(),
    trap("aws_ecs_cluster", "capacity_providers", absent, "4", "in 3.39 they are arguments of the cluster and must be written"),
    trap("aws_appautoscaling_policy", "policy_type", absent, "5", "write it: the provider's default is StepScaling"),
    trap("aws_appautoscaling_target", "role_arn", always, "5", "AWS chooses the service-linked role: leave the argument out"),
    trap("", "region", always, "0.9", "leave it out where it is the provider's region; for another, write it and end the import id in @REGION"),
];

/// The first trap that fits. An argument is named by its first or its last name on the path.
pub(super) fn trap_of(resource: &str, names: &[&str], before: &Value, after: &Value) -> Option<&'static Trap> {
    TRAPS.iter().find(|trap| {
        let fits = names.first() == Some(&trap.argument)
            || trap.argument == "hook_details" && names.last() == Some(&trap.argument);
        fits && (trap.resource == resource || trap.resource.is_empty()) && (trap.holds)(before, after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::FieldPath;
    use crate::terraform::plan::owner;
    use serde_json::json;

    #[test]
    fn every_trap_speaks_of_an_argument_that_a_table_owns_or_that_is_the_providers_own() {
        for trap in TRAPS.iter().filter(|t| !t.resource.is_empty() && t.argument != "hook_details") {
            let path = FieldPath::root().member(trap.argument);
            let owned = owner::find(trap.resource, &path, None).is_some();
            let providers = ["force_new_deployment", "triggers"].contains(&trap.argument);
            assert!(owned || providers, "{} {}", trap.resource, trap.argument);
        }
    }

    #[test]
    fn a_trap_fits_its_own_spelling_and_no_other() {
        let rule = |argument: &str, before: Value, after: Value| {
            trap_of(SERVICE, &[argument], &before, &after).map(|t| t.rule)
        };
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
        assert_eq!(rule("cluster", json!(cluster), json!("main")), Some("2"));
        assert_eq!(rule("cluster", json!(cluster), json!("other")), None);
        let revision = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3";
        assert_eq!(rule("task_definition", json!("web:3"), json!(revision)), Some("2"));
        assert_eq!(rule("task_definition", json!("web:3"), json!("web:4")), None);
        assert_eq!(rule("iam_role", json!("app"), json!("arn:aws:iam::123456789012:role/app")), Some("2"));
        assert_eq!(rule("desired_count", json!(1), json!(2)), None);
        let size = |before: &str, after: &str| trap_of(DEFINITION, &["cpu"], &json!(before), &json!(after)).is_some();
        assert!(size("1 vCPU", "1024"));
        assert!(!size("1 vCPU", "2048"));
    }
}
