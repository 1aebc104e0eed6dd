//! `/admin/v1` opens to the admin token and to nothing else, whatever is asked.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use model::Secret;
use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::contract::workspace_root;
use tower::ServiceExt;

const TOKEN: &str = "operator";
/// Fewer were not read for what they are.
const LEAST_PATHS: usize = 15;

fn router(server: &ApiServer, admin_token: Option<&str>) -> Router {
    api::router(api::Api {
        engine: server.fleet.engine.clone(),
        config: api::ApiConfig {
            admin_token: admin_token.map(Secret::new),
            ..api::ApiConfig::new("http://gladhand.test")
        },
    })
}

async fn ask(
    router: &Router,
    (method, path): (&str, &str),
    bearer: Option<&str>,
    body: &Value,
) -> (u16, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/admin/v1{path}"))
        .header("content-type", "application/json");
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let request = request
        .body(Body::from(body.to_string()))
        .expect("a request");
    let Ok(answer) = router.clone().oneshot(request).await;
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("whole");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// As the route table names them, so that no later one is forgotten.
fn paths() -> Vec<String> {
    let table = workspace_root().join("crates/api/src/admin/mod.rs");
    let source = std::fs::read_to_string(table).expect("the route table");
    let texts = source.split('"').skip(1).step_by(2);
    let paths = texts.filter(|text| text.starts_with('/'));
    paths
        .map(|path| path.replace("{id}", "x").replace("{sync}", "y"))
        .collect()
}

#[tokio::test]
async fn nobody_else_gets_in_anywhere() {
    let server = ApiServer::bare().await;
    let (open, shut) = (router(&server, Some(TOKEN)), router(&server, None));
    let asked = json!({ "applicationId": server.application, "kind": "secret" });
    let (status, made) = ask(&open, ("POST", "/keys"), Some(TOKEN), &asked).await;
    assert_eq!(status, 201, "{made}");
    let key = made["key"].as_str().expect("a secret key").to_owned();
    let paths = paths();
    assert!(paths.len() >= LEAST_PATHS, "{paths:?}");
    for path in &paths {
        let mut refused = 0;
        for method in ["GET", "POST", "DELETE"] {
            for (door, bearer) in [
                (&open, None),
                (&open, Some("")),
                (&open, Some("operato")),
                (&open, Some("operators")),
                (&open, Some(key.as_str())),
                (&shut, Some(TOKEN)),
                (&shut, Some("")),
            ] {
                let (status, body) = ask(door, (method, path), bearer, &json!({})).await;
                let is_shut = status == 401 && body["code"] == json!("unauthorized");
                assert!(
                    is_shut || status == 405,
                    "{method} {path} {bearer:?}: {body}"
                );
                refused += usize::from(is_shut);
            }
        }
        assert!(refused >= 7, "{path} has no method that was tried");
    }
}
