//! How live calls ask the provider: how often, and what its refusals become.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::client::Answer;
use testkit::records::seeded_server;
use testkit::scripted::{Reaction, ScriptedProvider};
use world::Clock;

use super::rows;

const CLOCKS: &str = "/hos/available-time";

fn clocks(drivers: &[String]) -> Reaction {
    let row = |id: &String| json!({ "driver": { "id": id }, "clocks": {} });
    let rows: Vec<Value> = drivers.iter().map(row).collect();
    Reaction::json(&json!({
        "data": rows,
        "pagination": { "endCursor": "", "hasNextPage": false },
    }))
}

/// One driver more in each answer.
fn growing() -> Arc<ScriptedProvider> {
    let answered = AtomicUsize::new(0);
    ScriptedProvider::new(move |_| {
        let count = 1 + answered.fetch_add(1, Ordering::SeqCst);
        let drivers: Vec<String> = (0..count).map(|number| format!("d{number}")).collect();
        clocks(&drivers)
    })
}

#[tokio::test]
async fn calls_that_are_equal_at_once_ask_once() {
    let (server, contents) = seeded_server().await;
    let provider = growing();
    let client = server.client_over(provider.clone());
    provider.hold();
    let other = format!("{CLOCKS}?driverIds={}", contents.drivers[2].id);
    let with_raw = format!("{CLOCKS}?limit=5&raw=true");
    let all = async {
        tokio::join!(
            client.get(CLOCKS),
            client.get(&with_raw),
            client.get(CLOCKS),
            client.get(CLOCKS),
            client.get(&other),
        )
    };
    let release = async {
        while provider.sent().len() < 2 {
            tokio::task::yield_now().await;
        }
        provider.let_go();
    };
    let (answers, ()) = tokio::join!(all, release);
    assert_eq!(provider.sent().len(), 2, "{:?}", provider.paths());
    let count = |answer: &Answer| rows(&answer.ok()).len();
    let first = count(&answers.0);
    for same in [&answers.1, &answers.2, &answers.3] {
        assert_eq!(count(same), first);
    }
}

#[tokio::test]
async fn an_answer_is_kept_for_some_seconds() {
    let (server, _) = seeded_server().await;
    let provider = growing();
    let client = server.client_over(provider.clone());
    let count = async || rows(&client.get(CLOCKS).await.ok()).len();
    assert_eq!(count().await, 1);
    server.fleet.clock.advance(Duration::from_millis(4_999));
    assert_eq!(count().await, 1);
    server.fleet.clock.advance(Duration::from_millis(1));
    assert_eq!(count().await, 2);
    assert_eq!(provider.sent().len(), 2);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_the_answer_from_nobody() {
    let (server, _) = seeded_server().await;
    let provider = growing();
    let client = server.client_over(provider.clone());
    provider.hold();
    let gone = tokio::spawn({
        let client = client.clone();
        async move { client.get(CLOCKS).await }
    });
    while provider.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.is_err());
    let stays = async { tokio::join!(client.get(CLOCKS), async { provider.let_go() }) };
    let (answer, ()) = stays.await;
    assert_eq!(rows(&answer.ok()).len(), 1);
    assert_eq!(provider.sent().len(), 1);
}

/// What the provider does, what the client reads, and how often was asked.
async fn refused(reaction: Reaction, status: u16, code: &str) -> (ApiServer, Value, usize) {
    let (server, _) = seeded_server().await;
    let provider = ScriptedProvider::new(move |_| reaction.clone());
    let client = server.client_over(provider.clone());
    let body = client.get(CLOCKS).await.is(status);
    assert_eq!(body["code"], code, "{body}");
    let asked = provider.sent().len();
    (server, body, asked)
}

#[tokio::test]
async fn a_provider_that_is_down_or_talks_nonsense_is_502() {
    for (reaction, said) in [
        (Reaction::status(503), "status 503"),
        (Reaction::unreachable(), "cannot be reached"),
        (Reaction::status(200).body("<html>"), "not understood"),
        (Reaction::json(&json!({ "data": 7 })), "not understood"),
    ] {
        let (_, body, asked) = refused(reaction, 502, "bad_gateway").await;
        assert_eq!(body["message"], "Provider Unavailable");
        let detail = body["detail"].as_str().expect("a sentence");
        assert!(detail.contains(said), "{detail}");
        assert_eq!(asked, 2, "{said}");
    }
}

#[tokio::test]
async fn a_provider_that_is_slow_is_504() {
    let (_, body, asked) = refused(Reaction::no_answer(), 504, "gateway_timeout").await;
    assert_eq!(
        body,
        json!({ "code": "gateway_timeout", "message": "Gateway Timeout" })
    );
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_quota_is_waited_for_when_that_is_short_and_told_when_it_is_long() {
    let (server, _) = seeded_server().await;
    let asked = AtomicUsize::new(0);
    let provider = ScriptedProvider::new(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Reaction::status(429).header("retry-after", "1.5"),
        _ => clocks(&["d0".to_owned()]),
    });
    let before = server.fleet.clock.now();
    let client = server.client_over(provider);
    assert_eq!(rows(&client.get(CLOCKS).await.ok()).len(), 1);
    let waited = server.fleet.clock.now().since(before);
    assert_eq!(waited, Duration::from_millis(1_500));

    let long = Reaction::status(429).header("retry-after", "59.5");
    let (_, body, asked) = refused(long, 429, "too_many_requests").await;
    assert_eq!(body["retryAfter"], 60);
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn what_the_account_may_not_ask_is_422() {
    let (server, body, asked) =
        refused(Reaction::status(403), 422, "insufficient_permissions").await;
    assert!(body["detail"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(asked, 1);
    let connection = server.client.get("/connections/current").await.ok();
    assert_eq!(connection["status"], "connected");
}

#[tokio::test]
async fn refused_credentials_disconnect_and_then_nobody_is_asked() {
    let (server, _, _) = refused(Reaction::status(401), 422, "invalid_credentials").await;
    let connection = server.client.get("/connections/current").await.ok();
    assert_eq!(connection["status"], "disconnected");
    let provider = growing();
    let client = server.client_over(provider.clone());
    let event = testkit::records::contents::Contents::new(&server.fleet.connection().await.ids());
    let event = event.safety_events[0].id;
    for path in [
        "/vehicles/locations".to_owned(),
        "/trailers/locations".to_owned(),
        CLOCKS.to_owned(),
        format!("/safety/events/{event}/camera-media"),
    ] {
        let body = client.get(&path).await.is(422);
        assert_eq!(body["code"], "connection_disconnected", "{path}");
    }
    assert!(provider.sent().is_empty());
    client
        .patch_json("/connections/current", &json!({ "status": "archived" }))
        .await
        .ok();
    let body = client.get(CLOCKS).await.is(422);
    assert_eq!(body["code"], "connection_disconnected");
}
