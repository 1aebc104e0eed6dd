//! The server without a socket: a [`Transport`] for tests that decide about time.

use std::collections::BTreeMap;
use std::sync::Arc;

use world::http::Sending;
use world::{Clock, Encoding, HttpAnswer, HttpRequest, Transport, TransportError};

use crate::exchange::{ProviderServer, SimAnswer, SimRequest};

const MOST_BODY_BYTES: u64 = 1 << 30;

/// Answers every URL by the server of its host at the clock's time. Asks for gzip, waits out delays
/// on the clock, and makes of cut bodies and exceeded timeouts what a real connection would.
#[derive(Clone)]
pub struct InProcessTransport {
    /// By host and port; the empty name stands for every other host.
    servers: BTreeMap<String, Arc<dyn ProviderServer>>,
    clock: Arc<dyn Clock>,
}

impl InProcessTransport {
    /// One server for all hosts.
    pub fn new(server: Arc<dyn ProviderServer>, clock: Arc<dyn Clock>) -> InProcessTransport {
        InProcessTransport {
            servers: BTreeMap::from([(String::new(), server)]),
            clock,
        }
    }

    /// Another server for one host (with its port, where the URL has one).
    pub fn with_host(
        mut self,
        host: impl Into<String>,
        server: Arc<dyn ProviderServer>,
    ) -> InProcessTransport {
        self.servers.insert(host.into(), server);
        self
    }

    fn server(&self, host: &str) -> Result<&Arc<dyn ProviderServer>, TransportError> {
        let found = self.servers.get(host).or_else(|| self.servers.get(""));
        found.ok_or_else(|| TransportError::Connect {
            reason: format!("nobody answers at {host}"),
        })
    }
}

impl Transport for InProcessTransport {
    fn send(&self, request: HttpRequest) -> Sending {
        let transport = self.clone();
        Box::pin(async move {
            let read = read_request(&request)?;
            let server = transport.server(&read.host)?;
            let answer = server.answer(&read, transport.clock.now());
            if !answer.delay.is_zero() {
                let wait = answer.delay.min(request.timeout);
                transport.clock.sleep(wait).await;
                if answer.delay >= request.timeout {
                    return Err(TransportError::TimedOut {
                        after: request.timeout,
                    });
                }
            }
            received(answer)
        })
    }
}

fn read_request(request: &HttpRequest) -> Result<SimRequest, TransportError> {
    let (_, rest) = request
        .url
        .split_once("://")
        .ok_or_else(|| TransportError::Unsendable {
            reason: "the URL has no scheme".to_owned(),
        })?;
    let (host, path_and_query) = match rest.find(['/', '?']) {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let path_and_query = path_and_query
        .split_once('#')
        .map_or(path_and_query, |(before, _)| before);
    let mut read = SimRequest::get(path_and_query);
    read.method = request.method.name().to_owned();
    read.host = host.to_owned();
    read.headers = request.headers.clone();
    read.body = request.body.clone().unwrap_or_default();
    Ok(read.with_header("accept-encoding", "gzip"))
}

fn received(answer: SimAnswer) -> Result<HttpAnswer, TransportError> {
    if answer.cut_after_bytes.is_some() {
        return Err(TransportError::Interrupted {
            reason: "end of file before message length reached".to_owned(),
        });
    }
    let body = match answer.encoding {
        Encoding::Gzip => world::inflate(&answer.body, MOST_BODY_BYTES)?,
        Encoding::Identity => answer.body.clone(),
    };
    Ok(HttpAnswer {
        status: answer.status,
        headers: answer.headers,
        wire_body: answer.body,
        encoding: answer.encoding,
        body,
    })
}
