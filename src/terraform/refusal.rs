//! What of a resource the provider would refuse: an argument that it requires and AWS does not say, a value of a form
//! that it does not take, more blocks than it takes; and what ecsight itself will not read, a value of another JSON type
//! than its member has. Asked before anything is written: one refused argument takes the
//! whole plan down.

use serde_json::Value;

use super::attributes::{Attribute, Attributes, Content};
use super::form::Form;
use super::mapping::{Arg, Context, Literal, Omission, Row, What};
use super::reads::{kind, misread};
use super::{Dialect, is_zero, types};
use crate::estate::{FieldPath, Trail};

/// How the value of a field is shown in a reason: credentials masked.
pub type Show<'a> = &'a dyn Fn(&FieldPath) -> String;

impl Attributes {
    /// Why the provider would refuse the HCL of this resource; names field, value and rule.
    pub fn refusal(&self, context: &Context<'_>, show: Show<'_>) -> Option<String> {
        refusal(&self.items, context, show)
    }
}

fn refusal(items: &[Attribute], context: &Context<'_>, show: Show<'_>) -> Option<String> {
    items.iter().find_map(|item| {
        let omitted = |omission: Option<Omission>| omission.is_some_and(|o| (o.when)(context.root, context));
        match (item.row.what, &item.content) {
            (What::Arg(arg) | What::Naming(arg), _) if !omitted(arg.omit) => argument(item, arg, context, show),
            (What::Block(block), Content::Blocks(blocks)) if !omitted(block.omit) => {
                if blocks.len() > block.max {
                    let (given, max) = (blocks.len(), block.max);
                    return Some(format!("the provider takes at most {max} {} and there are {given}", block.name));
                }
                if blocks.is_empty() && block.required {
                    return Some(unsaid(item));
                }
                blocks.iter().find_map(|(_, inner)| refusal(inner, context, show))
            }
            _ => None,
        }
    })
}

fn unsaid(item: &Attribute) -> String {
    format!("AWS does not say {}, which the provider requires as {}", item.path, item.name)
}

fn argument(item: &Attribute, arg: Arg, context: &Context<'_>, show: Show<'_>) -> Option<String> {
    let said = item.path.get(context.root).into_iter();
    if let Some(wrong) = said.flat_map(|value| misread(&arg, &Trail::From(&item.path), value)).next() {
        return Some(format!("{} cannot be read: {}; ecsight does not guess", wrong.path, wrong.why));
    }
    match &item.content {
        Content::Scalar(Value::Null) if arg.required && arg.default == Literal::None => Some(unsaid(item)),
        Content::Containers(value) => containers(&item.path, value, context.dialect, show),
        _ if arg.computed => None,
        _ => {
            ill_formed(item, arg, context.dialect).map(|(path, value, form)| refused(path, value, arg.name, form, show))
        }
    }
}

/// A value of another type than asked for is named by its type: what it holds might be a credential that no rule of
/// `secrets`, which reads strings, would know.
fn refused(path: &FieldPath, value: &Value, name: &str, form: Form, show: Show<'_>) -> String {
    let numeric = matches!(form, Form::Int | Form::Whole(..) | Form::Number(..));
    let shown = match value {
        Value::Number(_) if numeric => show(path),
        Value::Null | Value::String(_) => show(path),
        other => kind(other).into(),
    };
    format!("{path} is {shown}; the provider takes {form} as {name}")
}

/// The first value of an argument that would be written and that the provider does not take: field, value and form.
pub(super) fn ill_formed(item: &Attribute, arg: Arg, dialect: Dialect) -> Option<(&FieldPath, &Value, Form)> {
    let form = arg.form_in(dialect);
    // A zero value is not written, so nothing refuses it.
    let wrong = |value: &Value| !(form.takes(value, dialect) || is_zero(value) && !arg.required);
    match &item.content {
        Content::Scalar(value) => wrong(value).then_some((&item.path, value, form)),
        Content::Elements(elements) => {
            elements.iter().find(|(_, value)| !form.takes(value, dialect)).map(|(path, value)| (path, value, form))
        }
        _ => None,
    }
}

/// Container definitions are JSON that the provider reads into its own types; what does not fit them is refused.
fn containers(path: &FieldPath, value: &Value, dialect: Dialect, show: Show<'_>) -> Option<String> {
    value.as_array().into_iter().flatten().enumerate().find_map(|(at, container)| {
        let path = path.index(at);
        if dialect > Dialect::V3 && is_blank(container) {
            return Some(format!("{path} says nothing, which the provider refuses as a container"));
        }
        keys(&Trail::From(&path), container, types::CONTAINER, dialect, show)
    })
}

fn keys(trail: &Trail<'_>, value: &Value, rows: &'static [Row], dialect: Dialect, show: Show<'_>) -> Option<String> {
    rows.iter().find_map(|row| {
        let What::Key(key) = row.what else { return None };
        let child = value.get(key.member)?;
        let below = trail.member(key.member);
        // The empty word is the zero value of a Go enumeration, which is absent.
        let absent = matches!(key.form, Form::OneOf(_)) && child.as_str() == Some("");
        if !(absent || key.form.takes(child, dialect)) {
            return Some(refused(&below.path(), child, key.member, key.form, show));
        }
        match child {
            Value::Object(_) if !key.rows.is_empty() => keys(&below, child, key.rows, dialect, show),
            Value::Array(items) if !key.rows.is_empty() => {
                items.iter().enumerate().find_map(|(at, item)| keys(&below.index(at), item, key.rows, dialect, show))
            }
            _ => None,
        }
    })
}

/// True for a container that is the zero value of the provider's type: no pointer, list or map in it.
fn is_blank(container: &Value) -> bool {
    let zero_counts_as_absent = |name: &str| matches!(name, "cpu" | "versionConsistency");
    container.as_object().is_none_or(|members| {
        let known =
            |name: &str| types::CONTAINER.iter().any(|row| matches!(row.what, What::Key(key) if key.member == name));
        members.iter().all(|(name, v)| !known(name) || v.is_null() || zero_counts_as_absent(name) && is_zero(v))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Scope;
    use serde_json::json;

    fn reason(map: &'static crate::terraform::mapping::TypeMap, document: &Value, dialect: Dialect) -> Option<String> {
        let scope = Scope::new("aws", "1", "eu-west-1");
        let context = Context { root: document, scope: &scope, dialect };
        let show = |path: &FieldPath| path.get(document).map_or_else(|| "absent".into(), Value::to_string);
        Attributes::read(map, document, &scope, dialect).refusal(&context, &show)
    }

    #[test]
    fn what_is_of_another_type_is_refused_and_not_told() {
        for dialect in [Dialect::V3, Dialect::V6] {
            for (tags, words) in [
                (json!([{"key": "a", "value": {"DB_PASSWORD": "x"}}]), "tags[0].value cannot be read: it is an object"),
                (
                    json!([{"key": "a"}, {"key": "a", "value": "2"}]),
                    "tags[1] cannot be read: its name stands a second time",
                ),
                (json!([{"value": "y"}]), "tags[0] cannot be read: it has no name"),
                (json!({"a": ["x"]}), "tags.a cannot be read: it is a list"),
            ] {
                let reason = reason(&types::CLUSTER, &json!({"clusterName": "c", "tags": tags}), dialect).unwrap();
                assert!(reason.starts_with(words), "{reason}");
            }
            let policy = json!({"PolicyName": "p", "PolicyType": "StepScaling", "ServiceNamespace": "ecs", "ResourceId": "r",
                "ScalableDimension": "d", "StepScalingPolicyConfiguration": {"StepAdjustments": [
                {"MetricIntervalLowerBound": "0", "ScalingAdjustment": 1}]}});
            let reason = reason(&types::POLICY, &policy, dialect).unwrap();
            assert!(reason.contains("MetricIntervalLowerBound cannot be read: it is a string"), "{reason}");
        }
    }

    #[test]
    fn a_container_that_is_no_object_is_refused_by_every_provider() {
        for dialect in [Dialect::V3, Dialect::V6] {
            for odd in [json!("x"), json!(null), json!([])] {
                let definition = json!({"family": "f", "containerDefinitions": [{"name": "a"}, odd]});
                let reason = reason(&types::TASK_DEFINITION, &definition, dialect).unwrap();
                assert!(reason.starts_with("containerDefinitions[1] cannot be read: it is "), "{reason}");
            }
        }
    }

    #[test]
    fn tags_of_aws_reach_no_state_in_either_shape() {
        let scope = Scope::new("aws", "1", "eu-west-1");
        for tags in [
            json!({"team": "x", "aws:cloudformation:stack-name": "s"}),
            json!([{"key": "aws:cloudformation:stack-name", "value": "s"}, {"key": "team", "value": "x"}]),
        ] {
            let document = json!({"clusterName": "c", "tags": tags});
            let attributes = Attributes::read(&types::CLUSTER, &document, &scope, Dialect::V6);
            let tags = attributes.items.iter().find(|item| item.name == "tags").unwrap();
            let Content::Map(entries) = &tags.content else { panic!("no map") };
            assert_eq!(entries.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["team"]);
        }
    }
}
