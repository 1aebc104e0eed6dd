//! `/public-token/exchange`.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::{Consent, PUBLIC_TOKEN_LIFE};
use model::connection::{ConnectionStatus, SyncMode};
use model::{ConnectionId, Secret};
use serde_json::{Value, json};
use store::ConnectionPatch;
use testkit::api_server::ApiServer;
use testkit::client::{Answer, Client};
use testkit::fleet::TOKEN;
use tokio::task::JoinSet;
use world::Clock;

use super::{refused_at, text};

const PATH: &str = "/public-token/exchange";
const PLACE: &str = "{requestBody}.publicToken";

/// What the Link page does at its end: a new connection, and what the browser carries away.
pub(super) async fn consent(server: &ApiServer, ticket: u8) -> (ConnectionId, String) {
    let engine = &server.fleet.engine;
    let now = server.fleet.clock.now();
    let agreement = engine.store().keep_agreement("I agree.", now).await;
    let consented = engine.consent(Consent {
        application: server.application,
        provider: "samsara".to_owned(),
        credentials: BTreeMap::from([("apiKey".to_owned(), Secret::new(TOKEN))]),
        again: None,
        company_name: Some("Acme".to_owned()),
        external_id: Some(format!("customer-{ticket}")),
        tags: vec!["north".to_owned()],
        sync_mode: SyncMode::Manual,
        backfill_from: None,
        merges: false,
        ticket: [ticket; 32],
        agreement: agreement.expect("the store answers"),
        ip_address: None,
        user_agent: None,
    });
    let consented = consented.await.expect("the provider takes the key");
    let token = consented.public_token.reveal().to_owned();
    (consented.connection.id, token)
}

async fn exchange(client: &Client, token: &str) -> Answer {
    let body = json!({ "publicToken": token });
    client.post_json(PATH, &body).await
}

#[tokio::test]
async fn a_token_is_exchanged_for_the_connection_once() {
    let server = ApiServer::bare().await;
    let client = server.client.without_token();
    let (id, token) = consent(&server, 1).await;
    let connection = exchange(&client, &token).await.ok();
    assert_eq!(connection["id"], id.to_string());
    assert_eq!(connection["externalId"], "customer-1");
    assert_eq!(connection["tags"], json!(["north"]));
    assert_eq!(connection["company"]["name"], "Acme");
    // What it gives opens the connection.
    let own = client.with_token(text(&connection, "/token"));
    let mut current = own.get("/connections/current").await.ok();
    let members = current.as_object_mut().expect("an object");
    members.remove("agreements");
    members.remove("lastSync");
    assert_eq!(current, connection);

    let again = exchange(&client, &token).await;
    refused_at(&again, PLACE);
    let shown = String::from_utf8_lossy(&again.body).into_owned();
    assert!(shown.contains("exchanged before"), "{shown}");
    assert!(!shown.contains(&token), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_try_at_once_one_gets_the_connection() {
    let server = ApiServer::bare().await;
    let (_, token) = consent(&server, 1).await;
    let mut attempts = JoinSet::new();
    for _ in 0..8 {
        let (client, token) = (server.client.without_token(), token.clone());
        attempts.spawn(async move { exchange(&client, &token).await });
    }
    let answers = attempts.join_all().await;
    let won = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        refused_at(answer, PLACE);
    }
}

#[tokio::test]
async fn a_token_has_its_time() {
    let server = ApiServer::bare().await;
    let (_, late) = consent(&server, 1).await;
    server.fleet.clock.advance(Duration::from_millis(1));
    let (_, token) = consent(&server, 2).await;
    server
        .fleet
        .clock
        .advance(PUBLIC_TOKEN_LIFE - Duration::from_millis(1));
    let answer = exchange(&server.client, &late).await;
    refused_at(&answer, PLACE);
    assert!(
        text(&answer.json(), "/message").contains("time"),
        "{answer}"
    );
    exchange(&server.client, &token).await.ok();
}

#[tokio::test]
async fn what_is_not_the_applications_is_not_found() {
    let server = ApiServer::bare().await;
    let (id, token) = consent(&server, 1).await;
    let (_, other_key) = server.make_application().await;
    let foreign = exchange(&server.client.with_key(&other_key), &token).await;
    let unknown = exchange(&server.client, "pub_tkn_00000000000000000000000000000000").await;
    // One cannot be told from the other.
    assert_eq!(foreign.is(404), unknown.is(404));
    // And the attempt of a stranger did not use it up.
    exchange(&server.client, &token).await.ok();

    let (_, token) = consent(&server, 2).await;
    let archive = ConnectionPatch {
        status: Some(ConnectionStatus::Archived),
        ..ConnectionPatch::default()
    };
    let now = server.fleet.clock.now();
    let store = &server.fleet.store;
    let archived = store.update_connection(id, &archive, now).await;
    archived.expect("it is there");
    exchange(&server.client, &token).await.ok();
}

#[tokio::test]
async fn what_is_no_public_token_is_refused() {
    let server = ApiServer::bare().await;
    let client = &server.client;
    refused_at(&client.post(PATH).await, PLACE);
    for body in [
        json!({}),
        json!({ "publicToken": "" }),
        json!({ "publicToken": 7 }),
        json!({ "publicToken": "con_tkn_00000000000000000000000000000000" }),
    ] {
        refused_at(&client.post_json(PATH, &body).await, PLACE);
    }
    let surplus = json!({ "publicToken": "pub_tkn_x", "public_token": "pub_tkn_x" });
    let answer = client.post_json(PATH, &surplus).await;
    refused_at(&answer, "{requestBody}.public_token");
    let answer: Value = client.call("POST", PATH).text("[]").send().await.is(400);
    assert_eq!(answer["code"], "bad_request");
}
