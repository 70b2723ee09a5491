//! How single values are translated, exactly as the provider's Read does it.

use serde_json::Value;

use crate::estate::Arn;
use crate::terraform::dialect::Dialect;
use crate::terraform::mapping::Context;

/// `family:revision`: the provider stores a service's revision so, whatever the API calls it.
pub fn family_and_revision(value: &Value, _: &Context<'_>) -> Option<Value> {
    let text = value.as_str()?;
    Some(Arn::parse(text).map_or(text, |arn| arn.name()).into())
}

/// The last segment: a cluster's name from its ARN.
pub fn last_segment(value: &Value, _: &Context<'_>) -> Option<Value> {
    Some(value.as_str()?.rsplit('/').next()?.into())
}

/// The role's name, which is what Read stores. A role with a path keeps it in v6; 3.39 takes the second segment.
pub fn role_name(value: &Value, context: &Context<'_>) -> Option<Value> {
    let text = value.as_str()?;
    let Some(resource) = Arn::parse(text).map(|arn| arn.resource) else { return Some(text.into()) };
    let below = resource.strip_prefix("role/").unwrap_or(resource);
    Some(match context.dialect {
        Dialect::V3 => below.split('/').next()?.into(),
        Dialect::V6 if below.contains('/') => format!("/{below}").into(),
        Dialect::V6 => below.into(),
    })
}

/// `ENABLED` is true, everything else false.
pub fn enabled(value: &Value, _: &Context<'_>) -> Option<Value> {
    Some((value.as_str()? == "ENABLED").into())
}

/// `NONE` is how the API spells an absent value.
pub fn none_is_absent(value: &Value, _: &Context<'_>) -> Option<Value> {
    value.as_str().filter(|t| *t != "NONE").map(Into::into)
}

/// Read lowercases `CPU` and `MEMORY` and calls `host` by its other name.
pub fn placement_field(value: &Value, _: &Context<'_>) -> Option<Value> {
    let text = value.as_str()?;
    Some(match text {
        "CPU" | "MEMORY" => text.to_lowercase().into(),
        _ => text.into(),
    })
}

/// A number as text, as nullable numbers stand in state: `0`, `12.5`.
pub fn number_text(value: &Value, _: &Context<'_>) -> Option<Value> {
    let number = value.as_f64()?;
    Some(if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }.into())
}

/// A free document as Go's `encoding/json` writes it: keys sorted, no spaces, `<`, `>`, `&` and line separators escaped.
///
/// The SDK keeps a number as the answer's text (`7.0` stays `7.0`), so numbers are left as they are.
pub fn go_json(value: &Value, _: &Context<'_>) -> Option<Value> {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(object) => {
                let mut entries: Vec<_> = object.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(entries.into_iter().collect())
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    if value.is_null() {
        return None;
    }
    let text = sorted(value).to_string();
    let escaped = text
        .chars()
        .map(|c| match c {
            '<' => "\\u003c".into(),
            '>' => "\\u003e".into(),
            '&' => "\\u0026".into(),
            '\u{2028}' => "\\u2028".into(),
            '\u{2029}' => "\\u2029".into(),
            c => c.to_string(),
        })
        .collect::<String>();
    Some(escaped.into())
}

/// True when the service is a DAEMON.
pub fn is_daemon(root: &Value, _: &Context<'_>) -> bool {
    root.get("schedulingStrategy").and_then(Value::as_str) == Some("DAEMON")
}

/// True when a capacity provider strategy decides where tasks run.
pub fn has_strategy(root: &Value, _: &Context<'_>) -> bool {
    root.get("capacityProviderStrategy").and_then(Value::as_array).is_some_and(|s| !s.is_empty())
}

/// True when the role is a service-linked one, which AWS chooses by itself.
pub fn is_service_linked(root: &Value, _: &Context<'_>) -> bool {
    ["roleArn", "RoleARN"]
        .iter()
        .filter_map(|m| root.get(m)?.as_str())
        .any(|role| role.contains(":role/aws-service-role/"))
}

/// True for provider 3.39.
pub fn is_v3(_: &Value, context: &Context<'_>) -> bool {
    context.dialect == Dialect::V3
}

/// True for an EXTERNAL deployment controller, whose revisions stand in task sets.
pub fn is_external(root: &Value, _: &Context<'_>) -> bool {
    root.pointer("/deploymentController/type").and_then(Value::as_str) == Some("EXTERNAL")
}

/// True when no tags are propagated, which the API spells `NONE`.
pub fn propagates_none(root: &Value, _: &Context<'_>) -> bool {
    root.get("propagateTags").and_then(Value::as_str) == Some("NONE")
}

/// True for rolling deployments, which is also what an absent strategy means.
pub fn is_rolling(root: &Value, _: &Context<'_>) -> bool {
    root.pointer("/deploymentConfiguration/strategy").and_then(Value::as_str) == Some("ROLLING")
}

/// True when a deployment has no bake time.
pub fn no_bake_time(root: &Value, _: &Context<'_>) -> bool {
    root.pointer("/deploymentConfiguration/bakeTimeInMinutes").and_then(Value::as_i64) == Some(0)
}

/// True when a deployment waits for a person: a hook without a function to call.
pub fn has_pause_hook(root: &Value, _: &Context<'_>) -> bool {
    let hooks = root.pointer("/deploymentConfiguration/lifecycleHooks").and_then(Value::as_array);
    hooks.into_iter().flatten().any(|hook| hook.get("targetType").and_then(Value::as_str) == Some("PAUSE"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Scope;

    #[test]
    fn documents_are_written_as_go_does() {
        let scope = Scope::new("aws", "1", "eu-west-1");
        let context = Context { root: &Value::Null, scope: &scope, dialect: Dialect::V6 };
        let text = r#"{"b": [1, 2.5, 7.0, 9007199254740993, 0], "a": "<&>\u2028\"\n", "<k>": null, "c": {"z": true, "y": {}}}"#;
        assert_eq!(
            go_json(&serde_json::from_str(text).unwrap(), &context).unwrap(),
            r#"{"\u003ck\u003e":null,"a":"\u003c\u0026\u003e\u2028\"\n","b":[1,2.5,7.0,9007199254740993,0],"c":{"y":{},"z":true}}"#
        );
        assert_eq!(go_json(&Value::Null, &context), None);
    }
}
