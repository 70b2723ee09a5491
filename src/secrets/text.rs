//! Credentials inside running text: addresses, assignments, flags, headers.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::name::{self, Family};
use super::{Confidence, Found, pattern, value};

/// Letters that every text with a named credential has, whatever the case.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)pass|pwd|secret|token|key|auth|cred|salt|bearer|basic|mysql|-u|-p|-a|--user|sig=|pat\b|jwt|sas\b|otp",
    )
    .ok()
});

/// `NAME=value`, `name: value`, `"name": "value"`, `--name=value`.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[^A-Za-z0-9_.\-])(-{0,2}[A-Za-z_][A-Za-z0-9_.\-]{1,60})\\?["']?[ \t]*([=:])[ \t]*(?:\\?"([^"\\]*)|'([^']*)'|([^\s;&"',)|<>]+))"#,
    )
    .ok()
});

/// `--name value`.
static FLAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|\s)(--?[A-Za-z][A-Za-z0-9_\-]{1,60})[ \t]+(?:"([^"]*)"|'([^']*)'|([^\s;&|"']+))"#).ok()
});

/// `Authorization: Bearer x`, `-H "X-Api-Key: x"` is an assignment; here the scheme stands between.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(authorization|auth)\b[^A-Za-z0-9]{1,4}(?:bearer|basic|token|apikey|api-key)[ \t:]+([^\s\x22',;]+)",
    )
    .ok()
});

/// `-u user:password`, `--user user:password` (curl, and what copies it).
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|\s)(-u|--user|--proxy-user|--creds?)(?:[ \t]+|=)["']?([^\s:"']+):([^\s"']+)"#).ok()
});

/// Programs whose short flag is a password: `mysql -pX`, `sshpass -p X`, `redis-cli -a X`, `docker login -p X`.
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?:(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&]*?[ \t]-p([^\s"'|;&]+)|(?:sshpass)[ \t]+-p[ \t]*([^\s|;&]+)|redis-cli\b[^|;&]*?[ \t]-a[ \t]+([^\s|;&]+)|(?:docker|podman|helm|az|mongo|mongosh|mongodump)\b[^|;&]*?[ \t]-p[ \t]+([^\s|;&]+))"#).ok()
});

fn run(regex: &LazyLock<Option<Regex>>, text: &str, mut visit: impl FnMut(&Captures<'_>)) {
    if let Some(regex) = &**regex {
        let mut from = 0;
        // Two assignments may share the blank between them, so the search goes on at the value's end.
        while let Some(captures) = regex.captures_at(text, from) {
            visit(&captures);
            let Some(whole) = captures.get(0) else { break };
            from = whole.end().max(from + 1);
            while from < text.len() && !text.is_char_boundary(from) {
                from += 1;
            }
            if from >= text.len() {
                break;
            }
        }
    }
}

fn found(name: &str, span: Range<usize>, (confidence, reason): (Confidence, &'static str)) -> Found {
    Found { name: name.to_owned(), span, confidence, reason }
}

/// Code that computes a value is no value: `os.environ["X"]`, `getenv(...)`, `config.token`.
fn is_code(text: &str) -> bool {
    text.contains(['(', '['])
        || ["os.", "process.", "self.", "config.", "settings.", "env."].iter().any(|start| text.starts_with(start))
}

/// Every credential in a text.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = pattern::find(text)
        .into_iter()
        .map(|(span, reason)| found(reason, span, (Confidence::Pattern, reason)))
        .collect();
    all.extend(userinfo(text));
    if !NAMES.as_ref().is_some_and(|names| names.is_match(text)) {
        return all;
    }
    if text.contains(['=', ':']) {
        run(&ASSIGNMENT, text, |captures| all.extend(assignment(captures)));
        run(&HEADER, text, |captures| {
            if let Some(m) = captures.get(2)
                && m.len() >= 6
                && !value::is_placeholder(m.as_str())
            {
                all.push(found("Authorization", m.range(), (Confidence::Heuristic, "an authorization header")));
            }
        });
    }
    if text.contains('-') {
        run(&FLAG, text, |captures| all.extend(flag(captures)));
        run(&USER, text, |captures| {
            if let (Some(flag), Some(m)) = (captures.get(1), captures.get(3))
                && !m.as_str().starts_with(|c: char| c.is_ascii_digit())
                && value::judge(Family::Password, m.as_str()).is_some()
            {
                all.push(found(flag.as_str(), m.range(), (Confidence::Heuristic, "a user name with a password")));
            }
        });
        run(&SHORT, text, |captures| {
            if let Some(m) = captures.iter().skip(1).flatten().next()
                && let Some(verdict) = value::judge(Family::Password, m.as_str())
            {
                all.push(found("-p", m.range(), verdict));
            }
        });
    }
    all
}

fn assignment(captures: &Captures<'_>) -> Option<Found> {
    let name = captures.get(1)?.as_str();
    let family = name::family(name)?;
    let quoted = captures.get(3).or_else(|| captures.get(4));
    let m = quoted.or_else(|| captures.get(5))?;
    let text = m.as_str();
    let verdict = value::judge(family, text)?;
    let bare = quoted.is_none();
    let colon = captures.get(2)?.as_str() == ":";
    // `password=password` is how Python passes an argument on; as a flag or a variable it is a value.
    let deliberate = name.starts_with('-') || name.chars().all(|c| !c.is_ascii_lowercase());
    if bare && (is_code(text) || name == text && !deliberate) {
        return None;
    }
    // Prose says `password: required`; a bare value after a colon must look made.
    if bare && colon && !value::is_random(text) && family != Family::Certain {
        return None;
    }
    Some(found(name, m.range(), verdict))
}

fn flag(captures: &Captures<'_>) -> Option<Found> {
    let name = captures.get(1)?.as_str();
    let m = captures.get(2).or_else(|| captures.get(3)).or_else(|| captures.get(4))?;
    flag_value(name, m.as_str()).map(|verdict| found(name, m.range(), verdict))
}

/// What the argument after a flag is.
pub(super) fn flag_value(name: &str, text: &str) -> Option<(Confidence, &'static str)> {
    let family = name::family(name)?;
    if !name.starts_with('-') || text.starts_with('-') || name.contains('=') {
        return None;
    }
    value::judge(family, text)
}

/// Passwords in addresses: `postgres://app:PASSWORD@db:5432/app`.
fn userinfo(text: &str) -> Vec<Found> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + 3;
        // In running text a quote ends an address; when the address is the whole text, a quote belongs to the password.
        let whole = all.is_empty() && text[..start].chars().all(|c| c.is_ascii_alphanumeric() || "+.-:/".contains(c));
        let ends = |c: char| c.is_whitespace() || !whole && matches!(c, '"' | '\'' | '`' | '<' | '>' | '|' | ';');
        let end = text[start..].find(ends).map_or(text.len(), |n| start + n);
        from = start;
        let address = &text[start..end];
        // A comma separates the hosts of a MongoDB address, and addresses of a list.
        let address = address.find("://").map_or(address, |next| {
            let cut = address[..next].rfind(',').unwrap_or(next);
            &address[..cut]
        });
        if let Some(span) = password_in(address) {
            let password = &address[span.clone()];
            let stands_for = value::is_placeholder(password) || password.eq_ignore_ascii_case("redacted");
            if !stands_for {
                let span = start + span.start..start + span.end;
                let weak = value::judge(Family::Password, password).is_some_and(|(c, _)| c == Confidence::Low);
                let verdict = if weak {
                    (Confidence::Low, "an address with a well-known default as password")
                } else {
                    (Confidence::Pattern, "an address with a password")
                };
                all.push(found("address", span, verdict));
            }
        }
    }
    all
}

/// The password within `user:password@host/...`.
fn password_in(address: &str) -> Option<Range<usize>> {
    let authority = address.find(['/', '?', '#']).unwrap_or(address.len());
    let at = if let Some(at) = address[..authority].rfind('@') {
        at
    } else {
        // A password may hold a slash that nobody escaped; a port is digits.
        let (_, rest) = address[..authority].split_once(':')?;
        if rest.chars().all(|c| c.is_ascii_digit()) || address[..authority].contains('.') {
            return None;
        }
        address.rfind('@')?
    };
    let colon = address[..at].find(':')?;
    let span = colon + 1..at;
    (!span.is_empty()).then_some(span)
}
