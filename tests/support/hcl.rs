//! Reading an export's HCL as an engine would.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use ecsight::export::Export;
use hcl::eval::{Context, Evaluate, FuncDef, ParamType};

/// Evaluates an expression as an engine would: `jsonencode` and `nonsensitive` known, variables from the tfvars file.
pub fn evaluate(expression: &hcl::Expression, variables: &BTreeMap<String, String>) -> hcl::Value {
    let mut context = Context::new();
    let values: hcl::Map<String, hcl::Value> =
        variables.iter().map(|(name, value)| (name.clone(), hcl::Value::from(value.as_str()))).collect();
    context.declare_var("var", hcl::Value::Object(values));
    let json = |args: hcl::eval::FuncArgs| Ok(hcl::Value::from(serde_json::to_string(&args[0]).unwrap()));
    context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(json));
    let same = |args: hcl::eval::FuncArgs| Ok(args[0].clone());
    context.declare_func("nonsensitive", FuncDef::builder().param(ParamType::Any).build(same));
    expression.evaluate(&context).expect("it evaluates")
}

pub fn variables(export: &Export) -> BTreeMap<String, String> {
    let Some(file) = export.files.get("secrets.auto.tfvars") else { return BTreeMap::new() };
    let body = hcl::parse(&file.text).expect("tfvars parse");
    body.attributes()
        .map(|a| (a.key().to_owned(), evaluate(a.expr(), &BTreeMap::new()).as_str().expect("a string").to_owned()))
        .collect()
}

pub fn is_terraform(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|e| e == "tf")
}

/// Every resource block of an export: address -> body.
pub fn resources(export: &Export) -> BTreeMap<String, hcl::Body> {
    let mut all = BTreeMap::new();
    for (name, file) in export.files.iter().filter(|(name, _)| is_terraform(name)) {
        let body = hcl::parse(&file.text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", file.text));
        for block in body.into_blocks().filter(|b| b.identifier() == "resource") {
            let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
            let address = labels.join(".");
            assert!(all.insert(address.clone(), block.body().clone()).is_none(), "{address} stands twice");
        }
    }
    all
}

pub fn argument<'b>(body: &'b hcl::Body, name: &str) -> Option<&'b hcl::Expression> {
    body.attributes().find(|a| a.key() == name).map(hcl::Attribute::expr)
}
