//! All operations of the contract: who may call them, and that each is called.

use model::SafetyEventId;
use serde_json::json;
use simulator::FaultPlan;
use store::KeyKind;
use testkit::api_server::ApiServer;
use testkit::client::{Answer, Client};
use testkit::databases::TestDatabase;
use testkit::fleet::FleetConfig;
use testkit::records::Seed;
use testkit::records::contents::Contents;
use testkit::scripted::{Reaction, ScriptedProvider};

use super::public_token::consent;

/// What an operation wants of its caller.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wants {
    Nothing,
    Key,
    KeyAndToken,
}

use Wants::{Key, KeyAndToken, Nothing};

pub(super) struct Operation {
    pub method: &'static str,
    /// With ids that nothing has.
    pub path: &'static str,
    pub wants: Wants,
}

const fn operation(method: &'static str, path: &'static str, wants: Wants) -> Operation {
    Operation {
        method,
        path,
        wants,
    }
}

pub(super) const OPERATIONS: [Operation; 38] = [
    operation("GET", "/providers", Nothing),
    operation("GET", "/connections", Key),
    operation("GET", "/connections/current", KeyAndToken),
    operation("PATCH", "/connections/current", KeyAndToken),
    operation("DELETE", "/connections/current", KeyAndToken),
    operation("POST", "/public-token/exchange", Key),
    operation("POST", "/link/short", Key),
    operation("DELETE", "/link/short/slk_00000000000000000000000000", Key),
    operation("POST", "/syncs", KeyAndToken),
    operation("GET", "/syncs", KeyAndToken),
    operation("GET", "/syncs/sync_00000000000000000000000000", KeyAndToken),
    operation(
        "POST",
        "/syncs/sync_00000000000000000000000000/retry",
        KeyAndToken,
    ),
    operation(
        "POST",
        "/syncs/sync_00000000000000000000000000/cancel",
        KeyAndToken,
    ),
    operation("GET", "/issues", Key),
    operation(
        "POST",
        "/issues/isu_00000000000000000000000000/resolve",
        Key,
    ),
    operation("GET", "/vehicles", KeyAndToken),
    operation(
        "GET",
        "/vehicles/vcl_00000000000000000000000000",
        KeyAndToken,
    ),
    operation(
        "GET",
        "/vehicles/vcl_00000000000000000000000000/locations",
        KeyAndToken,
    ),
    operation(
        "GET",
        "/vehicles/vcl_00000000000000000000000000/stats/historical",
        KeyAndToken,
    ),
    operation("GET", "/vehicles/locations", KeyAndToken),
    operation("GET", "/vehicles/utilization", KeyAndToken),
    operation("GET", "/drivers", KeyAndToken),
    operation(
        "GET",
        "/drivers/drv_00000000000000000000000000",
        KeyAndToken,
    ),
    operation("GET", "/groups", KeyAndToken),
    operation("GET", "/devices", KeyAndToken),
    operation("GET", "/trailers", KeyAndToken),
    operation("GET", "/trailers/locations", KeyAndToken),
    operation("GET", "/trips", KeyAndToken),
    operation("GET", "/hos/available-time", KeyAndToken),
    operation("GET", "/hos/logs", KeyAndToken),
    operation("GET", "/hos/daily-logs", KeyAndToken),
    operation(
        "GET",
        "/ifta/summary?startMonth=2026-01&endMonth=2026-02",
        KeyAndToken,
    ),
    operation("GET", "/fault-codes/events", KeyAndToken),
    operation("GET", "/safety/events", KeyAndToken),
    operation(
        "GET",
        "/safety/events/sft_evt_00000000000000000000000000",
        KeyAndToken,
    ),
    operation(
        "GET",
        "/safety/events/sft_evt_00000000000000000000000000/camera-media",
        KeyAndToken,
    ),
    operation("POST", "/passthrough", KeyAndToken),
    operation("POST", "/passthrough/raw", KeyAndToken),
];

pub(super) async fn call(client: &Client, operation: &Operation) -> Answer {
    client.call(operation.method, operation.path).send().await
}

fn is_refused(answer: &Answer, status: u16, code: &str) {
    let body = answer.is(status);
    assert_eq!(body["code"], code, "{answer}");
    assert!(body["detail"].is_string(), "a sentence says why: {answer}");
}

/// The table above is the contract's.
#[tokio::test]
async fn the_table_has_every_operation_of_the_contract() {
    let server = ApiServer::bare().await;
    let Some(contract) = server.client.contract() else {
        return;
    };
    let mut listed = Vec::new();
    for operation in &OPERATIONS {
        let path = operation.path.split('?').next().unwrap_or_default();
        let found = contract.operation(operation.method, path);
        listed.push(
            found
                .unwrap_or_else(|| panic!("{} {path}", operation.method))
                .id
                .clone(),
        );
    }
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), contract.operations().len());
}

#[tokio::test]
async fn without_a_good_secret_key_every_operation_is_401() {
    let server = ApiServer::bare().await;
    let publishable = server
        .make_key(server.application, KeyKind::Publishable)
        .await;
    let revoked = server.make_revoked_key().await;
    let wrong_keys = [
        "sk_test_nobody",
        publishable.as_str(),
        revoked.as_str(),
        "nonsense",
    ];
    for operation in &OPERATIONS {
        for key in wrong_keys {
            let answer = call(&server.client.with_key(key), operation).await;
            is_refused(&answer, 401, "unauthorized");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            let shown = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!shown.contains(key), "a key is not repeated: {answer}");
        }
        if operation.wants == Nothing {
            continue;
        }
        is_refused(
            &call(&server.client.without_key(), operation).await,
            401,
            "unauthorized",
        );
        let request = server.client.call(operation.method, operation.path);
        let basic = request.header("authorization", "Basic c2s6").send().await;
        is_refused(&basic, 401, "unauthorized");
    }
}

#[tokio::test]
async fn without_a_token_of_ones_own_every_operation_on_a_connection_is_403() {
    let server = ApiServer::bare().await;
    let (other, other_key) = server.make_application().await;
    let foreign = server.make_connection(other, |_| {}).await;
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.wants == KeyAndToken)
    {
        let client = &server.client;
        is_refused(
            &call(&client.without_token(), operation).await,
            403,
            "forbidden",
        );
        let unknown = client.with_token("con_tkn_nobody");
        is_refused(&call(&unknown, operation).await, 403, "forbidden");
        let theirs = client.with_token(foreign.token.reveal());
        is_refused(&call(&theirs, operation).await, 403, "forbidden");
        let stranger = client.with_key(&other_key);
        is_refused(&call(&stranger, operation).await, 403, "forbidden");
    }
}

#[tokio::test]
async fn operations_of_the_application_need_no_token() {
    let server = ApiServer::bare().await;
    let client = server.client.without_token();
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.wants != KeyAndToken)
    {
        let answer = call(&client, operation).await;
        let wanted = match operation.path {
            // Nobody has such an issue, or such a link.
            path if path.contains("_000000") => 404,
            // There is no public token in no body.
            "/public-token/exchange" => 400,
            "/link/short" => 201,
            _ => 200,
        };
        assert_eq!(answer.status, wanted, "{answer}");
    }
}

/// `X-Application-Id` is for callers who have several applications; a key has one.
#[tokio::test]
async fn a_key_needs_no_application_id_and_ignores_one() {
    let server = ApiServer::bare().await;
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        let plain = call(&server.client, operation).await;
        let request = server.client.call(operation.method, operation.path);
        let with_header = request
            .header("x-application-id", "app_of_somebody_else")
            .send()
            .await;
        assert_eq!(with_header.status, plain.status, "{with_header}");
    }
}

/// Every operation is called, on either engine.
#[tokio::test]
async fn every_operation_is_called() {
    sweep(ApiServer::synced_from(with_an_issue()).await).await;
}

#[tokio::test]
async fn every_operation_is_called_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        sweep(ApiServer::synced_on(with_an_issue(), database).await).await;
    }
}

/// A fleet whose token may not read groups.
fn with_an_issue() -> FleetConfig {
    FleetConfig {
        faults: FaultPlan {
            forbid: Some("/tags".to_owned()),
            ..FaultPlan::none()
        },
        ..FleetConfig::small(1)
    }
}

/// Calls what asks the provider, over one that has an event and nothing else.
async fn sweep_live(server: &ApiServer, event: SafetyEventId) {
    let provider = ScriptedProvider::new(|request| {
        let rows = match request.url.contains("/safety-events") {
            true => json!([{ "id": "event-0", "media": [] }]),
            false => json!([]),
        };
        let end = json!({ "endCursor": "", "hasNextPage": false });
        Reaction::json(&json!({ "data": rows, "pagination": end }))
    });
    let client = server.client_over(provider);
    for path in [
        "/vehicles/locations".to_owned(),
        "/trailers/locations".to_owned(),
        "/hos/available-time".to_owned(),
        format!("/safety/events/{event}/camera-media"),
    ] {
        client.get(&path).await.ok();
    }
    let body = json!({ "method": "GET", "path": "/me" });
    client.post_json("/passthrough", &body).await.ok();
    client.post_json("/passthrough/raw", &body).await.ok();
}

/// Calls everything, with what succeeds.
async fn sweep(server: ApiServer) {
    let client = &server.client;
    let space = server.fleet.connection().await.ids();
    let contents = Contents::new(&space);
    let mut seed = Seed::new(space);
    contents.add_to(&mut seed);
    seed.commit(&server.fleet).await;
    for operation in &OPERATIONS {
        call(client, operation).await;
    }
    // The deletion, of all that was called, is called off.
    client
        .patch_json("/connections/current", &json!({ "status": "connected" }))
        .await
        .ok();
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    let driver = server.fleet.truth().await.drivers()[0].id;
    let event = contents.safety_events[0].id;
    for path in [
        "/providers".to_owned(),
        "/connections".to_owned(),
        "/connections/current".to_owned(),
        "/issues".to_owned(),
        "/groups".to_owned(),
        "/vehicles".to_owned(),
        "/drivers".to_owned(),
        "/syncs".to_owned(),
        format!("/vehicles/{vehicle}"),
        format!("/drivers/{driver}"),
        format!("/vehicles/{vehicle}/locations"),
        format!("/vehicles/{vehicle}/stats/historical"),
        "/devices".to_owned(),
        "/trailers".to_owned(),
        "/trips".to_owned(),
        "/safety/events".to_owned(),
        format!("/safety/events/{event}"),
        "/fault-codes/events".to_owned(),
        "/hos/logs".to_owned(),
        "/hos/daily-logs".to_owned(),
        "/vehicles/utilization".to_owned(),
        "/ifta/summary?startMonth=2026-01&endMonth=2026-02".to_owned(),
    ] {
        client.get(&path).await.ok();
    }
    sweep_live(&server, event).await;
    let issues = client.get("/issues").await.ok();
    let issue = issues["results"][0]["id"].as_str().expect("an issue");
    client.post(&format!("/issues/{issue}/resolve")).await.ok();
    client
        .patch_json("/connections/current", &json!({ "tags": ["swept"] }))
        .await
        .ok();
    let (_, public_token) = consent(&server, 1).await;
    let body = json!({ "publicToken": public_token });
    client.post_json("/public-token/exchange", &body).await.ok();
    let body = json!({ "name": "Swept" });
    let link = client.post_json("/link/short", &body).await.is(201);
    let link = link["id"].as_str().expect("a link has an id");
    let deleted = client.call("DELETE", &format!("/link/short/{link}")).send();
    assert_eq!(deleted.await.status, 204);
    let client = server.fresh_client().await;
    let sync = client.post("/syncs").await.is(201);
    let sync = sync["id"].as_str().expect("a sync has an id");
    client.get(&format!("/syncs/{sync}")).await.ok();
    client.post(&format!("/syncs/{sync}/cancel")).await.ok();
    client.post(&format!("/syncs/{sync}/retry")).await.ok();
    if let Some(contract) = client.contract() {
        client.coverage.assert_all_operations_called(contract);
        for operation in &OPERATIONS {
            let path = operation.path.split('?').next().unwrap_or_default();
            let id = &contract
                .operation(operation.method, path)
                .expect("it is listed")
                .id;
            let statuses = client.coverage.statuses(id);
            assert!(
                statuses.iter().any(|status| *status < 300),
                "{id}: {statuses:?}"
            );
        }
    }
}
