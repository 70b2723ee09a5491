//! `ecsight` looks at an Amazon ECS account, read-only, and ends in a Terraform import that changes nothing.
//!
//! The rooms, from the inside out. PURE rooms take values and give values; SHELL rooms touch the world.
//!
//! | room | kind | what it holds |
//! |---|---|---|
//! | [`estate`] | PURE | documents, field paths, ids, the fold over observations |
//! | [`secrets`] | PURE | which values are credentials, and how they are masked |
//! | [`terraform`] | PURE | mapping tables, dialects, attributes, HCL, plan reader |
//! | [`drift`] | PURE | differences between two named sources |
//! | [`export`] | PURE | selection, closure, names, export plan, files as strings |
//! | [`policy`] | PURE | rules and verdicts |
//! | [`gate`] | PURE | the review of one estate: findings and drift, the ground of every decision |
//! | [`report`] | PURE | what people and machines read: overview, json, markdown |
//! | [`aws`] | SHELL | session, the closed list of read calls, discovery, demo transport |
//! | [`engine`] | SHELL | runs the user's terraform or tofu |
//! | [`store`] | SHELL | atomic writes, paths |
//! | [`commands`] | SHELL | one file per subcommand |
//! | [`tui`] | both | model, update and views are pure; loop, effects and terminal are not |

pub mod aws;
pub mod cli;
pub mod commands;
pub mod drift;
pub mod engine;
pub mod error;
pub mod estate;
pub mod export;
pub mod gate;
pub mod policy;
pub mod report;
pub mod secrets;
pub mod store;
pub mod terraform;
pub mod tui;
