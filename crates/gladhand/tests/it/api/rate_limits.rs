//! Requests that come too fast: 429 to whoever sends them, and to nobody else.

use std::time::Duration;

use api::ApiConfig;
use testkit::api_server::ApiServer;
use testkit::client::Client;

fn limited(server: &ApiServer, per_connection: u32, per_application: u32) -> Client {
    server.client_of(|config: &mut ApiConfig| {
        config.requests_per_second_per_connection = per_connection;
        config.requests_per_second_per_application = per_application;
    })
}

/// How many of so many requests at one moment are answered 200; the others must be 429 in the
/// contract's form.
async fn answered(client: &Client, path: &str, asked: usize) -> usize {
    let mut good = 0;
    for _ in 0..asked {
        let answer = client.get(path).await;
        if answer.status == 200 {
            good += 1;
            continue;
        }
        let body = answer.is(429);
        assert_eq!(body["code"], "too_many_requests");
        assert!(!super::text(&body, "/message").is_empty());
        assert!(!super::text(&body, "/detail").is_empty());
        let wait = body["retryAfter"].as_u64().expect("whole seconds");
        assert!(wait >= 1, "{answer}");
        assert_eq!(
            answer.header("retry-after"),
            Some(wait.to_string().as_str())
        );
    }
    good
}

#[tokio::test]
async fn a_connection_that_asks_too_fast_slows_down_nobody_else() {
    let server = ApiServer::bare().await;
    let greedy = limited(&server, 100, 400);
    let other = server.make_connection(server.application, |_| {}).await;
    let modest = greedy.with_token(other.token.reveal());
    assert_eq!(answered(&greedy, "/syncs", 120).await, 100);
    assert_eq!(answered(&modest, "/syncs", 50).await, 50);
    server.fleet.clock.advance(Duration::from_millis(100));
    assert_eq!(answered(&greedy, "/groups", 20).await, 10);
    server.fleet.clock.advance(Duration::from_secs(60));
    assert_eq!(answered(&greedy, "/syncs", 101).await, 100);
}

#[tokio::test]
async fn all_connections_of_an_application_share_its_budget() {
    let server = ApiServer::bare().await;
    let first = limited(&server, 100, 120);
    let other = server.make_connection(server.application, |_| {}).await;
    let second = first.with_token(other.token.reveal());
    assert_eq!(answered(&first, "/syncs", 101).await, 100);
    assert_eq!(answered(&second, "/syncs", 15).await, 15);
    assert_eq!(
        answered(&second.without_token(), "/connections", 10).await,
        5
    );
    assert_eq!(answered(&second.without_token(), "/providers", 1).await, 0);
    let (_, key) = server.make_application().await;
    let elsewhere = first.with_key(&key).without_token();
    assert_eq!(answered(&elsewhere, "/connections", 10).await, 10);
}

/// Whoever is refused for another reason has spent nothing, least of all somebody else's budget.
#[tokio::test]
async fn strangers_spend_nothing() {
    let server = ApiServer::bare().await;
    let owner = limited(&server, 5, 5);
    let (_, foreign_key) = server.make_application().await;
    for _ in 0..20 {
        owner.without_key().get("/syncs").await.is(401);
        owner.with_key("sk_wrong").get("/syncs").await.is(401);
        owner
            .with_token("con_tkn_wrong")
            .get("/syncs")
            .await
            .is(403);
        owner.with_key(&foreign_key).get("/syncs").await.is(403);
        owner.without_token().get("/syncs").await.is(403);
        owner.without_key().get("/providers").await.ok();
    }
    assert_eq!(answered(&owner, "/syncs", 6).await, 5);
}

#[tokio::test]
async fn zero_is_no_limit() {
    let server = ApiServer::bare().await;
    let client = limited(&server, 0, 0);
    assert_eq!(answered(&client, "/syncs", 500).await, 500);
}
