//! Import ids, as each importer wants them.

use serde_json::Value;

use super::dialect::Dialect;
use crate::estate::{Kind, ResourceId};

/// The import id of a resource. `None` when its document does not name what the id is made of.
pub fn import_id(id: &ResourceId, document: &Value, dialect: Dialect) -> Option<String> {
    let text = |member: &str| document.get(member).and_then(Value::as_str);
    Some(match id.kind {
        Kind::Cluster => text("clusterName").unwrap_or(id.name()).to_owned(),
        Kind::CapacityProvider => match dialect {
            Dialect::V3 => text("name").unwrap_or(id.name()).to_owned(),
            Dialect::V6 => id.native.to_string(),
        },
        Kind::Service => {
            let cluster = text("clusterArn")?.rsplit('/').next()?;
            format!("{cluster}/{}", text("serviceName").unwrap_or(id.name()))
        }
        Kind::TaskDefinition | Kind::ScalableTarget | Kind::ScalingPolicy => id.native.to_string(),
        Kind::Task => return None,
    })
}
