//! PURE. Which strings of a document are credentials, and how they are shown instead.
//!
//! The ground is a pair of name and value, not a text: a name says what a value is for, and its shape whether it can be
//! that. Only formats that no ordinary text has are believed without a name. A hit carries the reason and never the value.

mod known;
mod name;
mod pattern;
mod scan;
#[cfg(test)]
mod table;
mod text;
mod value;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::estate::{FieldPath, Kind};

pub use known::Known;
pub use scan::scan;

/// How sure the classifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Looks like a well-known default (`changeme`).
    Low,
    /// The name says so and the value has the shape.
    Heuristic,
    /// The value has the format of a known kind of credential.
    Pattern,
}

/// One string that is a credential, or holds some. Never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where it stands.
    pub path: FieldPath,
    /// What it is called there: the variable's name, the flag, the label.
    pub name: String,
    /// Why it is taken for one.
    pub reason: &'static str,
    /// How sure that is.
    pub confidence: Confidence,
    /// Which bytes of the string are credentials; the rest of a command or an address is none.
    pub spans: Vec<Range<usize>>,
}

/// One credential within one string.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    name: String,
    span: Range<usize>,
    confidence: Confidence,
    reason: &'static str,
}

/// What a value is, given its name: how sure, and why. `None` for what is no credential.
pub fn classify(name: &str, value: &str) -> Option<(Confidence, &'static str)> {
    scan::pair(name, value).into_iter().map(|found| (found.confidence, found.reason)).max_by_key(|(c, _)| *c)
}

/// The credentials of a document, by path, and the text that is shown for every scalar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Masks {
    hits: BTreeMap<FieldPath, Hit>,
}

impl Masks {
    /// Classifies every string of a document.
    pub fn of(kind: Kind, document: &Value) -> Self {
        Self::from_hits(scan(kind, document))
    }

    /// What [`scan`] found.
    pub fn from_hits(hits: Vec<Hit>) -> Self {
        Self { hits: hits.into_iter().map(|hit| (hit.path.clone(), hit)).collect() }
    }

    /// The credentials, in order of path.
    pub fn hits(&self) -> impl Iterator<Item = &Hit> {
        self.hits.values()
    }

    /// True for a document without credentials.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// The credential at a path.
    pub fn hit(&self, path: &FieldPath) -> Option<&Hit> {
        self.hits.get(path)
    }

    /// The JSON text of a scalar, or its mask.
    pub fn show(&self, path: &FieldPath, value: &Value) -> String {
        match (self.hits.get(path), value) {
            (Some(_), Value::String(text)) => Value::from(mask(text)).to_string(),
            _ => value.to_string(),
        }
    }

    /// The document with a mask in place of every credential.
    pub fn masked(&self, document: &Value) -> Value {
        if self.hits.is_empty() {
            return document.clone();
        }
        self.masked_below(&FieldPath::root(), document)
    }

    fn masked_below(&self, path: &FieldPath, value: &Value) -> Value {
        match value {
            Value::String(text) if self.hits.contains_key(path) => mask(text).into(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(i, item)| self.masked_below(&path.index(i), item)).collect()
            }
            Value::Object(members) => {
                members.iter().map(|(name, v)| (name.clone(), self.masked_below(&path.member(name), v))).collect()
            }
            other => other.clone(),
        }
    }

    /// The credentials' values in this document, longest first, for [`redact`]. Handle with care: keep, never print.
    pub fn values(&self, document: &Value) -> Vec<String> {
        let mut values = Vec::new();
        for hit in self.hits.values() {
            let Some(text) = hit.path.get(document).and_then(Value::as_str) else { continue };
            let parts = hit.spans.iter().filter_map(|span| text.get(span.clone()));
            for part in parts.chain([text]).filter(|part| !part.trim().is_empty()) {
                values.push(part.to_owned());
                values.extend(escaped(part));
            }
        }
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        values
    }
}

/// A credential's value in every form in which it may be printed, longest first, for [`redact`].
pub fn forms(value: &str) -> Vec<String> {
    let mut forms = escaped(value);
    forms.push(value.to_owned());
    // An address holds its password, which may be printed alone.
    if let Some((_, rest)) = value.split_once("://")
        && let Some((user, _)) = rest.split_once('@')
        && let Some((_, password)) = user.split_once(':')
        && !password.is_empty()
    {
        forms.push(password.to_owned());
    }
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms
}

/// How JSON and HCL write a text within quotes, where that differs from the text.
fn escaped(text: &str) -> Vec<String> {
    let json = Value::from(text).to_string();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json).to_owned();
    let hcl = json.replace("${", "$${").replace("%{", "%%{");
    let html = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    [json, hcl, html].into_iter().filter(|form| form != text).collect()
}

/// What stands for a credential in the output of other programs.
pub const MARK: &str = "(credential)";

/// The text with every known credential replaced, for output of other programs that is passed on.
///
/// A value that also is a common word (`admin`) or is very short is replaced only where it stands alone.
pub fn redact(text: &str, values: &[String]) -> String {
    let mut order: Vec<&str> = values.iter().map(String::as_str).filter(|v| !v.trim().is_empty()).collect();
    order.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut out = text.to_owned();
    for value in order {
        if !out.contains(value) {
            continue;
        }
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let common = value.len() < 6 || value.len() < 12 && value.chars().all(|c| c.is_ascii_alphabetic());
        let mut replaced = String::with_capacity(out.len());
        let mut rest = out.as_str();
        while let Some(at) = rest.find(value) {
            let (before, after) = (&rest[..at], &rest[at + value.len()..]);
            let inside = before.chars().next_back().or(replaced.chars().next_back()).is_some_and(word)
                || after.chars().next().is_some_and(word);
            replaced.push_str(before);
            replaced.push_str(if common && inside { value } else { MARK });
            rest = after;
        }
        replaced.push_str(rest);
        out = replaced;
    }
    out
}

/// What stands on screen for a credential: its length and nothing of its text.
pub fn mask(value: &str) -> String {
    format!("(credential, {} characters)", value.chars().count())
}

/// Every string of a document that is wanted, with its path.
fn strings(
    path: &FieldPath,
    value: &Value,
    is_wanted: &impl Fn(&str) -> bool,
    visit: &mut impl FnMut(FieldPath, &str),
) {
    let mut child = |below: &dyn Fn() -> FieldPath, child: &Value| match child {
        Value::String(text) if is_wanted(text) => visit(below(), text),
        Value::Array(_) | Value::Object(_) => strings(&below(), child, is_wanted, visit),
        _ => {}
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| child(&|| path.index(at), item)),
        Value::Object(members) => members.iter().for_each(|(name, value)| child(&|| path.member(name), value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(document: &Value) -> Vec<String> {
        scan(Kind::TaskDefinition, document).iter().map(|hit| hit.path.to_string()).collect()
    }

    #[test]
    fn every_place_of_a_definition_is_read() {
        let document = json!({
            "containerDefinitions": [{
                "name": "app",
                "environment": [
                    {"name": "PORT", "value": "8080"},
                    {"name": "DB_PASSWORD", "value": "Marmalade7"}
                ],
                "secrets": [{"name": "API_TOKEN", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf"}],
                "command": ["serve", "--token", "k2LmQ9xT4vZ1bN8c", "--password=Kestrel77", "--password-file", "/run/x"],
                "entryPoint": ["sh", "-c", "export API_KEY=k2LmQ9xT4vZ1 && exec app || exit 1"],
                "healthCheck": {"command": ["CMD-SHELL", "curl -fsS -u probe:Kestrel77 http://localhost/ || exit 1"]},
                "dockerLabels": {"com.example.api-key": "3a7bd3e2360a3d29eea436fcfb7e44c7", "team": "payments"},
                "logConfiguration": {"logDriver": "splunk", "options": {
                    "splunk-token": "b6f1c2d3-4e5f-4071-8293-a4b5c6d7e8f9", "splunk-url": "https://splunk:8088"}},
                "firelensConfiguration": {"type": "fluentbit", "options": {"apikey": "3a7bd3e2360a3d29"}}
            }],
            "volumes": [{"name": "v", "dockerVolumeConfiguration": {"driverOpts": {"o": "username=app,password=Kestrel77"}}}],
            "tags": [{"key": "deploy-token", "value": "glpat-x7Kq2mV9LsR4tYb1WcZe"}]
        });
        let expected = [
            "containerDefinitions[0].environment[1].value",
            "containerDefinitions[0].command[2]",
            "containerDefinitions[0].command[3]",
            "containerDefinitions[0].entryPoint[2]",
            "containerDefinitions[0].healthCheck.command[1]",
            "containerDefinitions[0].dockerLabels[\"com.example.api-key\"]",
            "containerDefinitions[0].logConfiguration.options.splunk-token",
            "containerDefinitions[0].firelensConfiguration.options.apikey",
            "volumes[0].dockerVolumeConfiguration.driverOpts.o",
            "tags[0].value",
        ];
        assert_eq!(paths(&document), expected);
    }

    #[test]
    fn arguments_hide_credentials_in_many_ways() {
        let found = |arguments: &[&str]| paths(&json!({"command": arguments})).len();
        for arguments in [
            &["mysqldump", "-pKestrel77"][..],
            &["sh", "-c", "mysql -h db -u root -pKestrel77 app"],
            &["sshpass", "-p", "Kestrel77", "ssh", "host"],
            &["sh", "-c", "redis-cli -a Kestrel77 ping"],
            &["redis-server", "--requirepass", "Kestrel77"],
            &["docker", "run", "-e", "DB_PASSWORD=Kestrel77", "x"],
            &["curl", "--user", "probe:Kestrel77", "http://x"],
            &["curl", "-H", "Authorization: Bearer k2LmQ9xT4vZ1bN8c"],
            &["curl", "-H", "X-Api-Key: 3a7bd3e2360a3d29", "http://x"],
            &["psql", "postgres://app:Kestrel77@db/app"],
            &["bash", "-c", "GITHUB_TOKEN=ghp_R7bT2mXq9LkV4nZc8WyP1sDf6GhJ3aKoQe5U ./deploy"],
            &["--db.password", "Kestrel77"],
        ] {
            assert_eq!(found(arguments), 1, "{arguments:?}");
        }
        for arguments in [
            &["sh", "-c", "export TOKEN=$(cat /run/secrets/token) && exec app"][..],
            &["sh", "-c", "mysqladmin ping -h localhost -u root -p$MYSQL_ROOT_PASSWORD"],
            &["curl", "-u", "1000:1000", "http://x"],
            &["docker", "login", "--password-stdin"],
            &["python", "-c", "password = os.environ['DB_PASSWORD']"],
            &["node", "--token-file", "/var/run/token"],
            &["app", "--no-password", "--port", "8080"],
            &["CMD-SHELL", "curl -f http://localhost:8000/health || exit 1"],
            &["app", "--key-prefix", "orders", "--auth", "iam"],
            &["mkdir", "-p", "/var/lib/app"],
        ] {
            assert_eq!(found(arguments), 0, "{arguments:?}");
        }
    }

    #[test]
    fn overrides_of_a_task_are_read() {
        let document = json!({"overrides": {"containerOverrides": [
            {"name": "app", "environment": [{"name": "API_SECRET", "value": "k2LmQ9xT4vZ1"}]}]}});
        assert_eq!(paths(&document), ["overrides.containerOverrides[0].environment[0].value"]);
    }

    #[test]
    fn what_ecs_itself_writes_is_no_credential() {
        let document = json!({
            "serviceArn": "arn:aws:ecs:eu-west-1:123456789012:service/prod/token-api",
            "containerDefinitions": [{
                "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/auth@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "repositoryCredentials": {"credentialsParameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-Ab3dEf9h"},
                "secrets": [{"name": "DB_PASSWORD",
                    "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/payments-Ab3dEf:password::"}],
                "logConfiguration": {"options": {"awslogs-group": "/ecs/auth-token", "awslogs-stream-prefix": "secret"}},
                "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::acme/secrets/prod-Ab3dEf9h.env"}]
            }],
            "events": [{"id": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
                "message": "(service auth) has started 1 tasks: (task 0a1b2c3d4e5f60718293a4b5c6d7e8f9)."}],
            "stoppedReason": "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                unable to retrieve secret from asm: service call has been retried 1 time(s): AccessDeniedException: status code: 400, \
                request id: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "registeredBy": "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b2c3d4e5f6071/kim@example.com",
            "attachments": [{"details": [{"name": "networkInterfaceId", "value": "eni-0a1b2c3d4e5f60718"}]}],
            "requiresAttributes": [{"name": "ecs.capability.secrets.asm.environment-variables"},
                {"name": "com.amazonaws.ecs.capability.ecr-auth"}],
            "tags": [{"key": "secret-rotation", "value": "30d"}, {"key": "aws:cloudformation:stack-id",
                "value": "arn:aws:cloudformation:eu-west-1:123456789012:stack/auth/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}]
        });
        assert_eq!(paths(&document), Vec::<String>::new());
    }

    #[test]
    fn a_second_copy_is_masked_too() {
        let document = json!({"containerDefinitions": [{
            "environment": [{"name": "API_SECRET", "value": "k2LmQ9xT4vZ1bN8c"}, {"name": "NOTE", "value": "was k2LmQ9xT4vZ1bN8c"}]}]});
        assert_eq!(paths(&document).len(), 2);
        let masks = Masks::of(Kind::TaskDefinition, &document);
        assert!(!masks.masked(&document).to_string().contains("k2LmQ9"));
    }

    #[test]
    fn relayed_output_loses_the_values() {
        let document = json!({"environment": [
            {"name": "DATABASE_URL", "value": "postgres://app:Wint\"er${4x@db/app"},
            {"name": "ADMIN_PASSWORD", "value": "admin"}]});
        let masks = Masks::of(Kind::TaskDefinition, &document);
        let values = masks.values(&document);
        assert!(values.windows(2).all(|pair| pair[0].len() >= pair[1].len()));
        let output = r#"+ value = "admin" administrator postgres://app:Wint\"er$${4x@db/app and Wint"er${4x"#;
        let clean = redact(output, &values);
        assert!(!clean.contains("Wint"), "{clean}");
        assert!(clean.contains("administrator") && !clean.contains("\"admin\""), "{clean}");
    }
}
