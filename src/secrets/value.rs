//! What a value looks like: a reference, a word, a default, or random text.

use super::Confidence;
use super::name::{self, Family};

/// Defaults that ship with software, and what people type when a form insists. In lower case.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "changeme", "change-me", "change_me", "change_this", "change-this", "changeit", "changethis", "changeme123",
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "password1", "password12", "password123", "password1234",
    "passwd", "admin", "admin123", "admin1234", "administrator", "root", "toor", "secret", "secret123", "s3cr3t",
    "s3cret", "test", "test123", "test1234", "testing", "guest", "qwerty", "qwerty123", "letmein", "12345", "123456",
    "1234567", "12345678", "123456789", "1234567890", "1234", "abc123", "welcome", "welcome1", "topsecret",
    "supersecret", "mysecret", "mypassword", "foobar", "minioadmin", "insecure",
];

/// Words that stand where nothing has been filled in, or that choose a mode.
#[rustfmt::skip]
const NOTHING: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "null", "nil", "none", "n/a", "na", "undefined", "unset", "empty",
    "todo", "tbd", "fixme", "placeholder", "redacted", "replaced", "disabled", "enabled", "required", "optional",
    "iam", "env", "file", "vault", "ssm", "secretsmanager", "secrets-manager", "aws", "auto", "default", "basic",
    "bearer", "jwt", "oauth", "oauth2", "oidc", "hs256", "rs256", "bcrypt", "sha256", "argon2", "strict",
    "x-api-key", "authorization", "ldap",
];

/// Names of software that examples use as passwords, and that stand in images and settings all over.
#[rustfmt::skip]
const SOFTWARE: &[&str] = &["postgres", "postgresql", "rabbitmq", "wordpress", "keycloak", "airflow", "clickhouse"];

/// Environments: a slug with one of them names a stored secret, `prod-payments-db-credentials`.
const ENVIRONMENTS: &[&str] = &["prod", "production", "staging", "stage", "dev", "test", "qa", "uat", "sandbox"];

/// Shannon entropy in bits per character.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    let mut total = 0u32;
    for c in text.chars() {
        *counts.entry(c).or_insert(0u32) += 1;
        total += 1;
    }
    counts.values().map(|&n| f64::from(n) / f64::from(total.max(1))).map(|p| -p * p.log2()).sum()
}

fn enclosed(text: &str, open: &str, close: &str) -> bool {
    text.len() >= open.len() + close.len() && text.starts_with(open) && text.ends_with(close)
}

fn holds(text: &str, open: &str, close: &str) -> bool {
    text.split_once(open).is_some_and(|(_, rest)| rest.contains(close))
}

/// Text that stands for a value that is filled in later.
pub(super) fn is_placeholder(text: &str) -> bool {
    let variable = text.strip_prefix('$').is_some_and(|name| {
        let rest = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !rest.is_empty()
            && (!rest.chars().any(|c| c.is_ascii_lowercase())
                || rest.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    });
    let filled = !text.is_empty() && text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '?' | '•' | '#'));
    variable
        || filled
        || holds(text, "${", "}")
        || holds(text, "{{", "}}")
        || holds(text, "%{", "}")
        || text.starts_with("$(")
        || text.starts_with('`')
        || enclosed(text, "<", ">")
        || enclosed(text, "%", "%")
        || enclosed(text, "%(", ")s")
        || enclosed(text, "{", "}") && !text.contains(['"', ':'])
        || enclosed(text, "[", "]") && !text.contains('"')
        || enclosed(text, "__", "__")
        || text == "%s"
        || enclosed(text, "ENC[", "]")
        || enclosed(text, "ENC(", ")")
        || text.to_ascii_uppercase().starts_with("REPLACE")
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e'))
}

/// Units of time and size.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h",
    "hr", "hour", "hours", "d", "day", "days", "w", "week", "weeks", "y", "kb", "mb", "gb", "k",
];

/// `30s`, `1h30m`, `500ms`, `PT15M`, `10 MB`.
fn is_measure(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let body = lower.strip_prefix("pt").or_else(|| lower.strip_prefix('p')).unwrap_or(&lower);
    let mut units = body.split(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').filter(|unit| !unit.is_empty());
    let unit = units.next();
    body.starts_with(|c: char| c.is_ascii_digit())
        && unit.is_some_and(|unit| UNITS.contains(&unit))
        && units.all(|unit| UNITS.contains(&unit))
}

/// A run of characters without a break that no path or name would have.
fn random_run(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| run.len() >= 12 && is_mixed(run) && entropy(run) >= 3.0)
}

fn classes(text: &str) -> usize {
    let has = |test: fn(&char) -> bool| usize::from(text.chars().any(|c| test(&c)));
    has(char::is_ascii_lowercase)
        + has(char::is_ascii_uppercase)
        + has(char::is_ascii_digit)
        + has(|c| !c.is_ascii_alphanumeric())
}

/// Letters and digits in turns, or both cases without words.
fn is_mixed(run: &str) -> bool {
    let turns = run.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    turns >= 3 || (classes(run) >= 2 && !is_words(run))
}

fn is_path(text: &str) -> bool {
    let rooted = ["/", "./", "../", "~/", "file:", "s3:"].iter().any(|start| text.starts_with(start));
    let drive = text.len() > 2 && text.as_bytes()[1] == b':' && text.as_bytes()[2] == b'\\';
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-~:@*$".contains(c));
    // One segment behind a slash may be a password that begins so; two segments, or a relative path, are a path.
    let deep = !text.starts_with('/') || text.matches('/').count() >= 2 || is_file(text);
    drive || rooted && legal && deep && !random_run(text)
}

fn is_file(text: &str) -> bool {
    #[rustfmt::skip]
    const ENDINGS: &[&str] = &[
        ".pem", ".key", ".json", ".yaml", ".yml", ".txt", ".crt", ".cer", ".p12", ".pfx", ".jks", ".env", ".toml",
        ".conf", ".xml", ".properties", ".ini", ".gpg", ".pub",
    ];
    !text.contains(' ') && ENDINGS.iter().any(|ending| text.ends_with(ending))
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)) && !scheme.is_empty()
    })
}

/// `db.internal.example.com`, `db.internal:5432`.
fn is_host(text: &str) -> bool {
    let name = text.split_once(':').map_or(text, |(name, port)| if is_number(port) { name } else { text });
    let labels: Vec<&str> = name.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|l| {
            !l.is_empty()
                && l.len() <= 40
                && l.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
        && labels.last().is_some_and(|l| (2..=10).contains(&l.len()) && l.chars().all(|c| c.is_ascii_lowercase()))
        && !random_run(name)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && user.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
            && is_host(&host.to_ascii_lowercase())
    })
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Material that is meant to be handed out.
fn is_public(text: &str) -> bool {
    let address = text.len() == 42 && text.starts_with("0x");
    if address {
        return true;
    }
    [
        "-----BEGIN PUBLIC KEY",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN RSA PUBLIC",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
        "pk_live_",
        "pk_test_",
        "sha256:",
        "sha512:",
        "LS0tLS1CRUdJTiBDRVJU",
        "LS0tLS1CRUdJTiBQVUJM",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// A way to fetch a secret, as tools write it: `vault:secret/data/x#y`, `ssm:/x`, `op://x`.
fn is_fetched(text: &str) -> bool {
    [
        "arn:",
        "vault:",
        "ssm:",
        "secretsmanager:",
        "resolve:",
        "op:",
        "awssm:",
        "kms:",
        "sm:",
        "ref+",
        "alias/",
        "secretKeyRef",
        "parameterstore:",
        "env:",
        "gcpsm:",
        "projects/",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// Words of letters, as people write names: `orders-service`, `OrdersService`, `v2` and short numbers among them.
fn is_words(text: &str) -> bool {
    let words = name::words(text);
    let letters: usize = words.iter().map(String::len).sum();
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./: ,@".contains(c));
    let both_cases = text.chars().any(|c| c.is_ascii_lowercase()) && text.chars().any(|c| c.is_ascii_uppercase());
    let wordlike = |word: &String| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let vowels = word.chars().filter(|c| "aeiouy".contains(*c)).count();
        let letters = word.len() - digits;
        let plain = digits == 0 && (letters <= 4 || vowels * 6 >= letters);
        let number = letters == 0 && digits <= 4;
        let version = letters == 1 && digits <= 2 && !both_cases;
        let numbered = (1..=2).contains(&digits) && (letters >= 3 || letters == 2 && !both_cases);
        plain || number || version || numbered && word.trim_end_matches(|c: char| c.is_ascii_digit()).len() == letters
    };
    legal && !words.is_empty() && letters >= 3 * words.len() && words.iter().all(wordlike)
}

/// Random enough that nobody thought it up.
pub(super) fn is_random(text: &str) -> bool {
    let needed = if text.len() >= 16 { 3.0 } else { 2.5 };
    text.len() >= 8
        && !text.contains(char::is_whitespace)
        && classes(text) >= 2
        && entropy(text) >= needed
        && !is_words(text)
}

/// Too common to be sought elsewhere: a default, a mode, the name of software, a short word or number.
pub(super) fn is_common(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let listed = [WEAK, NOTHING, SOFTWARE, ENVIRONMENTS].iter().any(|words| words.contains(&&*lower));
    listed || text.len() < 4 || text.len() < 8 && is_plain(text)
}

/// Words or a number, and so to be found as a whole word only.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit()) || is_words(text)
}

/// True for text that names, points to or stands for something, and is no credential itself.
fn is_reference(text: &str, family: Family) -> bool {
    let lower = text.to_ascii_lowercase();
    let chosen = NOTHING.contains(&&*lower);
    let digits = text.chars().all(|c| c.is_ascii_digit());
    // Twelve digits and more are made by machines (keys of Cloudinary); passwords may be digits of any number.
    let number = is_number(text) && !(digits && (text.len() >= 10 || family == Family::Password && text.len() >= 4));
    is_placeholder(text)
        || chosen
        || number
        || is_measure(text)
        || is_fetched(text)
        || is_public(text)
        || is_path(text)
        || is_file(text)
        || is_url(text)
        || is_host(text) && family != Family::Password
        || is_email(text) && family != Family::Password
}

/// What a value is when its name speaks of a credential.
pub(super) fn judge(family: Family, value: &str) -> Option<(Confidence, &'static str)> {
    let text = value.trim().trim_matches(['"', '\'']);
    if text.is_empty() {
        return None;
    }
    if family == Family::Certain {
        let key = text.len() == 40 && random_run(text);
        let stands_for = is_placeholder(text)
            || (!key && (is_fetched(text) || is_path(text) || NOTHING.contains(&&*text.to_ascii_lowercase())));
        return (!stands_for).then_some((Confidence::Pattern, "AWS reads its credential from this name"));
    }
    if is_reference(text, family) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if WEAK.contains(&&*lower) {
        return (family != Family::Likely).then_some((Confidence::Low, "a well-known default"));
    }
    let named = Some((Confidence::Heuristic, "named as a credential"));
    match family {
        Family::Certain => None,
        Family::Password => {
            // `prod/db/password` is where a password is kept.
            let kept = text.contains('/') && is_words(text);
            let sentence = text.split_whitespace().count() > 6;
            if kept || sentence { None } else { named }
        }
        Family::Secret => {
            // `Kestrel77`: letters and digits in one run; names of things are written with separators.
            let run = text.len() >= 8
                && text.chars().all(|c| c.is_ascii_alphanumeric())
                && text.chars().any(|c| c.is_ascii_digit())
                && text.chars().any(|c| c.is_ascii_alphabetic());
            let short = text.len() >= 5 && classes(text) == 4 && !text.contains(' ');
            if run || short {
                return named;
            }
            if is_random(text)
                || is_uuid(text)
                || (text.len() >= 8
                    && text.contains(':')
                    && !text.contains('/')
                    && classes(text) >= 2
                    && !text.contains(' '))
            {
                return named;
            }
            if text.len() >= 10 && text.chars().all(|c| c.is_ascii_digit()) {
                return named;
            }
            secret_in_words(text)
        }
        Family::Likely => {
            let long = text.len() >= 16 && (is_random(text) || is_uuid(text));
            long.then_some((Confidence::Heuristic, "named much like a credential, and random"))
        }
    }
}

/// `my-super-secret-jwt-key`, `correcthorsebatterystaple`; but not `prod/app/secret`, which says where it is kept.
fn secret_in_words(text: &str) -> Option<(Confidence, &'static str)> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let kept = text.contains('/') || words.iter().any(|w| ENVIRONMENTS.contains(&&**w));
    // The word lists of wallets: twelve to twenty-four words in steps of three.
    if words.len() >= 12 && words.len().is_multiple_of(3) && text.chars().all(|c| c.is_ascii_lowercase() || c == ' ') {
        return Some((Confidence::Heuristic, "named as a credential"));
    }
    if kept || text.len() < 8 || words.len() > 8 {
        return None;
    }
    let says_so = ["secret", "password", "token", "key", "changeme", "change"];
    if words.iter().any(|w| says_so.iter().any(|s| w.contains(s))) {
        return Some((Confidence::Low, "a phrase that calls itself a secret"));
    }
    let phrase = words.len() == 1 && text.len() >= 16 || words.len() >= 4 && text.len() >= 20;
    (phrase && entropy(text) >= 3.0).then_some((Confidence::Heuristic, "named as a credential"))
}
