//! `/issues`, and issues where a sync names them.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::FaultPlan;
use testkit::api_server::ApiServer;
use testkit::fleet::FleetConfig;

use super::{ids, later, refused_at, rows, text, time};

/// A fleet whose token may not read groups.
async fn forbidden() -> ApiServer {
    let faults = FaultPlan {
        forbid: Some("/tags".to_owned()),
        ..FaultPlan::none()
    };
    ApiServer::synced_from(FleetConfig {
        faults,
        ..FleetConfig::small(1)
    })
    .await
}

async fn only_issue(server: &ApiServer) -> Value {
    let page = server.client.get("/issues").await.ok();
    let [issue] = rows(&page) else {
        panic!("one issue: {page}");
    };
    issue.clone()
}

#[tokio::test]
async fn a_forbidden_stream_is_an_issue_and_the_sync_goes_on() {
    let server = forbidden().await;
    let issue = only_issue(&server).await;
    assert_eq!(issue["connection"], server.fleet.connection.to_string());
    assert_eq!(issue["status"], "ongoing");
    assert_eq!(issue["error"]["code"], "permission_missing");
    assert!(!text(&issue, "/error/message").is_empty());
    assert_eq!(issue["resolutionType"], "action_required");
    assert!(time(&issue, "/firstReportedAt") <= time(&issue, "/lastReportedAt"));
    assert_eq!(server.client.all("/groups").await, Vec::<Value>::new());
    assert!(!server.client.all("/vehicles").await.is_empty());
}

#[tokio::test]
async fn syncs_name_their_issues_and_expand_shows_them() {
    let server = forbidden().await;
    let issue = only_issue(&server).await;
    let plain = server.client.get("/syncs").await.ok();
    assert_eq!(rows(&plain)[0]["issues"], json!([issue["id"]]));
    let expanded = server.client.get("/syncs?expand=issues").await.ok();
    assert_eq!(rows(&expanded)[0]["issues"], json!([issue]));
    let path = format!("/syncs/{}", text(&rows(&plain)[0], "/id"));
    assert_eq!(server.client.get(&path).await.ok(), rows(&plain)[0]);
    let path = format!("{path}?expand=issues");
    assert_eq!(server.client.get(&path).await.ok(), rows(&expanded)[0]);
    let current = server.client.get("/connections/current").await.ok();
    assert_eq!(current["lastSync"], rows(&plain)[0]);
}

#[tokio::test]
async fn expand_puts_the_connection_in_the_place_of_its_id() {
    let server = forbidden().await;
    let page = server.client.get("/issues?expand=connection").await.ok();
    let connections = server.client.get("/connections").await.ok();
    assert_eq!(rows(&page)[0]["connection"], rows(&connections)[0]);
}

#[tokio::test]
async fn issues_are_found_by_connection_code_status_and_time() {
    let server = forbidden().await;
    let issue = only_issue(&server).await;
    let id = text(&issue, "/id").to_owned();
    let other = server.make_connection(server.application, |_| {}).await;
    let last = time(&issue, "/lastReportedAt");
    let (before, after) = (later(last, -1), later(last, 1));
    let connection = server.fleet.connection;
    for (query, found) in [
        (format!("connectionId={connection}"), true),
        (format!("connectionId={}", other.id), false),
        (
            "connectionId=conn_00000000000000000000000000".to_owned(),
            false,
        ),
        ("errorCode=permission_missing".to_owned(), true),
        ("errorCode=data_delayed".to_owned(), false),
        ("errorCode=missing_permissions".to_owned(), false),
        ("status=ongoing".to_owned(), true),
        ("status=resolved".to_owned(), false),
        (format!("lastReportedAfter={last}"), true),
        (format!("lastReportedAfter={after}"), false),
        (format!("lastReportedBefore={last}"), true),
        (format!("lastReportedBefore={before}"), false),
        ("lastReportedAfter=2020-01-01".to_owned(), true),
        ("lastReportedBefore=2020-01-01".to_owned(), false),
        (
            format!("status=ongoing&connectionId={connection}&errorCode=permission_missing"),
            true,
        ),
    ] {
        let page = server.client.get(&format!("/issues?{query}")).await.ok();
        let wanted = if found { vec![id.as_str()] } else { Vec::new() };
        assert_eq!(ids(rows(&page)), wanted, "{query}");
    }
}

/// An issue is one row, seen again by each sync that meets it, resolved by one that does not.
#[tokio::test]
async fn a_stream_read_without_it_resolves_an_issue() {
    let server = forbidden().await;
    let first = only_issue(&server).await;
    server.fleet.clock.advance(Duration::from_secs(900));
    server.fleet.catch_up().await;
    let again = only_issue(&server).await;
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["firstReportedAt"], first["firstReportedAt"]);
    assert!(time(&again, "/lastReportedAt") > time(&first, "/lastReportedAt"));
}

#[tokio::test]
async fn an_issue_is_resolved_until_it_is_met_again() {
    let server = forbidden().await;
    let issue = only_issue(&server).await;
    let path = format!("/issues/{}/resolve", text(&issue, "/id"));
    let resolved = server.client.without_token().post(&path).await.ok();
    let mut expected = issue.clone();
    expected["status"] = json!("resolved");
    assert_eq!(resolved, expected);
    assert_eq!(server.client.post(&path).await.ok(), expected, "twice");
    assert_eq!(only_issue(&server).await, expected);
    server.fleet.clock.advance(Duration::from_secs(900));
    server.fleet.catch_up().await;
    assert_eq!(only_issue(&server).await["status"], "ongoing");
}

#[tokio::test]
async fn an_issue_of_nobody_or_of_another_application_is_404() {
    let server = forbidden().await;
    let issue = only_issue(&server).await;
    let unknown = "/issues/isu_00000000000000000000000000/resolve";
    server.client.post(unknown).await.is(404);
    let (_, key) = server.make_application().await;
    let other = server.client.with_key(&key).without_token();
    let path = format!("/issues/{}/resolve", text(&issue, "/id"));
    other.post(&path).await.is(404);
    assert_eq!(only_issue(&server).await["status"], "ongoing");
    let wrong = server.client.post("/issues/vcl_1/resolve").await;
    refused_at(&wrong, "{requestPath}.issueId");
}

#[tokio::test]
async fn another_applications_issues_are_not_shown() {
    let server = forbidden().await;
    let (_, key) = server.make_application().await;
    let other = server.client.with_key(&key).without_token();
    assert_eq!(other.get("/issues").await.ok(), json!({ "results": [] }));
    let path = format!("/issues?connectionId={}", server.fleet.connection);
    assert_eq!(other.get(&path).await.ok(), json!({ "results": [] }));
}
