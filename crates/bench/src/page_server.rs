//! The provider's part: a simulated one whose answers are kept as they went out.
//!
//! It runs in a process of its own (`bench page-server`). The first time that something is asked
//! the simulator makes the answer; from then on its bytes come from memory, so after a warm-up that
//! nobody counts, whoever reads the pages measures itself and not the simulator. Rate limits and
//! faults are off. Signing in goes to the simulator each time; kept answers are given to whoever
//! asks. One path beside the provider's lists what was asked for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use simulator::{
    FaultPlan, SimRequest, SimulatedProvider, Vendor, VendorOptions, World, WorldConfig,
};
use tokio::net::TcpListener;

use crate::child::announce;
use crate::error::{BenchError, Doing};
use crate::process;
use crate::question::Question;
use crate::selection::{REFUSAL, Selection};

/// Lists what the answers kept were asked with, as JSON, in the order of the first request.
pub const LISTING: &str = "/bench/pages";
pub const TOKEN: &str = "bench-token";
/// Of a request: questions are short.
const MOST_BODY_BYTES: usize = 1 << 20;
/// How a body begins that JSON-RPC refuses with, at status 200.
const RPC_REFUSAL: &[u8] = b"{\"error\"";

#[derive(Args, Clone, Debug)]
pub struct PageServerArgs {
    /// Which provider is simulated
    #[arg(long)]
    pub provider: Vendor,
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
            format!("--provider={}", self.provider),
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

/// What answers kept were asked with.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeptPages {
    /// Path and query of each GET.
    pub urls: Vec<String>,
    /// How many answers are kept, whatever the method.
    pub answers: usize,
}

/// A simulator without limits and faults.
pub fn simulated(provider: Vendor, world: WorldConfig) -> Arc<dyn SimulatedProvider> {
    let options = VendorOptions {
        token: TOKEN.to_owned(),
        rate_limits: false,
        second_host: None,
        link_url: simulator::USUAL_LINK_URL.to_owned(),
    };
    let world = Arc::new(World::new(world));
    provider.server(&world, &FaultPlan::default(), &options)
}

struct Pages {
    server: Arc<dyn SimulatedProvider>,
    now: Timestamp,
    selection: Selection,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// By [`Question::key`].
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
        server: simulated(arguments.provider, arguments.world()),
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
    let Some(asked) = sim_request(request).await else {
        return failure(StatusCode::BAD_REQUEST, "unreadable request");
    };
    let method = Method::from_bytes(asked.method.as_bytes()).unwrap_or_default();
    let question = Question::of(&method, &url, &asked.body);
    if let Some(kept) = pages.kept(&question) {
        return kept.response();
    }
    let making = tokio::task::spawn_blocking(move || pages.make(question, &url, &asked));
    match making.await {
        Ok(made) => made.response(),
        Err(_) => failure(StatusCode::INTERNAL_SERVER_ERROR, "the simulator failed"),
    }
}

/// `None`: its body broke off, or is too long for a question.
async fn sim_request(request: Request) -> Option<SimRequest> {
    let (parts, body) = request.into_parts();
    let text = |name: &HeaderName| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
    let names = parts.headers.keys();
    let headers = names
        .filter_map(|name| Some((name.as_str().to_owned(), text(name)?)))
        .collect();
    Some(SimRequest {
        method: parts.method.as_str().to_owned(),
        host: text(&header::HOST).unwrap_or_default(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: axum::body::to_bytes(body, MOST_BODY_BYTES).await.ok()?,
    })
}

impl Pages {
    fn kept(&self, question: &Question) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(&question.key).cloned()
    }

    fn listing(&self) -> Answer {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let pages = KeptPages {
            urls: kept.urls.clone(),
            answers: kept.answers.len(),
        };
        let body = serde_json::to_vec(&pages).expect("texts and numbers are always valid JSON");
        Answer {
            status: StatusCode::OK,
            headers: vec![json_content()],
            body: body.into(),
        }
    }

    fn make(&self, question: Question, url: &str, asked: &SimRequest) -> Answer {
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
        let is_refusal = answer.status != StatusCode::OK || answer.body.starts_with(RPC_REFUSAL);
        if !is_refusal && !question.is_sign_in {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let before = kept.answers.insert(question.key, answer.clone());
            if before.is_none() && asked.method == Method::GET.as_str() {
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

fn failure(status: StatusCode, what: &'static str) -> Response {
    let mut response = Response::new(Body::from(what));
    *response.status_mut() = status;
    response
}
