//! A moto server that holds what an export names and does not import.
//!
//! Included by path, as `engines.rs` is.
// Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::expect_used, clippy::panic)]

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A moto server on a free port of 127.0.0.1, ended with the test.
pub struct Moto {
    process: Child,
    pub url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Moto {
    /// Starts the server of a test environment (see `tests/support/env/setup`).
    pub fn start(environment: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let process = Command::new(environment.join("venv/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test environment has moto_server");
        let moto = Self { process, url: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "moto does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }

    /// Makes roles, a network, secrets ... there; what each is called.
    pub fn seed_references(&self, environment: &Path, region: &str) -> Value {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/env/seed_references.py");
        let output = Command::new(environment.join("venv/bin/python"))
            .args([script, &self.url, region])
            .output()
            .expect("the test environment has python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}
