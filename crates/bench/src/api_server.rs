//! The server whose pages are measured: the real API over a synced store, and beside it, on the
//! same listener, routes that give the same bytes from memory.
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
use clap::{Args, ValueEnum};
use engine::StartFrom;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::time::{DAY_MS, HOUR_MS};
use model::{ConnectionId, KeyId, Model, Secret, Timestamp, VehicleId};
use serde::{Deserialize, Serialize};
use simulator::{InProcessTransport, Vendor};
use std::io::Write;
use store::{ApiKey, KeyKind};
use tokio::net::TcpListener;
use tower::ServiceExt;
use world::{Clock, ManualClock, SystemClock, Transport};

use crate::canned::StillProvider;
use crate::child::announce;
use crate::deployment::{Deployment, NOW, Outside, connection_token, sync};
use crate::error::{BenchError, Doing};
use crate::growth::page_query;
use crate::page_server::{PageServerArgs, simulated};
use crate::process;
use crate::selection::{Selected, Selection};
use crate::table::grouped;

pub const KEY: &str = "sk_bench_0123456789abcdefghijklmnopqrstuv";
const FROM_MEMORY: &str = "/from-memory";
const PAGE_POINTS: usize = 1_000;
const LARGEST_PAGE: usize = 16 << 20;
const BASE_URL: &str = "http://samsara";
/// What is listed, and what can be spliced into it.
const LISTS: [(&str, &str); 2] = [("vehicles", "groups,devices"), ("trips", "vehicle,driver")];

#[derive(Args, Clone, Debug)]
pub struct ApiServerArgs {
    /// An empty directory for the database
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub vehicles: usize,
    #[arg(long)]
    pub days: i64,
    #[arg(long, value_enum)]
    pub pages: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Pages of history, everything else synced as well
    Locations,
    /// Pages of lists; of what happens only trips are synced
    Lists,
}

/// What the server says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApiServerAt {
    pub address: SocketAddr,
    pub token: String,
    pub pages: Vec<Pages>,
}

/// Pages that are alike.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pages {
    pub what: String,
    /// Each a page of its own.
    pub paths: Vec<String>,
    /// The first of them, from memory.
    pub from_memory: String,
}

pub fn run(arguments: &ApiServerArgs) -> Result<(), BenchError> {
    process::runtime()?.block_on(async {
        let (deployment, connection) = synced(arguments).await?;
        let mut router = api::router(Api {
            // Pages of the store: nothing is asked for.
            engine: deployment.engine(outside(
                Arc::new(StillProvider::new(0)?),
                Arc::new(SystemClock),
            )),
            config: ApiConfig::new("http://127.0.0.1"),
        });
        let found = match arguments.pages {
            Kind::Locations => locations(arguments, &deployment, connection).await?,
            Kind::Lists => lists(&router).await?,
        };
        let mut pages = Vec::new();
        for (index, (what, paths)) in found.into_iter().enumerate() {
            let first = paths
                .first()
                .ok_or_else(|| BenchError::Unexpected(format!("there is no page of {what}")))?;
            let bytes = page(&router, first).await?;
            let from_memory = format!("{FROM_MEMORY}/{index}");
            router = router.merge(
                Router::new()
                    .route(&from_memory, get(answer_from_memory))
                    .with_state(bytes),
            );
            pages.push(Pages {
                what,
                paths,
                from_memory,
            });
        }
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any_port).await.doing("listening")?;
        let parent_gone = announce(&ApiServerAt {
            address: listener.local_addr().doing("listening")?,
            token: connection_token(1),
            pages,
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

fn outside(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Outside {
    Outside {
        base_url: BASE_URL.to_owned(),
        transport,
        clock,
        workers: 1,
        probe: None,
    }
}

/// Syncs a fleet from the simulator, and makes a key for its pages.
async fn synced(arguments: &ApiServerArgs) -> Result<(Deployment, ConnectionId), BenchError> {
    let fleet = PageServerArgs {
        vehicles: arguments.vehicles,
        provider: Vendor::Samsara,
        begins_at_ms: begins_at_ms(arguments),
        now_ms: NOW.millis(),
        selection: match arguments.pages {
            Kind::Locations => Selection::All,
            Kind::Lists => Selection::Trips,
        },
    };
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
    let server = simulated(fleet.provider, fleet.world());
    let simulated: Arc<dyn Transport> = Arc::new(Selected {
        selection: fleet.selection,
        base_url: BASE_URL,
        provider: Arc::new(InProcessTransport::new(server, Arc::clone(&clock))),
    });
    let deployment = Deployment::new(&arguments.data, NOW).await?;
    let connection = deployment.connect(1, None).await?;
    let from = Timestamp::from_millis(fleet.begins_at_ms);
    sync(
        &deployment.engine(outside(simulated, clock)),
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
        expires_at: None,
        revoked_at: None,
    };
    deployment.store.insert_key(&key, &Secret::new(KEY)).await?;
    Ok((deployment, connection.id))
}

fn begins_at_ms(arguments: &ApiServerArgs) -> i64 {
    NOW.start_of_utc_day().millis() - arguments.days * DAY_MS
}

/// Pages of a thousand locations.
async fn locations(
    arguments: &ApiServerArgs,
    deployment: &Deployment,
    connection: ConnectionId,
) -> Result<Vec<(String, Vec<String>)>, BenchError> {
    let store = &deployment.store;
    let mut paths = Vec::new();
    for vehicle in store.known_members(connection, Model::Vehicle).await? {
        let vehicle = VehicleId(vehicle.id.ulid);
        for hours in (0..arguments.days * 24).step_by(7) {
            let from = Timestamp::from_millis(begins_at_ms(arguments) + hours * HOUR_MS);
            let query = page_query(vehicle, from);
            let read = store.read_history(connection, &query).await?;
            if read.rows.len() == PAGE_POINTS {
                paths.push(format!(
                    "/tsp/v1/vehicles/{vehicle}/locations?startAt={from}&limit={PAGE_POINTS}"
                ));
            }
        }
    }
    Ok(vec![("1,000 points a page".to_owned(), paths)])
}

/// Pages of two lists, small and large, with ids and with whole entities in their places.
async fn lists(router: &Router) -> Result<Vec<(String, Vec<String>)>, BenchError> {
    let mut found = Vec::new();
    for (list, expand) in LISTS {
        for limit in [100, 1_000] {
            for expand in ["", expand] {
                let mut path = format!("/tsp/v1/{list}?limit={limit}");
                let mut what = format!("{} {list} a page", grouped(f64::from(limit)));
                if !expand.is_empty() {
                    path.push_str(&format!("&expand={expand}"));
                    what.push_str(&format!(" with {}", expand.replace(',', " and ")));
                }
                found.push((what, walk(router, &path, limit as usize).await?));
            }
        }
    }
    Ok(found)
}

/// The paths of a list's full pages (of the only page, where none is full), twenty at most.
async fn walk(router: &Router, path: &str, limit: usize) -> Result<Vec<String>, BenchError> {
    let (mut paths, mut next) = (Vec::new(), path.to_owned());
    while paths.len() < 20 {
        let body = page(router, &next).await?;
        let body: serde_json::Value =
            serde_json::from_slice(&body).map_err(BenchError::unexpected)?;
        let rows = body["results"].as_array().map_or(0, Vec::len);
        if rows == limit || paths.is_empty() {
            paths.push(next);
        }
        let Some(cursor) = body["next"].as_str() else {
            break;
        };
        next = format!("{path}&cursor={cursor}");
    }
    Ok(paths)
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
async fn answer_from_memory(State(page): State<Bytes>, headers: HeaderMap) -> Response {
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
