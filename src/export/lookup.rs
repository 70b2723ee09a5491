//! By which data source a thing is looked up, and which attribute gives back exactly the text that AWS told.
//!
//! What is not told for sure is not looked up: the reason stands beside the literal.

use serde_json::Value;

use crate::estate::{Arn, FieldPath, ReferenceKind, Scope};

/// A piece of the text that a data source gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The value of this attribute.
    Attribute(&'static str),
    /// Text as it is.
    Text(String),
}

/// How a thing is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// `aws_iam_role`.
    pub source: &'static str,
    /// The argument that identifies the thing.
    pub argument: &'static str,
    /// Its value.
    pub key: String,
    /// What gives back the text.
    pub pieces: Vec<Piece>,
}

impl Lookup {
    fn new(source: &'static str, argument: &'static str, key: &str, attribute: &'static str) -> Self {
        Self { source, argument, key: key.into(), pieces: vec![Piece::Attribute(attribute)] }
    }

    /// By which data source `text` is looked up, which a field of `document` names; else why by none.
    ///
    /// `text` is what is written, which for the role of a service is not what the document says.
    pub fn of(
        kind: ReferenceKind,
        path: &FieldPath,
        text: &str,
        document: &Value,
        scope: &Scope,
    ) -> Result<Self, String> {
        match kind {
            ReferenceKind::Role => role(path.get(document).and_then(Value::as_str).unwrap_or(text), text, scope),
            ReferenceKind::Secret => secret(text, scope),
            ReferenceKind::Parameter => parameter(text, scope),
            ReferenceKind::Subnet => by_id(text, "subnet-", "aws_subnet", "id"),
            ReferenceKind::SecurityGroup => by_id(text, "sg-", "aws_security_group", "id"),
            ReferenceKind::TargetGroup => {
                if Arn::parse(text).is_some_and(|arn| arn.service == "vpc-lattice") {
                    return Err("a target group of VPC Lattice, for which there is no data source".into());
                }
                let rest = own(text, scope, "elasticloadbalancing", "targetgroup/")?;
                if !is_name(rest, "/-") {
                    return Err("AWS takes no such name".into());
                }
                Ok(Self::new("aws_lb_target_group", "arn", text, "arn"))
            }
            ReferenceKind::LogGroup => log_group(path, text, document, scope),
            ReferenceKind::FileSystem => {
                let around = path.parent();
                if around.as_ref().and_then(FieldPath::last_member) != Some("efsVolumeConfiguration") {
                    return Err("a file system of FSx, which the data source of EFS does not know".into());
                }
                by_id(text, "fs-", "aws_efs_file_system", "file_system_id")
            }
            ReferenceKind::Key => key(text, scope),
            ReferenceKind::Namespace => {
                Err("nothing here tells whether the namespace is one of HTTP or of DNS, and each has its data source"
                    .into())
            }
            ReferenceKind::Registry => Err("its ARN tells no name, and no data source finds it by its id".into()),
            ReferenceKind::AutoScalingGroup => scaling_group(text, scope),
        }
    }

    /// The names that suit the thing, best first.
    pub fn names(&self) -> Vec<String> {
        let key = &*self.key;
        let short = match self.source {
            "aws_lb_target_group" => key.rsplit('/').nth(1).map(str::to_owned),
            "aws_secretsmanager_secret" => secret_name(key).map(str::to_owned),
            // A key's id is long and says nothing; its start tells it from others.
            "aws_kms_key" => {
                key.get(..if key.starts_with("mrk-") { 12 } else { 8 }).map(|start| format!("key_{start}"))
            }
            _ => None,
        };
        short.into_iter().chain([key.to_owned()]).map(|name| name.trim_start_matches('/').to_owned()).collect()
    }
}

/// An ARN of the export's own account, partition and region (or of no region), whose resource starts so: what follows.
fn own<'a>(text: &'a str, scope: &Scope, service: &str, start: &str) -> Result<&'a str, String> {
    let arn = Arn::parse(text).ok_or_else(|| "it is no ARN".to_owned())?;
    if arn.account != &*scope.account {
        return Err(format!("it is of account {}", crate::estate::visible(arn.account)));
    }
    if arn.partition != &*scope.partition {
        return Err(format!("it is of partition {}", crate::estate::visible(arn.partition)));
    }
    // Roles are of no region.
    let region: &str = if service == "iam" { "" } else { &scope.region };
    if arn.region != region {
        return Err(format!("it is of region {}", crate::estate::visible(arn.region)));
    }
    let rest = (arn.service == service).then(|| arn.resource.strip_prefix(start)).flatten();
    rest.filter(|rest| !rest.is_empty()).ok_or_else(|| format!("it is no ARN of {service}, {start}..."))
}

/// True for letters, digits and these signs alone.
fn is_name(text: &str, signs: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
}

/// A lookup by a name that AWS itself takes. Any other would fail the whole plan.
fn by_name(source: &'static str, name: &str, signs: &str, attribute: &'static str) -> Result<Lookup, String> {
    if is_name(name, signs) {
        Ok(Lookup::new(source, "name", name, attribute))
    } else {
        Err("AWS takes no such name".into())
    }
}

fn by_id(text: &str, start: &str, source: &'static str, argument: &'static str) -> Result<Lookup, String> {
    let id = text.strip_prefix(start).filter(|rest| is_name(rest, ""));
    id.map(|_| Lookup::new(source, argument, text, argument)).ok_or_else(|| format!("it is no id like {start}..."))
}

/// The signs in the name of a role.
const ROLE: &str = "_+=,.@-";

/// The signs in the name of a secret.
const SECRET: &str = "/_+=.@-";

fn role(told: &str, written: &str, scope: &Scope) -> Result<Lookup, String> {
    if Arn::parse(told).is_none() {
        if told.contains('/') || told != written {
            return Err("neither an ARN nor the name of a role".into());
        }
        return by_name("aws_iam_role", told, ROLE, "name");
    }
    let rest = own(told, scope, "iam", "role/")?;
    if rest.starts_with("aws-service-role/") {
        return Err("a service-linked role, which AWS makes by itself".into());
    }
    let (path, name) = rest.rsplit_once('/').map_or(("/".to_owned(), rest), |(path, name)| (format!("/{path}/"), name));
    let mut lookup = by_name("aws_iam_role", name, ROLE, "arn")?;
    if written == name {
        lookup.pieces = vec![Piece::Attribute("name")];
    } else if written == format!("{path}{name}") {
        lookup.pieces = vec![Piece::Attribute("path"), Piece::Attribute("name")];
    } else if written != told {
        return Err("the provider keeps only a part of the role's path".into());
    }
    Ok(lookup)
}

/// The name in a full ARN of a secret: what stands before the six characters that AWS appends.
fn secret_name(arn: &str) -> Option<&str> {
    let (name, suffix) = Arn::parse(arn)?.resource.strip_prefix("secret:")?.rsplit_once('-')?;
    (is_name(name, SECRET) && is_random(suffix)).then_some(name)
}

/// True for six characters that AWS appended. A name may end in six letters of its own, `db-master`, and then the ARN may
/// be a partial one: only letters of both cases, and not just a capital in front, are told from a word.
fn is_random(suffix: &str) -> bool {
    suffix.len() == 6
        && suffix.chars().all(|c| c.is_ascii_alphanumeric())
        && suffix.chars().any(|c| c.is_ascii_lowercase())
        && suffix.chars().skip(1).any(|c| c.is_ascii_uppercase())
}

fn secret(text: &str, scope: &Scope) -> Result<Lookup, String> {
    if Arn::parse(text).is_none() {
        return by_name("aws_secretsmanager_secret", text, SECRET, "name");
    }
    let rest = own(text, scope, "secretsmanager", "secret:")?;
    // A key of the JSON inside, a stage and a version may follow.
    let tail = rest.find(':').map_or("", |at| &rest[at..]);
    let base = &text[..text.len() - tail.len()];
    if secret_name(base).is_none() {
        return Err(
            "its ARN may be a partial one, for it does not end in six characters that AWS surely appended".into()
        );
    }
    let mut lookup = Lookup::new("aws_secretsmanager_secret", "arn", base, "arn");
    if !tail.is_empty() {
        lookup.pieces.push(Piece::Text(tail.into()));
    }
    Ok(lookup)
}

fn parameter(text: &str, scope: &Scope) -> Result<Lookup, String> {
    let (name, attribute) = if Arn::parse(text).is_some() {
        let rest = own(text, scope, "ssm", "parameter/")?;
        if !rest.contains('/') {
            return Err(format!("the parameters {rest} and /{rest} have the same ARN"));
        }
        (format!("/{rest}"), "arn")
    } else if text.starts_with('/') || !text.contains('/') {
        (text.to_owned(), "name")
    } else {
        return Err("neither an ARN nor the name of a parameter".into());
    };
    if name.contains(':') {
        return Err("it names a version or a label, which the data source does not give back".into());
    }
    if name.starts_with("/aws/reference/") {
        return Err("it stands for a secret, whose value the data source would read".into());
    }
    if name.contains("//") || name.ends_with('/') {
        return Err("AWS takes no such name".into());
    }
    by_name("aws_ssm_parameter", &name, "/_.-", attribute)
}

fn log_group(path: &FieldPath, text: &str, document: &Value, scope: &Scope) -> Result<Lookup, String> {
    if Arn::parse(text).is_some() {
        return Err("an ARN, where the data source gives back a name".into());
    }
    let parent = path.parent();
    let option = |name: &str| parent.as_ref()?.get(document)?.get(name)?.as_str();
    if let Some(region) = option("awslogs-region").filter(|region| **region != *scope.region) {
        return Err(format!("it is of region {}", crate::estate::visible(region)));
    }
    if option("awslogs-create-group").is_some_and(|create| create.eq_ignore_ascii_case("true")) {
        return Err("the task makes it when it starts, so it need not exist".into());
    }
    by_name("aws_cloudwatch_log_group", text, "/_.#-", "name")
}

fn key(text: &str, scope: &Scope) -> Result<Lookup, String> {
    let (id, attribute) = match Arn::parse(text) {
        Some(arn) if arn.resource.starts_with("alias/") => ("alias/", ""),
        Some(_) => (own(text, scope, "kms", "key/")?, "arn"),
        None => (text, "id"),
    };
    if id.starts_with("alias/") {
        return Err("an alias, and the data source gives back the key behind it".into());
    }
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    let lengths: Vec<usize> = id.split('-').filter(|part| hex(part)).map(str::len).collect();
    let multi_region = id.strip_prefix("mrk-").is_some_and(|rest| rest.len() == 32 && hex(rest));
    if !multi_region && (lengths != [8, 4, 4, 4, 12] || id.len() != 36) {
        return Err("neither an ARN nor the id of a key".into());
    }
    Ok(Lookup::new("aws_kms_key", "key_id", id, attribute))
}

fn scaling_group(text: &str, scope: &Scope) -> Result<Lookup, String> {
    if Arn::parse(text).is_none() {
        return Ok(Lookup::new("aws_autoscaling_group", "name", text, "name"));
    }
    let rest = own(text, scope, "autoscaling", "autoScalingGroup:")?;
    let name = rest.split_once(":autoScalingGroupName/").map(|(_, name)| name).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| "its ARN tells no name".to_owned())?;
    Ok(Lookup::new("aws_autoscaling_group", "name", name, "arn"))
}
