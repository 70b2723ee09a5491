//! What the provider takes as the value of an argument. Its `validate` refuses everything else, and one refused
//! argument takes the whole plan down; so it is checked before anything is written.

use std::fmt;

use serde_json::Value;

use super::dialect::Dialect;

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// A string, number or boolean, whatever it says.
    Any,
    /// An ARN, or the empty string.
    Arn,
    /// A whole number between these, both included.
    Whole(i32, i32),
    /// A number between these, both included.
    Number(f64, f64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// 1 to 255 letters, digits, hyphens and underscores.
    Name,
    /// A string.
    Text,
    /// A whole number of 32 bits, in JSON: unlike HCL, the provider's reader makes no number of a string.
    Int,
    /// A boolean.
    Flag,
    /// A list of strings.
    Texts,
    /// A list of whole numbers.
    Ints,
    /// A map of strings.
    TextMap,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
}

impl Form {
    /// True for a value that the provider takes; null is an absent value and taken everywhere.
    pub fn takes(self, value: &Value, dialect: Dialect) -> bool {
        let each = |takes: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(takes));
        let text = |value: &Value| value.is_string() || value.is_null();
        match self {
            _ if value.is_null() => true,
            Self::Any => !value.is_array() && !value.is_object(),
            Self::Arn => value.as_str().is_some_and(|text| text.is_empty() || is_arn(text, dialect)),
            Self::Whole(low, high) => {
                number(value).is_some_and(|n| n.fract() == 0.0 && within(n, f64::from(low), f64::from(high)))
            }
            Self::Number(low, high) => number(value).is_some_and(|n| within(n, low, high)),
            Self::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::Name => value.as_str().is_some_and(|text| {
                (1..=255).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            }),
            Self::Text => value.is_string(),
            Self::Int => is_int(value),
            Self::Flag => value.is_boolean(),
            Self::Texts => each(text),
            Self::Ints => each(|value| is_int(value) || value.is_null()),
            Self::TextMap => value.as_object().is_some_and(|map| map.values().all(text)),
            Self::Object => value.is_object(),
            Self::Objects => each(|value| value.is_object() || value.is_null()),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("a string, number or boolean"),
            Self::Arn => f.write_str("an ARN"),
            Self::Whole(low, high) if *high == i32::MAX => write!(f, "a whole number from {low} on"),
            Self::Whole(low, high) => write!(f, "a whole number from {low} to {high}"),
            Self::Number(low, high) if high.is_infinite() => write!(f, "a number from {low} on"),
            Self::Number(low, high) => write!(f, "a number from {low} to {high}"),
            Self::OneOf([word]) => write!(f, "{word}"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::Name => f.write_str("1 to 255 letters, digits, hyphens and underscores"),
            Self::Text => f.write_str("a string"),
            Self::Int => f.write_str("a whole number"),
            Self::Flag => f.write_str("true or false"),
            Self::Texts => f.write_str("a list of strings"),
            Self::Ints => f.write_str("a list of whole numbers"),
            Self::TextMap => f.write_str("a map of strings"),
            Self::Object => f.write_str("an object"),
            Self::Objects => f.write_str("a list of objects"),
        }
    }
}

/// A JSON number, or one in a string: an argument of HCL converts it, and nullable numbers stand so in state.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| n.is_finite())
}

fn is_int(value: &Value) -> bool {
    value.as_f64().is_some_and(|n| n.fract() == 0.0 && within(n, f64::from(i32::MIN), f64::from(i32::MAX)))
}

fn within(number: f64, low: f64, high: f64) -> bool {
    (low..=high).contains(&number)
}

/// As the provider's `ValidARN`: partition, region and account have the form of one, and there is a resource.
fn is_arn(text: &str, dialect: Dialect) -> bool {
    let sections: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, _service, region, account, resource] = sections[..] else { return false };
    let partition_is_one = {
        let mut words = partition.split('-');
        words.next() == Some("aws") && words.all(is_word)
    };
    partition_is_one
        && (region.is_empty() || is_region(region, dialect))
        && (account.is_empty() || is_account(account, dialect))
        && !resource.is_empty()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// `eu-west-1`: provider 3.39 knows two letters and one digit only.
fn is_region(region: &str, dialect: Dialect) -> bool {
    let (letters, digits) = if dialect == Dialect::V3 { (2..=2, 1..=1) } else { (2..=4, 1..=2) };
    let words: Vec<&str> = region.split('-').collect();
    let [first, middle @ .., last] = &words[..] else { return false };
    is_word(first)
        && letters.contains(&first.len())
        && !middle.is_empty()
        && middle.iter().all(|word| is_word(word))
        && digits.contains(&last.len())
        && last.bytes().all(|b| b.is_ascii_digit())
}

fn is_account(account: &str, dialect: Dialect) -> bool {
    let known: &[&str] = match dialect {
        Dialect::V3 => &["aws", "aws-managed"],
        Dialect::V6 => &["aws", "aws-managed", "aws-marketplace", "partner-managed", "third-party"],
    };
    account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
        || known.contains(&account)
        || dialect == Dialect::V6 && account.strip_prefix("cw").is_some_and(|rest| rest.chars().count() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_arn_is_what_the_provider_takes_for_one() {
        let takes = |text: &str, dialect| Form::Arn.takes(&json!(text), dialect);
        for good in
            ["", "arn:aws:iam::123456789012:role/app", "arn:aws-us-gov:s3:::bucket", "arn:aws:x:eu-west-1:aws:y"]
        {
            assert!(takes(good, Dialect::V3) && takes(good, Dialect::V6), "{good}");
        }
        for bad in [
            "app",
            "{{ env }}",
            "arn:aws:iam::11111111111:role/app",
            "arn:aws:iam::<ID>:role/app",
            "arn:x:iam:::y",
            "arn:aws:iam:nowhere::y",
            "arn:aws:iam::123456789012:",
            "arn:aws:iam",
        ] {
            assert!(!takes(bad, Dialect::V3) && !takes(bad, Dialect::V6), "{bad}");
        }
        assert!(takes("arn:aws:iam:eusc-de-east-1::y", Dialect::V6));
        assert!(!takes("arn:aws:iam:eusc-de-east-1::y", Dialect::V3));
    }

    #[test]
    fn numbers_words_and_json_types() {
        let takes = |form: Form, value: Value| form.takes(&value, Dialect::V6);
        let range = Form::Whole(21, 200);
        assert!(takes(range, json!(21)) && takes(range, json!(200.0)) && takes(range, json!("30")));
        assert!(!takes(range, json!(0)) && !takes(range, json!(21.5)) && !takes(range, json!("x")));
        assert!(takes(Form::Number(0.1, 100.0), json!(12.5)) && !takes(Form::Number(0.1, 100.0), json!(0.0)));
        assert!(takes(Form::OneOf(&["a"]), json!("a")) && !takes(Form::OneOf(&["a"]), json!("A")));
        assert!(takes(Form::Text, json!(null)) && !takes(Form::Text, json!(1)));
        assert!(takes(Form::Texts, json!(["a", null])) && !takes(Form::Texts, json!(["a", 1])));
        assert!(takes(Form::TextMap, json!({"a": "b"})) && !takes(Form::TextMap, json!({"a": {}})));
        assert!(!takes(Form::Objects, json!({"a": 1})) && takes(Form::Int, json!(512.0)));
        assert!(!takes(Form::Int, json!(3_000_000_000_i64)) && !takes(Form::Int, json!("512")));
        assert!(takes(Form::Name, json!("a-B_9")) && !takes(Form::Name, json!("a.b")) && !takes(Form::Name, json!("")));
    }
}
