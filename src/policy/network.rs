//! What the world can reach.

use super::{Described, Rule, RuleMeta, Severity, Subject, Verdicts};
use crate::estate::FieldPath;

/// Tasks get a public address.
pub static NET_001: RuleMeta = RuleMeta {
    id: "NET-001",
    title: "Public IP",
    advice: "Each task gets an address that the internet can reach. Use private subnets with a NAT gateway or endpoints.",
    severity: Severity::High,
};

/// NET-001: `assignPublicIp` is ENABLED on a service or one of its task sets.
pub struct PublicIp;

impl Rule for PublicIp {
    fn meta(&self) -> &'static RuleMeta {
        &NET_001
    }

    fn subject(&self) -> Subject {
        Subject::Service
    }

    fn check(&self, service: &Described<'_>, out: &mut Verdicts) {
        let bases = [FieldPath::root()].into_iter().chain(service.each("taskSets").map(|(path, _)| path));
        for base in bases {
            let field = base.join("networkConfiguration.awsvpcConfiguration.assignPublicIp");
            if field.get(service.value).is_some_and(|v| v == "ENABLED") {
                out.fail(field, "tasks get a public address");
            }
        }
    }
}
