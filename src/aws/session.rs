//! Configuration, credentials, the clients, and the one function through which every call goes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::answer::{Answer, Capture};
use super::demo::{Account, DemoClient};
use super::operations::{GET_CALLER_IDENTITY, Gate, Operation};
use super::region::Region as Place;
use super::replay::Recording;
use super::trouble::Trouble;
use super::{Connect, Identity, Session, now};
use crate::error::{Error, Kind};
use crate::estate::{Arn, GapReason, ResourceId, Scope, visible};

/// The clients of one session. They share one HTTP client, so that connections are reused.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    pub(super) ecs: aws_sdk_ecs::Client,
    pub(super) scaling: aws_sdk_applicationautoscaling::Client,
    sts: aws_sdk_sts::Client,
    pub(super) gate: Gate,
}

impl Clients {
    fn new(config: &SdkConfig) -> Self {
        let gate = Gate::default();
        let ecs = aws_sdk_ecs::config::Builder::from(config).interceptor(gate.clone()).build();
        let sts = aws_sdk_sts::config::Builder::from(config).interceptor(gate.clone()).build();
        let scaling = aws_sdk_applicationautoscaling::config::Builder::from(config).interceptor(gate.clone()).build();
        Self {
            ecs: aws_sdk_ecs::Client::from_conf(ecs),
            scaling: aws_sdk_applicationautoscaling::Client::from_conf(scaling),
            sts: aws_sdk_sts::Client::from_conf(sts),
            gate,
        }
    }

    /// The one way to AWS: makes a call of the closed list and gives the text of its answer.
    ///
    /// `send` gets the interceptor that keeps the raw answer, and puts it on its request.
    pub(super) async fn call<T, E, F>(
        &self,
        operation: &'static Operation,
        send: impl FnOnce(Capture) -> F,
    ) -> Result<Answer, Trouble>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let capture = Capture::default();
        let began = std::time::Instant::now();
        // The SDK's futures hold the whole request: kept off the stack.
        let outcome = Box::pin(send(capture.clone())).await;
        let took = began.elapsed().as_millis();
        let (status, body) = capture.take().map_or((None, Vec::new()), |(status, body)| (Some(status), body));
        let trouble = match (outcome, String::from_utf8(body)) {
            (Ok(_), Ok(text)) => {
                // The log tells that a call was made, never what it answered.
                tracing::debug!(operation = operation.name, ms = took, bytes = text.len(), "answered");
                return Ok(Answer { text, at: now() });
            }
            (Ok(_), Err(error)) => return Err(Trouble::malformed(operation, error.to_string())),
            (Err(error), Ok(text)) => {
                let trouble = Trouble::read(operation, &error, status);
                let answer = Answer { text, at: now() };
                // One member of a type that the SDK does not expect would cost it the page, and with it the next ones.
                if trouble.reason == GapReason::Malformed && answer.members().is_ok() {
                    tracing::debug!(operation = operation.name, ms = took, "answered, with an odd member");
                    return Ok(answer);
                }
                trouble
            }
            (Err(error), Err(_)) => Trouble::read(operation, &error, status),
        };
        let (reason, code) = (trouble.reason.word(), visible(&trouble.code));
        tracing::warn!(operation = operation.name, ms = took, reason, code, "not answered");
        Err(trouble)
    }
}

/// Loads the configuration, finds credentials and asks STS who we are.
pub(super) async fn connect(options: &Connect, notes: &mut Vec<String>) -> Result<Session, Error> {
    let mut recorded = Vec::new();
    let config = match &options.replay {
        Some(source) => {
            let (account, revisions) = replay(source.clone(), options.region.clone(), notes).await?;
            recorded = revisions;
            offline(account, options)
        }
        None if options.demo => offline(Account::demo(), options),
        None => load(options).await?,
    };
    let Some(region) = config.region().map(|region| region.as_ref().to_owned()) else {
        return Err(no_region(options));
    };
    check_region(&region)?;
    let clients = Clients::new(&config);
    // The typed answer is kept here: STS answers in XML, which is no document of ours.
    let who = std::sync::Mutex::new(None);
    let asked = clients
        .call(&GET_CALLER_IDENTITY, |raw| async {
            let answer = clients.sts.get_caller_identity().customize().interceptor(raw).send().await?;
            if let Ok(mut who) = who.lock() {
                *who = Some((answer.account.unwrap_or_default(), answer.arn.unwrap_or_default()));
            }
            Ok::<(), SdkError<_, HttpResponse>>(())
        })
        .await;
    if let Err(trouble) = asked {
        return Err(explain(&trouble, options, &region));
    }
    let (account, arn) = who.into_inner().ok().flatten().unwrap_or_default();
    let partition = match Arn::parse(&arn) {
        Some(parsed) if !account.is_empty() => parsed.partition.to_owned(),
        _ => {
            return Err(Error::new(Kind::Malformed, "STS did not say which account this is")
                .hint("Is --endpoint-url (or AWS_ENDPOINT_URL) the address of an AWS API?"));
        }
    };
    let scope = Scope::new(&partition, &account, &region);
    let is_offline = options.offline().is_some();
    Ok(Session { clients, identity: Identity { account, arn, scope }, recorded, is_offline })
}

/// Standard mode: adaptive mode waits in ways a reader cannot see. Measured: four throttles cost 0.8 s.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(6).with_initial_backoff(Duration::from_millis(150))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(3100))
        .operation_attempt_timeout(Duration::from_secs(15))
        // An endpoint that accepts and never answers: said after half a minute, not after six attempts.
        .operation_timeout(Duration::from_secs(30))
        .build()
}

/// The account of a recording, and the revisions that it holds.
async fn replay(
    source: PathBuf,
    region: Option<String>,
    notes: &mut Vec<String>,
) -> Result<(Account, Vec<ResourceId>), Error> {
    let read = tokio::task::spawn_blocking(move || {
        let recording = Recording::read(&source)?;
        let notes = recording.notes();
        Ok((notes, recording.account(region.as_deref())))
    });
    let (told, account) = read.await.map_err(|error| {
        Error::new(Kind::Io, format!("the recording could not be read, please report it: {error}"))
    })??;
    *notes = told;
    account
}

/// An account in memory: nothing of the environment, no file and no network is touched.
fn offline(account: Account, options: &Connect) -> SdkConfig {
    let account = Arc::new(account);
    // The account lies in one region; another would be empty, and an empty demo shows nothing.
    let region = account.region().to_owned();
    let mut client = DemoClient::new(account);
    if let Some(latency) = options.demo_latency {
        client = client.with_latency(latency);
    }
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("demo", "demo", None, None, "demo")))
        .http_client(client)
        .retry_config(retries())
        .timeout_config(timeouts())
        .build()
}

async fn load(options: &Connect) -> Result<SdkConfig, Error> {
    check(options)?;
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .retry_config(retries())
        .timeout_config(timeouts());
    #[allow(deprecated)] // aws-config has no other name for them yet
    let files = options.config_file.as_ref().map(|file| {
        aws_config::profile::profile_file::ProfileFiles::builder()
            .with_file(aws_config::profile::profile_file::ProfileFileKind::Config, file)
            .build()
    });
    if let Some(files) = &files {
        loader = loader.profile_files(files.clone());
    }
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let Some(profile) = &options.profile else { return Ok(loader.load().await) };
    // A profile that is named wins over keys in the environment, as with the AWS command line.
    let config = loader.profile_name(profile).load().await;
    let provider = ProviderConfig::default().with_http_client(http).with_region(config.region().cloned());
    let mut credentials = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile);
    if let Some(files) = files {
        credentials = credentials.profile_files(files);
    }
    let credentials = SharedCredentialsProvider::new(credentials.build());
    Ok(config.into_builder().credentials_provider(credentials).build())
}

/// What cannot be right, said before anything is sent.
fn check(options: &Connect) -> Result<(), Error> {
    if let Some(region) = &options.region {
        check_region(region)?;
    }
    if let Some(url) = &options.endpoint_url {
        let usable = url
            .parse::<http::Uri>()
            .is_ok_and(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
        if !usable {
            return Err(Error::new(Kind::Usage, format!("`{url}` is not an endpoint"))
                .hint("An endpoint is written like http://127.0.0.1:5000."));
        }
    }
    Ok(())
}

/// Wherever it stands: in a flag, in the environment, in a profile.
fn check_region(region: &str) -> Result<(), Error> {
    let written = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !region.is_empty() && region.chars().all(written) {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, format!("`{region}` is not the name of a region"))
        .hint("A region is written like eu-west-1."))
}

/// What is odd about a region that gave no answer, as the beginning of a hint.
fn doubt(region: &str) -> String {
    match Place::of(region) {
        Place::Everywhere => String::new(),
        Place::EnabledFirst => format!("Is region {region} enabled in this account? It is not by default. "),
        Place::Unknown(None) => format!("`{region}` is no region that is known here. "),
        Place::Unknown(Some(near)) => {
            format!("`{region}` is no region that is known here: did you mean {near}? ")
        }
    }
}

fn no_region(options: &Connect) -> Error {
    let hint = match &options.profile {
        Some(profile) => format!("Give --region, or set `region` in profile {profile}."),
        None => "Give --region, set AWS_REGION, or choose a profile that has one with --profile.".to_owned(),
    };
    Error::new(Kind::Usage, "no region is set").hint(hint)
}

/// A call that failed before there was a session, for people.
fn explain(trouble: &Trouble, options: &Connect, region: &str) -> Error {
    let profile = options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    let of_profile = profile.as_ref().map_or_else(String::new, |profile| format!(" of profile {profile}"));
    let with_profile = profile.as_ref().map_or_else(String::new, |profile| format!(" --profile {profile}"));
    let lower = trouble.message.to_lowercase();
    let sso = lower.contains("sso");
    let login = format!("aws sso login{with_profile}");
    let action = trouble.operation.iam_action;
    let said = &trouble.message;
    match trouble.reason {
        GapReason::Expired => {
            Error::new(Kind::Credentials, format!("the credentials{of_profile} have expired: {said}")).hint(if sso {
                format!("Run `{login}`.")
            } else {
                format!("Renew them; with IAM Identity Center: `{login}`.")
            })
        }
        // A role is assumed in the session's region, so its name may be what is wrong and not the credentials.
        _ if trouble.no_credentials && lower.contains("dns error") => {
            let what = format!("no credentials{of_profile}, as AWS cannot be reached in region {region}: {said}");
            Error::new(Kind::Network, what)
                .hint(format!("{}Is there a network, and is a proxy or AWS_ENDPOINT_URL set?", doubt(region)))
        }
        _ if trouble.no_credentials && sso => {
            Error::new(Kind::Credentials, format!("no credentials{of_profile}: {said}")).hint(format!("Run `{login}`."))
        }
        _ if trouble.no_credentials => Error::new(Kind::Credentials, format!("no credentials{of_profile}: {said}"))
            .hint(match &profile {
                Some(profile) => format!("Check profile {profile} in the AWS configuration, or run `{login}`."),
                None => "Choose a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run \
                         `aws sso login`. `ecsight --demo` needs none."
                    .to_owned(),
            }),
        _ if matches!(trouble.code.as_str(), "InvalidClientTokenId" | "UnrecognizedClientException") => {
            // Both are said with the same code: a region that is not enabled does not know the account's keys.
            let what = format!("AWS does not know the credentials{of_profile} in region {region}: {said}");
            Error::new(Kind::Credentials, what).hint(match Place::of(region) {
                Place::Everywhere => "Are they still valid?".to_owned(),
                _ => format!("{}Else: are the credentials still valid?", doubt(region)),
            })
        }
        _ if matches!(trouble.code.as_str(), "RegionDisabledException" | "OptInRequired") => {
            Error::new(Kind::Denied, format!("region {region} is not enabled in this account: {said}"))
                .hint("Enable it in the settings of the account, or choose another with --region.")
        }
        _ if trouble.code == "SignatureDoesNotMatch" => {
            Error::new(Kind::Credentials, format!("the secret key{of_profile} is wrong: {said}"))
                .hint("Check the secret access key, and that the clock of this machine is right.")
        }
        GapReason::Denied => Error::new(Kind::Denied, format!("{action} is denied: {said}"))
            .hint(format!("Allow {action}{of_profile}; docs/iam-policy.json lists all that ecsight reads.")),
        GapReason::Throttled => Error::new(Kind::Throttled, format!("AWS asks to slow down ({action}): {said}"))
            .hint("Try again in a minute."),
        GapReason::Network => Error::new(Kind::Network, format!("AWS cannot be reached in region {region}: {said}"))
            .hint(match &options.endpoint_url {
                Some(url) => format!("{}Does something answer at {url}?", doubt(region)),
                None => {
                    format!("{}Is there a network, and is a proxy or AWS_ENDPOINT_URL set?", doubt(region))
                }
            }),
        GapReason::Malformed => Error::new(Kind::Malformed, format!("the answer to {action} makes no sense: {said}"))
            .hint("Is --endpoint-url (or AWS_ENDPOINT_URL, or a proxy) the address of an AWS API?"),
        GapReason::Failed | GapReason::NotRecorded => Error::new(Kind::Network, format!("{action} failed: {said}"))
            .hint(format!("{}Is {region} the right region, and the endpoint that of an AWS API?", doubt(region))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(reason: GapReason, code: &str, message: &str, region: &str) -> (Kind, String, String) {
        let trouble = Trouble {
            reason,
            code: code.to_owned(),
            message: message.to_owned(),
            ..Trouble::failed(&GET_CALLER_IDENTITY, "")
        };
        let options = Connect { profile: Some("test".to_owned()), ..Connect::default() };
        let error = explain(&trouble, &options, region);
        (error.kind, error.message, error.hint.unwrap())
    }

    #[test]
    fn a_region_without_an_address_is_named_and_a_slip_is_corrected() {
        let looked_up = "dns error: failed to lookup address information: Name or service not known";
        let (kind, message, hint) = words(GapReason::Network, "", looked_up, "eu-wst-1");
        assert_eq!(kind, Kind::Network);
        assert!(message.contains("region eu-wst-1") && message.contains("lookup"), "{message}");
        assert!(hint.starts_with("`eu-wst-1` is no region that is known here: did you mean eu-west-1?"), "{hint}");
        let (_, message, hint) = words(GapReason::Network, "", looked_up, "eu-west-1");
        assert!(message.contains("eu-west-1") && hint.starts_with("Is there a network"), "{message} {hint}");
        let (_, _, hint) = words(GapReason::Network, "", looked_up, "moon-base-1");
        assert!(hint.starts_with("`moon-base-1` is no region that is known here. "), "{hint}");
    }

    #[test]
    fn a_role_that_is_assumed_in_no_region_is_not_blamed_on_the_credentials() {
        let said = "failed to load credentials from the assumed role: dns error: failed to lookup address information";
        let trouble = Trouble { no_credentials: true, ..Trouble::failed(&GET_CALLER_IDENTITY, said) };
        let error = explain(&trouble, &Connect::default(), "eu-wst-1");
        assert_eq!(error.kind, Kind::Network);
        assert!(error.message.contains("region eu-wst-1"), "{error}");
        assert!(error.hint.unwrap().contains("did you mean eu-west-1?"));
    }

    #[test]
    fn a_region_that_is_not_enabled_is_told_from_bad_credentials() {
        let said = "The security token included in the request is invalid.";
        let (kind, message, hint) = words(GapReason::Failed, "InvalidClientTokenId", said, "eu-south-2");
        assert_eq!(kind, Kind::Credentials);
        assert!(message.contains("profile test in region eu-south-2"), "{message}");
        assert!(hint.starts_with("Is region eu-south-2 enabled in this account?"), "{hint}");
        let (_, _, hint) = words(GapReason::Failed, "InvalidClientTokenId", said, "eu-west-1");
        assert_eq!(hint, "Are they still valid?", "this one cannot be disabled");
        let (kind, message, _) =
            words(GapReason::Failed, "RegionDisabledException", "STS is not activated", "me-south-1");
        assert_eq!(kind, Kind::Denied);
        assert!(message.contains("region me-south-1 is not enabled"), "{message}");
    }

    #[tokio::test]
    async fn what_is_not_on_the_list_is_not_sent() {
        let account = Arc::new(Account::demo());
        let config = offline(Account::demo(), &Connect::default())
            .into_builder()
            .http_client(DemoClient::new(account.clone()))
            .build();
        let clients = Clients::new(&config);
        let refused = clients.ecs.delete_cluster().cluster("prod").send().await.unwrap_err();
        assert!(format!("{refused:?}").contains("closed list"), "{refused:?}");
        assert_eq!(clients.gate.calls().len(), 0);
        assert_eq!(account.mutations(), 0);
    }
}
