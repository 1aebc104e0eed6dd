//! `/docs`: served to everybody, whole in itself, and asked for once.

use api::{Api, ApiConfig};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use testkit::api_server::ApiServer;
use tower::ServiceExt;

const FILES: [(&str, &str); 3] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/style.css", "text/css; charset=utf-8"),
    ("/docs/script.js", "text/javascript; charset=utf-8"),
];

async fn router() -> (ApiServer, Router) {
    let server = ApiServer::bare().await;
    let router = api::router(Api {
        engine: server.fleet.engine.clone(),
        config: ApiConfig::new("http://gladhand.test"),
    });
    (server, router)
}

async fn get(
    router: &Router,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Bytes) {
    let request = headers.iter().fold(Request::get(path), |request, header| {
        request.header(header.0, header.1)
    });
    let request = request.body(Body::empty()).expect("a request");
    let answered = router.clone().oneshot(request).await;
    let (parts, body) = answered.expect("an answer").into_parts();
    let body = to_bytes(body, 10 << 20).await.expect("whole");
    (parts.status, parts.headers, body)
}

#[tokio::test]
async fn all_three_files_are_served_to_everybody_under_a_strict_policy() {
    let (_server, router) = router().await;
    for (path, kind) in FILES {
        let (status, headers, body) = get(&router, path, &[]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers["content-type"], kind);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!body.is_empty(), "{path}");
    }
    let (status, _, _) = get(&router, "/docs/other.js", &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_shows_what_the_description_says() {
    let (_server, router) = router().await;
    let (_, _, page) = get(&router, "/docs", &[]).await;
    let page = std::str::from_utf8(&page).expect("UTF-8");
    assert!(page.starts_with("<!DOCTYPE html>"));
    let description = serde_json::to_value(api::description::description()).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    for (path, item) in paths {
        assert!(
            page.contains(&format!("<code>/tsp/v1{path}</code>")),
            "{path}"
        );
        for operation in item.as_object().expect("operations").values() {
            let id = super::text(operation, "/operationId");
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
}

#[tokio::test]
async fn a_client_that_has_a_file_is_not_sent_it_again() {
    let (_server, router) = router().await;
    for (path, _) in FILES {
        let (_, headers, body) = get(&router, path, &[]).await;
        let tag = headers["etag"].to_str().expect("text").to_owned();
        let (status, again, nothing) = get(&router, path, &[("if-none-match", &tag)]).await;
        assert_eq!(status, StatusCode::NOT_MODIFIED, "{path}");
        assert!(nothing.is_empty());
        assert_eq!(again["etag"], tag.as_str());
        assert_eq!(again["cache-control"], headers["cache-control"]);
        let (status, _, whole) = get(&router, path, &[("if-none-match", "\"older\"")]).await;
        assert_eq!((status, whole), (StatusCode::OK, body));
    }
}

#[tokio::test]
async fn the_page_travels_compressed() {
    let (_server, router) = router().await;
    let (_, _, plain) = get(&router, "/docs", &[]).await;
    let (_, headers, zipped) = get(&router, "/docs", &[("accept-encoding", "gzip")]).await;
    assert_eq!(headers["content-encoding"], "gzip");
    assert!(zipped.len() < plain.len() / 4);
}
