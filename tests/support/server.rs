//! A loopback server over an [`Account`]: what the program reads through the SDK, a real Terraform provider reads here.
//!
//! Plain HTTP/1.1 with keep-alive, one thread a connection. Every operation can be denied, slowed, throttled, broken or
//! given short pages; [`Server::ok`] ends that. Requests signed for another region than the account's find an empty region, as at AWS.

// Each test binary uses its own part of this file, and a broken loopback socket may stop a test where it stands.
#![allow(dead_code, clippy::unwrap_used)]

use ecsight::aws::demo::{Account, Answer, page_of};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// `ListServices`, `GetCallerIdentity` …
    pub operation: String,
    /// The body: JSON, or the form of the query protocol as a string.
    pub body: Value,
    /// The region of the signature.
    pub region: String,
    /// Since the server started.
    pub at: Duration,
}

/// The server. Dropping it closes every connection.
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
    listening: Option<JoinHandle<()>>,
}

struct State {
    account: Mutex<Arc<Account>>,
    elsewhere: Account,
    started: Instant,
    requests: Mutex<Vec<Request>>,
    faults: Mutex<Faults>,
    open: Mutex<HashMap<usize, TcpStream>>,
    stopped: AtomicBool,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

type Which = Box<dyn Fn(usize) -> bool + Send>;

#[derive(Default)]
struct Faults {
    denied: Vec<String>,
    denied_from_page: HashMap<String, usize>,
    denied_nth: HashMap<String, (usize, Which)>,
    delayed: HashMap<String, Duration>,
    delayed_next: HashMap<String, Duration>,
    delayed_all: Duration,
    throttled: HashMap<String, usize>,
    malformed: Vec<String>,
    refused: HashMap<String, (String, String)>,
    expired: bool,
    short_pages: Vec<usize>,
    jitter: Option<(u64, u64)>,
    ended: Vec<(String, bool)>,
}

/// What a fault makes of a call.
enum Fault {
    Denied,
    Throttled,
    Malformed,
    Refused(String, String),
    Expired,
}

impl Server {
    /// Serves the account on a free port of 127.0.0.1.
    pub fn start(account: impl Into<Arc<Account>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            account: Mutex::new(account.into()),
            elsewhere: Account::from_json(&json!({})),
            started: Instant::now(),
            requests: Mutex::default(),
            faults: Mutex::default(),
            open: Mutex::default(),
            stopped: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&state);
        let listening = std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                if let Ok(copy) = stream.try_clone() {
                    accepting.open.lock().unwrap().insert(number, copy);
                }
                let state = Arc::clone(&accepting);
                std::thread::spawn(move || {
                    state.serve(&stream);
                    state.open.lock().unwrap().remove(&number);
                });
            }
        });
        Self { address, state, listening: Some(listening) }
    }

    /// `http://127.0.0.1:PORT`, for `--endpoint-url` and for every endpoint of a Terraform provider.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers from other documents from now on: something changed in the account.
    pub fn swap(&self, account: impl Into<Arc<Account>>) {
        *self.state.account.lock().unwrap() = account.into();
    }

    /// How often each operation was called, refused calls and repeats included.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for request in self.requests() {
            *calls.entry(request.operation).or_default() += 1;
        }
        calls
    }

    /// Every request, in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.state.requests.lock().unwrap().clear();
        self.state.most_in_flight.store(0, Ordering::SeqCst);
    }

    /// The most requests that were being answered at one time.
    pub fn most_in_flight(&self) -> usize {
        self.state.most_in_flight.load(Ordering::SeqCst)
    }

    /// How many calls wanted to change something. All were refused.
    pub fn mutations(&self) -> usize {
        self.requests()
            .iter()
            .filter(|request| !["List", "Describe", "Get"].iter().any(|verb| request.operation.starts_with(verb)))
            .count()
    }

    /// Refuses every call of an operation with `AccessDeniedException`.
    pub fn deny(&self, operation: &str) -> &Self {
        self.faults(|faults| faults.denied.push(operation.to_owned()))
    }

    /// Refuses an operation from its `page`th page on (counted from 1).
    pub fn deny_page(&self, operation: &str, page: usize) -> &Self {
        self.faults(|faults| _ = faults.denied_from_page.insert(operation.to_owned(), page))
    }

    /// Refuses those calls of an operation whose number, counted from 0 from now on, `which` picks.
    pub fn deny_nth(&self, operation: &str, which: impl Fn(usize) -> bool + Send + 'static) -> &Self {
        self.faults(|faults| {
            let which: Which = Box::new(which);
            faults.denied_nth.insert(operation.to_owned(), (0, which));
        })
    }

    /// Waits before each answer to an operation.
    pub fn delay(&self, operation: &str, delay: Duration) -> &Self {
        self.faults(|faults| _ = faults.delayed.insert(operation.to_owned(), delay))
    }

    /// Waits before the next answer to an operation, and before no other.
    pub fn delay_next(&self, operation: &str, delay: Duration) -> &Self {
        self.faults(|faults| _ = faults.delayed_next.insert(operation.to_owned(), delay))
    }

    /// Waits before every answer.
    pub fn delay_all(&self, delay: Duration) -> &Self {
        self.faults(|faults| faults.delayed_all = delay)
    }

    /// Answers the next `times` calls of an operation with `ThrottlingException`.
    pub fn throttle(&self, operation: &str, times: usize) -> &Self {
        self.faults(|faults| _ = faults.throttled.insert(operation.to_owned(), times))
    }

    /// Answers an operation with status 200 and JSON that breaks off.
    pub fn malform(&self, operation: &str) -> &Self {
        self.faults(|faults| faults.malformed.push(operation.to_owned()))
    }

    /// Refuses an operation with this code and these words.
    pub fn refuse(&self, operation: &str, code: &str, message: &str) -> &Self {
        let said = (code.to_owned(), message.to_owned());
        self.faults(|faults| _ = faults.refused.insert(operation.to_owned(), said))
    }

    /// Cuts the pages of every list to these sizes in turn, though more was asked for, as AWS may at any time. A page
    /// of size 0 is empty and has a token all the same.
    pub fn short_pages(&self, sizes: &[usize]) -> &Self {
        self.faults(|faults| faults.short_pages = sizes.to_vec())
    }

    /// Waits up to so long before each answer, each time differently: answers overtake each other in ever new ways.
    pub fn jitter(&self, most: Duration) -> &Self {
        self.faults(|faults| faults.jitter = Some((most.as_micros() as u64, 0)))
    }

    /// Ends a task between its list and its description: there it is STOPPED, or `gone` altogether.
    pub fn end_task(&self, arn: &str, gone: bool) -> &Self {
        self.faults(|faults| faults.ended.push((arn.to_owned(), gone)))
    }

    /// Answers everything, STS too, as if the caller's token had expired.
    pub fn expire(&self) -> &Self {
        self.faults(|faults| faults.expired = true)
    }

    /// Ends every fault.
    pub fn ok(&self) -> &Self {
        self.faults(|faults| *faults = Faults::default())
    }

    fn faults(&self, change: impl FnOnce(&mut Faults)) -> &Self {
        change(&mut self.state.faults.lock().unwrap());
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        _ = TcpStream::connect(self.address); // wakes accept()
        if let Some(listening) = self.listening.take() {
            _ = listening.join();
        }
        for (_, stream) in self.state.open.lock().unwrap().drain() {
            _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Faults {
    fn delay_of(&mut self, operation: &str) -> Duration {
        if let Some((most, state)) = &mut self.jitter {
            // Knuth's MMIX generator; the high bits are the good ones.
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            return Duration::from_micros((*state >> 33) % (*most).max(1));
        }
        if let Some(delay) = self.delayed_next.remove(operation) {
            return delay;
        }
        self.delayed.get(operation).copied().unwrap_or(self.delayed_all)
    }

    fn of(&mut self, operation: &str, body: &Value) -> Option<Fault> {
        if self.expired {
            return Some(Fault::Expired);
        }
        if let Some(left) = self.throttled.get_mut(operation).filter(|left| **left > 0) {
            *left -= 1;
            return Some(Fault::Throttled);
        }
        if let Some((number, which)) = self.denied_nth.get_mut(operation) {
            *number += 1;
            if which(*number - 1) {
                return Some(Fault::Denied);
            }
        }
        if let Some((code, message)) = self.refused.get(operation) {
            return Some(Fault::Refused(code.clone(), message.clone()));
        }
        let late = self.denied_from_page.get(operation).is_some_and(|page| page_of(body) >= *page);
        if late || self.denied.iter().any(|denied| denied == operation) {
            return Some(Fault::Denied);
        }
        self.malformed.iter().any(|broken| broken == operation).then_some(Fault::Malformed)
    }
}

impl State {
    /// Answers one connection until the other side closes it.
    fn serve(&self, stream: &TcpStream) {
        _ = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream);
        while let Some((headers, body)) = read(&mut reader, stream) {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            let (status, kind, text) = self.answer(&headers, &body);
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            let reason = match status {
                200 => "OK",
                403 => "Forbidden",
                _ => "Bad Request",
            };
            let head = format!(
                "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nx-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n\r\n",
                text.len()
            );
            let mut out = stream;
            if out.write_all(&[head.as_bytes(), text.as_bytes()].concat()).is_err() {
                break;
            }
            if headers.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                break;
            }
        }
        _ = stream.shutdown(Shutdown::Both);
    }

    fn answer(&self, headers: &HashMap<String, String>, body: &[u8]) -> (u16, &'static str, String) {
        let own = Arc::clone(&self.account.lock().unwrap());
        let form = String::from_utf8_lossy(body).into_owned();
        let region = region_of(headers.get("authorization").map_or("", String::as_str));
        let target = headers.get("x-amz-target").map(String::as_str);
        let (operation, asked) = match target {
            Some(target) => {
                (target.rsplit('.').next().unwrap_or(target), serde_json::from_slice(body).unwrap_or(Value::Null))
            }
            None => (
                form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("(none)"),
                Value::from(form.as_str()),
            ),
        };
        self.requests.lock().unwrap().push(Request {
            operation: operation.to_owned(),
            body: asked.clone(),
            region: region.to_owned(),
            at: self.started.elapsed(),
        });
        let (fault, delay, size, ended) = {
            let mut faults = self.faults.lock().unwrap();
            let sizes = &faults.short_pages;
            let size = (!sizes.is_empty() && is_paged(operation)).then(|| sizes[(page_of(&asked) - 1) % sizes.len()]);
            let ended = if operation == "DescribeTasks" { faults.ended.clone() } else { vec![] };
            (faults.of(operation, &asked), faults.delay_of(operation), size, ended)
        };
        std::thread::sleep(delay);
        let Some(target) = target else {
            let answer = match fault {
                Some(Fault::Malformed) => {
                    return (200, "text/xml", "<GetCallerIdentityResponse><GetCaller".to_owned());
                }
                Some(Fault::Denied) => {
                    return (
                        403,
                        "text/xml",
                        xml_error("AccessDenied", &own.denial_message(&format!("sts:{operation}"))),
                    );
                }
                Some(Fault::Refused(code, message)) => return (403, "text/xml", xml_error(&code, &message)),
                Some(Fault::Expired) => {
                    return (403, "text/xml", xml_error("ExpiredToken", EXPIRED));
                }
                Some(Fault::Throttled) => {
                    return (400, "text/xml", xml_error("Throttling", "Rate exceeded"));
                }
                None => own.answer_query(&form),
            };
            return (answer.status, "text/xml", answer.body);
        };
        let service = if target.starts_with("AnyScale") { "application-autoscaling" } else { "ecs" };
        let here = region == own.region();
        let account = if here { &*own } else { &self.elsewhere };
        let answer = || match size {
            Some(size) => short(account, target, &asked, size),
            None if !ended.is_empty() => without(account.answer(target, &asked), &ended),
            None => account.answer(target, &asked),
        };
        let (status, text) = match fault {
            Some(Fault::Denied) => {
                (400, json_error("AccessDeniedException", &own.denial_message(&format!("{service}:{operation}"))))
            }
            Some(Fault::Refused(code, message)) => (400, json_error(&code, &message)),
            Some(Fault::Expired) => (400, json_error("ExpiredTokenException", EXPIRED)),
            Some(Fault::Throttled) => (400, json_error("ThrottlingException", "Rate exceeded")),
            Some(Fault::Malformed) => {
                let mut text = answer().body;
                text.truncate(text.len() / 2);
                (200, text)
            }
            None => {
                let answer = answer();
                (answer.status, answer.body)
            }
        };
        (status, "application/x-amz-json-1.1", text)
    }
}

/// The operations whose answers come in pages.
fn is_paged(operation: &str) -> bool {
    operation.starts_with("List")
        || ["DescribeCapacityProviders", "DescribeScalableTargets", "DescribeScalingPolicies"].contains(&operation)
}

/// A page of at most `size`. An empty one leads on to where it stands.
fn short(account: &Account, target: &str, asked: &Value, size: usize) -> Answer {
    let scaling = target.starts_with("AnyScale");
    let (most, token) = if scaling { ("MaxResults", "NextToken") } else { ("maxResults", "nextToken") };
    let mut asked = asked.clone();
    let wanted = asked[most].as_u64().unwrap_or(10) as usize;
    asked[most] = json!(size.clamp(1, wanted));
    let mut answer = account.answer(target, &asked);
    if size == 0 && answer.status == 200 {
        let mut page: Value = serde_json::from_str(&answer.body).unwrap();
        for rows in page.as_object_mut().unwrap().values_mut().filter_map(Value::as_array_mut) {
            rows.clear();
        }
        let from = asked[token].as_str().and_then(|token| token.rsplit('.').next()).unwrap_or("0");
        page[token] = json!(format!("page.{}.{from}", page_of(&asked) + 1));
        answer.body = page.to_string();
    }
    answer
}

/// Described tasks, some of which have ended by now.
fn without(mut answer: Answer, ended: &[(String, bool)]) -> Answer {
    let mut page: Value = serde_json::from_str(&answer.body).unwrap();
    for (arn, gone) in ended {
        let tasks = page["tasks"].as_array_mut().unwrap();
        let Some(at) = tasks.iter().position(|task| task["taskArn"] == **arn) else { continue };
        if *gone {
            tasks.remove(at);
            page["failures"].as_array_mut().unwrap().push(json!({"arn": arn, "reason": "MISSING"}));
        } else {
            tasks[at]["lastStatus"] = json!("STOPPED");
            tasks[at]["desiredStatus"] = json!("STOPPED");
        }
    }
    answer.body = page.to_string();
    answer
}

const EXPIRED: &str = "The security token included in the request is expired";

fn json_error(kind: &str, message: &str) -> String {
    json!({"__type": kind, "message": message}).to_string()
}

fn xml_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
    )
}

/// The region in `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn region_of(authorization: &str) -> &str {
    authorization.split_once("Credential=").and_then(|(_, scope)| scope.split('/').nth(2)).unwrap_or_default()
}

/// The next request of a connection: its headers, names in lower case, and its body. `None` when the connection ends.
fn read(reader: &mut BufReader<&TcpStream>, mut stream: &TcpStream) -> Option<(HashMap<String, String>, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    if headers.contains_key("expect") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}
