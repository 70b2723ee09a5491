//! The documents of one account, parsed when first asked for, and the door through which every call comes.

use super::query::{Refusal, members, text};
use super::recorded::Recorded;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const ECS: &str = "AmazonEC2ContainerServiceV20141113.";
const SCALING: &str = "AnyScaleFrontendService.";

/// What AWS would send back for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status: 200, or 400 for every refusal.
    pub status: u16,
    /// The body: JSON, or for the query protocol XML.
    pub body: String,
}

/// The raw documents of one AWS account in one region.
///
/// A parse costs milliseconds that the first frame does not have, so each collection is parsed at its first use.
pub struct Account {
    pub(super) identity: Documents,
    pub(super) clusters: Documents,
    pub(super) services: Documents,
    pub(super) task_definitions: Documents,
    pub(super) tasks: Documents,
    pub(super) capacity_providers: Documents,
    pub(super) scalable_targets: Documents,
    pub(super) scaling_policies: Documents,
    pub(super) scheduled_actions: Documents,
    pub(super) scaling_tags: Documents,
    /// What bounds the answers when the documents are a recording.
    pub(super) recorded: Option<Recorded>,
    revisions: OnceLock<Revisions>,
    refused: AtomicUsize,
}

impl Account {
    /// The account that `--demo` shows. Nothing is parsed yet.
    pub fn demo() -> Self {
        Self {
            identity: Documents::Text(include_str!("../../../assets/demo/identity.json"), OnceLock::new()),
            clusters: Documents::Text(include_str!("../../../assets/demo/clusters.json"), OnceLock::new()),
            services: Documents::Text(include_str!("../../../assets/demo/services.json"), OnceLock::new()),
            task_definitions: Documents::Text(
                include_str!("../../../assets/demo/task_definitions.json"),
                OnceLock::new(),
            ),
            tasks: Documents::Text(include_str!("../../../assets/demo/tasks.json"), OnceLock::new()),
            capacity_providers: Documents::Text(
                include_str!("../../../assets/demo/capacity_providers.json"),
                OnceLock::new(),
            ),
            scalable_targets: Documents::Text(
                include_str!("../../../assets/demo/scalable_targets.json"),
                OnceLock::new(),
            ),
            scaling_policies: Documents::Text(
                include_str!("../../../assets/demo/scaling_policies.json"),
                OnceLock::new(),
            ),
            scheduled_actions: Documents::Parsed(Vec::new()),
            scaling_tags: Documents::Parsed(Vec::new()),
            recorded: None,
            revisions: OnceLock::new(),
            refused: AtomicUsize::new(0),
        }
    }

    /// An account of given documents: an object with the members `identity`, `clusters`, `services`,
    /// `task_definitions`, `tasks`, `capacity_providers`, `scalable_targets`, `scaling_policies`, `scheduled_actions`
    /// and `scaling_tags` (an object: ARN to tags). Each may be absent, and may be written in camelCase.
    pub fn from_json(documents: &Value) -> Self {
        let of = |snake: &str, camel: &str| {
            let found = documents.get(snake).or_else(|| documents.get(camel));
            Documents::Parsed(match found {
                Some(Value::Array(rows)) => rows.clone(),
                Some(Value::Null) | None => Vec::new(),
                Some(one) => vec![one.clone()],
            })
        };
        Self {
            identity: of("identity", "identity"),
            clusters: of("clusters", "clusters"),
            services: of("services", "services"),
            task_definitions: of("task_definitions", "taskDefinitions"),
            tasks: of("tasks", "tasks"),
            capacity_providers: of("capacity_providers", "capacityProviders"),
            scalable_targets: of("scalable_targets", "scalableTargets"),
            scaling_policies: of("scaling_policies", "scalingPolicies"),
            scheduled_actions: of("scheduled_actions", "scheduledActions"),
            scaling_tags: of("scaling_tags", "scalingTags"),
            recorded: None,
            revisions: OnceLock::new(),
            refused: AtomicUsize::new(0),
        }
    }

    /// An account of recorded documents, as [`Self::from_json`] takes them: what was not recorded is refused.
    pub(in crate::aws) fn of_recording(documents: &Value, recorded: Recorded) -> Self {
        Self { recorded: Some(recorded), ..Self::from_json(documents) }
    }

    /// Answers one call as AWS would. `target` is the `X-Amz-Target` header (`AmazonEC2ContainerServiceV20141113.ListClusters`),
    /// `request` the body's JSON.
    pub fn answer(&self, target: &str, request: &Value) -> Answer {
        let found = if let Some(operation) = target.strip_prefix(ECS) {
            self.guarded("ecs", operation, || self.within(operation, request, || self.ecs(operation, request)))
        } else if let Some(operation) = target.strip_prefix(SCALING) {
            self.guarded("application-autoscaling", operation, || {
                self.within(operation, request, || self.scaling(operation, request))
            })
        } else {
            Err(self.denied(target))
        };
        match found {
            Ok(body) => Answer { status: 200, body: body.to_string() },
            Err(refusal) => refusal.answer(),
        }
    }

    /// The answer as far as the recording reaches, when this is one.
    fn within(
        &self,
        operation: &str,
        request: &Value,
        plain: impl FnOnce() -> Option<Result<Value, Refusal>>,
    ) -> Option<Result<Value, Refusal>> {
        match &self.recorded {
            Some(recorded) => recorded.answer(self, operation, request, plain),
            None => plain(),
        }
    }

    fn guarded(
        &self,
        service: &str,
        operation: &str,
        answer: impl FnOnce() -> Option<Result<Value, Refusal>>,
    ) -> Result<Value, Refusal> {
        let action = format!("{service}:{operation}");
        if !["List", "Describe", "Get"].iter().any(|verb| operation.starts_with(verb)) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::new(
                "ReadOnlyAccountException",
                format!("this account is read-only: {action} was refused"),
            ));
        }
        answer().unwrap_or_else(|| Err(self.denied(&action)))
    }

    fn denied(&self, action: &str) -> Refusal {
        Refusal::new("AccessDeniedException", self.denial_message(action))
    }

    /// The words AWS uses when an identity lacks an action, such as `ecs:ListTasks`.
    pub fn denial_message(&self, action: &str) -> String {
        format!(
            "User: {} is not authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action",
            self.caller().2
        )
    }

    /// STS's answer to `GetCallerIdentity`, which still speaks the query protocol: XML.
    pub fn caller_identity_xml(&self) -> String {
        let (account, user, arn) = self.caller();
        let (account, user, arn) = (escaped(account), escaped(user), escaped(arn));
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <GetCallerIdentityResult>\n    <Arn>{arn}</Arn>\n    <UserId>{user}</UserId>\n    <Account>{account}</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n    <RequestId>00000000-0000-4000-8000-000000000000</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
        )
    }

    /// The answer to a call of the query protocol (a form in the body): `GetCallerIdentity`, else a denial.
    pub fn answer_query(&self, form: &str) -> Answer {
        let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("an unknown action");
        if action == "GetCallerIdentity" {
            return Answer { status: 200, body: self.caller_identity_xml() };
        }
        Answer { status: 400, body: query_error("AccessDenied", &self.denial_message(action)) }
    }

    /// Account id, user id, ARN of the caller.
    fn caller(&self) -> (&str, &str, &str) {
        let identity = self.identity.rows().first().unwrap_or(&Value::Null);
        let or = |member: &str, otherwise: &'static str| text(identity, member).unwrap_or(otherwise);
        (
            or("Account", "123456789012"),
            or("UserId", "AROATEST000000000000:reader"),
            or("Arn", "arn:aws:sts::123456789012:assumed-role/read-only/reader"),
        )
    }

    /// The region that the account's ARNs name.
    pub fn region(&self) -> &str {
        if let Some(recorded) = &self.recorded {
            return &recorded.scope.region;
        }
        let arn = self.clusters.rows().first().and_then(|cluster| text(cluster, "clusterArn"));
        arn.and_then(|arn| arn.split(':').nth(3)).unwrap_or("eu-west-1")
    }

    /// How many calls that would change something were refused.
    pub fn mutations(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// An ARN of this account and region, such as `cluster/prod`.
    pub(super) fn arn(&self, rest: &str) -> String {
        if let Some(recorded) = &self.recorded {
            return recorded.scope.ecs_arn(rest);
        }
        format!("arn:aws:ecs:{}:{}:{rest}", self.region(), self.caller().0)
    }

    /// `{"arn": …, "reason": "MISSING"}`, as every batch answer lists what it did not find.
    pub(super) fn missing(&self, kind: &str, asked: &str) -> Value {
        let arn = if asked.starts_with("arn:") { asked.to_owned() } else { self.arn(&format!("{kind}/{asked}")) };
        match &self.recorded {
            // That it is not in the recording does not say that it does not exist.
            Some(recorded) => recorded.failure(&arn),
            None => json!({"arn": arn, "reason": "MISSING"}),
        }
    }

    /// Whether the request's `include` names `part`.
    pub(super) fn includes(request: &Value, part: &str) -> bool {
        members(request, "include").any(|asked| asked == part)
    }

    /// The revisions in AWS's order.
    pub(super) fn revisions(&self) -> &Revisions {
        self.revisions.get_or_init(|| Revisions::of(self.task_definitions.rows()))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("mutations", &self.mutations()).finish_non_exhaustive()
    }
}

/// One collection of documents: given, or embedded text that is parsed once.
pub(super) enum Documents {
    Parsed(Vec<Value>),
    Text(&'static str, OnceLock<Vec<Value>>),
}

impl Documents {
    /// The documents, in the order in which they stand. Text that is not JSON holds none (a test reads each file).
    pub(super) fn rows(&self) -> &[Value] {
        match self {
            Self::Parsed(rows) => rows,
            Self::Text(text, parsed) => parsed.get_or_init(|| match serde_json::from_str(text) {
                Ok(Value::Array(rows)) => rows,
                Ok(one) => vec![one],
                Err(_) => Vec::new(),
            }),
        }
    }
}

/// Where each revision stands, by ARN and in AWS's own order: family, then revision by number.
pub(super) struct Revisions {
    by_arn: HashMap<String, usize>,
    /// Family, revision, whether it is ACTIVE, place among the documents.
    pub(super) ordered: Vec<(String, u64, bool, usize)>,
}

impl Revisions {
    fn of(envelopes: &[Value]) -> Self {
        let mut by_arn = HashMap::new();
        let mut ordered = Vec::new();
        for (place, envelope) in envelopes.iter().enumerate() {
            let definition = &envelope["taskDefinition"];
            if let Some(arn) = text(definition, "taskDefinitionArn") {
                by_arn.insert(arn.to_owned(), place);
            }
            let family = text(definition, "family").unwrap_or_default().to_owned();
            let revision = definition["revision"].as_u64().unwrap_or_default();
            ordered.push((family, revision, text(definition, "status") == Some("ACTIVE"), place));
        }
        ordered.sort();
        Self { by_arn, ordered }
    }

    /// The place of a revision: by ARN, by `family:revision`, or by family, which is its newest ACTIVE revision.
    pub(super) fn find(&self, asked: &str) -> Option<usize> {
        if let Some(place) = self.by_arn.get(asked) {
            return Some(*place);
        }
        let name = asked
            .strip_prefix("arn:")
            .map_or(Some(asked), |arn| arn.split_once(":task-definition/").map(|(_, name)| name))?;
        if let Some((family, revision)) = name.split_once(':') {
            let revision: u64 = revision.parse().ok()?;
            return self.ordered.iter().find(|row| row.0 == family && row.1 == revision).map(|row| row.3);
        }
        self.ordered.iter().rev().find(|row| row.0 == name && row.2).map(|row| row.3)
    }
}

/// A text within XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An error as the query protocol writes it.
pub(super) fn query_error(code: &str, message: &str) -> String {
    let message = escaped(message);
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>00000000-0000-4000-8000-000000000000</RequestId>\n</ErrorResponse>\n"
    )
}
