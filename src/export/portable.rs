//! Account, region and partition of the export's own scope as data sources, where a text names them at their place: in an
//! ARN, in the address of an image in ECR, as the region of a log group.

use std::collections::BTreeSet;

use crate::estate::{Arn, FieldPath, Scope};
use crate::terraform::Dialect;
use crate::terraform::hcl::Part;

/// How account, region and partition are named.
#[derive(Debug, Clone)]
pub struct Portable {
    scope: Scope,
    account: Part,
    region: Part,
    partition: Part,
}

/// The data sources, by type.
pub const SOURCES: [&str; 3] = ["aws_caller_identity", "aws_partition", "aws_region"];

impl Portable {
    /// For one account and region. `label` gives the name of a data source.
    pub fn new(scope: &Scope, dialect: Dialect, label: impl Fn(&str) -> String) -> Self {
        let named = |source: &str, attribute: &str| Part::Value(format!("data.{source}.{}.{attribute}", label(source)));
        // 6.0 gave it the name of the argument that every resource has since.
        let region = if dialect == Dialect::V3 { "name" } else { "region" };
        Self {
            scope: scope.clone(),
            account: named("aws_caller_identity", "account_id"),
            region: named("aws_region", region),
            partition: named("aws_partition", "partition"),
        }
    }

    /// A text in pieces; `None` when nothing of it is of this account.
    pub fn parts(&self, path: &FieldPath, text: &str) -> Option<Vec<Part>> {
        if path.last_member() == Some("awslogs-region") && text == &*self.scope.region {
            return Some(vec![self.region.clone()]);
        }
        self.arn(text).or_else(|| self.image(text))
    }

    /// An ARN of this account: of another region only account and partition are named.
    fn arn(&self, text: &str) -> Option<Vec<Part>> {
        let arn = Arn::parse(text)?;
        if arn.account != &*self.scope.account || arn.partition != &*self.scope.partition {
            return None;
        }
        let plain = |text: &str| Part::Text(text.to_owned());
        let region = if arn.region == &*self.scope.region { self.region.clone() } else { plain(arn.region) };
        Some(vec![
            plain("arn:"),
            self.partition.clone(),
            plain(&format!(":{}:", arn.service)),
            region,
            plain(":"),
            self.account.clone(),
            plain(&format!(":{}", arn.resource)),
        ])
    }

    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`.
    fn image(&self, text: &str) -> Option<Vec<Part>> {
        let rest = text.strip_prefix(&*self.scope.account)?.strip_prefix(".dkr.ecr.")?;
        let (region, behind) = rest.split_once('.')?;
        if !behind.starts_with("amazonaws.com") {
            return None;
        }
        let plain = |text: String| Part::Text(text);
        let region = if region == &*self.scope.region { self.region.clone() } else { plain(region.to_owned()) };
        Some(vec![self.account.clone(), plain(".dkr.ecr.".into()), region, plain(format!(".{behind}"))])
    }
}

/// The data sources that some pieces name: `data.aws_region.current`.
pub fn sources(parts: &[Part]) -> BTreeSet<String> {
    let named = parts.iter().filter_map(|part| match part {
        Part::Value(value) => value.rsplit_once('.').map(|(address, _)| address.to_owned()),
        Part::Text(_) => None,
    });
    named.filter(|address| address.starts_with("data.")).collect()
}
