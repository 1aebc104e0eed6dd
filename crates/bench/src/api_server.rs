//! The server whose pages are measured: the real API over a synced store, and beside it, on the
//! same listener, a route that gives the same bytes from memory.
//!
//! It runs in a process of its own (`bench api-server`), so that the load generator's processor
//! time is nobody else's.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use api::{Api, ApiConfig};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::response::Response;
use axum::routing::get;
use clap::Args;
use engine::StartFrom;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::time::{DAY_MS, HOUR_MS};
use model::{KeyId, Model, Timestamp, VehicleId};
use serde::{Deserialize, Serialize};
use simulator::InProcessTransport;
use std::io::Write;
use store::{ApiKey, KeyKind};
use tokio::net::TcpListener;
use tower::ServiceExt;
use world::{Clock, ManualClock, SystemClock, Transport};

use crate::child::announce;
use crate::deployment::{Deployment, NOW, Outside, connection_token, sync};
use crate::error::{BenchError, Doing};
use crate::growth::page_query;
use crate::page_server::{PageServerArgs, samsara};
use crate::process;

pub const KEY: &str = "sk_bench_0123456789abcdefghijklmnopqrstuv";
pub const FROM_MEMORY: &str = "/from-memory";
const PAGE_POINTS: usize = 1_000;
const LARGEST_PAGE: usize = 16 << 20;

#[derive(Args, Clone, Debug)]
pub struct ApiServerArgs {
    /// An empty directory for the database
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub vehicles: usize,
    #[arg(long)]
    pub days: i64,
}

/// What the server says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApiServerAt {
    pub address: SocketAddr,
    pub token: String,
    /// Pages of a thousand locations.
    pub paths: Vec<String>,
}

pub fn run(arguments: &ApiServerArgs) -> Result<(), BenchError> {
    process::runtime()?.block_on(async {
        let (router, paths) = prepare(arguments).await?;
        let first = paths
            .first()
            .ok_or_else(|| BenchError::unexpected("no vehicle has a thousand locations"))?;
        let page = page(&router, first).await?;
        let router = router.merge(
            Router::new()
                .route(FROM_MEMORY, get(from_memory))
                .with_state(page),
        );
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any_port).await.doing("listening")?;
        let parent_gone = announce(&ApiServerAt {
            address: listener.local_addr().doing("listening")?,
            token: connection_token(1),
            paths,
        })?;
        let until_parent_gone = async {
            // However the parent went, it is gone.
            let _ = parent_gone.await;
        };
        api::serve(listener, router, until_parent_gone)
            .await
            .doing("serving the API")
    })
}

/// Syncs a fleet from the simulator; returns the API over it and the paths of its pages.
async fn prepare(arguments: &ApiServerArgs) -> Result<(Router, Vec<String>), BenchError> {
    let begins_at_ms = NOW.start_of_utc_day().millis() - arguments.days * DAY_MS;
    let fleet = PageServerArgs {
        vehicles: arguments.vehicles,
        begins_at_ms,
        now_ms: NOW.millis(),
        motion_only: false,
    };
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
    let server = Arc::new(samsara(fleet.world()));
    let simulated: Arc<dyn Transport> =
        Arc::new(InProcessTransport::new(server, Arc::clone(&clock)));
    let deployment = Deployment::new(&arguments.data, NOW).await?;
    let connection = deployment.connect(1, None).await?;
    let outside = |clock| Outside {
        base_url: "http://samsara".to_owned(),
        transport: Arc::clone(&simulated),
        clock,
        workers: 1,
        probe: None,
    };
    let from = Timestamp::from_millis(begins_at_ms);
    sync(
        &deployment.engine(outside(clock)),
        &connection,
        StartFrom::At(from),
    )
    .await?;
    let key = ApiKey {
        id: KeyId::new(NOW, 1),
        application: deployment.application,
        kind: KeyKind::Secret,
        hint: "stuv".to_owned(),
        created_at: NOW,
        revoked_at: None,
    };
    deployment
        .store
        .insert_key(&key, store::hash_secret(KEY))
        .await?;
    let mut paths = Vec::new();
    for vehicle in deployment
        .store
        .known_members(connection.id, Model::Vehicle)
        .await?
    {
        let vehicle = VehicleId(vehicle.id.ulid);
        for hours in (0..arguments.days * 24).step_by(7) {
            let from = Timestamp::from_millis(begins_at_ms + hours * HOUR_MS);
            let query = page_query(vehicle, from);
            let read = deployment.store.read_history(connection.id, &query).await?;
            if read.rows.len() == PAGE_POINTS {
                paths.push(format!(
                    "/tsp/v1/vehicles/{vehicle}/locations?startAt={from}&limit={PAGE_POINTS}"
                ));
            }
        }
    }
    let api = Api {
        engine: deployment.engine(outside(Arc::new(SystemClock))),
        config: ApiConfig::new("http://127.0.0.1"),
    };
    Ok((api::router(api), paths))
}

/// The page's bytes, from the API itself.
async fn page(router: &Router, path: &str) -> Result<Bytes, BenchError> {
    let request = Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {KEY}"))
        .header("connection-token", connection_token(1))
        .body(Body::empty())
        .map_err(BenchError::unexpected)?;
    let answered = router.clone().oneshot(request).await;
    let response = answered.map_err(BenchError::unexpected)?;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), LARGEST_PAGE).await;
    let body = body.map_err(BenchError::unexpected)?;
    if !status.is_success() {
        let text = String::from_utf8_lossy(&body);
        return Err(BenchError::Unexpected(format!(
            "{path} answers {status}: {text}"
        )));
    }
    Ok(body)
}

/// The same codec and level as the API's.
async fn from_memory(State(page): State<Bytes>, headers: HeaderMap) -> Response {
    let wants_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .is_some_and(|value| value.as_bytes().windows(4).any(|word| word == b"gzip"));
    let json = HeaderValue::from_static("application/json");
    if wants_gzip && let Ok(zipped) = gzip(&page) {
        let mut response = Response::new(Body::from(zipped));
        let gzip = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, gzip);
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        return response;
    }
    let mut response = Response::new(Body::from(page));
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let room = Vec::with_capacity(body.len() / 4);
    let mut encoder = GzEncoder::new(room, Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}
