//! The HTTP client below the SDK that never leaves the process.

use super::account::{Account, Answer};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Answers the SDK's requests from an [`Account`]: ECS and Application Auto Scaling by their `X-Amz-Target` header,
/// everything else as a call of the query protocol, of which STS's `GetCallerIdentity` is known.
#[derive(Debug, Clone)]
pub struct DemoClient {
    account: Arc<Account>,
    latency: Duration,
}

impl DemoClient {
    /// A client that answers at once.
    pub fn new(account: Arc<Account>) -> Self {
        Self { account, latency: Duration::ZERO }
    }

    /// The same client, waiting `latency` before each answer; calls wait side by side, as over a network.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }
}

impl HttpConnector for DemoClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { account, latency } = self.clone();
        HttpConnectorFuture::new(async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            response(&account, &request)
        })
    }
}

impl HttpClient for DemoClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn response(account: &Account, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let body = request.body().bytes().unwrap_or_default();
    let (Answer { status, body }, kind) = match request.headers().get("x-amz-target") {
        Some(target) => {
            (account.answer(target, &serde_json::from_slice(body).unwrap_or(Value::Null)), "application/x-amz-json-1.1")
        }
        None => (account.answer_query(&String::from_utf8_lossy(body)), "text/xml"),
    };
    let status = status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", kind);
    response.headers_mut().insert("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
    Ok(response)
}
