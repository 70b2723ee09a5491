//! Formats by which a provider's credentials are known, wherever they stand.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;

/// One known format: the texts one of which must occur, what it is, and its shape.
struct Format {
    needles: &'static [&'static str],
    reason: &'static str,
    shape: &'static str,
}

const fn format(needles: &'static [&'static str], reason: &'static str, shape: &'static str) -> Format {
    Format { needles, reason, shape }
}

/// Published formats, each with a prefix or an infix that ordinary text does not have.
static FORMATS: &[Format] = &[
    format(&["AKIA", "ASIA", "ABIA"], "AWS access key id", r"\b(?:AKIA|ASIA|ABIA)[A-Z0-9]{16}\b"),
    format(
        &["PRIVATE KEY"],
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----|$)",
    ),
    // The base64 of `-----BEGIN ` and the word that follows it: PRIVATE, RSA, EC, OPENSSH, ENCRYPTED.
    format(
        &["LS0tLS1CRUdJTi"],
        "private key in base64",
        r"LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0Eg|BFQyB|BPUEVOU1NI|BFTkNSWVBURUQg)[A-Za-z0-9+/=]{16,}",
    ),
    format(&["AGE-SECRET-KEY-1"], "age private key", r"AGE-SECRET-KEY-1[0-9A-Z]{20,}"),
    format(&["eyJ"], "JSON web token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?"),
    format(
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        "GitHub token",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    ),
    format(
        &["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"],
        "GitLab token",
        r"\bgl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{16,}",
    ),
    format(&["xox", "xapp-"], "Slack token", r"\b(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{10,}"),
    format(
        &["hooks.slack.com/"],
        "Slack webhook address",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{8,}",
    ),
    format(
        &["/api/webhooks/", "webhook.office.com/"],
        "chat webhook address",
        r"(?:discord(?:app)?\.com/api/webhooks/[0-9]{6,}/[A-Za-z0-9_-]{16,}|webhook\.office\.com/webhookb?2?/[A-Za-z0-9@/-]{20,})",
    ),
    format(
        &["_live_", "_test_", "whsec_"],
        "Stripe key",
        r"\b(?:[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})",
    ),
    format(
        &["AIza", "GOCSPX-", "ya29."],
        "Google key",
        r"\b(?:AIza[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})",
    ),
    format(&["SG."], "SendGrid key", r"\bSG\.[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}"),
    format(&["SK"], "Twilio key", r"\bSK[0-9a-f]{32}\b"),
    format(&["npm_"], "npm token", r"\bnpm_[A-Za-z0-9]{30,}"),
    format(&["pypi-"], "PyPI token", r"\bpypi-[A-Za-z0-9_-]{32,}"),
    format(
        &["sk-"],
        "OpenAI or Anthropic key",
        r"\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]*(?:[A-Z][A-Za-z_-]*[0-9]|[0-9][0-9a-z_-]*[A-Z]|[0-9a-f]{16})[A-Za-z0-9_-]{8,}",
    ),
    format(&["hf_"], "Hugging Face token", r"\bhf_[A-Za-z0-9]{28,}"),
    format(&["hvs.", "hvb.", "hvr."], "Vault token", r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}"),
    format(&["dop_v1_", "doo_v1_", "dor_v1_"], "DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{32,}"),
    format(&["dckr_pat_"], "Docker Hub token", r"\bdckr_pat_[A-Za-z0-9_-]{20,}"),
    format(&["shpat_", "shpca_", "shppa_", "shpss_"], "Shopify token", r"\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    format(&["dapi"], "Databricks token", r"\bdapi[0-9a-f]{32}(?:-[0-9])?\b"),
    format(&["-us"], "Mailchimp key", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    format(&["key-"], "Mailgun key", r"\bkey-[0-9a-f]{32}\b"),
    format(
        &["NRAK-", "NRII-", "NRAL", "FFFFNRAL"],
        "New Relic key",
        r"\b(?:NRAK-[A-Z0-9]{20,}|NRII-[A-Za-z0-9_-]{20,}|[0-9a-f]{36}(?:FFFF)?NRAL)\b",
    ),
    format(&["ATATT3", "ATCTT3"], "Atlassian token", r"\bAT[AC]TT3[A-Za-z0-9_=-]{20,}"),
    format(&["glsa_", "glc_"], "Grafana token", r"\b(?:glsa_[A-Za-z0-9]{20,}|glc_[A-Za-z0-9+/=]{32,})"),
    format(&["dt0c01.", "dt0s01."], "Dynatrace token", r"\bdt0[cs]01\.[A-Z0-9]{16,}\.[A-Z0-9]{32,}"),
    format(
        &["lin_api_", "PMAK-", "sntrys_", "pscale_", "sbp_", "dp.pt.", "dp.st."],
        "service token",
        r"\b(?:lin_api_[A-Za-z0-9]{24,}|PMAK-[a-f0-9]{20,}-[a-f0-9]{20,}|sntrys_[A-Za-z0-9+/=_]{24,}|pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{24,}|sbp_[a-f0-9]{32,}|dp\.[ps]t\.[A-Za-z0-9.-]{24,})",
    ),
    format(&[":AA"], "Telegram bot token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}"),
    format(&["sq0csp-", "sq0atp-"], "Square token", r"\bsq0(?:csp|atp)-[A-Za-z0-9_-]{20,}"),
    format(
        &["$2a$", "$2b$", "$2y$", "$argon2"],
        "password hash",
        r"(?:\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{50,}|\$argon2(?:id|i|d)\$[^\s]{30,})",
    ),
    format(
        &["AccountKey=", "SharedAccessKey="],
        "Azure account key",
        r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20,}={0,2}",
    ),
];

/// Shorter texts hold none of the formats.
const SHORTEST: usize = 16;

/// One pass over all needles at once; a text without any of them costs nothing more.
static NEEDLES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let all: Vec<String> = FORMATS.iter().flat_map(|f| f.needles).map(|needle| regex::escape(needle)).collect();
    Regex::new(&all.join("|")).ok()
});

/// Compiled on first use, each for itself: all at once would cost the first frame.
static SHAPES: [OnceLock<Option<Regex>>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];

/// Every place of a text that has a known format.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let needed = text.len() >= SHORTEST && NEEDLES.as_ref().is_some_and(|needles| needles.is_match(text));
    if !needed {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (format, shape) in FORMATS.iter().zip(&SHAPES) {
        if !format.needles.iter().any(|needle| text.contains(needle)) {
            continue;
        }
        if let Some(shape) = shape.get_or_init(|| Regex::new(format.shape).ok()) {
            found.extend(shape.find_iter(text).map(|m| (m.range(), format.reason)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_compiles() {
        for format in FORMATS {
            assert!(Regex::new(format.shape).is_ok(), "{}", format.reason);
        }
        assert!(NEEDLES.is_some());
    }
}
