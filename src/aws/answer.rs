//! The raw body of an answer, taken apart into documents without changing a byte of them.
//!
//! The SDK signs, sends, retries and judges errors; what it understood of a good answer is thrown away, because it
//! drops every member that it does not know.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::estate::Timestamp;

/// Status and body.
type Raw = (u16, Vec<u8>);

/// Keeps status and body of the last attempt of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture {
    last: Arc<Mutex<Option<Raw>>>,
}

impl Capture {
    /// Status and body, once.
    pub(super) fn take(&self) -> Option<Raw> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "ecsight-capture"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let seen = context.response().map(|answer| {
            let body = answer.body().bytes().unwrap_or_default().to_vec();
            (answer.status().as_u16(), body)
        });
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }
}

/// The text of a good answer and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) at: Timestamp,
}

impl Answer {
    /// The members of the answer, each as the text that AWS sent.
    pub(super) fn members(&self) -> Result<Members<'_>, String> {
        let members = serde_json::from_str(&self.text).map_err(|e| e.to_string())?;
        Ok(Members(members))
    }
}

/// One of `failures[]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Failure {
    /// Which of the resources asked for; an ARN or a name.
    #[serde(default)]
    pub(super) arn: String,
    /// `MISSING`, ...
    #[serde(default)]
    pub(super) reason: String,
    /// More words, sometimes.
    #[serde(default)]
    pub(super) detail: Option<String>,
}

impl Failure {
    /// Nothing of this name exists.
    pub(super) fn missing(arn: &str) -> Self {
        Self { arn: arn.to_owned(), reason: "MISSING".to_owned(), detail: None }
    }
}

/// The top-level members of an answer.
#[derive(Debug)]
pub(super) struct Members<'a>(HashMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Members<'a> {
    /// A member that every answer of this operation has. Its absence is a broken answer, never an empty one.
    pub(super) fn required(&self, name: &str) -> Result<&'a RawValue, String> {
        self.0.get(name).copied().ok_or_else(|| format!("the answer has no member `{name}`"))
    }

    /// A member that may be absent or null.
    pub(super) fn optional(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|raw| raw.get() != "null")
    }

    /// A list of objects, each as the text that AWS sent.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<&'a RawValue>, String> {
        serde_json::from_str(self.required(name)?.get()).map_err(|e| format!("`{name}`: {e}"))
    }

    /// A list of strings.
    pub(super) fn strings(&self, name: &str) -> Result<Vec<String>, String> {
        serde_json::from_str(self.required(name)?.get()).map_err(|e| format!("`{name}`: {e}"))
    }

    /// The token of the next page; absent, null and empty all say that this was the last.
    pub(super) fn token(&self, name: &str) -> Result<Option<String>, String> {
        let Some(raw) = self.optional(name) else { return Ok(None) };
        let token: String = serde_json::from_str(raw.get()).map_err(|e| format!("`{name}`: {e}"))?;
        Ok(Some(token).filter(|token| !token.is_empty()))
    }

    /// What AWS could not describe.
    pub(super) fn failures(&self) -> Result<Vec<Failure>, String> {
        let Some(raw) = self.optional("failures") else { return Ok(Vec::new()) };
        serde_json::from_str(raw.get()).map_err(|e| format!("`failures`: {e}"))
    }
}

/// A described object, parsed once to learn its identity; the text is what is kept.
pub(super) fn object(raw: &RawValue) -> Result<Value, String> {
    match serde_json::from_str(raw.get()) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("a described resource is not an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A string member that must stand in a described object.
pub(super) fn text<'v>(value: &'v Value, member: &str) -> Result<&'v str, String> {
    let found = value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| format!("a described resource has no `{member}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer { text: text.to_owned(), at: 0 }
    }

    #[test]
    fn an_object_keeps_its_exact_text() {
        let answer = answer(r#"{"services":[{"n" : 1.0e2,"x":"\u0041"}, {}],"failures":null}"#);
        let members = answer.members().unwrap();
        let objects = members.objects("services").unwrap();
        assert_eq!(objects[0].get(), r#"{"n" : 1.0e2,"x":"\u0041"}"#);
        assert_eq!(members.failures().unwrap(), vec![]);
    }

    #[test]
    fn a_missing_list_is_not_an_empty_one() {
        let answer = answer(r#"{"message":"welcome to the hotel network"}"#);
        assert!(answer.members().unwrap().strings("clusterArns").unwrap_err().contains("clusterArns"));
    }

    #[test]
    fn the_last_page_has_no_token_in_any_spelling() {
        for text in ["{}", r#"{"nextToken":null}"#, r#"{"nextToken":""}"#] {
            assert_eq!(answer(text).members().unwrap().token("nextToken").unwrap(), None);
        }
    }
}
