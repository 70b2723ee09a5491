//! The terminal explorer. Keys and news go in as [`message::Message`]s, [`update::update`] changes the
//! [`model::Model`] and returns [`message::Effect`]s, [`view::draw`] makes a frame of it. All of that is PURE.
//!
//! SHELL are only: the loop (`run`), what performs effects (`effects`), the terminal (`terminal`) and the reader of
//! syntax (`highlight`).
//!
//! | file | what it is |
//! |---|---|
//! | `model`, `place`, `rows` | what is known and where we are; the rows of each place |
//! | `message`, `update/` | what can happen, and what follows |
//! | `keymap`, `key` | the keymap as data: footer, help and docs/keys.md come from it |
//! | `plan` | the export plan: its rows, and the texts of its pane |
//! | `table`, `sheet`, `content` | the generic list; the pane's text with its marks; the texts themselves |
//! | `theme`, `layout`, `view/` | roles, regions, one file per region |

pub mod content;
mod effects;
pub mod highlight;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod model;
pub mod place;
pub mod plan;
pub mod rows;
mod run;
pub mod sheet;
pub mod table;
pub mod tally;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;

pub use run::{ColorChoice, TuiOptions, run};
