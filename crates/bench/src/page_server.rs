//! The provider's part: a simulated Samsara whose answers are kept as they went out.
//!
//! It runs in a process of its own (`bench page-server`). The first time that a URL is asked for
//! the simulator makes the answer; from then on its bytes come from memory, so after a warm-up that
//! nobody counts, whoever reads the pages measures itself and not the simulator. Rate limits and
//! faults are off. One path beside the provider's lists what was asked for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use simulator::{FaultPlan, SamsaraConfig, SamsaraServer, SimRequest, World, WorldConfig};
use tokio::net::TcpListener;

use crate::child::announce;
use crate::error::{BenchError, Doing};
use crate::process;
use crate::selection::{REFUSAL, Selection};

/// Lists the URLs (path and query) of the answers kept, as JSON, in the order of the first request.
pub const LISTING: &str = "/bench/pages";
pub const TOKEN: &str = "bench-token";

#[derive(Args, Clone, Debug)]
pub struct PageServerArgs {
    /// Vehicles in the fleet
    #[arg(long)]
    pub vehicles: usize,
    /// Where history begins, in milliseconds since 1970
    #[arg(long)]
    pub begins_at_ms: i64,
    /// The present: nothing is produced after it
    #[arg(long)]
    pub now_ms: i64,
    /// What is not refused (403)
    #[arg(long, value_enum)]
    pub selection: Selection,
}

impl PageServerArgs {
    pub fn command_line(&self) -> Vec<String> {
        let selection = self.selection.to_possible_value();
        let selection = selection.expect("no selection is hidden");
        vec![
            "page-server".to_owned(),
            format!("--vehicles={}", self.vehicles),
            format!("--begins-at-ms={}", self.begins_at_ms),
            format!("--now-ms={}", self.now_ms),
            format!("--selection={}", selection.get_name()),
        ]
    }

    pub fn world(&self) -> WorldConfig {
        WorldConfig {
            seed: 5,
            vehicles: self.vehicles,
            drivers: self.vehicles,
            begins_at: Timestamp::from_millis(self.begins_at_ms),
            ends_at: Some(Timestamp::from_millis(self.now_ms)),
        }
    }
}

/// What the server says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct PageServerAt {
    pub base_url: String,
}

/// A simulator without limits and faults.
pub fn samsara(world: WorldConfig) -> SamsaraServer {
    let config = SamsaraConfig {
        tokens: vec![TOKEN.to_owned()],
        rate_limits: false,
        ..SamsaraConfig::default()
    };
    SamsaraServer::new(Arc::new(World::new(world)), FaultPlan::default(), config)
}

struct Pages {
    server: SamsaraServer,
    now: Timestamp,
    selection: Selection,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<String, Answer>,
    urls: Vec<String>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

pub fn run(arguments: &PageServerArgs) -> Result<(), BenchError> {
    let pages = Arc::new(Pages {
        server: samsara(arguments.world()),
        now: Timestamp::from_millis(arguments.now_ms),
        selection: arguments.selection,
        kept: Mutex::default(),
    });
    process::runtime()?.block_on(async {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any_port).await.doing("listening")?;
        let address = listener.local_addr().doing("listening")?;
        let parent_gone = announce(&PageServerAt {
            base_url: format!("http://{address}"),
        })?;
        let listener = listener.tap_io(|stream| {
            // A socket that refuses is merely slower.
            let _ = stream.set_nodelay(true);
        });
        let router = Router::new().fallback(answer).with_state(pages);
        tokio::select! {
            served = axum::serve(listener, router) => served.doing("serving pages"),
            _ = parent_gone => Ok(()),
        }
    })
}

async fn answer(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    let url = request.uri().to_string();
    if url == LISTING {
        return pages.listing().response();
    }
    if !pages.selection.takes(&url) {
        return refusal().response();
    }
    if let Some(kept) = pages.kept(&url) {
        return kept.response();
    }
    let asked = sim_request(&url, &request);
    let making = tokio::task::spawn_blocking(move || pages.make(&url, &asked));
    match making.await {
        Ok(made) => made.response(),
        Err(_) => {
            let mut response = Response::new(Body::from("the simulator failed"));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

fn sim_request(url: &str, request: &Request) -> SimRequest {
    let mut asked = SimRequest::get(url);
    for name in [header::AUTHORIZATION, header::ACCEPT_ENCODING] {
        let value = request
            .headers()
            .get(&name)
            .and_then(|value| value.to_str().ok());
        if let Some(value) = value {
            asked = asked.with_header(name.as_str(), value);
        }
    }
    asked
}

impl Pages {
    fn kept(&self, url: &str) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(url).cloned()
    }

    fn listing(&self) -> Answer {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let body = serde_json::to_vec(&kept.urls).expect("texts are always valid JSON");
        Answer {
            status: StatusCode::OK,
            headers: vec![json_content()],
            body: body.into(),
        }
    }

    fn make(&self, url: &str, asked: &SimRequest) -> Answer {
        let made = self.server.answer(asked, self.now);
        let answer = Answer {
            status: StatusCode::from_u16(made.status).unwrap_or(StatusCode::BAD_GATEWAY),
            headers: made
                .headers
                .iter()
                .filter_map(|(name, value)| {
                    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                    Some((name, HeaderValue::from_str(value).ok()?))
                })
                .collect(),
            body: made.body,
        };
        if answer.status == StatusCode::OK {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept
                .answers
                .insert(url.to_owned(), answer.clone())
                .is_none()
            {
                kept.urls.push(url.to_owned());
            }
        }
        answer
    }
}

impl Answer {
    fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

fn json_content() -> (HeaderName, HeaderValue) {
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )
}

fn refusal() -> Answer {
    Answer {
        status: StatusCode::FORBIDDEN,
        headers: vec![json_content()],
        body: Bytes::from_static(REFUSAL),
    }
}
