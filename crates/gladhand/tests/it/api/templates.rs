//! `/admin/v1/templates` and `/admin/v1/provider-requests`: what the operator's commands ask.

use api::{Api, ApiConfig};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use model::{ApplicationId, ProviderRequestId, Secret};
use serde_json::{Value, json};
use store::ProviderWish;
use testkit::api_server::ApiServer;
use tower::ServiceExt;
use world::Clock;

use super::{rows, text};

const NO_TEMPLATE: &str = "/templates/ltp_00000000000000000000000000";

async fn ask(server: &ApiServer, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let router = api::router(Api {
        engine: server.fleet.engine.clone(),
        config: ApiConfig {
            admin_token: Some(Secret::new("operator")),
            ..ApiConfig::new("http://gladhand.test")
        },
    });
    let request = Request::builder()
        .method(method)
        .uri(format!("/admin/v1{path}"))
        .header("authorization", "Bearer operator")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let answer = router.oneshot(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("whole");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn get(server: &ApiServer, path: &str) -> Value {
    let (status, body) = ask(server, "GET", path, &json!({})).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn new_template(application: ApplicationId, name: &str) -> Value {
    json!({
        "applicationId": application,
        "name": name,
        "form": {
            "displayName": "Acme",
            "primaryColor": "#1B66D1",
            "texts": { "es": { "title": "Conectar", "agreement": "Uno.\n\nDos." } },
            "requireExternalId": true,
        },
        "logo": { "mediaType": "image/svg+xml", "bytes": "PHN2Zy8+" },
    })
}

#[tokio::test]
async fn a_template_is_made_shown_changed_and_archived() {
    let server = ApiServer::bare().await;
    let body = new_template(server.application, "default");
    let (status, made) = ask(&server, "POST", "/templates", &body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["form"]["primaryColor"], "#1b66d1");
    assert_eq!(
        made["logo"],
        json!({ "mediaType": "image/svg+xml", "bytes": 6 })
    );
    let path = format!("/templates/{}", text(&made, "/id"));
    assert_eq!(get(&server, &path).await, made);
    let (status, twin) = ask(&server, "POST", "/templates", &body).await;
    assert_eq!(status, 409, "{twin}");

    // A form is replaced whole; what is not named stays.
    let patch = json!({ "form": { "displayName": "Acme Inc." }, "name": "fleets" });
    let (status, changed) = ask(&server, "POST", &path, &patch).await;
    assert_eq!(status, 200, "{changed}");
    let form = json!({ "displayName": "Acme Inc.", "requireExternalId": false });
    assert_eq!(changed["form"], form);
    assert_eq!(
        (&changed["name"], &changed["logo"]),
        (&json!("fleets"), &made["logo"])
    );
    let (_, bare) = ask(&server, "POST", &path, &json!({ "logo": null })).await;
    assert_eq!((bare.get("logo"), &bare["form"]), (None, &form));

    let archive = format!("{path}/archive");
    let (status, archived) = ask(&server, "POST", &archive, &json!({})).await;
    assert_eq!(status, 200, "{archived}");
    assert!(archived["archivedAt"].is_string());
    let (status, refused) = ask(&server, "POST", &path, &patch).await;
    assert_eq!(status, 409, "{refused}");
    let (other, _) = server.make_application().await;
    let theirs = get(&server, &format!("/templates?applicationId={other}")).await;
    assert!(rows(&theirs).is_empty());
    assert_eq!(rows(&get(&server, "/templates").await), [archived]);
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_with_its_place() {
    let server = ApiServer::bare().await;
    let mut body = new_template(server.application, "");
    body["form"]["redirectUrl"] = json!("https://app.example.com/done");
    body["logo"]["mediaType"] = json!("image/png");
    let (status, refused) = ask(&server, "POST", "/templates", &body).await;
    assert_eq!(status, 400, "{refused}");
    let places = refused["detail"].as_array().expect("places");
    let paths: Vec<&str> = places.iter().map(|place| text(place, "/path")).collect();
    let wanted = ["name", "form.redirectUrl", "logo.bytes"];
    assert_eq!(paths, wanted.map(|path| format!("{{requestBody}}.{path}")));

    for path in [NO_TEMPLATE.to_owned(), format!("{NO_TEMPLATE}/archive")] {
        let (status, missing) = ask(&server, "POST", &path, &json!({})).await;
        assert_eq!(status, 404, "{missing}");
    }
    let nobody = json!({ "applicationId": "app_00000000000000000000000000", "name": "x" });
    let (status, missing) = ask(&server, "POST", "/templates", &nobody).await;
    assert_eq!(status, 404, "{missing}");
    let (status, nameless) = ask(&server, "POST", "/templates", &json!({ "name": "x" })).await;
    assert_eq!(status, 400, "{nameless}");
}

#[tokio::test]
async fn wishes_for_providers_are_listed() {
    let server = ApiServer::bare().await;
    let now = server.fleet.clock.now();
    let wish = ProviderWish {
        id: ProviderRequestId::new(now, 1),
        application: server.application,
        name: "Northwind Telematics".to_owned(),
        contact: Some("rosa@example.com".to_owned()),
        requested_at: now,
    };
    let kept = server.fleet.store.add_provider_wish(&wish).await;
    kept.expect("it is kept");
    let listed = get(&server, "/provider-requests").await;
    let wanted = json!({
        "id": wish.id,
        "applicationId": server.application,
        "name": "Northwind Telematics",
        "contact": "rosa@example.com",
        "requestedAt": now,
    });
    assert_eq!(rows(&listed), [wanted]);
    let (other, _) = server.make_application().await;
    let theirs = get(
        &server,
        &format!("/provider-requests?applicationId={other}"),
    )
    .await;
    assert!(rows(&theirs).is_empty());
}
