//! Version constraints on the provider, and which dialect they leave.

use super::Taken;
use crate::error::{Error, Kind};
use crate::terraform::Dialect;

/// Major, minor, patch. Pre-releases count as the release they come before.
type Version = [u64; 3];

/// From, and up to but without.
#[derive(Debug, Clone, Copy)]
struct Range {
    low: Version,
    high: Version,
}

const ALL: [Dialect; 2] = [Dialect::V6, Dialect::V3];
const LAST: u64 = u64::MAX;

impl Range {
    /// The versions that a dialect is written for.
    fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::V3 => Self { low: [3, 39, 0], high: [4, 0, 0] },
            Dialect::V6 => Self { low: [6, 34, 0], high: [7, 0, 0] },
        }
    }

    fn holds(self, version: Version) -> bool {
        self.low <= version && version < self.high
    }

    fn meets(self, other: Self) -> bool {
        self.low.max(other.low) < self.high.min(other.high)
    }
}

fn version(text: &str) -> Option<(Version, usize)> {
    let plain = text.trim().trim_start_matches('v').split(['-', '+']).next()?;
    let parts = plain.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    let part = |at: usize| parts.get(at).copied().unwrap_or(0);
    (parts.len() <= 3).then(|| ([part(0), part(1), part(2)], parts.len()))
}

fn after([major, minor, patch]: Version) -> Version {
    [major, minor, patch.saturating_add(1)]
}

/// The versions that all parts of a constraint admit, but for single ones that `!=` takes out. `None` when it cannot be read.
fn range(constraint: &str) -> Option<Range> {
    let mut range = Range { low: [0; 3], high: [LAST; 3] };
    for part in constraint.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let at = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
        let (bound, depth) = version(&part[at..])?;
        let (low, high) = match part[..at].trim() {
            "" | "=" => (bound, after(bound)),
            "!=" => continue,
            ">" => (after(bound), [LAST; 3]),
            ">=" => (bound, [LAST; 3]),
            "<" => ([0; 3], bound),
            "<=" => ([0; 3], after(bound)),
            "~>" if depth == 3 => (bound, [bound[0], bound[1].saturating_add(1), 0]),
            "~>" => (bound, [bound[0].saturating_add(1), 0, 0]),
            _ => return None,
        };
        range = Range { low: range.low.max(low), high: range.high.min(high) };
    }
    Some(range)
}

fn possible() -> String {
    "ecsight writes for hashicorp/aws 3.39 and later 3.x (v3) and for >= 6.34, < 7 (v6)".into()
}

/// See [`Taken::dialect`].
pub(super) fn dialect(taken: &Taken, asked: Option<Dialect>) -> Result<Dialect, Error> {
    if let Some(source) = &taken.provider_source
        && source != "hashicorp/aws"
        && !source.ends_with("/hashicorp/aws")
    {
        return Err(Error::new(Kind::Usage, format!("the folder's provider aws is {source}, not hashicorp/aws"))
            .hint("only hashicorp/aws is known; export into a folder of its own with --out"));
    }
    let constraint = taken.constraint.as_deref().unwrap_or_default();
    let Some(admitted) = range(constraint) else {
        return Err(Error::new(Kind::Usage, format!("the version constraint {constraint:?} on aws cannot be read"))
            .hint("write it as in \">= 6.34, < 7\""));
    };
    let (fits, pinned): (Vec<Dialect>, String) = match &taken.locked {
        Some(locked) => {
            let fits = version(locked).map_or(Vec::new(), |(version, _)| {
                ALL.into_iter().filter(|dialect| Range::of(*dialect).holds(version)).collect()
            });
            (fits, format!("has locked hashicorp/aws {locked} (.terraform.lock.hcl)"))
        }
        None => (
            ALL.into_iter().filter(|dialect| Range::of(*dialect).meets(admitted)).collect(),
            format!("pins hashicorp/aws {constraint}"),
        ),
    };
    match (asked, fits.first()) {
        (Some(asked), Some(_)) if fits.contains(&asked) => Ok(asked),
        (None, Some(fit)) => Ok(*fit),
        (Some(asked), Some(fit)) => Err(Error::new(
            Kind::Usage,
            format!("the folder {pinned}, and --dialect {} is for another generation", asked.word()),
        )
        .hint(format!("leave --dialect out, or say --dialect {}; {}", fit.word(), possible()))),
        (_, None) => Err(Error::new(Kind::Usage, format!("the folder {pinned}: no dialect fits that"))
            .hint(format!("{}; change the constraint and run init -upgrade, or export with --out", possible()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(constraint: Option<&str>, locked: Option<&str>, asked: Option<Dialect>) -> Option<Dialect> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        dialect(&Taken { constraint: own(constraint), locked: own(locked), ..Taken::default() }, asked).ok()
    }

    #[test]
    fn a_constraint_chooses_the_dialect() {
        let (v3, v6) = (Some(Dialect::V3), Some(Dialect::V6));
        for (constraint, expected) in [
            ("", v6),
            (">= 3.0", v6),
            ("~> 3.39", v3),
            ("3.39.0", v3),
            ("~> 3.39.0", v3),
            (">= 3.0, < 4.0", v3),
            ("~> 3", v3),
            ("~> 6.0", v6),
            (">= 6", v6),
            ("~> 6.40.1", v6),
            ("= 6.62.0, != 6.50", v6),
            ("~> 4.0", None),
            ("~> 5.46", None),
            ("~> 6.12.0", None),
            ("< 3.39", None),
            (">= 7", None),
            ("newest", None),
            ("=> 6", None),
        ] {
            assert_eq!(chosen(Some(constraint), None, None), expected, "{constraint}");
        }
    }

    #[test]
    fn what_is_asked_for_must_fit_and_a_lock_decides() {
        let (v3, v6) = (Some(Dialect::V3), Some(Dialect::V6));
        assert_eq!(chosen(Some("~> 3.39"), None, v6), None);
        assert_eq!(chosen(Some(">= 3.0"), None, v3), v3);
        assert_eq!(chosen(None, None, v3), v3);
        assert_eq!(chosen(Some(">= 3.0"), Some("3.76.1"), None), v3);
        assert_eq!(chosen(Some(">= 3.0"), Some("5.46.0"), None), None);
        assert_eq!(chosen(Some(">= 3.0"), Some("6.62.0"), v3), None);
    }
}
