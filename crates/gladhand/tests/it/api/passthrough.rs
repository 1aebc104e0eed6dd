//! `/passthrough`, `/passthrough/raw`.

use std::sync::Arc;

use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::client::Client;
use testkit::scripted::{Reaction, ScriptedProvider};

use super::refused_at;

struct Scene {
    server: ApiServer,
    provider: Arc<ScriptedProvider>,
    client: Client,
}

async fn over(reaction: Reaction) -> Scene {
    let server = ApiServer::bare().await;
    let provider = ScriptedProvider::new(move |_| reaction.clone());
    let client = server.client_over(provider.clone());
    Scene {
        server,
        provider,
        client,
    }
}

fn get(path: &str) -> Value {
    json!({ "method": "GET", "path": path })
}

#[tokio::test]
async fn a_request_goes_out_in_the_connections_name() {
    let answer = Reaction::json(&json!({ "data": [1, { "a": null }] }))
        .header("x-request-id", "r1")
        .header("set-cookie", "session=1")
        .header("transfer-encoding", "chunked");
    let scene = over(answer).await;
    let body = json!({
        "method": "POST",
        "path": "/fleet/drivers?dry=1",
        "headers": { "X-Own": "yes", "content-type": "application/json" },
        "body": "{\"name\":\"Rosa\"}",
    });
    let shown = scene.client.post_json("/passthrough", &body).await.ok();
    assert_eq!(
        shown,
        json!({
            "method": "POST",
            "path": "/fleet/drivers?dry=1",
            "statusCode": 200,
            "headers": { "content-type": "application/json", "x-request-id": "r1" },
            "response": { "data": [1, { "a": null }] },
        })
    );
    let sent = scene.provider.sent();
    let [request] = sent.as_slice() else {
        panic!("sent once: {sent:?}");
    };
    assert_eq!(request.method.name(), "POST");
    assert_eq!(request.url, "http://samsara.test/fleet/drivers?dry=1");
    assert_eq!(request.body.as_deref(), Some(&b"{\"name\":\"Rosa\"}"[..]));
    let mut headers = request.headers.clone();
    headers.sort();
    let signature = format!("Bearer {}", testkit::fleet::TOKEN);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        headers,
        [
            header("authorization", &signature),
            header("content-type", "application/json"),
            header("x-own", "yes"),
        ]
    );
}

#[tokio::test]
async fn every_method_is_sent_and_refusals_of_the_provider_are_shown() {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let refusal = Reaction::status(401)
            .header("content-type", "text/plain")
            .body("no");
        let scene = over(refusal).await;
        let body = json!({ "method": method, "path": "/x" });
        let shown = scene.client.post_json("/passthrough", &body).await.ok();
        assert_eq!(shown["statusCode"], 401);
        assert_eq!(shown["response"], "no");
        assert_eq!(scene.provider.sent()[0].method.name(), method);
        assert_eq!(scene.provider.sent().len(), 1, "nothing is sent twice");
        // A refusal of one path says nothing of the account.
        let connection = scene.client.get("/connections/current").await.ok();
        assert_eq!(connection["status"], "connected");
    }
}

#[tokio::test]
async fn redirects_are_answers() {
    let redirect = Reaction::status(302).header("location", "https://evil.example/");
    let scene = over(redirect).await;
    let shown = scene
        .client
        .post_json("/passthrough", &get("/x"))
        .await
        .ok();
    assert_eq!(shown["statusCode"], 302);
    assert_eq!(shown["headers"]["location"], "https://evil.example/");
    assert_eq!(scene.provider.sent().len(), 1);
}

#[tokio::test]
async fn bytes_are_encoded_and_that_is_told() {
    let scene = over(Reaction::status(200).body([0xff, 0xfe])).await;
    let answer = scene.client.post_json("/passthrough", &get("/x")).await;
    assert_eq!(answer.ok()["response"], "//4=");
    let warning = answer.header("warning").expect("a warning");
    assert!(warning.contains("base64"), "{warning}");
}

#[tokio::test]
async fn raw_gives_the_providers_bytes_where_it_succeeds() {
    let made = Reaction::status(201)
        .header("content-type", "text/csv")
        .header("x-request-id", "r1")
        .body("a,b\n");
    let scene = over(made).await;
    let answer = scene.client.post_json("/passthrough/raw", &get("/x")).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body, b"a,b\n");
    assert_eq!(answer.header("content-type"), Some("text/csv"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_ne!(answer.header("x-request-id"), Some("r1"));
}

#[tokio::test]
async fn raw_gives_the_envelope_where_it_does_not() {
    let refusal = Reaction::json(&json!({ "message": "gone" }));
    let scene = over(refusal).await;
    let shown = scene.client.post_json("/passthrough/raw", &get("/x")).await;
    assert_eq!(shown.ok(), json!({ "message": "gone" }));
    let scene = over(Reaction::status(404).body("gone")).await;
    let shown = scene.client.post_json("/passthrough/raw", &get("/x")).await;
    assert_eq!(shown.ok()["statusCode"], 404);
    assert_eq!(shown.ok()["response"], "gone");
}

#[tokio::test]
async fn what_could_go_astray_is_not_sent() {
    let scene = over(Reaction::status(200)).await;
    for (body, place) in [
        (json!({ "path": "/x" }), "method"),
        (json!({ "method": "GET" }), "path"),
        (json!({ "method": "TRACE", "path": "/x" }), "method"),
        (get("//evil.example/"), "path"),
        (get("https://evil.example/"), "path"),
        (get("/a/%2e%2e/b"), "path"),
        (get("/a\r\nhost: evil.example"), "path"),
        (
            json!({ "method": "GET", "path": "/x", "headers": { "Authorization": "Bearer x" } }),
            "headers.Authorization",
        ),
        (
            json!({ "method": "GET", "path": "/x", "headers": { "host": "evil.example" } }),
            "headers.host",
        ),
        (
            json!({ "method": "GET", "path": "/x", "headers": { "cookie": "a=b" } }),
            "headers.cookie",
        ),
        (
            json!({ "method": "POST", "path": "/x", "body": { "a": 1 } }),
            "body",
        ),
        (
            json!({ "method": "GET", "path": "/x", "baseUrl": "https://evil.example" }),
            "baseUrl",
        ),
    ] {
        for path in ["/passthrough", "/passthrough/raw"] {
            let answer = scene.client.post_json(path, &body).await;
            refused_at(&answer, &format!("{{requestBody}}.{place}"));
        }
    }
    assert!(scene.provider.sent().is_empty());
}

#[tokio::test]
async fn credentials_are_never_given_back() {
    let echo = Reaction::json(&json!({ "you": format!("Bearer {}", testkit::fleet::TOKEN) }));
    let scene = over(echo).await;
    for path in ["/passthrough", "/passthrough/raw"] {
        let answer = scene.client.post_json(path, &get("/x")).await;
        assert_eq!(answer.is(502)["code"], "bad_gateway");
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!shown.contains(testkit::fleet::TOKEN), "{shown}");
    }
}

#[tokio::test]
async fn no_answer_is_502_or_504_and_no_connection_422() {
    let scene = over(Reaction::unreachable()).await;
    let answer = scene.client.post_json("/passthrough", &get("/x")).await;
    assert_eq!(answer.is(502)["code"], "bad_gateway");
    assert_eq!(scene.provider.sent().len(), 1, "nothing is sent twice");
    let scene = over(Reaction::no_answer()).await;
    let answer = scene.client.post_json("/passthrough", &get("/x")).await;
    assert_eq!(answer.is(504)["code"], "gateway_timeout");
    let patch = json!({ "status": "disconnected" });
    let patched = scene
        .server
        .client
        .patch_json("/connections/current", &patch);
    patched.await.ok();
    let answer = scene.client.post_json("/passthrough", &get("/x")).await;
    assert_eq!(answer.is(422)["code"], "connection_disconnected");
}
