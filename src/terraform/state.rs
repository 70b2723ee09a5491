//! Reads a state: the file `terraform.tfstate` (format 4), or what `terraform show -json` prints of one.
//!
//! A state holds values in the clear, credentials too: nothing of it is shown or written unless it is masked first.

use serde_json::Value;

/// The text is not a state that this reader knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The text is not JSON; the reason names line and column.
    #[error("the state is not JSON: {0}")]
    NotJson(String),
    /// The JSON is something else than a state; the words say what is missing.
    #[error("this is not a state: {0}")]
    NotAState(String),
    /// Another version of the file format.
    #[error("state format {0} is not known; the file format 4 is, and formats 0 and 1 of show -json")]
    Format(String),
}

/// One resource instance of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateResource {
    /// `module.a.aws_ecs_service.web["x"]`.
    pub address: String,
    /// `aws_ecs_service`.
    pub resource_type: String,
    /// `web`.
    pub name: String,
    /// `module.a`; empty in the root module.
    pub module: String,
    /// True for a data source.
    pub is_data: bool,
    /// Its attributes, `id` among them.
    pub values: Value,
}

/// All that a state holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Resource instances and data sources, in the state's order.
    pub resources: Vec<StateResource>,
}

impl State {
    /// Reads either text. An empty text, or an empty object, is a state that holds nothing.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        let state: Value = serde_json::from_str(text).map_err(|e| StateError::NotJson(e.to_string()))?;
        if let Some(version) = state.get("version").filter(|_| state.get("terraform_version").is_some()) {
            if *version != 4 {
                return Err(StateError::Format(version.to_string()));
            }
            return file(&state);
        }
        match state.get("format_version").and_then(Value::as_str) {
            Some(format) if matches!(format.split('.').next(), Some("0" | "1")) => {
                let mut read = Self::default();
                module(&state["values"]["root_module"], "", &mut read.resources)?;
                Ok(read)
            }
            Some(format) => Err(StateError::Format(format.to_owned())),
            None if state.as_object().is_some_and(serde_json::Map::is_empty) => Ok(Self::default()),
            None => Err(StateError::NotAState("neither version nor format_version".into())),
        }
    }

    /// The managed resource at an address.
    pub fn resource(&self, address: &str) -> Option<&StateResource> {
        self.resources.iter().find(|r| !r.is_data && r.address == address)
    }
}

fn text(value: &Value, member: &str) -> Result<String, StateError> {
    value
        .get(member)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| StateError::NotAState(format!("a resource without {member}")))
}

/// The file's own format: instances below each resource.
fn file(state: &Value) -> Result<State, StateError> {
    let mut read = State::default();
    for resource in state["resources"].as_array().into_iter().flatten() {
        let (resource_type, name) = (text(resource, "type")?, text(resource, "name")?);
        let module = resource["module"].as_str().unwrap_or_default().to_owned();
        let is_data = resource["mode"] == "data";
        let data = if is_data { "data." } else { "" };
        let dot = if module.is_empty() { "" } else { "." };
        for instance in resource["instances"].as_array().into_iter().flatten() {
            let index = match &instance["index_key"] {
                Value::Null => String::new(),
                key => format!("[{key}]"),
            };
            read.resources.push(StateResource {
                address: format!("{module}{dot}{data}{resource_type}.{name}{index}"),
                resource_type: resource_type.clone(),
                name: name.clone(),
                module: module.clone(),
                is_data,
                values: instance["attributes"].clone(),
            });
        }
    }
    Ok(read)
}

/// The format of `show -json`: resources below each module.
fn module(module_value: &Value, address: &str, out: &mut Vec<StateResource>) -> Result<(), StateError> {
    for resource in module_value["resources"].as_array().into_iter().flatten() {
        out.push(StateResource {
            address: text(resource, "address")?,
            resource_type: text(resource, "type")?,
            name: text(resource, "name")?,
            module: address.to_owned(),
            is_data: resource["mode"] == "data",
            values: resource["values"].clone(),
        });
    }
    for child in module_value["child_modules"].as_array().into_iter().flatten() {
        module(child, child["address"].as_str().unwrap_or_default(), out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_texts_give_the_same_resources() {
        let of_file = json!({"version": 4, "terraform_version": "1.15.5", "serial": 7, "resources": [
            {"mode": "managed", "type": "aws_ecs_service", "name": "web", "module": "module.a",
             "instances": [{"index_key": "x", "attributes": {"id": "1"}}]},
            {"mode": "data", "type": "aws_region", "name": "here", "instances": [{"attributes": {"id": "eu"}}]}]});
        let of_show = json!({"format_version": "1.0", "values": {"root_module": {
            "resources": [{"address": "data.aws_region.here", "mode": "data", "type": "aws_region", "name": "here",
                "values": {"id": "eu"}}],
            "child_modules": [{"address": "module.a", "resources": [{"address": "module.a.aws_ecs_service.web[\"x\"]",
                "mode": "managed", "type": "aws_ecs_service", "name": "web", "values": {"id": "1"}}]}]}}});
        let file = State::parse(&of_file.to_string()).unwrap();
        let show = State::parse(&of_show.to_string()).unwrap();
        let sorted = |state: &State| {
            let mut all = state.resources.clone();
            all.sort_by(|a, b| a.address.cmp(&b.address));
            all
        };
        assert_eq!(sorted(&file), sorted(&show));
        assert!(file.resource("module.a.aws_ecs_service.web[\"x\"]").is_some());
    }

    #[test]
    fn what_is_no_state_says_so() {
        assert_eq!(State::parse("").unwrap(), State::default());
        assert_eq!(State::parse("{}").unwrap(), State::default());
        assert!(matches!(State::parse("{"), Err(StateError::NotJson(_))));
        assert!(matches!(State::parse("[]"), Err(StateError::NotAState(_))));
        assert!(matches!(State::parse(r#"{"version":3,"terraform_version":"0.11"}"#), Err(StateError::Format(_))));
        let nameless = r#"{"version":4,"terraform_version":"1.0.0","resources":[{"type":"aws_ecs_service"}]}"#;
        assert!(matches!(State::parse(nameless), Err(StateError::NotAState(_))));
    }
}
