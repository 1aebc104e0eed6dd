//! A provider whose every answer a test decides, in the place of the simulated one: for what is
//! about asking (how often, in whose name, for how long) and not about a fleet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use world::http::Sending;
use world::{Encoding, HttpAnswer, HttpRequest, Transport, TransportError};

/// What the provider does with a request.
#[derive(Clone, Debug)]
pub struct Reaction(Result<HttpAnswer, TransportError>);

impl Reaction {
    /// An answer without a body.
    pub fn status(status: u16) -> Reaction {
        Reaction(Ok(HttpAnswer {
            status,
            headers: Vec::new(),
            wire_body: Vec::new().into(),
            encoding: Encoding::Identity,
            body: Vec::new().into(),
        }))
    }

    /// 200 with this JSON.
    pub fn json(value: &serde_json::Value) -> Reaction {
        Reaction::status(200)
            .header("content-type", "application/json")
            .body(value.to_string())
    }

    pub fn header(mut self, name: &str, value: &str) -> Reaction {
        if let Ok(answer) = &mut self.0 {
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Reaction {
        if let Ok(answer) = &mut self.0 {
            answer.body = body.into().into();
            answer.wire_body = answer.body.clone();
        }
        self
    }

    pub fn no_answer() -> Reaction {
        Reaction(Err(TransportError::TimedOut {
            after: Duration::from_secs(25),
        }))
    }

    pub fn unreachable() -> Reaction {
        Reaction(Err(TransportError::Connect {
            reason: "refused".to_owned(),
        }))
    }
}

type React = dyn Fn(&HttpRequest) -> Reaction + Send + Sync;

/// Remembers all that it is sent.
pub struct ScriptedProvider {
    react: Box<React>,
    sent: Mutex<Vec<HttpRequest>>,
    held: watch::Sender<bool>,
}

impl ScriptedProvider {
    pub fn new(
        react: impl Fn(&HttpRequest) -> Reaction + Send + Sync + 'static,
    ) -> Arc<ScriptedProvider> {
        Arc::new(ScriptedProvider {
            react: Box::new(react),
            sent: Mutex::default(),
            held: watch::Sender::new(false),
        })
    }

    /// From now on answers wait until they are let go.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    pub fn let_go(&self) {
        self.held.send_replace(false);
    }

    /// All requests so far.
    pub fn sent(&self) -> Vec<HttpRequest> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }

    /// Path and query of all requests so far.
    pub fn paths(&self) -> Vec<String> {
        let path = |request: &HttpRequest| {
            let host = request.url.find("://").map_or(0, |scheme| scheme + 3);
            let path = request.url[host..].find('/');
            path.map_or(String::new(), |path| request.url[host + path..].to_owned())
        };
        self.sent().iter().map(path).collect()
    }
}

impl Transport for ScriptedProvider {
    fn send(&self, request: HttpRequest) -> Sending {
        let reaction = (self.react)(&request);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(request);
        let mut held = self.held.subscribe();
        Box::pin(async move {
            // An error means that the provider is gone, and with it whoever held it.
            let _free = held.wait_for(|held| !*held).await;
            reaction.0
        })
    }
}
