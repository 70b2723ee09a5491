//! The values that must not be told: what the engine says is masked against them.

use std::collections::BTreeMap;
use std::path::Path;

use hcl::eval::{Context, Evaluate};
use serde_json::Value;

use super::sources;
use crate::secrets::{classify, forms};
use crate::terraform::plan::{PlanReport, credentials_of};

/// What the code says of its variables: sensitive or not, and the default.
#[derive(Debug, Default)]
struct Declared(BTreeMap<String, (bool, Value)>);

impl Declared {
    fn read(dir: &Path) -> Self {
        let mut declared = Self::default();
        for (_, text) in sources(dir) {
            let Ok(body) = hcl::parse(&text) else { continue };
            for block in body.blocks().filter(|block| block.identifier() == "variable") {
                let Some(name) = block.labels().first() else { continue };
                let argument =
                    |name: &str| block.body().attributes().find(|a| a.key() == name).map(|a| plain(a.expr()));
                let sensitive = argument("sensitive") == Some(Value::Bool(true));
                let default = argument("default").unwrap_or_default();
                declared.0.insert(name.as_str().to_owned(), (sensitive, default));
            }
        }
        declared
    }

    /// A variable that the code calls sensitive, or that it does not declare: nobody has said that it may be told.
    fn is_hidden(&self, name: &str) -> bool {
        self.0.get(name).is_none_or(|(sensitive, _)| *sensitive)
    }
}

/// An expression's value; what cannot be evaluated is taken as it is written.
fn plain(expression: &hcl::Expression) -> Value {
    let value = expression.evaluate(&Context::new()).unwrap_or_else(|_| hcl::Value::from(expression.clone()));
    serde_json::to_value(value).unwrap_or_default()
}

/// The secret values that a folder and the environment hold: tfvars in both spellings, `TF_VAR_` variables, defaults.
///
/// A value is secret when its variable is sensitive or undeclared, or when name and value look like a credential; the
/// region or the name of a stage stays readable.
pub fn of_folder(dir: &Path, environment: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let declared = Declared::read(dir);
    let mut values = Vec::new();
    for path in super::files(dir) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (is_hcl, is_json) = (name.ends_with(".tfvars"), name.ends_with(".tfvars.json"));
        let Some(text) = (is_hcl || is_json).then(|| std::fs::read_to_string(&path).ok()).flatten() else { continue };
        let assigned: Option<Vec<(String, Value)>> = if is_hcl {
            let body = hcl::parse(&text).ok();
            body.map(|body| body.attributes().map(|a| (a.key().to_owned(), plain(a.expr()))).collect())
        } else {
            let object = serde_json::from_str::<serde_json::Map<String, Value>>(&text).ok();
            object.map(|object| object.into_iter().collect())
        };
        match assigned {
            Some(assigned) => {
                for (name, value) in &assigned {
                    gather(name, value, declared.is_hidden(name), &mut values);
                }
            }
            // The engine will quote the line that it cannot read: whatever stands in quotes there is hidden.
            None => values.extend(text.lines().flat_map(quoted).flat_map(forms)),
        }
    }
    for (name, value) in environment {
        if let Some(name) = name.strip_prefix("TF_VAR_") {
            let value =
                serde_json::from_str(&value).ok().filter(|v: &Value| !v.is_number()).unwrap_or(Value::String(value));
            gather(name, &value, declared.is_hidden(name), &mut values);
        }
    }
    for (name, (sensitive, default)) in &declared.0 {
        gather(name, default, *sensitive, &mut values);
    }
    in_order(values)
}

/// What may be a value in a line that cannot be parsed: what stands in quotes, and all that follows the equals sign.
fn quoted(line: &str) -> Vec<&str> {
    let all = line.split_once('=').map(|(_, value)| value.trim().trim_matches('"'));
    line.split('"').skip(1).step_by(2).chain(all).collect()
}

/// The secret values of a plan: those of its variables, wherever they came from, and the credentials that the provider
/// read. One that was rotated since the export is in no tfvars file. `text` is what `show -json` printed.
pub fn of_plan(text: &str, report: &PlanReport) -> Vec<String> {
    let mut values = Vec::new();
    let plan: Value = serde_json::from_str(text).unwrap_or_default();
    let declared = &plan["configuration"]["root_module"]["variables"];
    for (name, variable) in plan["variables"].as_object().into_iter().flatten() {
        let hidden = declared[name]["sensitive"] == Value::Bool(true);
        gather(name, &variable["value"], hidden, &mut values);
    }
    for side in report.resources.iter().flat_map(|r| [&r.before, &r.after]) {
        values.extend(credentials_of(side));
    }
    in_order(values)
}

fn gather(name: &str, value: &Value, hidden: bool, out: &mut Vec<String>) {
    match value {
        Value::String(text) if hidden || classify(name, text).is_some() => out.extend(forms(text)),
        Value::Number(number) if hidden => out.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, hidden, out)),
        Value::Object(members) => members.iter().for_each(|(name, item)| gather(name, item, hidden, out)),
        _ => {}
    }
}

/// Longest first, each once.
pub fn in_order(mut values: Vec<String>) -> Vec<String> {
    values.retain(|value| !value.trim().is_empty());
    values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    #[test]
    fn secrets_are_found_wherever_a_variable_has_its_value_and_the_rest_stays_readable() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write(
            "variables.tf",
            "variable \"stage\" {\n  default = \"production\"\n}\nvariable \"key\" {\n  sensitive = true\n  default   = \"of-the-default\"\n}\n\
             variable \"map\" {\n  sensitive = true\n}\nvariable \"db_password\" {}\n",
        );
        write("secrets.auto.tfvars", "key = \"of-the-tfvars-$${x}\"\nstage = \"staging-one\"\n");
        write("more.auto.tfvars.json", r#"{"map": {"a": ["of-the-json"]}, "unheard_of": "nobody-declared-it"}"#);
        write("broken.tfvars", "key = \"of-the-broken\"\nwhat is this\nopen = \"never-closed");
        let environment = [
            ("TF_VAR_db_password", "made-up-Heron42Reed"),
            ("TF_VAR_stage", "staging-two"),
            ("HOME", "/home/somebody"),
        ];
        let environment = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let values = of_folder(dir.path(), environment);
        for secret in [
            "of-the-default",
            "of-the-tfvars-${x}",
            "of-the-json",
            "nobody-declared-it",
            "of-the-broken",
            "never-closed",
            "made-up-Heron42Reed",
        ] {
            assert!(values.iter().any(|v| v == secret), "{secret} is missing in {values:?}");
        }
        for plain in ["production", "staging-one", "staging-two", "/home/somebody"] {
            assert!(!values.iter().any(|v| v == plain), "{plain}");
        }
        assert!(values.is_sorted_by_key(|v| std::cmp::Reverse(v.len())));
    }

    #[test]
    fn a_plan_tells_its_own_secrets() {
        let containers =
            json!([{"name": "a", "environment": [{"name": "DB_PASSWORD", "value": "made-up-Otter5-Lamp!"}]}]);
        let plan = json!({
            "format_version": "1.2",
            "variables": {"key": {"value": "of-a-flag"}, "stage": {"value": "production"}},
            "configuration": {"root_module": {"variables": {"key": {"sensitive": true}, "stage": {}}}},
            "resource_changes": [{"address": "aws_ecs_task_definition.a", "type": "aws_ecs_task_definition", "name": "a", "change": {
                "actions": ["no-op"], "after": {}, "before": {
                    "container_definitions": containers.to_string(),
                    "tags": {"api_token": "made-up-Raven9-Tin!"},
                    "nested": [{"hook_details": "{\"password\":\"made-up-Finch3-Oak!\"}"}]}}}]});
        let text = plan.to_string();
        let values = of_plan(&text, &PlanReport::parse(&text).unwrap());
        for secret in ["of-a-flag", "made-up-Otter5-Lamp!", "made-up-Raven9-Tin!", "made-up-Finch3-Oak!"] {
            assert!(values.iter().any(|v| v == secret), "{secret} is missing in {values:?}");
        }
        assert!(!values.iter().any(|v| v == "production"));
    }
}
