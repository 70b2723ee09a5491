//! Application Auto Scaling: targets, policies and scheduled actions, fifty a page.

use super::account::Account;
use super::query::{Paging, Refusal, agrees, members, text};
use serde_json::{Value, json};

const FIFTY: Paging = Paging::scaling();

impl Account {
    /// The answer to a read call of Application Auto Scaling; `None` for a call that is not known here.
    pub(super) fn scaling(&self, operation: &str, request: &Value) -> Option<Result<Value, Refusal>> {
        Some(match operation {
            "DescribeScalableTargets" => {
                let wanted: Vec<&str> = members(request, "ResourceIds").collect();
                let rows =
                    self.scalable_targets.rows().iter().filter(|row| {
                        wanted.is_empty() || text(row, "ResourceId").is_some_and(|id| wanted.contains(&id))
                    });
                answer("ScalableTargets", rows, request)
            }
            "DescribeScalingPolicies" => answer(
                "ScalingPolicies",
                named(self.scaling_policies.rows(), "PolicyNames", "PolicyName", request),
                request,
            ),
            "DescribeScheduledActions" => answer(
                "ScheduledActions",
                named(self.scheduled_actions.rows(), "ScheduledActionNames", "ScheduledActionName", request),
                request,
            ),
            "ListTagsForResource" => self.scaling_tags(request),
            _ => return None,
        })
    }

    fn scaling_tags(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = text(request, "ResourceARN").unwrap_or_default();
        if !self.scalable_targets.rows().iter().any(|row| text(row, "ScalableTargetARN") == Some(asked)) {
            return Err(Refusal::new("ResourceNotFoundException", "The specified resource doesn't exist."));
        }
        let tags = self.scaling_tags.rows().first().and_then(|by_arn| by_arn.get(asked)).cloned();
        Ok(json!({"Tags": tags.unwrap_or_else(|| json!({}))}))
    }
}

/// The rows of one resource, or of all; of given names, or of all.
fn named<'a>(rows: &'a [Value], names: &'a str, name: &'a str, request: &'a Value) -> impl Iterator<Item = &'a Value> {
    let wanted: Vec<&str> = members(request, names).collect();
    rows.iter().filter(move |row| {
        agrees(request, "ResourceId", text(row, "ResourceId"))
            && (wanted.is_empty() || text(row, name).is_some_and(|name| wanted.contains(&name)))
    })
}

fn answer<'a>(member: &str, rows: impl Iterator<Item = &'a Value>, request: &Value) -> Result<Value, Refusal> {
    let Some(namespace) = text(request, "ServiceNamespace") else {
        return Err(Refusal::new(
            "ValidationException",
            "1 validation error detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null",
        ));
    };
    let rows = rows.filter(|row| {
        text(row, "ServiceNamespace") == Some(namespace)
            && agrees(request, "ScalableDimension", text(row, "ScalableDimension"))
    });
    FIFTY.cut(member, rows.cloned().collect(), request)
}
