//! What all operations share: reading a request, cutting a page, refusing.

use super::account::Answer;
use serde_json::{Value, json};

/// A member that is a string.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(Value::as_str)
}

/// A member that is a list of strings.
pub(super) fn members<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    value.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the request leaves `asked` open or asks for just what the document has.
pub(super) fn agrees(request: &Value, asked: &str, has: Option<&str>) -> bool {
    text(request, asked).is_none_or(|wanted| Some(wanted) == has)
}

/// An error in AWS's JSON protocol: HTTP 400, a type and a message.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn answer(self) -> Answer {
        Answer { status: 400, body: json!({"__type": self.kind, "message": self.message}).to_string() }
    }
}

/// How one operation pages: the names of its members, the default size and the largest.
pub(super) struct Paging {
    pub(super) size: &'static str,
    pub(super) token: &'static str,
    pub(super) default: usize,
    pub(super) most: usize,
}

impl Paging {
    pub(super) const fn ecs(default: usize, most: usize) -> Self {
        Self { size: "maxResults", token: "nextToken", default, most }
    }

    pub(super) const fn scaling() -> Self {
        Self { size: "MaxResults", token: "NextToken", default: 50, most: 50 }
    }

    /// Answers with one page of `rows` under `member`, and a token when there is more.
    pub(super) fn cut(&self, member: &str, rows: Vec<Value>, request: &Value) -> Result<Value, Refusal> {
        let size = match request.get(self.size) {
            None | Some(Value::Null) => self.default,
            Some(asked) => asked
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| (1..=self.most).contains(n))
                .ok_or_else(|| Refusal::invalid(format!("{} must be between 1 and {}.", self.size, self.most)))?,
        };
        let (page, from) = match text(request, self.token) {
            None => (1, 0),
            Some(token) => parse(token)
                .filter(|(_, from)| *from <= rows.len())
                .ok_or_else(|| Refusal::invalid("Invalid token."))?,
        };
        let more = from + size < rows.len();
        let rows: Vec<Value> = rows.into_iter().skip(from).take(size).collect();
        let mut answer = json!({ member: rows });
        if more {
            answer[self.token] = Value::from(format!("page.{}.{}", page + 1, from + size));
        }
        Ok(answer)
    }
}

fn parse(token: &str) -> Option<(usize, usize)> {
    let (page, from) = token.strip_prefix("page.")?.split_once('.')?;
    Some((page.parse().ok()?, from.parse().ok()?))
}

/// The number of the page that a request asks for, counted from 1.
pub fn page_of(request: &Value) -> usize {
    let token = text(request, "nextToken").or_else(|| text(request, "NextToken"));
    token.and_then(parse).map_or(1, |(page, _)| page)
}
