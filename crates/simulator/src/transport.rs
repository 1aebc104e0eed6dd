//! The server without a socket: a [`Transport`] for tests that decide about time.

use std::sync::Arc;

use world::http::Sending;
use world::{Clock, Encoding, HttpAnswer, HttpRequest, Transport, TransportError};

use crate::samsara::{SamsaraServer, SimAnswer, SimRequest};

const MOST_BODY_BYTES: u64 = 1 << 30;

/// Answers every URL, whatever its host, by the server at the clock's time. Asks for gzip, waits
/// out delays on the clock, and makes of cut bodies and exceeded timeouts what a real connection
/// would.
#[derive(Clone)]
pub struct InProcessTransport {
    server: Arc<SamsaraServer>,
    clock: Arc<dyn Clock>,
}

impl InProcessTransport {
    pub fn new(server: Arc<SamsaraServer>, clock: Arc<dyn Clock>) -> InProcessTransport {
        InProcessTransport { server, clock }
    }
}

impl Transport for InProcessTransport {
    fn send(&self, request: HttpRequest) -> Sending {
        let transport = self.clone();
        Box::pin(async move {
            let answer = transport
                .server
                .answer(&read_request(&request)?, transport.clock.now());
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
    let path_and_query = rest.find(['/', '?']).map_or("/", |slash| &rest[slash..]);
    let path_and_query = path_and_query
        .split_once('#')
        .map_or(path_and_query, |(before, _)| before);
    let mut read = SimRequest::get(path_and_query);
    read.method = request.method.name().to_owned();
    read.headers = request.headers.clone();
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
