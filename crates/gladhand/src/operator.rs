//! The operator's line to the admin API: over HTTP to the running server, or, when none runs, to
//! an API of this process over the store that nobody owns.
//!
//! Both ways go through the same routes, so a command does not know which one it was given.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use model::Secret;
use serde_json::Value;
use tower::ServiceExt;
use world::{
    HttpRequest, Method, Reach, RealTransport, RealTransportConfig, SystemEntropy, Transport,
    TransportError,
};

use crate::config::Configuration;
use crate::data_directory::DataDirectory;
use crate::error::CommandError;
use crate::instance::{Addresses, Instance};

const ADMIN: &str = "/admin/v1";
const TIMEOUT: Duration = Duration::from_secs(60);
/// An answer of the admin API is a list of a few thousand rows at most.
const MAX_ANSWER_BYTES: usize = 64 << 20;

pub enum Operator {
    Server {
        transport: RealTransport,
        base_url: String,
        token: Secret,
    },
    Here(Box<Instance>),
}

impl Operator {
    pub async fn connect(config: &Configuration) -> Result<Operator, CommandError> {
        let data = DataDirectory::open(&config.data.directory)?;
        if let Some(server) = data.server()? {
            let transport = RealTransport::new(RealTransportConfig::default())?;
            let operator = Operator::Server {
                transport,
                base_url: server.base_url,
                token: data.admin_token(&SystemEntropy)?,
            };
            if operator.answers().await? {
                return Ok(operator);
            }
        }
        let addresses = Addresses::configured(config);
        let instance = Instance::open(config, &data, &addresses).await?;
        Ok(Operator::Here(Box::new(instance)))
    }

    pub fn over(instance: Instance) -> Operator {
        Operator::Here(Box::new(instance))
    }

    /// Whether a server syncs what is asked for, or it waits for the next start.
    pub fn is_running(&self) -> bool {
        matches!(self, Operator::Server { .. })
    }

    /// False when nobody listens any more: a server that was killed leaves its file behind.
    async fn answers(&self) -> Result<bool, CommandError> {
        match self.exchange(Method::Get, "/health", None).await {
            Ok(_) => Ok(true),
            Err(CommandError::Transport(TransportError::Connect { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `path` below `/admin/v1`.
    pub async fn get(&self, path: &str) -> Result<Value, CommandError> {
        self.ask(Method::Get, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        self.ask(Method::Post, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, CommandError> {
        self.ask(Method::Delete, path, None).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CommandError> {
        let path = format!("{ADMIN}{path}");
        let (status, bytes) = self.exchange(method, &path, body).await?;
        let answer: Option<Value> = serde_json::from_slice(&bytes).ok();
        match answer {
            Some(answer) if (200..300).contains(&status) => Ok(answer),
            Some(error) if error.get("message").is_some() => Err(refused(&error)),
            _ => Err(CommandError::UnknownAnswer {
                base_url: self.name(),
                status,
            }),
        }
    }

    fn name(&self) -> String {
        match self {
            Operator::Server { base_url, .. } => base_url.clone(),
            Operator::Here(_) => "this process".to_owned(),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Bytes), CommandError> {
        let body = body.map(|body| Bytes::from(body.to_string()));
        match self {
            Operator::Server {
                transport,
                base_url,
                token,
            } => {
                let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                // Whoever listens there may be a stranger until it has answered as a server does.
                if path.starts_with(ADMIN) {
                    let bearer = format!("Bearer {}", token.reveal());
                    headers.push(("authorization".to_owned(), bearer));
                }
                let answer = transport
                    .send(HttpRequest {
                        method,
                        url: format!("{base_url}{path}"),
                        headers,
                        body,
                        timeout: TIMEOUT,
                        reach: Reach::Anywhere,
                    })
                    .await;
                match answer {
                    Ok(answer) => Ok((answer.status, answer.body)),
                    Err(error @ TransportError::Connect { .. }) => Err(error.into()),
                    Err(error) => Err(CommandError::ServerSilent {
                        base_url: base_url.clone(),
                        reason: error.to_string(),
                    }),
                }
            }
            Operator::Here(instance) => in_process(instance, method, path, body).await,
        }
    }
}

async fn in_process(
    instance: &Instance,
    method: Method,
    path: &str,
    body: Option<Bytes>,
) -> Result<(u16, Bytes), CommandError> {
    let unsendable = |reason: String| TransportError::Unsendable { reason };
    let bearer = format!("Bearer {}", instance.admin_token.reveal());
    let request = Request::builder()
        .method(method.name())
        .uri(path)
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .body(body.map_or_else(Body::empty, Body::from))
        .map_err(|error| unsendable(error.to_string()))?;
    let router = api::router(instance.api.clone());
    let Ok(response) = router.oneshot(request).await;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), MAX_ANSWER_BYTES)
        .await
        .map_err(|error| unsendable(error.to_string()))?;
    Ok((status, bytes))
}

/// The error body of the contract, in lines.
fn refused(error: &Value) -> CommandError {
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let detail = match &error["detail"] {
        Value::String(sentence) => vec![sentence.clone()],
        Value::Array(places) => places
            .iter()
            .map(|place| {
                let path = text(place, "path").unwrap_or_default();
                let message = text(place, "message").unwrap_or_default();
                match text(place, "suggestion") {
                    Some(suggestion) => format!("{path}: {message} ({suggestion})"),
                    None => format!("{path}: {message}"),
                }
            })
            .collect(),
        _ => Vec::new(),
    };
    CommandError::Refused {
        message: text(error, "message").unwrap_or_default(),
        detail,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_body_becomes_lines() {
        let error = refused(&json!({
            "code": "bad_request",
            "message": "The request is malformed",
            "detail": [{
                "path": "{requestBody}.provider",
                "message": "there is no provider samsra",
                "suggestion": "samsara",
            }],
        }));
        assert_eq!(
            error.to_string(),
            "The request is malformed\n  \
             {requestBody}.provider: there is no provider samsra (samsara)"
        );
    }
}
