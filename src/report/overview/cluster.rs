//! A cluster, and what gives it capacity.

use super::page::Page;
use crate::estate::{Estate, FieldPath, ResourceId};

pub(super) fn cluster(page: &mut Page<'_>, estate: &Estate, id: &ResourceId) {
    let root = FieldPath::root();
    page.fields(&root, &["clusterName", "status", "activeServicesCount", "runningTasksCount", "pendingTasksCount"]);
    page.fields(&root, &["registeredContainerInstancesCount"]);
    let known = estate.services_of(id).count();
    page.plain(&format!("{:<26}  {known}", "services read"));
    page.fields(&root, &["capacityProviders"]);
    let strategy = root.member("defaultCapacityProviderStrategy");
    if page.each(&strategy).is_empty() {
        page.covers(&strategy);
    } else {
        page.tree(&strategy);
    }
    page.gap();
    page.pairs(&root.member("settings"), "name", "value");
    page.tree(&root.member("configuration"));
    page.tree(&root.member("serviceConnectDefaults"));
    for list in ["statistics", "attachments"] {
        let path = root.member(list);
        if page.each(&path).is_empty() {
            page.covers(&path);
        } else if list == "statistics" {
            page.pairs(&path, "name", "value");
        } else {
            page.tree(&path);
        }
    }
    page.tags();
    page.gap();
    page.fields(&root, &["clusterArn"]);
}

pub(super) fn capacity_provider(page: &mut Page<'_>) {
    let root = FieldPath::root();
    page.fields(&root, &["name", "type", "status", "updateStatus", "updateStatusReason", "cluster"]);
    page.tree(&root.member("autoScalingGroupProvider"));
    page.tree(&root.member("managedInstancesProvider"));
    page.tags();
    page.gap();
    page.fields(&root, &["capacityProviderArn"]);
}
