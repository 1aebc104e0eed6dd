//! Replays as operators and clients meet them: begun, watched, and never beside a sync.

use std::time::Duration;

use api::{Api, ApiConfig};
use engine::{ReplayError, ReplayRequest, RequestSyncError, SyncRequest};
use model::sync::SyncStatus;
use model::{Secret, SyncId};
use serde_json::{Value, json};
use store::{Execution, StoreError, SyncQuery};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use tower::ServiceExt;
use world::Clock;

/// As the command does it: begun, and asked after until it is over.
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_starts_one_and_watches_it() {
    let fleet = Fleet::new(
        FleetConfig::small(15),
        TestDatabase::sqlite(Execution::Threads),
    )
    .await;
    fleet.backfill().await;
    let path = format!("/admin/v1/connections/{}/replay", fleet.connection);
    let (status, body) = ask(&fleet, "GET", &path, "").await;
    assert_eq!(status, 404, "{body}");
    for (wrong, place) in [
        (r#"{"stream": "nothing"}"#, "{requestBody}.stream"),
        (r#"{"dryRun": "yes"}"#, "{requestBody}.dryRun"),
        (r#"{"dry": true}"#, "{requestBody}.dry"),
    ] {
        let (status, body) = ask(&fleet, "POST", &path, wrong).await;
        assert_eq!(
            (status, &body["detail"][0]["path"]),
            (400, &json!(place)),
            "{body}"
        );
    }
    let (status, begun) = ask(&fleet, "POST", &path, r#"{"dryRun": true}"#).await;
    assert_eq!((status, &begun["dryRun"]), (201, &json!(true)), "{begun}");
    let over = loop {
        let (status, body) = ask(&fleet, "GET", &path, "").await;
        assert_eq!((status, &body["id"]), (200, &begun["id"]));
        match body["status"] == "running" {
            true => tokio::task::yield_now().await,
            false => break body,
        }
    };
    assert_eq!(
        (&over["status"], &over["progress"]),
        (&json!("completed"), &json!(100.0))
    );
    assert!(
        over["summary"]["streams"]["vehicles"]["pages"]["mapped"].as_u64() > Some(0),
        "{over}"
    );

    let connection = fleet.connection().await;
    let asked = fleet
        .engine
        .request_sync(&connection, SyncRequest::default())
        .await;
    let asked = asked.expect("a sync is made").id.to_string();
    let (status, body) = ask(&fleet, "POST", &path, "{}").await;
    assert_eq!(status, 409);
    assert!(
        body.to_string().contains(&asked),
        "it names the sync that runs: {body}"
    );
}

async fn ask(fleet: &Fleet, method: &str, path: &str, body: &str) -> (u16, Value) {
    let api = Api {
        engine: fleet.engine.clone(),
        config: ApiConfig {
            admin_token: Some(Secret::new("operator")),
            ..ApiConfig::new("http://gladhand.test")
        },
    };
    let request = axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer operator")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body.to_owned()))
        .expect("a request");
    let Ok(response) = api::router(api).oneshot(request).await;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let bytes = bytes.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_and_a_sync_do_not_meet() {
    let fleet = Fleet::new(
        FleetConfig::small(11),
        TestDatabase::sqlite(Execution::Threads),
    )
    .await;
    fleet.backfill().await;
    let connection = fleet.connection().await;
    let waiting = fleet
        .engine
        .request_sync(&connection, SyncRequest::default())
        .await;
    let waiting = waiting.expect("a sync is made");
    let refused = fleet
        .engine
        .start_replay(&connection, ReplayRequest::default())
        .await;
    assert!(
        matches!(refused, Err(ReplayError::Store(StoreError::SyncRunning(id))) if id == waiting.id),
        "{refused:?}"
    );
    fleet.finish(waiting).await;
    let listed = fleet
        .store
        .list_syncs(fleet.connection, &all())
        .await
        .expect("an answer");

    // A replay of a process that dies: it has the connection until its lease runs out.
    let lease = Duration::from_secs(60);
    let id = SyncId::new(fleet.clock.now(), 1);
    let begun = fleet
        .store
        .begin_replay(fleet.connection, id, "gone", fleet.clock.now(), lease);
    begun.await.expect("nothing else has the connection");
    let refused = fleet
        .engine
        .request_sync(&connection, SyncRequest::default())
        .await;
    assert!(
        matches!(refused, Err(RequestSyncError::Store(StoreError::ReplayRunning(by))) if by == id),
        "{refused:?}"
    );
    assert_eq!(
        fleet
            .store
            .list_syncs(fleet.connection, &all())
            .await
            .expect("an answer"),
        listed
    );
    assert_eq!(
        fleet
            .store
            .sync(fleet.connection, id)
            .await
            .expect("an answer"),
        None
    );
    let retried = fleet.engine.retry_sync(&connection, id).await;
    assert!(
        matches!(retried, Err(StoreError::NotFound { .. })),
        "{retried:?}"
    );
    assert!(fleet.engine.run_one().await.expect("an answer").is_none());
    fleet.clock.advance(lease);
    assert!(
        fleet.engine.run_one().await.expect("an answer").is_none(),
        "nobody's sync"
    );
    assert_eq!(fleet.catch_up().await.status, SyncStatus::Completed);
}

fn all() -> SyncQuery {
    SyncQuery {
        limit: 100,
        ..SyncQuery::default()
    }
}
