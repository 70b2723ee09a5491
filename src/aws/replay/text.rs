//! From the bytes of a file to JSON values: what people's shells write, and what is not JSON at all.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a file cannot be read: what is wrong where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// With line and column where there are any.
    pub(super) what: String,
    pub(super) hint: &'static str,
}

const JSON: &str = "--replay reads the JSON that the AWS CLI prints: aws ecs describe-services ... --output json";

impl Fault {
    fn new(what: impl Into<String>, hint: &'static str) -> Self {
        Self { what: what.into(), hint }
    }
}

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one, as `PowerShell`'s `>` writes.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Fault> {
    const WRITE: &str = "Save it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8 FILE";
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().copied().map(unit).collect::<Vec<_>>());
        match text {
            Ok(text) if odd.is_empty() => Ok(text),
            _ => Err(Fault::new("it begins as UTF-16 and is none", WRITE)),
        }
    };
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest)?,
        [0, _, 0, _, ..] | [_, 0, _, 0, ..] => {
            return Err(Fault::new("it looks like UTF-16 without a byte order mark", WRITE));
        }
        _ => utf8(bytes)?,
    };
    match text.find('\0') {
        Some(at) => Err(Fault::new(format!("{}: a NUL byte, which no JSON holds", place(&text[..at])), JSON)),
        None => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Fault> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Fault::new(format!("{}: this is no UTF-8", place(&before)), "Save it as UTF-8.")
    })
}

/// Where the text that follows this one begins.
fn place(before: &str) -> String {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line} column {column}")
}

/// The JSON documents of a text, which may stand one behind the other.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("it is empty", "Did the command that wrote it fail?"));
    }
    let all: Result<Vec<Strict>, serde_json::Error> =
        serde_json::Deserializer::from_str(text).into_iter::<Strict>().collect();
    match all {
        Ok(all) => Ok(all.into_iter().map(|strict| strict.0).collect()),
        Err(error) => {
            // serde_json says line and column behind its words.
            let hint = if error.is_eof() { "It ends too early: was it cut off? Record it again." } else { look(text) };
            Err(Fault::new(format!("this is no JSON: {error}"), hint))
        }
    }
}

/// What a text that is not JSON looks like.
fn look(text: &str) -> &'static str {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if text.contains("An error occurred (") || first.starts_with("Unable to locate credentials") {
        "It holds what the AWS CLI says when a call fails: leave standard error out of the file, and record again."
    } else if first.starts_with("----") || first.starts_with('+') || first.starts_with('|') {
        "It looks like --output table of the AWS CLI: record it with --output json."
    } else if first == "---" || first.split_once(':').is_some_and(|(name, _)| is_name(name)) {
        "It looks like YAML: record it with --output json."
    } else if first.contains('\t') || is_name(first) && first.to_uppercase() == first {
        "It looks like --output text of the AWS CLI: record it with --output json."
    } else if first.starts_with('<') {
        "It looks like XML or HTML: --replay reads the JSON that the AWS CLI prints."
    } else if first.starts_with("{'") || first.starts_with("[{'") {
        "It looks like a printed Python object: write it with json.dumps(answer, default=str)."
    } else {
        JSON
    }
}

/// A JSON value in which no member stands twice and no number is out of all range: both would be changed in silence.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Strict)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        // Larger whole numbers have lost digits by now; 2^64 = 18446744073709551616.
        match Number::from_f64(value) {
            Some(number) if value.abs() < 18_446_744_073_709_551_616.0 => Ok(number.into()),
            _ => Err(E::custom("a number larger than any of AWS")),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if all.contains_key(&name) {
                return Err(de::Error::custom(format!("the member {name:?} stands twice in one object")));
            }
            let Strict(value) = members.next_value()?;
            all.insert(name, value);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Value>, Fault> {
        documents(&decode(bytes)?)
    }

    fn refused(bytes: &[u8]) -> (String, &'static str) {
        let fault = read(bytes).unwrap_err();
        (fault.what, fault.hint)
    }

    #[test]
    fn every_shell_is_understood() {
        let plain = "{\"a\":\"é\"}\r\n{\"b\":1}\r\n";
        let wanted = read(plain.as_bytes()).unwrap();
        assert_eq!(wanted.len(), 2);
        let with_mark = format!("\u{feff}{plain}");
        assert_eq!(read(with_mark.as_bytes()).unwrap(), wanted);
        let little: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&little).unwrap(), wanted);
        let big: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&big).unwrap(), wanted);
        assert!(refused(&little[2..]).0.contains("without a byte order mark"));
        assert!(refused(&little[..little.len() - 1]).0.contains("UTF-16"));
    }

    #[test]
    fn what_is_no_json_is_named_with_its_place() {
        assert_eq!(refused(b" \r\n").0, "it is empty");
        assert!(refused(b"{\n\"a\": x}").0.contains("line 2 column 6"), "{:?}", refused(b"{\n\"a\": x}"));
        assert!(refused(b"{\"a\": [1, ").1.contains("cut off"));
        assert!(refused(b"{}\n{\"a\": 1,\n \"a\": 2}").0.contains("\"a\" stands twice in one object at line 3"));
        assert!(refused(b"{\"a\": 1e400}").0.contains("line 1 column"));
        assert!(refused(b"[123456789012345678901234567890]").0.contains("larger"));
        assert!(refused(b"{\"a\": \"x\0\"}").0.starts_with("line 1 column 9: a NUL byte"));
        assert!(refused(b"{\"a\": \"\xff\"}").0.starts_with("line 1 column 8: this is no UTF-8"));
        let deep = [vec![b'['; 200], vec![b']'; 200]].concat();
        assert!(refused(&deep).0.contains("recursion limit exceeded"));
    }

    #[test]
    fn other_outputs_of_the_cli_are_recognised() {
        let looks: [(&str, &str); 8] = [
            ("services:\n- serviceArn: x\n", "YAML"),
            ("---\nservices: []\n", "YAML"),
            ("SERVICES\tarn:aws:ecs:...\n", "--output text"),
            ("-----------------\n|  DescribeServices |\n", "--output table"),
            ("<html>", "XML"),
            ("{'services': []}", "Python"),
            ("An error occurred (AccessDenied)", "call fails"),
            ("Hello there", "--output json"),
        ];
        for (text, word) in looks {
            let (_, hint) = refused(text.as_bytes());
            assert!(hint.contains(word), "{text}: {hint}");
        }
    }
}
