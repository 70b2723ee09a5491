//! What a difference comes to, and what to do about it.

use serde_json::Value;

use super::{Class, Code, Found, Reader, is_below, table_says_containers};
use crate::secrets::MARK;
use crate::terraform::is_zero;
use crate::terraform::plan::owner;
use crate::terraform::plan::{Difference, traps, without_indices};

/// The class of a difference, the rule behind it, and the advice.
pub(super) type Judgement = (Class, Option<&'static str>, String);

impl Reader<'_> {
    /// Judges a difference. The first that fits: what the provider treats as equal, what only accompanies, what only an apply
    /// would tell, the provider's own arguments, tags, the known traps, and else the values themselves.
    pub(super) fn judged(&self, found: &Found) -> Judgement {
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        let argument = names.first().copied().unwrap_or_default();
        let replaces = self.is_replacing(&found.path);
        let apply = if replaces { Class::Replace } else { Class::InPlace };
        if found.equal {
            let is_text = table_says_containers(&self.resource.resource_type, argument);
            return if is_text {
                (Class::Cosmetic, Some("3"), "the provider treats both spellings as equal: nothing to do".into())
            } else {
                (Class::Cosmetic, None, "the order in a set means nothing: nothing to do".into())
            };
        }
        match found.difference {
            Difference::SensitivityMark => {
                let advice =
                    "only the mark of a sensitive value differs: write nonsensitive(var.NAME), as the export does";
                return (Class::Cosmetic, Some("0.12"), advice.into());
            }
            Difference::NullAgainstZero if !replaces && self.has_causes() => {
                let advice = "it only accompanies the other differences and goes with them";
                return (Class::Cosmetic, Some("0.1"), advice.into());
            }
            Difference::Unknown => return self.unknown(found, argument, apply),
            _ => {}
        }
        if let Some(own) = traps::own_argument(&self.resource.resource_type, argument) {
            return (Class::StateOnly, Some(own.rule), own.advice.into());
        }
        if let Some(echo) = self.tags(&names, apply) {
            return echo;
        }
        if let Some(trap) = traps::trap_of(&self.resource.resource_type, &names, &found.before, &found.after) {
            let advice = if trap.is_change {
                format!("{}; {}", self.cause(found, &names).1, trap.advice)
            } else {
                trap.advice.to_owned()
            };
            return (apply, Some(trap.rule), advice);
        }
        let (rule, advice) = self.cause(found, &names);
        (apply, rule, advice)
    }

    /// A value that only an apply would tell.
    fn unknown(&self, found: &Found, argument: &str, apply: Class) -> Judgement {
        if found.owner.is_none() {
            return (
                Class::Cosmetic,
                None,
                "AWS gives it anew when the rest is applied; it goes with the other differences".into(),
            );
        }
        let references = self.report.references_of(&self.resource.address, argument);
        let changed =
            self.report.resources.iter().filter(|r| !r.verdict.is_harmless() && r.address != self.resource.address);
        let cause = changed.map(|r| r.address.as_str()).find(|address| {
            let plain = without_indices(address);
            references.iter().any(|r| *r == plain || r.starts_with(&format!("{plain}.")))
        });
        let advice = match cause {
            Some(address) => format!("it names {address}, which this plan changes too: mend that one, and this goes"),
            None => "its value comes from something that only an apply would tell: write what AWS says".to_owned(),
        };
        (apply, Some("0.6"), advice)
    }

    /// Tags have rules of their own.
    fn tags(&self, names: &[&str], apply: Class) -> Option<Judgement> {
        match names {
            ["tags_all", ..] => {
                let differs = |name: &str| {
                    self.resource.verdict.attributes().iter().any(|d| d.path == name || is_below(&d.path, name))
                };
                Some(if differs("tags") {
                    (Class::Cosmetic, Some("0.8"), "the sum of the tags: it goes with the difference in tags".into())
                } else {
                    let advice =
                        "default_tags of the provider block add to the tags: take them out until the import is done";
                    (apply, Some("0.8"), advice.into())
                })
            }
            ["tags", name, ..] if name.starts_with("aws:") => {
                let advice = "tags that begin with aws: are AWS's own and never in the state: take it out of the code";
                Some((apply, Some("0.8"), advice.into()))
            }
            _ => None,
        }
    }

    /// Why two values differ, as far as the code tells, and what to do.
    fn cause(&self, found: &Found, names: &[&str]) -> (Option<&'static str>, String) {
        let Some(owner) = &found.owner else {
            return (None, self.unowned(names));
        };
        let (before, after) = self.told(found);
        let what = names.last().copied().unwrap_or_default();
        if before == MARK {
            let advice = "the credential in AWS is not the one that the code has: it was rotated, or the private file was \
                          edited. Export again, or put the live value into the private tfvars file";
            return (None, advice.into());
        }
        if found.sensitive {
            return (None, "the sensitive value in AWS is not the one that the code has: export again".into());
        }
        let default = owner.default();
        if is_zero(&found.before) && !is_zero(&default) && found.after == default {
            let advice = format!(
                "AWS does not say {what} and the provider fills its default {after} in: export again, which writes the empty value"
            );
            return (Some("0.2"), advice);
        }
        if !self.writes(names) && is_zero(&found.after) {
            let omitted = match owner.omission() {
                Some(rule) => format!("An export leaves it out only by rule {rule}. "),
                None => String::new(),
            };
            // Nobody knows what AWS said when the code was written: that it came later is no more than likely.
            let who = match self.code {
                Code::AsExported => "the code is as it was exported",
                Code::Edited => "the code was edited since the export and may have lost it",
                Code::Unknown => "it came after the export, or the code has lost it",
            };
            return (None, format!("AWS says {before} and the code does not write it: {who}. {omitted}Export again"));
        }
        let says = says((&found.before, &before), (&found.after, &after));
        let who = match self.code {
            Code::AsExported => {
                format!("the code is as it was exported, so somebody changed {what} in AWS since: export again")
            }
            Code::Edited => "the code was edited after the export: put back what AWS says, or export again".to_owned(),
            Code::Unknown => {
                format!("somebody changed {what} in AWS since the export, or the code was edited: export again")
            }
        };
        let scaled = if what == "desired_count" {
            ". Where autoscaling owns it, ignore_changes = [desired_count] is what an export of its scalable target writes"
        } else {
            ""
        };
        (None, format!("{says}: {who}{scaled}"))
    }

    /// Whether the code writes the argument at these names. What stands inside a JSON text has no argument of its own.
    pub(super) fn writes(&self, names: &[&str]) -> bool {
        let is_text = names.first().is_some_and(|first| table_says_containers(&self.resource.resource_type, first));
        is_text || self.report.writes(&self.resource.address, &names.join("."))
    }

    fn unowned(&self, names: &[&str]) -> String {
        let argument = names.first().copied().unwrap_or_default();
        let kind = &self.resource.resource_type;
        if owner::table(kind).is_none() {
            return format!("ecsight does not export {kind}: it was written by hand, and so is its cure");
        }
        if self.report.writes(&self.resource.address, argument) {
            return format!(
                "no export writes {argument}: it was written by hand after the export. Take it out until the import is done"
            );
        }
        format!("the provider computes {argument}; it goes with the other differences")
    }
}

/// Longest value that advice repeats, in characters: both stand beside it anyway.
const LONGEST: usize = 40;

/// `AWS says 3, the code says 2`.
fn says((before, live): (&Value, &str), (after, code): (&Value, &str)) -> String {
    if live.chars().count() > LONGEST || code.chars().count() > LONGEST {
        return "AWS and the code say two things".to_owned();
    }
    let word = |value: &Value, text: &str| {
        let nothing = is_zero(value) && !value.is_boolean() && !value.is_number();
        if nothing { "nothing".to_owned() } else { text.to_owned() }
    };
    format!("AWS says {}, the code says {}", word(before, live), word(after, code))
}
