//! What a real plan of an export comes to, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::terraform::plan::{Class, Code, Counts, Explained, PlanReport, Reason, explain};

/// A folder after a real plan: every resource with its verdict, explained. Its texts are masked and safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// `Terraform`, `OpenTofu`.
    pub engine: String,
    /// The engine's version.
    pub version: String,
    /// What the engine did and how many milliseconds that took, in order.
    pub phases: Vec<(&'static str, u64)>,
    /// The engine's own summary.
    pub counts: Counts,
    /// True when the plan imports and does nothing else.
    pub import_only: bool,
    /// True when all of it is in the state already, and nothing is to change.
    pub in_state: bool,
    /// True when the plan broke off.
    pub errored: bool,
    /// Resources that the engine put off to a later plan.
    pub deferred: usize,
    /// Whether the code is as it was exported.
    pub code: Code,
    /// Every resource, in the engine's order.
    pub resources: Vec<Explained>,
}

impl Verified {
    /// Explains a plan that was read in the clear; `hide` is laid over every text of it.
    pub fn of(
        report: &PlanReport,
        engine: (&str, &str),
        phases: Vec<(&'static str, u64)>,
        code: Code,
        hide: &dyn Fn(&str) -> String,
    ) -> Self {
        Self {
            engine: engine.0.to_owned(),
            version: engine.1.to_owned(),
            phases,
            counts: report.counts,
            import_only: report.is_import_only(),
            in_state: report.is_in_state(),
            errored: report.errored,
            deferred: report.deferred,
            code,
            resources: explain(report, code, hide),
        }
    }

    /// `1 in place, 2 cosmetic`: how many resources of each class that is more than nothing, the worst first.
    pub fn classes(&self) -> Vec<(Class, usize)> {
        let mut counts: Vec<(Class, usize)> = Vec::new();
        for resource in self.resources.iter().filter(|r| r.class > Class::Nothing) {
            match counts.iter_mut().find(|(class, _)| *class == resource.class) {
                Some((_, count)) => *count += 1,
                None => counts.push((resource.class, 1)),
            }
        }
        counts.sort_by_key(|(class, _)| std::cmp::Reverse(*class));
        counts
    }

    /// True when an apply would change nothing: it imports alone, or there is nothing left to do.
    pub fn is_clean(&self) -> bool {
        self.import_only || self.in_state
    }

    /// The verdict in one word or a few.
    pub fn verdict(&self) -> &'static str {
        match (self.import_only, self.in_state) {
            (true, _) => "import-only",
            (_, true) => "nothing to import, nothing to change: in the state already",
            _ => "NOT import-only",
        }
    }

    /// The last line: the engine's counts, and the verdict.
    pub fn summary(&self) -> String {
        let mut line = format!("{}: {}", self.counts, self.verdict());
        let classes: Vec<String> = self.classes().iter().map(|(class, n)| format!("{n} {}", class.word())).collect();
        if !classes.is_empty() {
            let _ = write!(line, " ({})", classes.join(", "));
        }
        line
    }

    /// Why a plan without any differing resource is not import-only, where that is so.
    pub fn troubles(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.errored {
            lines.push("the plan broke off: it says less than the whole".to_owned());
        }
        if self.deferred > 0 {
            lines.push(format!("{} put off to a later plan by the engine", self.deferred));
        }
        if self.counts.import == 0 && !self.in_state {
            lines.push("nothing is imported: is everything in the state already?".to_owned());
        }
        lines
    }

    /// `Terraform 1.15.5: init 3.1 s, validate 1.2 s, plan 9.5 s, show 0.4 s`; without times where none are known.
    pub fn run(&self) -> String {
        if self.phases.is_empty() {
            return format!("{} {}", self.engine, self.version);
        }
        let phases: Vec<String> = self.phases.iter().map(|(name, took)| format!("{name} {}", seconds(*took))).collect();
        format!("{} {}: {}", self.engine, self.version, phases.join(", "))
    }
}

/// Milliseconds as `3.1 s`.
pub fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// `desired_count: 3 -> 2`.
pub fn difference(reason: &Reason) -> String {
    if reason.before == reason.after {
        return format!("{}: {}, differs", reason.path, reason.before);
    }
    format!("{}: {} -> {}", reason.path, reason.before, reason.after)
}

/// `desiredCount, default 1, rule 2`: whose the argument is; nothing where no row and no rule is known.
pub fn ownership(reason: &Reason) -> Option<String> {
    let parts: Vec<String> = [
        reason.member.as_ref().map(|member| format!("AWS member {member}")),
        reason.default.as_ref().map(|default| format!("provider default {default}")),
        reason.omission.map(|rule| format!("left out only by rule {rule}")),
        reason.rule.map(|rule| format!("rule {rule}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// For people: a line a resource, below it what differs, whose it is, and what to do.
pub fn text(verified: &Verified) -> String {
    let mut out = format!("{}\n", verified.run());
    for resource in &verified.resources {
        let class = if resource.class > Class::Nothing { resource.class.word() } else { "no change" };
        let _ =
            writeln!(out, "{:<2} {:<20} {:<10} {}", resource.class.sign(), resource.verdict, class, resource.address);
        if let Some(advice) = &resource.advice {
            let _ = writeln!(out, "      {advice}");
        }
        for reason in &resource.reasons {
            let _ = writeln!(out, "   {:<2} {:<10} {}", reason.class.sign(), reason.class.word(), difference(reason));
            if let Some(whose) = ownership(reason) {
                let _ = writeln!(out, "      {whose}");
            }
            let _ = writeln!(out, "      {}", reason.advice);
        }
    }
    for trouble in verified.troubles() {
        let _ = writeln!(out, "!  {trouble}");
    }
    let _ = writeln!(out, "{}", verified.summary());
    out
}

/// For machines.
pub fn machine(verified: &Verified) -> Value {
    let reason = |r: &Reason| {
        json!({
            "argument": r.path, "class": r.class.word(), "before": r.before, "after": r.after,
            "member": r.member, "default": r.default, "omission": r.omission, "rule": r.rule, "advice": r.advice,
        })
    };
    let resources: Vec<Value> = verified
        .resources
        .iter()
        .map(|r| {
            json!({
                "address": r.address, "import_id": r.import_id, "verdict": r.verdict, "class": r.class.word(),
                "harmless": r.is_harmless(), "advice": r.advice,
                "differences": r.reasons.iter().map(reason).collect::<Vec<_>>(),
            })
        })
        .collect();
    let phases: Vec<Value> =
        verified.phases.iter().map(|(name, took)| json!({"phase": name, "milliseconds": took})).collect();
    let counts = &verified.counts;
    json!({
        "import_only": verified.import_only,
        "in_state": verified.in_state,
        "engine": {"name": verified.engine, "version": verified.version},
        "phases": phases,
        "code": verified.code.word(),
        "errored": verified.errored,
        "deferred": verified.deferred,
        "counts": {"import": counts.import, "add": counts.add, "change": counts.change, "destroy": counts.destroy},
        "resources": resources,
    })
}
