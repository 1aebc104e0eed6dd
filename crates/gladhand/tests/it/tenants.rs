//! Applications, their keys and the vault, as operators meet them.

use std::process::Command;
use std::time::Duration;

use model::Secret;
use serde_json::{Value, json};
use store::KeyKind;
use testkit::api_server::ApiServer;
use testkit::client::Client;
use testkit::process::Program;
use testkit::temporary::TemporaryDirectory;
use tower::ServiceExt;

struct Operator {
    server: ApiServer,
    router: axum::Router,
}

impl Operator {
    async fn new() -> Operator {
        let server = ApiServer::bare().await;
        let config = api::ApiConfig {
            admin_token: Some(Secret::new("operator")),
            ..api::ApiConfig::new("http://gladhand.test")
        };
        let engine = server.fleet.engine.clone();
        let router = api::router(api::Api { engine, config });
        Operator { server, router }
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("/admin/v1{path}"))
            .header("authorization", "Bearer operator")
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body.to_string()))
            .expect("a request");
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        let bytes = bytes.expect("a body");
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body).await;
        assert!((200..300).contains(&status), "{path}: {answer}");
        answer
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, &json!({})).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// What is said about a key by the API.
    async fn said_of(&self, key: &str) -> (u16, String) {
        let client: Client = self.server.client.with_key(key);
        let answer = client.get("/connections").await;
        let detail = answer.json()["detail"].as_str().map(str::to_owned);
        (answer.status, detail.unwrap_or_default())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_good_until_the_overlap_is_over() {
    let operator = Operator::new().await;
    let sandbox = json!({"name": "Tests", "environment": "sandbox"});
    let application = operator.post("/applications", sandbox).await;
    let new = json!({"applicationId": application["id"], "kind": "secret"});
    let key = operator.post("/keys", new).await;
    assert!(text(&key["key"]).starts_with("sk_sandbox_"), "{key}");
    assert_eq!(operator.said_of(text(&key["key"])).await.0, 200);

    let path = format!("/keys/{}/rotate", text(&key["id"]));
    let rotated = operator.post(&path, json!({"overlapSeconds": 60})).await;
    assert_eq!(rotated["replaced"]["id"], key["id"]);
    assert_eq!(rotated["kind"], "secret");
    for good in [&key["key"], &rotated["key"]] {
        assert_eq!(operator.said_of(text(good)).await.0, 200);
    }
    operator.server.fleet.clock.advance(Duration::from_secs(60));
    let (status, said) = operator.said_of(text(&key["key"])).await;
    assert_eq!(status, 401);
    assert!(said.contains("was replaced"), "{said}");
    assert_eq!(operator.said_of(text(&rotated["key"])).await.0, 200);
    let (status, refused) = operator.ask("POST", &path, &json!({})).await;
    assert_eq!(status, 409, "{refused}");

    // No overlap, and of a publishable key the text stays to be had.
    let new = json!({"applicationId": application["id"], "kind": "publishable"});
    let shown = operator.post("/keys", new).await;
    let path = format!("/keys/{}/rotate", text(&shown["id"]));
    let rotated = operator.post(&path, json!({"overlapSeconds": 0})).await;
    assert!(text(&rotated["key"]).starts_with("pk_sandbox_"));
    let path = format!("/keys?applicationId={}", text(&application["id"]));
    let listed = operator.get(&path).await;
    let texts: Vec<_> = listed["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| (text(&key["kind"]), key["key"].as_str()))
        .collect();
    let (old, new) = (shown["key"].as_str(), rotated["key"].as_str());
    assert_eq!(
        texts,
        [
            ("secret", None),
            ("secret", None),
            ("publishable", old),
            ("publishable", new)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_registers_its_addresses() {
    let operator = Operator::new().await;
    let application = operator.server.application;
    let path = format!("/applications/{application}");
    let before = operator.get(&path).await;
    assert_eq!(
        (&before["environment"], &before["merge"], &before["merges"]),
        (&json!("production"), &json!("default"), &json!(true))
    );
    let change = json!({
        "merge": "off",
        "allowOrigins": ["https://App.example.com:443", "http://localhost:3000"],
        "allowRedirects": ["https://app.example.com/done?x=1"],
    });
    let changed = operator.post(&path, change).await;
    assert_eq!(
        changed["origins"],
        json!(["http://localhost:3000", "https://app.example.com"])
    );
    assert_eq!(
        changed["redirects"],
        json!(["https://app.example.com/done"])
    );
    assert_eq!(changed["merges"], json!(false));
    let removal = json!({"removeOrigins": ["http://localhost:3000"], "merge": "default"});
    let changed = operator.post(&path, removal).await;
    assert_eq!(changed["origins"], json!(["https://app.example.com"]));
    assert_eq!(changed["merges"], json!(true));

    for (name, address, reason) in [
        ("allowOrigins", "https://a.example/page", "host and port"),
        ("allowOrigins", "http://a.example", "https://"),
        ("allowOrigins", "https://*.example", "no wildcard"),
        ("allowRedirects", "https://a.example/#x", "fragment"),
        ("allowRedirects", "app://done", "https://"),
        ("removeOrigins", "https://b.example", "not registered"),
    ] {
        let (status, body) = operator.ask("POST", &path, &json!({name: [address]})).await;
        assert_eq!(status, 400, "{body}");
        let place = &body["detail"][0];
        assert_eq!(place["path"], format!("{{requestBody}}.{name}"));
        assert!(text(&place["message"]).contains(reason), "{body}");
    }
    assert_eq!(operator.get(&path).await, changed, "nothing of it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_rotates_while_the_api_answers() {
    let operator = Operator::new().await;
    let application = operator.server.application;
    let publishable = operator.server.make_key(application, KeyKind::Publishable);
    publishable.await;
    let first = operator.post("/vault/rotate", json!({})).await;
    assert_eq!(
        (&first["dataKey"], &first["left"]),
        (&json!(2), &json!(0)),
        "{first}"
    );
    let last = operator.post("/vault/rotate", json!({"dataKey": 2})).await;
    assert_eq!(
        (&last["isFinished"], &last["unopenable"]),
        (&json!(true), &json!(0))
    );
    let (status, stale) = operator
        .ask("POST", "/vault/rotate", &json!({"dataKey": 1}))
        .await;
    assert_eq!(status, 409, "{stale}");
    let status = operator.get("/vault").await;
    assert_eq!(status["results"][0]["values"], json!(0));
    // A token, credentials, and the text of a publishable key.
    assert_eq!(status["results"][1]["values"], json!(3), "{status}");
    operator
        .server
        .client
        .get("/connections/current")
        .await
        .ok();
    operator.server.fleet.backfill().await;

    let nonsense = json!({"masterKey": "geheim"});
    let (status, body) = operator.ask("POST", "/vault/master-key", &nonsense).await;
    assert_eq!(status, 400);
    assert!(!body.to_string().contains("geheim"), "{body}");
}

/// Two lives of the real program, with a new master key in between.
#[test]
fn the_master_key_changes_by_command() {
    let directory = TemporaryDirectory::new("vault");
    let program = Program {
        binary: env!("CARGO_BIN_EXE_gladhand").into(),
        data: directory.path().join("data"),
        settings: Vec::new(),
    };
    program.run(&["application", "create", "Mine"]);
    let made = program.run(&["key", "create", "--kind", "publishable"]);
    let rotated = program.run(&["vault", "rotate"]);
    assert_eq!(rotated["values"], json!(1), "{rotated}");
    let file = directory.path().join("new.key");
    let file = file.to_str().expect("a plain path");
    program.run(&["vault", "change-master", "--new-key-file", file]);

    let output = Command::new(&program.binary)
        .args(["vault", "status", "--data"])
        .arg(&program.data)
        .env_clear()
        .output();
    let output = output.expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("vault.key_file"),
        "{said}"
    );

    let setting = format!("vault.key_file={file}");
    let status = program.run(&["vault", "status", "--set", &setting]);
    assert_eq!(
        status["results"].as_array().map(Vec::len),
        Some(1),
        "{status}"
    );
    assert_eq!(status["results"][0]["number"], json!(2));
    let command = format!("vault.master_key_command=cat {file}");
    let listed = program.run(&["key", "list", "--set", &command]);
    assert_eq!(listed["results"][0]["key"], made["key"]);
}
