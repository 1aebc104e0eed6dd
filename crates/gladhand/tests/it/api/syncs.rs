//! `/syncs`, `/syncs/{id}`, `/syncs/{id}/retry`, `/syncs/{id}/cancel`.

mod request;

use std::time::Duration;

use model::{SyncId, Timestamp};
use serde_json::{Value, json};
use store::{Claim, SyncOutcome};
use testkit::api_server::ApiServer;
use testkit::client::{Answer, Client};
use world::Clock;

use super::{ids, refused_at, rows, text, time};

const NO_SYNC: &str = "sync_00000000000000000000000000";

fn sync_id(body: &Value) -> SyncId {
    text(body, "/id").parse().expect("the contract wants an id")
}

/// A worker that takes the connection's sync and then does what the test wants.
async fn claim(server: &ApiServer) -> Claim {
    let now = server.fleet.clock.now();
    let claimed = server
        .fleet
        .store
        .claim_sync("worker", now, Duration::from_secs(60))
        .await;
    claimed.expect("the store answers").expect("a sync waits")
}

async fn finish(server: &ApiServer, claim: &Claim, outcome: SyncOutcome) {
    let now = server.fleet.clock.now();
    server
        .fleet
        .store
        .finish_sync(&claim.lease, &outcome, now)
        .await
        .expect("the lease holds");
}

fn failed() -> SyncOutcome {
    SyncOutcome::Failed {
        reason: "The provider is gone".to_owned(),
    }
}

#[tokio::test]
async fn cancel_ends_a_waiting_sync_at_once() {
    let server = ApiServer::bare().await;
    let id = sync_id(&server.client.post("/syncs").await.is(201));
    let body = server
        .client
        .post(&format!("/syncs/{id}/cancel"))
        .await
        .ok();
    assert_eq!(
        body,
        json!({ "id": id, "message": "Sync cancellation requested" })
    );
    let sync = server.client.get(&format!("/syncs/{id}")).await.ok();
    assert_eq!(sync["status"], "failed");
    assert!(sync["failureReason"].is_string() && sync["completedAt"].is_string());
    impossible(server.client.post(&format!("/syncs/{id}/cancel")).await);
}

#[tokio::test]
async fn cancel_ends_a_running_sync_at_its_next_step() {
    let server = ApiServer::bare().await;
    let id = sync_id(
        &server
            .client
            .post_json("/syncs", &json!({ "days": 1 }))
            .await
            .is(201),
    );
    let claimed = claim(&server).await;
    server
        .client
        .post(&format!("/syncs/{id}/cancel"))
        .await
        .ok();
    let sync = server.client.get(&format!("/syncs/{id}")).await.ok();
    assert_eq!(sync["status"], "in_progress");
    finish(&server, &claimed, failed()).await;
    let sync = server.client.get(&format!("/syncs/{id}")).await.ok();
    assert_eq!(sync["status"], "failed");
}

/// 422, with the place that is wrong.
fn impossible(answer: Answer) {
    let body = answer.is(422);
    assert_eq!(body["code"], "unprocessable_entity");
    assert!(!answer.places().is_empty(), "{answer}");
}

#[tokio::test]
async fn retry_puts_a_failed_sync_back_with_what_it_had() {
    let server = ApiServer::bare().await;
    let asked = server
        .client
        .post_json("/syncs", &json!({ "days": 1 }))
        .await
        .is(201);
    let id = sync_id(&asked);
    let claimed = claim(&server).await;
    finish(&server, &claimed, failed()).await;
    let over = server.client.get(&format!("/syncs/{id}")).await.ok();
    assert_eq!(
        (text(&over, "/status"), over["attempts"].as_u64()),
        ("failed", Some(1))
    );
    assert_eq!(text(&over, "/failureReason"), "The provider is gone");

    let body = server.client.post(&format!("/syncs/{id}/retry")).await.ok();
    assert_eq!(body, json!({ "id": id, "message": "Sync retry requested" }));
    let again = server.client.get(&format!("/syncs/{id}")).await.ok();
    assert_eq!(again["status"], "requested");
    assert_eq!(again["startFrom"], asked["startFrom"]);
    assert_eq!(
        again["attempts"], 1,
        "attempts stay until a worker takes it up"
    );
    assert_eq!(
        (again.get("failureReason"), again.get("completedAt")),
        (None, None)
    );
    impossible(server.client.post(&format!("/syncs/{id}/retry")).await);
    assert_eq!(claim(&server).await.sync.attempts, 2);
    impossible(server.client.post(&format!("/syncs/{id}/retry")).await);
}

#[tokio::test]
async fn retry_is_422_while_another_sync_runs_and_for_a_completed_one() {
    let server = ApiServer::bare().await;
    let first = sync_id(&server.client.post("/syncs").await.is(201));
    server
        .client
        .post(&format!("/syncs/{first}/cancel"))
        .await
        .ok();
    let second = sync_id(&server.client.post("/syncs").await.is(201));
    impossible(server.client.post(&format!("/syncs/{first}/retry")).await);
    let claimed = claim(&server).await;
    let done = SyncOutcome::Completed {
        clean_streams: Vec::new(),
    };
    finish(&server, &claimed, done).await;
    impossible(server.client.post(&format!("/syncs/{second}/retry")).await);
    impossible(server.client.post(&format!("/syncs/{second}/cancel")).await);
    let sync = server.client.get(&format!("/syncs/{second}")).await.ok();
    assert_eq!(
        (text(&sync, "/status"), sync["progress"].as_f64()),
        ("completed", Some(100.0))
    );
    server
        .client
        .post(&format!("/syncs/{first}/retry"))
        .await
        .ok();
}

#[tokio::test]
async fn a_sync_that_is_not_there_is_404() {
    let server = ApiServer::bare().await;
    server
        .client
        .get(&format!("/syncs/{NO_SYNC}"))
        .await
        .is(404);
    for action in ["retry", "cancel"] {
        server
            .client
            .post(&format!("/syncs/{NO_SYNC}/{action}"))
            .await
            .is(404);
        let wrong = server.client.post(&format!("/syncs/7/{action}")).await;
        refused_at(&wrong, "{requestPath}.id");
    }
}

/// Three syncs, a minute apart: completed, failed, requested.
async fn history(server: &ApiServer) -> [SyncId; 3] {
    let pause = || server.fleet.clock.advance(Duration::from_secs(60));
    let first = sync_id(&server.client.post("/syncs").await.is(201));
    let claimed = claim(server).await;
    finish(
        server,
        &claimed,
        SyncOutcome::Completed {
            clean_streams: Vec::new(),
        },
    )
    .await;
    pause();
    let second = sync_id(&server.client.post("/syncs").await.is(201));
    server
        .client
        .post(&format!("/syncs/{second}/cancel"))
        .await
        .ok();
    pause();
    let third = sync_id(&server.client.post("/syncs").await.is(201));
    [first, second, third]
}

#[tokio::test]
async fn the_list_is_newest_first_and_filtered_by_status() {
    let server = ApiServer::bare().await;
    let [first, second, third] = history(&server).await.map(|id| id.to_string());
    let list = async |client: &Client, path: &str| {
        ids(&client.all(path).await)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let all = [third.clone(), second.clone(), first.clone()];
    assert_eq!(list(&server.client, "/syncs").await, all);
    assert_eq!(list(&server.client, "/syncs?limit=1").await, all);
    assert_eq!(list(&server.client, "/syncs?limit=2").await, all);
    for (status, wanted) in [
        ("completed", vec![first]),
        ("failed", vec![second]),
        ("requested", vec![third]),
        ("in_progress", vec![]),
    ] {
        assert_eq!(
            list(&server.client, &format!("/syncs?status={status}")).await,
            wanted
        );
    }
    for row in server.client.all("/syncs").await {
        let one = server
            .client
            .get(&format!("/syncs/{}", text(&row, "/id")))
            .await
            .ok();
        assert_eq!(one, row);
    }
}

#[tokio::test]
async fn a_finished_sync_tells_its_whole_story() {
    let server = ApiServer::synced().await;
    let page = server.client.get("/syncs").await.ok();
    let [sync] = rows(&page) else {
        panic!("one sync: {page}");
    };
    assert_eq!(sync["status"], "completed");
    assert_eq!(sync["progress"].as_f64(), Some(100.0));
    assert_eq!(sync["attempts"], 1);
    assert_eq!(sync["issues"], json!([]));
    assert_eq!(
        time(sync, "/startFrom"),
        server.fleet.world.config().begins_at
    );
    assert!(time(sync, "/requestedAt") <= time(sync, "/completedAt"));
    assert!(
        time(sync, "/completedAt") <= Timestamp::from_millis(server.fleet.clock.now().millis())
    );
}
