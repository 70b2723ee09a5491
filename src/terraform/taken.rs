//! What a root module has already: the names and objects that an export must neither take nor import again.

use std::collections::BTreeSet;

/// What stands in the code and the state of a root module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Addresses of resources: `aws_ecs_service.web`.
    pub addresses: BTreeSet<String>,
}
