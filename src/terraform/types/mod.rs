//! The mapping tables, one per Terraform type. Facts: provider 6.58 source and schema, 3.39 schema.

mod autoscaling;
mod capacity_provider;
mod cluster;
mod container;
mod service;
mod task_definition;
mod through;

pub use autoscaling::{POLICY, TARGET};
pub use capacity_provider::CAPACITY_PROVIDER;
pub use cluster::{CLUSTER, CLUSTER_CAPACITY_PROVIDERS};
pub use service::SERVICE;
pub use task_definition::TASK_DEFINITION;

use super::mapping::TypeMap;

pub use container::CONTAINER;

/// Every table, in the order in which their resources are written.
pub static ALL: [&TypeMap; 7] =
    [&CLUSTER, &CLUSTER_CAPACITY_PROVIDERS, &CAPACITY_PROVIDER, &SERVICE, &TASK_DEFINITION, &TARGET, &POLICY];
