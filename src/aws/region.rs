//! The regions of AWS, for the words of an error and for nothing else: a region that is not here is asked all the same.

/// Regions that every account has. From the partitions that the SDK ships, without the isolated ones.
const EVERYWHERE: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
];

/// Regions that an account has to enable first: those that came after March 2019.
const ENABLED_FIRST: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// Letters that may be wrong for a name to be taken as a slip of another: `eu-wst-1`, `eu-wets-1`, `euwest1`.
const SLIPS: usize = 2;

/// What is known of the name of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// Every account has it.
    Everywhere,
    /// An account has to enable it first.
    EnabledFirst,
    /// Not known; and the known region that it resembles.
    Unknown(Option<&'static str>),
}

impl Region {
    pub(super) fn of(name: &str) -> Self {
        if EVERYWHERE.contains(&name) {
            return Self::Everywhere;
        }
        if ENABLED_FIRST.contains(&name) {
            return Self::EnabledFirst;
        }
        let all = EVERYWHERE.iter().chain(ENABLED_FIRST);
        let near = all.map(|known| (strsim::damerau_levenshtein(name, known), *known));
        let nearest = near.filter(|(slips, _)| *slips <= SLIPS).min_by_key(|(slips, _)| *slips);
        Self::Unknown(nearest.map(|(_, known)| known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_region_and_another_name_finds_none() {
        for slip in ["eu-wst-1", "eu-wets-1", "euwest1", "eu-west1", "eu-west-11"] {
            assert_eq!(Region::of(slip), Region::Unknown(Some("eu-west-1")), "{slip}");
        }
        assert_eq!(Region::of("us-est-1"), Region::Unknown(Some("us-east-1")));
        assert_eq!(Region::of("local"), Region::Unknown(None));
        assert_eq!(Region::of("eu-west-1"), Region::Everywhere);
        assert_eq!(Region::of("eu-south-2"), Region::EnabledFirst);
    }
}
