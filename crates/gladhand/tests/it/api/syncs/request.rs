//! `POST /syncs`.

use std::time::Duration;

use model::ConnectionId;
use model::connection::ConnectionStatus;
use model::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};
use store::ConnectionPatch;
use testkit::api_server::ApiServer;
use testkit::client::Answer;
use world::Clock;

use super::super::{later, refused_at, text, time};
use super::{claim, failed, finish, sync_id};

#[tokio::test]
async fn an_empty_body_asks_for_a_sync_from_now() {
    let server = ApiServer::bare().await;
    let now = server.fleet.clock.now();
    let body = server.client.post("/syncs").await.is(201);
    assert_eq!(body["status"], "requested");
    assert_eq!(time(&body, "/requestedAt"), now);
    assert_eq!(
        time(&body, "/startFrom"),
        now,
        "a connection without a sync starts now"
    );
    assert_eq!(
        (body["progress"].as_f64(), body["attempts"].as_u64()),
        (Some(0.0), Some(0))
    );
    assert_eq!(body["issues"], json!([]));
    for absent in ["completedAt", "failureReason", "providerRequests"] {
        assert_eq!(body.get(absent), None);
    }
    let path = format!("/syncs/{}", sync_id(&body));
    assert_eq!(server.client.get(&path).await.ok(), body);
    let empty = server.fresh_client().await;
    empty.call("POST", "/syncs").text("").send().await.is(201);
    let empty = server.fresh_client().await;
    empty.post_json("/syncs", &json!({})).await.is(201);
}

#[tokio::test]
async fn without_a_start_a_sync_goes_on_from_what_was_asked_for_before() {
    let server = ApiServer::bare().await;
    let first = server
        .client
        .post_json("/syncs", &json!({ "days": 2 }))
        .await
        .is(201);
    server
        .client
        .post(&format!("/syncs/{}/cancel", sync_id(&first)))
        .await
        .ok();
    server.fleet.clock.advance(Duration::from_secs(3_600));
    let second = server.client.post("/syncs").await.is(201);
    assert_eq!(second["startFrom"], first["startFrom"]);
}

/// The start that a body gives, relative to now.
async fn start(server: &ApiServer, body: &Value) -> i64 {
    let client = server.fresh_client().await;
    let sync = client.post_json("/syncs", body).await.is(201);
    time(&sync, "/startFrom").millis() - server.fleet.clock.now().millis()
}

#[tokio::test]
async fn days_and_start_from_say_where_history_starts() {
    let server = ApiServer::bare().await;
    let ago = |ms: i64| later(server.fleet.clock.now(), -ms).to_string();
    assert_eq!(start(&server, &json!({ "days": 7 })).await, -7 * DAY_MS);
    assert_eq!(start(&server, &json!({ "days": 0.25 })).await, -6 * HOUR_MS);
    assert_eq!(
        start(&server, &json!({ "days": 3660 })).await,
        -3_660 * DAY_MS
    );
    assert_eq!(
        start(&server, &json!({ "startFrom": ago(1_234) })).await,
        -1_234
    );
    assert_eq!(start(&server, &json!({ "startFrom": ago(0) })).await, 0);
    let both = json!({ "days": 1, "startFrom": ago(5 * DAY_MS) });
    assert_eq!(
        start(&server, &both).await,
        -DAY_MS,
        "days are used in place of startFrom"
    );
}

#[tokio::test]
async fn provider_requests_are_strings_or_objects() {
    let server = ApiServer::bare().await;
    for requests in [
        json!(["historical_files"]),
        json!([{ "type": "historical_files" }]),
        json!(["historical_files", { "type": "historical_files" }]),
    ] {
        let client = server.fresh_client().await;
        let body = json!({ "providerRequests": requests });
        let sync = client.post_json("/syncs", &body).await.is(201);
        assert_eq!(sync["providerRequests"], json!(["historical_files"]));
    }
    let client = server.fresh_client().await;
    let sync = client
        .post_json("/syncs", &json!({ "providerRequests": [] }))
        .await
        .is(201);
    assert_eq!(sync.get("providerRequests"), None);
}

#[tokio::test]
async fn any_other_body_is_400_and_asks_for_nothing() {
    let server = ApiServer::bare().await;
    let in_a_second = later(server.fleet.clock.now(), 1_000).to_string();
    for (body, path) in [
        (json!({ "days": 0 }), ".days"),
        (json!({ "days": -1 }), ".days"),
        (json!({ "days": 3660.01 }), ".days"),
        (json!({ "days": 1e300 }), ".days"),
        (json!({ "days": "7" }), ".days"),
        (json!({ "days": null }), ".days"),
        (json!({ "startFrom": in_a_second }), ".startFrom"),
        (json!({ "startFrom": "yesterday" }), ".startFrom"),
        (json!({ "startFrom": 1_700_000_000 }), ".startFrom"),
        (json!({ "startFrom": null }), ".startFrom"),
        (
            json!({ "providerRequests": "historical_files" }),
            ".providerRequests",
        ),
        (
            json!({ "providerRequests": ["files"] }),
            ".providerRequests[0]",
        ),
        (json!({ "providerRequests": [{}] }), ".providerRequests[0]"),
        (
            json!({ "providerRequests": ["historical_files", 7] }),
            ".providerRequests[1]",
        ),
        (json!({ "day": 7 }), ".day"),
        (
            json!({ "start_from": "2026-01-01T00:00:00Z" }),
            ".start_from",
        ),
        (json!([]), ""),
        (json!("days"), ""),
        (json!(null), ""),
    ] {
        let answer = server.client.post_json("/syncs", &body).await;
        refused_at(&answer, &format!("{{requestBody}}{path}"));
    }
    for text in ["{", "days=7", "{\"days\":7}}", " ", "\u{feff}{}"] {
        let answer = server.client.call("POST", "/syncs").text(text).send().await;
        refused_at(&answer, "{requestBody}");
    }
    let wrong_bytes = server.client.call("POST", "/syncs").body(vec![0xff, 0xfe]);
    let answer = wrong_bytes
        .header("content-type", "application/json")
        .send()
        .await;
    refused_at(&answer, "{requestBody}");
    let both = json!({ "days": 0, "startFrom": in_a_second, "other": 1 });
    assert_eq!(
        server
            .client
            .post_json("/syncs", &both)
            .await
            .places()
            .len(),
        3
    );
    assert_eq!(
        server.client.get("/syncs").await.ok(),
        json!({ "results": [] })
    );
}

#[tokio::test]
async fn a_second_sync_is_409_and_names_the_first() {
    let server = ApiServer::bare().await;
    let first = sync_id(&server.client.post("/syncs").await.is(201));
    let conflict = |answer: Answer| {
        let body = answer.is(409);
        assert_eq!(body["code"], "conflict");
        assert!(
            text(&body, "/detail").contains(&first.to_string()),
            "{answer}"
        );
    };
    conflict(server.client.post("/syncs").await);
    let claimed = claim(&server).await;
    conflict(
        server
            .client
            .post_json("/syncs", &json!({ "days": 1 }))
            .await,
    );
    finish(&server, &claimed, failed()).await;
    server.client.post("/syncs").await.is(201);
}

#[tokio::test]
async fn a_sync_of_another_connection_is_no_conflict() {
    let server = ApiServer::bare().await;
    server.client.post("/syncs").await.is(201);
    server.fresh_client().await.post("/syncs").await.is(201);
}

#[tokio::test]
async fn a_disconnected_connections_sync_is_201_and_failed_at_once() {
    let server = ApiServer::bare().await;
    let disconnect = json!({ "status": "disconnected" });
    let connection = server
        .client
        .patch_json("/connections/current", &disconnect)
        .await
        .ok();
    let sync = server.client.post("/syncs").await.is(201);
    let sync = server
        .client
        .get(&format!("/syncs/{}", sync_id(&sync)))
        .await
        .ok();
    assert_eq!(sync["status"], "failed");
    let reason = text(&sync, "/failureReason");
    assert!(reason.contains("linkUrl"), "{reason}");
    assert!(text(&connection, "/linkUrl").starts_with("https://"));
    assert_eq!(time(&sync, "/completedAt"), server.fleet.clock.now());
    // A failed sync is no obstacle.
    server.client.post("/syncs").await.is(201);
}

#[tokio::test]
async fn archived_or_pending_deletion_is_409() {
    for status in [
        ConnectionStatus::Archived,
        ConnectionStatus::PendingDeletion,
    ] {
        let server = ApiServer::bare().await;
        if status == ConnectionStatus::PendingDeletion {
            let delete = server.client.call("DELETE", "/connections/current");
            delete.send().await.is(202);
        } else {
            close(&server, server.fleet.connection, status).await;
        }
        let body = server.client.post("/syncs").await.is(409);
        assert_eq!(body["code"], "conflict");
        let told = format!("{} {}", text(&body, "/message"), text(&body, "/detail"));
        assert!(told.contains(&status.name().replace('_', " ")) || told.contains(status.name()));
        assert_eq!(
            server.client.get("/syncs").await.ok(),
            json!({ "results": [] })
        );
    }
}

async fn close(server: &ApiServer, connection: ConnectionId, status: ConnectionStatus) {
    let patch = ConnectionPatch {
        status: Some(status),
        ..ConnectionPatch::default()
    };
    let now = server.fleet.clock.now();
    let changed = server
        .fleet
        .store
        .update_connection(connection, &patch, now)
        .await;
    changed.expect("the connection exists");
}
