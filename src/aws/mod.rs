//! aws

pub mod demo;
