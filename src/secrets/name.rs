//! What a name promises: is the thing that is called so a credential?

/// What kind of credential a name speaks of; decides which shapes of value are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// The names that AWS itself reads credentials from (the list of Security Hub's ECS.8 and the session token).
    Certain,
    /// People choose passwords: any word may be one.
    Password,
    /// Secrets and tokens: made by machines, or by people in a hurry.
    Secret,
    /// The name of a credential stands further in front, or is only a likely one (`STRIPE_KEY`): random text only.
    Likely,
}

/// Names, without separators and in upper case, whose value is always a credential.
const CERTAIN: &[&str] = &[
    "AWSSECRETACCESSKEY",
    "AWSACCESSKEYID",
    "AWSSECRETKEY",
    "AWSSESSIONTOKEN",
    "AWSSECURITYTOKEN",
    "ECSENGINEAUTHDATA",
    "SECRETACCESSKEY",
    "AWSACCESSKEY",
];

/// Words for what people type. Also as the end of a longer word: `PGPASSWORD`, `requirepass`.
const PASSWORD: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "passwort",
    "pswd",
    "pw",
    "psw",
    "passw",
    "masterauth",
];
const PASSWORD_ENDS: &[&str] = &["password", "passwd", "passphrase", "pass", "pwd", "passwort"];
/// Words that end like a password and are none.
const NO_PASSWORD: &[&str] = &["bypass", "compass", "encompass", "surpass", "trespass", "underpass", "overpass"];

/// Words for what machines make.
#[rustfmt::skip]
const SECRET: &[&str] = &[
    "secret", "token", "apikey", "credential", "credentials", "creds", "cred", "salt", "pepper", "jwt", "bearer",
    "pat", "sas", "hmac", "mnemonic", "otp", "totp", "auth", "authorization",
];
const SECRET_ENDS: [&str; 9] =
    ["secret", "apikey", "accesskey", "secretkey", "privatekey", "token", "authkey", "signingkey", "encryptionkey"];

/// The word before `key` that makes it a credential.
#[rustfmt::skip]
const KEY_OF: &[&str] = &[
    "api", "access", "secret", "private", "auth", "encryption", "encrypt", "crypt", "crypto", "cipher", "signing",
    "sign", "signature", "master", "license", "licence", "admin", "app", "application", "session", "cookie", "aes",
    "hmac", "jwt", "shared", "account", "server", "security", "ingest", "ingestion", "integration", "deploy",
    "webhook", "vault", "unseal", "recovery", "subscription", "symmetric", "rsa", "ssh", "tls", "ssl",
    "instrumentation",
];
/// The word before `key` that makes it an address or an identity.
#[rustfmt::skip]
const NO_KEY_OF: &[&str] = &[
    "public", "publishable", "pub", "partition", "sort", "primary", "foreign", "cache", "object", "s3", "routing",
    "site", "idempotency", "row", "hash", "range", "dedup", "group", "map", "kms", "bucket", "index", "lookup",
    "shard", "store", "redis", "feature", "config", "message", "translation",
];

/// A name that ends so speaks of a credential, it does not hold one.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "arn", "arns", "name", "names", "path", "paths", "file", "files", "filename", "dir", "directory", "folder", "id",
    "ids", "type", "types", "length", "len", "ttl", "endpoint", "endpoints", "enabled", "enable", "disabled",
    "disable", "version", "versions", "url", "urls", "uri", "uris", "host", "hostname", "port", "region", "bucket",
    "prefix", "suffix", "policy", "policies", "rotation", "expiry", "expires", "expiration", "expire", "exp",
    "timeout", "seconds", "secs", "minutes", "mins", "days", "hours", "ms", "min", "max", "count", "limit", "limits",
    "size", "issuer", "audience", "algorithm", "alg", "algo", "header", "headers", "field", "fields", "format",
    "provider", "providers", "store", "manager", "backend", "source", "mode", "regex", "pattern", "required",
    "strategy", "interval", "duration", "lifetime", "age", "param", "parameter", "label", "description", "title",
    "hint", "scope", "scopes", "location", "ref", "reference", "class", "method", "methods", "service", "username",
    "user", "users", "email", "cookie", "iterations", "rounds", "cost", "level", "status", "check", "checks",
    "validation", "validator", "complexity", "strength", "public", "page", "route", "template", "stdin", "prompt",
    "alias", "engine", "driver", "domain", "realm", "address", "addresses", "addr", "secure", "rate",
];

/// Words at the end that say which one, not what: they are looked past.
#[rustfmt::skip]
const WHICH: &[&str] = &[
    "prod", "production", "prd", "staging", "stage", "stg", "dev", "development", "test", "qa", "uat", "primary",
    "secondary", "current", "previous", "old", "new", "main", "backup", "ro", "rw", "read", "write", "base", "value",
    "plain", "plaintext", "text", "raw", "default", "master", "replica", "live", "sandbox", "b64", "base64", "hex",
];

/// The words of a name, in lower case: `dbPassword`, `DB_PASSWORD`, `db-password` and `--db-password` are alike.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || b.is_ascii_uppercase() && after.is_some_and(|a| a.is_ascii_lowercase())
            });
        // `APIKey` is two words, but the digit of `OAUTH2TOKEN` ends none of an all-capital name.
        let after_digit = before.is_some_and(|b| b.is_ascii_digit());
        let begins = begins && (!after_digit || after.is_some_and(|a| a.is_ascii_lowercase()));
        if (!c.is_ascii_alphanumeric() || begins) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    for word in &mut words {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if bare.len() > 2 {
            word.truncate(bare.len());
        }
    }
    words
}

fn is_password(word: &str) -> bool {
    PASSWORD.contains(&word) || (PASSWORD_ENDS.iter().any(|end| word.ends_with(end)) && !NO_PASSWORD.contains(&word))
}

fn is_secret(word: &str) -> bool {
    SECRET.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
}

/// The family at one position: the word itself, or `key` with the word before it.
fn family_at(words: &[String], at: usize) -> Option<Family> {
    let word = words.get(at)?.as_str();
    let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
    if ["public", "publishable"].contains(&before) {
        return None;
    }
    if is_password(word) {
        return Some(Family::Password);
    }
    if is_secret(word) {
        return Some(Family::Secret);
    }
    match word {
        "key" if KEY_OF.contains(&before) => Some(Family::Secret),
        "key" if before.is_empty() || NO_KEY_OF.contains(&before) => None,
        "key" | "keys" | "tokens" | "secrets" | "passwords" | "dsn" => Some(Family::Likely),
        "phrase" if before == "seed" => Some(Family::Secret),
        "string" if before == "connection" => Some(Family::Likely),
        _ => None,
    }
}

/// What a name promises; `None` when it promises nothing.
pub(super) fn family(name: &str) -> Option<Family> {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if CERTAIN.iter().any(|certain| bare.ends_with(certain)) {
        return Some(Family::Certain);
    }
    let mut words = words(name);
    // Next.js ships these to the browser: what stands in them is public by intent.
    if words.len() > 2 && words[0] == "next" && words[1] == "public" {
        return None;
    }
    while words.len() > 1
        && words.last().is_some_and(|w| WHICH.contains(&&**w) || w.chars().all(|c| c.is_ascii_digit()))
    {
        words.pop();
    }
    let last = words.len().checked_sub(1)?;
    if let Some(family) = family_at(&words, last) {
        return Some(family);
    }
    // The secret id of Vault's AppRole is the secret; everywhere else an id is an address.
    if words.ends_with(&["secret".into(), "id".into()]) && words.len() > 2 {
        return Some(Family::Likely).filter(|_| words.iter().any(|w| w == "vault" || w == "role" || w == "approle"));
    }
    if ABOUT.contains(&&*words[last]) {
        return None;
    }
    (0..last).rev().find_map(|at| family_at(&words, at)).map(|_| Family::Likely)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_their_words() {
        assert_eq!(words("dbPassword"), ["db", "password"]);
        assert_eq!(words("APIKey"), ["api", "key"]);
        assert_eq!(words("--api-key"), ["api", "key"]);
        assert_eq!(words("DB_PASSWORD2"), ["db", "password"]);
        assert_eq!(words("com.example/api_token"), ["com", "example", "api", "token"]);
    }

    #[test]
    fn a_name_about_a_credential_is_not_one() {
        for name in
            ["SECRET_NAME", "DB_PASSWORD_FILE", "TOKEN_TTL", "PUBLIC_KEY", "MONKEY", "KEYSPACE", "BYPASS", "TOKENIZER"]
        {
            assert_eq!(family(name), None, "{name}");
        }
        assert_eq!(family("aws.secret.access.key"), Some(Family::Certain));
        assert_eq!(family("PGPASSWORD"), Some(Family::Password));
        assert_eq!(family("DB_PASSWORD_PROD"), Some(Family::Password));
        assert_eq!(family("SECRET_KEY_BASE"), Some(Family::Secret));
        assert_eq!(family("STRIPE_KEY"), Some(Family::Likely));
        assert_eq!(family("PASSWORD_PEOPLE"), Some(Family::Likely));
    }
}
