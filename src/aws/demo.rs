//! A demo account, and a transport that answers from it: no credentials, no network, the whole SDK path.
//!
//! The account is a handful of raw AWS documents under `assets/demo`. [`Account::answer`] pages, batches, filters and
//! refuses as AWS does, so a caller that reads one page, or describes eleven services at once, is found out. The demo is
//! a transport and nothing else: [`DemoClient`] takes the place of the HTTP client below the real SDK.

mod account;
mod client;
mod ecs;
mod query;
mod recorded;
mod scaling;

pub use account::{Account, Answer};
pub use client::DemoClient;
pub use query::page_of;
pub(super) use recorded::{NOT_RECORDED, Recorded};
