//! `/connections`, `/connections/current`.

use std::time::Duration;

use model::connection::ConnectionStatus;
use serde_json::{Value, json};
use store::ConnectionPatch;
use testkit::api_server::ApiServer;
use world::Clock;

use super::drivers::NO_DRIVER;
use super::{ids, later, refused_at, rows, text, time};

#[tokio::test]
async fn current_is_the_connection_of_the_token() {
    let server = ApiServer::bare().await;
    let current = server.client.get("/connections/current").await.ok();
    assert_eq!(current["id"], server.fleet.connection.to_string());
    assert_eq!(current["status"], "connected");
    assert_eq!(
        current["provider"],
        json!({ "code": "samsara", "name": "Samsara" })
    );
    assert_eq!(current["syncMode"], "manual");
    assert_eq!(current["agreements"], json!([]));
    assert_eq!(current.get("lastSync"), None, "nothing was synced");
    assert!(text(&current, "/token").starts_with("con_tkn_"));
    assert!(text(&current, "/linkUrl").ends_with(&server.fleet.connection.to_string()));
    let token = text(&current, "/token").to_owned();
    assert_eq!(
        server
            .client
            .with_token(&token)
            .get("/connections/current")
            .await
            .ok(),
        current
    );

    let sync = server.client.post("/syncs").await.is(201);
    let current = server.client.get("/connections/current").await.ok();
    assert_eq!(current["lastSync"], sync);
}

/// After a sync the provider's account is known.
#[tokio::test]
async fn a_sync_tells_whose_account_it_is() {
    let server = ApiServer::synced().await;
    let current = server.client.get("/connections/current").await.ok();
    assert!(!text(&current, "/sourceId").is_empty());
    assert!(!text(&current, "/account/name").is_empty());
    assert_eq!(current["lastSync"]["status"], "completed");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let server = ApiServer::bare().await;
    let mut wanted = server.client.get("/connections/current").await.ok();
    let created_at = time(&wanted, "/createdAt");
    wanted
        .as_object_mut()
        .expect("an object")
        .remove("agreements");
    for (member, value) in [
        ("externalId", json!("customer-7")),
        ("tags", json!(["north", "beta"])),
        ("tags", json!([])),
        ("syncMode", json!("automatic")),
        ("options", json!({ "ingestHistoryFromSourceSystem": false })),
        (
            "company",
            json!({ "name": "Acme Inc.", "dotNumbers": ["1234567"] }),
        ),
        ("filters", json!({ "vehicles": { "status": "active" } })),
        ("status", json!("disconnected")),
        ("status", json!("archived")),
        ("status", json!("connected")),
    ] {
        server.fleet.clock.advance(Duration::from_secs(1));
        let body = json!({ member: value });
        let changed = server
            .client
            .patch_json("/connections/current", &body)
            .await
            .ok();
        wanted[member] = value;
        assert!(
            time(&changed, "/updatedAt") > time(&wanted, "/updatedAt"),
            "{member}"
        );
        wanted["updatedAt"] = changed["updatedAt"].clone();
        assert_eq!(changed, wanted, "{member}");
        let mut current = server.client.get("/connections/current").await.ok();
        current
            .as_object_mut()
            .expect("an object")
            .remove("agreements");
        assert_eq!(current, wanted, "{member}");
    }
    assert_eq!(time(&wanted, "/createdAt"), created_at);
}

#[tokio::test]
async fn null_takes_a_text_away() {
    let server = ApiServer::bare().await;
    let patch = async |body: Value| {
        let client = &server.client;
        client.patch_json("/connections/current", &body).await.ok()
    };
    let company = json!({ "name": "Acme", "dotNumbers": ["1"] });
    patch(json!({ "externalId": "customer-7", "company": company })).await;
    let changed = patch(json!({ "externalId": null, "company": { "name": null } })).await;
    assert_eq!(changed.get("externalId"), None);
    assert_eq!(changed["company"], json!({ "dotNumbers": ["1"] }));
    let found = server
        .client
        .all("/connections?externalId=customer-7")
        .await;
    assert!(found.is_empty());
}

#[tokio::test]
async fn company_and_filters_are_merged() {
    let server = ApiServer::bare().await;
    let patch = async |body: Value| {
        server
            .client
            .patch_json("/connections/current", &body)
            .await
            .ok()
    };
    patch(json!({ "company": { "name": "Acme", "dotNumbers": ["1"] } })).await;
    let changed = patch(json!({ "company": { "dotNumbers": ["2", "3"] } })).await;
    assert_eq!(
        changed["company"],
        json!({ "name": "Acme", "dotNumbers": ["2", "3"] })
    );
    patch(json!({ "filters": { "vehicles": { "status": "active" } } })).await;
    let changed = patch(json!({ "filters": { "drivers": { "status": "inactive" } } })).await;
    let both = json!({
        "vehicles": { "status": "active" },
        "drivers": { "status": "inactive" },
    });
    assert_eq!(changed["filters"], both);
    let changed = patch(json!({ "filters": { "vehicles": {} } })).await;
    assert_eq!(
        changed["filters"],
        json!({ "drivers": { "status": "inactive" } })
    );
}

#[tokio::test]
async fn an_empty_patch_changes_nothing() {
    let server = ApiServer::bare().await;
    let before = server.client.get("/connections").await.ok();
    server.fleet.clock.advance(Duration::from_secs(60));
    for call in [
        server.client.call("PATCH", "/connections/current"),
        server
            .client
            .call("PATCH", "/connections/current")
            .text("{}"),
    ] {
        assert_eq!(call.send().await.ok(), rows(&before)[0]);
    }
}

#[tokio::test]
async fn a_malformed_patch_is_refused_and_changes_nothing() {
    let server = ApiServer::bare().await;
    let before = server.client.get("/connections/current").await.ok();
    for (body, path) in [
        (json!({ "status": "pending_deletion" }), ".status"),
        (json!({ "status": 1 }), ".status"),
        (json!({ "syncMode": "sometimes" }), ".syncMode"),
        (json!({ "externalId": 7 }), ".externalId"),
        (json!({ "externalId": "" }), ".externalId"),
        (json!({ "externalId": "x".repeat(256) }), ".externalId"),
        (json!({ "tags": "a" }), ".tags"),
        (json!({ "tags": ["a", 1] }), ".tags[1]"),
        (json!({ "options": [] }), ".options"),
        (json!({ "company": "Acme" }), ".company"),
        (
            json!({ "company": { "dotNumber": "1" } }),
            ".company.dotNumber",
        ),
        (
            json!({ "company": { "dotNumbers": [1] } }),
            ".company.dotNumbers[0]",
        ),
        (json!({ "filters": [] }), ".filters"),
        (
            json!({ "filters": { "vehicles": { "status": "gone" } } }),
            ".filters.vehicles.status",
        ),
        (
            json!({ "filters": { "vehicles": { "includeIds": [NO_DRIVER] } } }),
            ".filters.vehicles.includeIds[0]",
        ),
        (json!({ "tag": ["a"] }), ".tag"),
        (json!([]), ""),
    ] {
        let answer = server
            .client
            .patch_json("/connections/current", &body)
            .await;
        refused_at(&answer, &format!("{{requestBody}}{path}"));
    }
    let half_good = json!({ "externalId": "new", "tags": 7 });
    let answer = server
        .client
        .patch_json("/connections/current", &half_good)
        .await;
    refused_at(&answer, "{requestBody}.tags");
    assert_eq!(server.client.get("/connections/current").await.ok(), before);
}

/// History stays readable whatever becomes of the connection.
#[tokio::test]
async fn a_closed_connection_is_still_read() {
    let server = ApiServer::synced().await;
    let vehicles = server.client.all("/vehicles").await;
    for status in ["disconnected", "archived"] {
        let body = json!({ "status": status });
        server
            .client
            .patch_json("/connections/current", &body)
            .await
            .ok();
        assert_eq!(server.client.all("/vehicles").await, vehicles);
        assert_eq!(
            server.client.get("/connections/current").await.ok()["status"],
            status
        );
    }
}

/// Three connections beside the fleet's, a minute apart.
async fn three(server: &ApiServer) -> [String; 3] {
    let mut made = Vec::new();
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        server.fleet.clock.advance(Duration::from_secs(60));
        let connection = server.make_connection(server.application, |new| {
            new.external_id = Some(name.to_owned());
            new.tags = vec!["all".to_owned(), format!("tag-{name}")];
            new.company.dot_numbers = vec!["77".to_owned(), index.to_string()];
        });
        made.push(connection.await.id.to_string());
    }
    made.try_into().expect("three were made")
}

#[tokio::test]
async fn the_list_is_in_the_order_of_creation_or_the_reverse() {
    let server = ApiServer::bare().await;
    let [one, two, three] = three(&server).await;
    let fleet = server.fleet.connection.to_string();
    let client = server.client.without_token();
    let list = client.all("/connections").await;
    assert_eq!(ids(&list), [&fleet, &one, &two, &three]);
    assert_eq!(
        ids(&client.all("/connections?order=asc").await),
        [&fleet, &one, &two, &three]
    );
    let newest_first = [&three, &two, &one, &fleet];
    assert_eq!(
        ids(&client.all("/connections?order=desc").await),
        newest_first
    );
    assert_eq!(
        ids(&client.all("/connections?order=desc&limit=1").await),
        newest_first
    );
    let mut current = server.client.get("/connections/current").await.ok();
    current
        .as_object_mut()
        .expect("an object")
        .remove("agreements");
    assert_eq!(list[0], current);
}

#[tokio::test]
async fn connections_are_found_by_what_is_known_of_them() {
    let server = ApiServer::bare().await;
    let made = three(&server).await;
    let [one, two, three] = made.each_ref().map(String::as_str);
    let fleet = server.fleet.connection.to_string();
    let archived = ConnectionPatch {
        status: Some(ConnectionStatus::Archived),
        ..ConnectionPatch::default()
    };
    let list = server.client.all("/connections").await;
    let updated = time(&list[2], "/updatedAt");
    let (before, after) = (later(updated, -1), later(updated, 1));
    for (query, wanted) in [
        ("externalId=two".to_owned(), vec![two]),
        ("externalId=t".to_owned(), vec![]),
        ("dotNumber=77".to_owned(), vec![one, two, three]),
        ("dotNumber=1".to_owned(), vec![two]),
        ("dotNumber=7".to_owned(), vec![]),
        ("tag=all".to_owned(), vec![one, two, three]),
        ("tag=tag-three".to_owned(), vec![three]),
        ("tag=tag".to_owned(), vec![]),
        ("provider=samsara".to_owned(), vec![&fleet, one, two, three]),
        ("provider=geotab".to_owned(), vec![]),
        ("status=connected".to_owned(), vec![&fleet, one, two, three]),
        ("status=archived".to_owned(), vec![]),
        (format!("updatedAfter={updated}"), vec![two, three]),
        (format!("updatedAfter={after}"), vec![three]),
        (format!("updatedBefore={updated}"), vec![&fleet, one, two]),
        (format!("updatedBefore={before}"), vec![&fleet, one]),
        (
            format!("updatedAfter={updated}&updatedBefore={updated}"),
            vec![two],
        ),
        ("tag=all&externalId=one&dotNumber=0".to_owned(), vec![one]),
        ("tag=all&order=desc".to_owned(), vec![three, two, one]),
    ] {
        let found = server.client.all(&format!("/connections?{query}")).await;
        assert_eq!(ids(&found), wanted, "{query}");
        let paged = server
            .client
            .all(&format!("/connections?{query}&limit=1"))
            .await;
        assert_eq!(paged, found, "{query}");
    }
    let id = two.parse().expect("an id");
    let now = server.fleet.clock.now();
    server
        .fleet
        .store
        .update_connection(id, &archived, now)
        .await
        .expect("it exists");
    let found = server.client.all("/connections?status=archived").await;
    assert_eq!(ids(&found), [two]);
}

#[tokio::test]
async fn tags_is_taken_for_tag_with_a_warning() {
    let server = ApiServer::bare().await;
    let [_, _, three] = three(&server).await;
    let answer = server.client.get("/connections?tags=tag-three").await;
    assert_eq!(ids(rows(&answer.ok())), [&three]);
    let warnings = answer.header_texts("warning");
    assert!(
        matches!(warnings.as_slice(), [one] if one.contains("tags")),
        "{warnings:?}"
    );
    assert!(
        server
            .client
            .get("/connections?tag=all")
            .await
            .header("warning")
            .is_none()
    );
}

#[tokio::test]
async fn another_applications_connections_are_not_shown() {
    let server = ApiServer::bare().await;
    let (other, key) = server.make_application().await;
    let theirs = server.make_connection(other, |_| {}).await;
    let found = server
        .client
        .with_key(&key)
        .without_token()
        .all("/connections")
        .await;
    assert_eq!(ids(&found), [&theirs.id.to_string()]);
    let found = server.client.all("/connections").await;
    assert_eq!(ids(&found), [&server.fleet.connection.to_string()]);
}
