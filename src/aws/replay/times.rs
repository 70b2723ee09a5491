//! The CLI prints times as ISO 8601; on the wire they are seconds since 1970. They are put back.

use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::Value;

use crate::estate::Kind;

/// Where the answers have times: the way down, each step through a list, and the members. From the models of ECS and
/// Application Auto Scaling that botocore ships. What a user may name (labels, options, variables) is not on any way.
const TIMES: &[(Kind, &[&str], &[&str])] = &[
    (Kind::Service, &[], &["createdAt"]),
    (Kind::Service, &["deployments"], &["createdAt", "updatedAt"]),
    (Kind::Service, &["taskSets"], &["createdAt", "updatedAt", "stabilityStatusAt"]),
    (Kind::Service, &["events"], &["createdAt"]),
    (Kind::TaskDefinition, &[], &["registeredAt", "deregisteredAt", "deleteRequestedAt"]),
    (
        Kind::Task,
        &[],
        &[
            "connectivityAt",
            "createdAt",
            "executionStoppedAt",
            "pullStartedAt",
            "pullStoppedAt",
            "startedAt",
            "stoppedAt",
            "stoppingAt",
        ],
    ),
    (Kind::Task, &["containers", "managedAgents"], &["lastStartedAt"]),
    (Kind::ScalableTarget, &[], &["CreationTime"]),
    (Kind::ScalingPolicy, &[], &["CreationTime"]),
];

/// Puts the times of a described object into the form of the wire. Text that is no time stays as it is.
pub(super) fn as_on_the_wire(kind: Kind, object: &mut Value) {
    for (_, way, members) in TIMES.iter().filter(|(of, ..)| *of == kind) {
        descend(object, way, members);
    }
}

fn descend(value: &mut Value, way: &[&str], members: &[&str]) {
    if let [next, rest @ ..] = way {
        let below = value.get_mut(next).and_then(Value::as_array_mut);
        below.into_iter().flatten().for_each(|item| descend(item, rest, members));
        return;
    }
    for member in members {
        if let Some(time) = value.get_mut(member)
            && let Some(seconds) = time.as_str().and_then(seconds)
        {
            *time = seconds;
        }
    }
}

/// Seconds since 1970, whole ones as a whole number. Python writes a blank for the `T`.
fn seconds(text: &str) -> Option<Value> {
    let text = text.replacen(' ', "T", 1);
    let time = DateTime::from_str(&text, Format::DateTimeWithOffset).ok()?;
    Some(if time.subsec_nanos() == 0 { time.secs().into() } else { time.as_secs_f64().into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_put_back_and_names_of_users_are_not_touched() {
        let mut definition = json!({
            "registeredAt": "2024-05-01T12:00:00.250000+02:00",
            "containerDefinitions": [{"dockerLabels": {"registeredAt": "2024-05-01T12:00:00+02:00"}}],
        });
        as_on_the_wire(Kind::TaskDefinition, &mut definition);
        assert_eq!(definition["registeredAt"], 1_714_557_600.25);
        assert_eq!(definition["containerDefinitions"][0]["dockerLabels"]["registeredAt"], "2024-05-01T12:00:00+02:00");
        let mut service = json!({
            "createdAt": "2024-05-01 10:00:00+00:00",
            "deployments": [{"createdAt": "2024-05-01T10:00:00Z", "updatedAt": "yesterday"}, 7],
            "events": [{"createdAt": 1_714_557_600.5}],
        });
        as_on_the_wire(Kind::Service, &mut service);
        assert_eq!(service["createdAt"], 1_714_557_600);
        assert_eq!(service["deployments"][0], json!({"createdAt": 1_714_557_600, "updatedAt": "yesterday"}));
        assert_eq!(service["events"][0]["createdAt"], 1_714_557_600.5);
        let mut task = json!({"containers": [{"managedAgents": [{"lastStartedAt": "2024-05-01T10:00:00Z"}]}]});
        as_on_the_wire(Kind::Task, &mut task);
        assert_eq!(task["containers"][0]["managedAgents"][0]["lastStartedAt"], 1_714_557_600);
    }
}
