//! PURE. The places of the estate view, and the columns of each.

use std::sync::Arc;

use crate::estate::{ResourceId, Scope, visible};

use super::table::{Column, Width};

/// A place on the way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The clusters of the account.
    Account,
    /// Services and standalone tasks of one cluster.
    Cluster(ResourceId),
    /// The revisions of one family.
    Family {
        /// In which account and region.
        scope: Scope,
        /// Which family.
        family: Arc<str>,
        /// The service that led here.
        service: Option<ResourceId>,
        /// The revision that led here.
        cursor: Option<ResourceId>,
    },
}

const fn column(title: &'static str, width: Width, spare: u8) -> Column {
    Column { title, width, right: false, spare, worst_first: false }
}

const fn number(title: &'static str, width: u16, spare: u8) -> Column {
    Column { right: true, ..column(title, Width::Fit(width), spare) }
}

const fn signs(title: &'static str, width: u16, spare: u8) -> Column {
    Column { worst_first: true, ..column(title, Width::Fit(width), spare) }
}

static CLUSTERS: [Column; 6] = [
    column("CLUSTER", Width::Fill(14), 0),
    number("SERVICES", 10, 2),
    number("TASKS", 8, 5),
    column("STATUS", Width::Fit(12), 7),
    signs("DRIFT", 10, 3),
    signs("RISK", 18, 1),
];

static SERVICES: [Column; 6] = [
    column("NAME", Width::Fill(14), 0),
    number("RUN", 9, 2),
    column("REVISION", Width::Fit(16), 4),
    signs("DRIFT", 18, 3),
    signs("RISK", 18, 1),
    column("OWNER", Width::Fit(14), 5),
];

static REVISIONS: [Column; 6] = [
    column("REV", Width::Fit(8), 0),
    column("STATUS", Width::Fit(10), 3),
    signs("RISK", 18, 1),
    column("IN USE BY", Width::Fill(12), 2),
    column("TASK ROLE", Width::Fit(22), 5),
    column("EXECUTION ROLE", Width::Fit(22), 6),
];

impl Place {
    /// The columns of its list.
    pub fn columns(&self) -> &'static [Column] {
        match self {
            Self::Account => &CLUSTERS,
            Self::Cluster(_) => &SERVICES,
            Self::Family { .. } => &REVISIONS,
        }
    }

    /// What its list holds, for the title.
    pub fn title(&self) -> String {
        match self {
            Self::Account => "Clusters".to_owned(),
            Self::Cluster(_) => "Services and tasks".to_owned(),
            Self::Family { family, .. } => format!("Revisions of {}", visible(family)),
        }
    }

    /// Its part of the breadcrumbs; a family has the service before it.
    pub fn crumbs(&self) -> Vec<String> {
        match self {
            Self::Account => Vec::new(),
            Self::Cluster(id) => vec![visible(id.name())],
            Self::Family { family, service, .. } => {
                // A service and its family often bear one name: once is enough.
                let service = service.iter().map(|id| visible(id.name())).filter(|name| *name != **family);
                service.chain([visible(family)]).collect()
            }
        }
    }
}
