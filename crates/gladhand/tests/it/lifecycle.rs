//! From `DELETE /connections/current` to the bare record, as a client sees it.

use std::time::Duration;

use serde_json::{Value, json};
use store::KeyKind;
use testkit::api_server::ApiServer;
use testkit::client::Answer;
use tokio::sync::watch;
use world::Clock;

const CURRENT: &str = "/connections/current";
const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn delete(server: &ApiServer) -> Answer {
    server.client.call("DELETE", CURRENT).send().await
}

async fn patch(server: &ApiServer, body: &Value) -> Answer {
    server.client.patch_json(CURRENT, body).await
}

/// How many connections are deleted now.
async fn erase(server: &ApiServer) -> usize {
    let (_stay, stop) = watch::channel(false);
    let erased = server.fleet.engine.erase_due(&stop).await;
    erased.expect("the store answers")
}

fn without<'a>(body: &Value, members: impl IntoIterator<Item = &'a str>) -> Value {
    let mut body = body.clone();
    for member in members {
        body.as_object_mut().expect("an object").remove(member);
    }
    body
}

#[tokio::test]
async fn a_deletion_waits_a_day_and_can_be_called_off() {
    let server = ApiServer::synced().await;
    let vehicles = server.client.all("/vehicles").await;
    for status in ["connected", "disconnected", "archived"] {
        let before = patch(&server, &json!({ "status": status })).await.ok();
        server.fleet.clock.advance(Duration::from_secs(60));
        let leaving = delete(&server).await.is(202);
        assert_eq!(leaving["status"], "pending_deletion");
        let changed = ["status", "updatedAt"];
        assert_eq!(without(&leaving, changed), without(&before, changed));
        server.fleet.clock.advance(Duration::from_secs(60));
        assert_eq!(delete(&server).await.is(202), leaving, "asked for again");

        // Until then everything can be read; nothing is synced, and nobody is asked.
        assert_eq!(server.client.all("/vehicles").await, vehicles);
        server.client.post("/syncs").await.is(409);
        server.client.get("/vehicles/locations").await.is(422);
        let tags = json!({ "tags": ["kept"] });
        assert_eq!(
            patch(&server, &tags).await.ok()["status"],
            "pending_deletion"
        );

        server.fleet.clock.advance(DAY - Duration::from_secs(61));
        assert_eq!(erase(&server).await, 0, "a second is left");
        let back = patch(&server, &json!({ "status": status })).await.ok();
        assert_eq!(back["status"], status);
        server.fleet.clock.advance(DAY * 2);
        assert_eq!(erase(&server).await, 0);
        assert_eq!(server.client.all("/vehicles").await, vehicles);
    }
}

#[tokio::test]
async fn of_a_deleted_connection_the_record_stays() {
    let server = ApiServer::synced().await;
    let other = server.make_connection(server.application, |_| {}).await;
    let named = json!({
        "externalId": "customer-7",
        "tags": ["north"],
        "options": { "ingestHistoryFromSourceSystem": false },
        "filters": { "vehicles": { "status": "active" } },
        "company": { "name": "Acme", "dotNumbers": ["77"] },
    });
    let before = patch(&server, &named).await.ok();
    delete(&server).await.is(202);
    server.fleet.clock.advance(DAY);
    assert_eq!(erase(&server).await, 1);
    assert_eq!(erase(&server).await, 0);

    let gone = server.client.get(CURRENT).await.ok();
    assert_eq!(gone["status"], "deleted");
    assert_eq!(
        (&gone["options"], &gone["filters"]),
        (&json!({}), &json!({}))
    );
    assert_eq!(gone["account"], json!({ "dotNumbers": [] }));
    assert_eq!(gone.get("sourceId"), None);
    assert_eq!(gone.get("lastSync"), None);
    assert_eq!(gone["agreements"], json!([]));
    let stays = [
        "id",
        "provider",
        "company",
        "externalId",
        "tags",
        "token",
        "linkUrl",
        "syncMode",
        "createdAt",
    ];
    for member in stays {
        assert_eq!(gone[member], before[member], "{member}");
    }
    let client = server.client.without_token();
    for (query, count) in [
        ("", 2),
        ("?status=deleted", 1),
        ("?externalId=customer-7", 1),
        ("?tag=north", 1),
        ("?dotNumber=77", 0),
    ] {
        let found = client.all(&format!("/connections{query}")).await;
        assert_eq!(found.len(), count, "{query}");
    }
    let listed = client.all("/connections?status=deleted").await;
    assert_eq!(listed[0], without(&gone, ["agreements"]));

    // There is nothing to read, and no way back.
    for path in ["/vehicles", "/drivers", "/syncs", "/vehicles/locations"] {
        let answer = server.client.get(path).await;
        let body = answer.is(403);
        let told = body["detail"].as_str().expect("a sentence");
        assert!(told.contains("is deleted"), "{told}");
    }
    server.client.post("/syncs").await.is(403);
    for body in [json!({ "status": "connected" }), json!({ "tags": [] })] {
        let refused = patch(&server, &body).await.is(422);
        assert_eq!(refused["message"], "The connection is deleted");
    }
    let refused = delete(&server).await.is(422);
    assert_eq!(refused["code"], "unprocessable_entity");
    let theirs = server.client.with_token(other.token.reveal());
    assert_eq!(theirs.get(CURRENT).await.ok()["status"], "connected");
}

#[tokio::test]
async fn while_its_data_goes_nothing_is_served_of_it() {
    let server = ApiServer::synced().await;
    delete(&server).await.is(202);
    server.fleet.clock.advance(DAY);
    let (id, now) = (server.fleet.connection, server.fleet.clock.now());
    let store = &server.fleet.store;
    assert!(store.begin_erasure(id, now).await.expect("it answers"));
    assert!(store.erase_some(id).await.expect("it answers").rows > 0);
    let refused = server.client.get("/vehicles").await.is(403);
    let told = refused["detail"].as_str().expect("a sentence");
    assert!(told.contains("being deleted"), "{told}");
    assert_eq!(server.client.get(CURRENT).await.ok()["status"], "deleting");
    let refused = patch(&server, &json!({ "status": "connected" }))
        .await
        .is(422);
    let told = refused["message"].as_str().expect("a sentence");
    assert!(told.contains("being deleted"), "{told}");
    // Another process goes on with it.
    assert_eq!(erase(&server).await, 1);
    assert_eq!(server.client.get(CURRENT).await.ok()["status"], "deleted");
}

/// Links have the application's newest key that is good.
#[tokio::test]
async fn links_have_the_key_that_opens_them() {
    let server = ApiServer::bare().await;
    let link = async || {
        let current = server.client.get(CURRENT).await.ok();
        current["linkUrl"].as_str().expect("a text").to_owned()
    };
    let page = link().await;
    assert!(!page.contains("key="), "{page}");
    server
        .make_key(server.application, KeyKind::Publishable)
        .await;
    server.fleet.clock.advance(Duration::from_secs(60));
    let key = server
        .make_key(server.application, KeyKind::Publishable)
        .await;
    let wanted = format!("{page}?key={key}");
    assert_eq!(link().await, wanted);
    let listed = server.client.without_token().all("/connections").await;
    assert_eq!(listed[0]["linkUrl"], wanted);
    let changed = patch(&server, &json!({ "status": "disconnected" })).await;
    assert_eq!(changed.ok()["linkUrl"], wanted);
}
