//! What every error has in common, and those that belong to no resource.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use testkit::api_server::ApiServer;

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own_or_the_clients() {
    let server = ApiServer::bare().await;
    // That there is one at all is demanded of every answer by the client.
    let id = |answer: &testkit::client::Answer| {
        answer
            .header("x-request-id")
            .expect("there is one")
            .to_owned()
    };
    let first = server.client.get("/vehicles").await;
    let second = server.client.get("/vehicles").await;
    assert_ne!(id(&first), id(&second));

    let call = || server.client.call("GET", "/vehicles");
    let theirs = call().header("x-request-id", "trace-7:a_b.c").send().await;
    assert_eq!(id(&theirs), "trace-7:a_b.c");
    let too_long = "x".repeat(200);
    for unfit in ["", "two words", "a\"b", too_long.as_str()] {
        let answer = call().header("x-request-id", unfit).send().await;
        assert_ne!(id(&answer), unfit);
        assert!(!id(&answer).is_empty());
    }
    let stranger = server.client.without_key();
    let call = stranger
        .call("GET", "/vehicles")
        .header("x-request-id", "mine");
    let refused = call.send().await;
    assert_eq!((refused.status, id(&refused).as_str()), (401, "mine"));
}

/// What was logged, kept for a look.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_error_is_logged_with_its_request_id_and_without_secrets() {
    let server = ApiServer::bare().await;
    let log = Log::default();
    let sink = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || sink.clone());
    let stranger = server
        .client
        .with_key("sk_prod_stolen")
        .with_token("con_tkn_stolen");
    {
        let _guard = tracing::subscriber::set_default(subscriber.finish());
        for (client, method, path, id) in [
            (&stranger, "GET", "/vehicles", "id-401"),
            (
                &server.client.with_token("con_tkn_stolen"),
                "GET",
                "/vehicles",
                "id-403",
            ),
            (&server.client, "GET", "/vehicles?limit=0", "id-400"),
            (&server.client, "DELETE", "/vehicles", "id-405"),
            (&server.client, "GET", "/nothing", "id-404"),
        ] {
            client
                .call(method, path)
                .header("x-request-id", id)
                .send()
                .await;
        }
        server
            .client
            .call("GET", "/vehicles")
            .header("x-request-id", "id-200")
            .send()
            .await
            .ok();
    }
    let log = String::from_utf8(log.0.lock().expect("nobody panicked").clone()).expect("text");
    for status in [400, 401, 403, 404, 405] {
        let lines = log
            .lines()
            .filter(|line| line.contains(&format!("id-{status}")));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 1, "{status} once: {log}");
        assert!(lines[0].contains(&format!("status={status}")), "{log}");
    }
    assert!(!log.contains("id-200") && !log.contains("stolen"), "{log}");
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let server = ApiServer::bare().await;
    for path in [
        "/",
        "/nothing",
        "/vehicles/",
        "/vehicles/x/y",
        "/syncs/x/y/z",
    ] {
        let body = server.client.get(path).await.is(404);
        assert_eq!(body["code"], "not_found");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_405_and_names_those_it_has() {
    let server = ApiServer::bare().await;
    for (method, path, allowed) in [
        ("POST", "/vehicles", vec!["GET"]),
        (
            "PUT",
            "/connections/current",
            vec!["GET", "PATCH", "DELETE"],
        ),
        ("DELETE", "/syncs", vec!["GET", "POST"]),
        ("GET", "/passthrough", vec!["POST"]),
    ] {
        let answer = server.client.call(method, path).send().await;
        assert_eq!(answer.is(405)["code"], "method_not_allowed");
        let allow = answer.header("allow").unwrap_or_default();
        for method in allowed {
            assert!(
                allow.split(',').any(|name| name.trim() == method),
                "{answer}: {allow}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let server = ApiServer::bare().await;
    let long = "x".repeat(2 << 20);
    let body = json!({ "externalId": long });
    let answer = server
        .client
        .patch_json("/connections/current", &body)
        .await;
    assert_eq!(answer.is(413)["code"], "payload_too_large");

    let strict = server.client_of(|config| config.max_body_bytes = 64);
    let answer = strict
        .call("POST", "/syncs")
        .text(&" ".repeat(65))
        .send()
        .await;
    assert_eq!(answer.is(413)["code"], "payload_too_large");
    strict
        .post_json("/syncs", &json!({ "days": 1 }))
        .await
        .is(201);
}

#[tokio::test]
async fn a_body_that_is_not_called_json_is_415() {
    let server = ApiServer::bare().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        for (method, path) in [("POST", "/syncs"), ("PATCH", "/connections/current")] {
            let call = server
                .client
                .call(method, path)
                .text("{}")
                .header("content-type", kind);
            assert_eq!(call.send().await.is(415)["code"], "unsupported_media_type");
        }
    }
    let call = server.client.call("POST", "/syncs").text("{}");
    let call = call.header("content-type", "application/json; charset=utf-8");
    call.send().await.is(201);
}

#[tokio::test]
async fn a_request_that_takes_longer_than_the_deadline_is_504() {
    let server = ApiServer::bare().await;
    let hasty = server.client_of(|config| config.request_deadline = Duration::ZERO);
    for (method, path) in [("POST", "/syncs"), ("PATCH", "/connections/current")] {
        let answer = hasty.call(method, path).endless_body().send().await;
        let body = answer.is(504);
        assert_eq!(body["code"], "gateway_timeout");
        assert_eq!(body.get("detail"), None, "the contract gives it none");
    }
}

#[tokio::test]
async fn an_id_of_another_kind_is_400_and_an_unknown_one_404() {
    let server = ApiServer::bare().await;
    for (good, wrong, name) in [
        (
            "/vehicles/vcl_00000000000000000000000000",
            "/vehicles/drv_00000000000000000000000000",
            "id",
        ),
        (
            "/drivers/drv_00000000000000000000000000",
            "/drivers/7",
            "id",
        ),
        (
            "/syncs/sync_00000000000000000000000000",
            "/syncs/vcl_00000000000000000000000000",
            "id",
        ),
        (
            "/vehicles/vcl_00000000000000000000000000/locations",
            "/vehicles/vcl_0000000000000000000000000I/locations",
            "vehicleId",
        ),
        (
            "/vehicles/vcl_00000000000000000000000000/stats/historical",
            "/vehicles/vcl_/stats/historical",
            "vehicleId",
        ),
    ] {
        let unknown = server.client.get(good).await;
        let body = unknown.is(404);
        assert_eq!(body["code"], "not_found");
        assert!(
            body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{unknown}"
        );
        super::refused_at(
            &server.client.get(wrong).await,
            &format!("{{requestPath}}.{name}"),
        );
    }
}

/// Another connection's rows are as unknown as ones that never were.
#[tokio::test]
async fn what_belongs_to_another_connection_is_404() {
    let server = ApiServer::synced().await;
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    server
        .client
        .get(&format!("/vehicles/{vehicle}"))
        .await
        .ok();
    let sync = server.client.get("/syncs").await.ok()["results"][0]["id"].clone();
    let sync = sync.as_str().expect("the fleet was synced");
    let other = server.fresh_client().await;
    for path in [
        format!("/vehicles/{vehicle}"),
        format!("/vehicles/{vehicle}/locations"),
        format!("/vehicles/{vehicle}/stats/historical"),
        format!("/syncs/{sync}"),
    ] {
        other.get(&path).await.is(404);
    }
    for action in ["retry", "cancel"] {
        other.post(&format!("/syncs/{sync}/{action}")).await.is(404);
    }
    for path in ["/vehicles", "/drivers", "/groups", "/syncs"] {
        assert_eq!(other.get(path).await.ok()["results"], json!([]));
    }
}
