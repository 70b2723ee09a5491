//! botocore's own models, which the fixture of members is a copy of.
//!
//! Included by path (`#[path = "support/model.rs"] mod model;`).
// Failing loudly is what a test's own support is for.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::{read_dir, read_to_string};
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

/// A service's model out of a virtual environment.
pub fn read(environment: &Path, service: &str) -> Value {
    let lib = environment.join("venv/lib");
    let folders = read_dir(&lib).unwrap_or_else(|e| panic!("{}: {e}", lib.display()));
    let at = folders
        .map(|entry| entry.unwrap().path().join("site-packages/botocore/data").join(service))
        .find(|at| at.exists())
        .unwrap_or_else(|| panic!("no botocore with {service} below {}", lib.display()));
    let plain = at.join("service-2.json");
    if plain.exists() {
        return serde_json::from_str(&read_to_string(plain).unwrap()).unwrap();
    }
    let mut text = String::new();
    let file = std::fs::File::open(at.join("service-2.json.gz")).unwrap();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A shape's type as the fixture writes it.
fn word(model: &Value, shape: &str) -> String {
    let shape = &model["shapes"][shape];
    match shape["type"].as_str().unwrap() {
        "list" => format!("list<{}>", word(model, shape["member"]["shape"].as_str().unwrap())),
        "map" => format!("map<{}>", word(model, shape["value"]["shape"].as_str().unwrap())),
        plain => plain.to_owned(),
    }
}

/// Every member below a shape: path and type. A shape within itself is walked once.
pub fn walk(model: &Value, shape: &str, path: &str, around: &mut Vec<String>, out: &mut Vec<(String, String)>) {
    let body = &model["shapes"][shape];
    let next = |of: &str| body[of]["shape"].as_str().unwrap();
    match body["type"].as_str().unwrap() {
        "list" => walk(model, next("member"), path, around, out),
        "map" => walk(model, next("value"), path, around, out),
        "structure" if !around.iter().any(|s| s == shape) => {
            around.push(shape.to_owned());
            for (name, member) in body["members"].as_object().unwrap() {
                let shape = member["shape"].as_str().unwrap();
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                out.push((path.clone(), word(model, shape)));
                walk(model, shape, &path, around, out);
            }
            around.pop();
        }
        _ => {}
    }
}
