//! The Overview of a resource: its fields in the order in which an engineer asks for them.
//!
//! What is not placed by hand stands at the end under `other`, so that nothing is dropped in silence.

mod cluster;
mod page;
mod scaling;
mod service;
mod task;
mod task_definition;
#[cfg(test)]
mod tests;

use crate::estate::{Estate, Kind, Rendered, ResourceId, Subject};
use crate::secrets::Masks;

pub(super) use page::iso;

use page::Page;

/// What matters of one resource, each line with the field it shows. Credentials are masked.
///
/// A resource that was named and not described says so, and why.
pub fn overview(estate: &Estate, id: &ResourceId) -> Rendered {
    let Some(document) = estate.document(id) else { return undescribed(estate, id) };
    let value = document.value();
    let masks = Masks::of(id.kind, &value);
    let mut page = Page::new(&value, &masks);
    match id.kind {
        Kind::Cluster => cluster::cluster(&mut page, estate, id),
        Kind::CapacityProvider => cluster::capacity_provider(&mut page),
        Kind::Service => service::service(&mut page, estate, id),
        Kind::TaskDefinition => task_definition::task_definition(&mut page, estate, id),
        Kind::Task => task::task(&mut page),
        Kind::ScalableTarget => scaling::target(&mut page),
        Kind::ScalingPolicy => scaling::policy(&mut page),
    }
    page.finish()
}

fn undescribed(estate: &Estate, id: &ResourceId) -> Rendered {
    let why = match estate.gap(&Subject::Resource(id.clone())) {
        Some(gap) => format!("{}: {}  {}", gap.reason.word(), gap.action, gap.message),
        None => "not read yet".to_owned(),
    };
    page::note(&[&id.to_string(), &why])
}
