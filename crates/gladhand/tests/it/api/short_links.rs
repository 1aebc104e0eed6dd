//! `/link/short`, `/link/short/{id}`.

use std::time::Duration;

use model::TemplateId;
use model::link::ConsentForm;
use serde_json::{Value, json};
use store::{ApplicationPatch, Template};
use testkit::api_server::ApiServer;
use testkit::client::{Answer, Client};
use world::Clock;

use super::{later, refused_at, text, time};

const PATH: &str = "/link/short";
const YEAR: Duration = Duration::from_secs(365 * 86_400);

async fn delete(client: &Client, id: &str) -> Answer {
    client.call("DELETE", &format!("{PATH}/{id}")).send().await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

/// What a code leads to.
async fn followed(server: &ApiServer, link: &Value) -> Option<model::link::LinkOptions> {
    let now = server.fleet.clock.now();
    let found = server
        .fleet
        .store
        .short_link_by_code(text(link, "/code"), now);
    found
        .await
        .expect("the store answers")
        .map(|link| link.options)
}

#[tokio::test]
async fn an_equal_body_is_the_same_link() {
    let server = ApiServer::bare().await;
    let client = server.client.without_token();
    let body = json!({
        "name": "Acme", "externalId": "customer-7", "tags": ["north"], "provider": "motive",
        "providerHints": ["samsara"], "syncMode": "manual", "backfill": { "days": 30 },
    });
    let answer = client.post_json(PATH, &body).await;
    let link = answer.is(201);
    assert!(!is_replayed(&answer));
    let url = format!("https://link.example.test/{}", text(&link, "/code"));
    assert_eq!(link["url"], url);
    let ends = later(server.fleet.clock.now(), YEAR.as_millis() as i64);
    assert_eq!(time(&link, "/expiresAt"), ends);
    let options = followed(&server, &link).await.expect("it leads somewhere");
    assert_eq!(
        serde_json::to_value(&options).expect("JSON")["name"],
        "Acme"
    );
    assert_eq!(
        options.backfill.and_then(|backfill| backfill.days),
        Some(30.0)
    );

    // Neither order nor spelling of members makes another request.
    let equal = r#"{"backfill": {"days": 3e1}, "syncMode": "manual", "providerHints": ["samsara"],
        "provider": "motive", "tags": ["north"], "externalId": "customer-7", "name": "Acme"}"#;
    let again = client.call("POST", PATH).text(equal).send().await;
    assert_eq!(again.ok(), link);
    assert!(is_replayed(&again));
    let other = client.post_json(PATH, &json!({ "name": "Acme" })).await;
    assert_ne!(other.is(201)["code"], link["code"]);
    let (_, other_key) = server.make_application().await;
    let theirs = client
        .with_key(&other_key)
        .post_json(PATH, &json!({ "name": "Acme" }))
        .await;
    assert_ne!(theirs.is(201)["code"], other.json()["code"]);
    // No body is the body without members.
    let plain = client.post(PATH).await.is(201);
    assert_eq!(client.post_json(PATH, &json!({})).await.ok(), plain);
}

#[tokio::test]
async fn a_link_leads_somewhere_until_it_is_deleted_or_a_year_has_passed() {
    let server = ApiServer::bare().await;
    let client = &server.client;
    let body = json!({ "name": "Acme" });
    let link = client.post_json(PATH, &body).await.is(201);
    let id = text(&link, "/id");
    let (_, other_key) = server.make_application().await;
    delete(&client.with_key(&other_key), id).await.is(404);
    assert!(followed(&server, &link).await.is_some());

    let deleted = delete(client, id).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0), "{deleted}");
    assert!(!is_replayed(&deleted));
    assert!(followed(&server, &link).await.is_none());
    let again = delete(client, id).await;
    assert_eq!(again.status, 204, "{again}");
    assert!(is_replayed(&again));

    let next = client.post_json(PATH, &body).await.is(201);
    assert_ne!(next["id"], link["id"]);
    server.fleet.clock.advance(YEAR);
    assert!(followed(&server, &next).await.is_none());
    let after = client.post_json(PATH, &body).await.is(201);
    assert_ne!(after["id"], next["id"]);

    delete(client, "slk_00000000000000000000000000")
        .await
        .is(404);
    refused_at(&delete(client, "k7wmx2pd").await, "{requestPath}.id");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let server = ApiServer::bare().await;
    let tomorrow = later(server.fleet.clock.now(), 86_400_000).to_string();
    let body = json!({
        "name": 7,
        "provider": "samsra",
        "providerHints": ["motive", "motiv"],
        "redirectUrl": "https://app.example.com/done",
        "syncMode": "auto",
        "backfill": { "startFrom": tomorrow, "days": -1 },
        "template": "ltp_00000000000000000000000000",
        "external_id": "7",
    });
    let answer = server.client.post_json(PATH, &body).await;
    let places = answer.places();
    let paths: Vec<&str> = places.iter().map(|place| place.0.as_str()).collect();
    let body = |member: &str| format!("{{requestBody}}.{member}");
    assert_eq!(
        paths,
        [
            "external_id",
            "name",
            "provider",
            "providerHints[1]",
            "redirectUrl",
            "syncMode",
            "backfill.startFrom",
            "backfill.days",
            "template",
        ]
        .map(body)
    );
    assert!(places[2].2.contains("'samsara'"), "{answer}");
    assert!(places[3].2.contains("'motive'"), "{answer}");
}

#[tokio::test]
async fn browsers_are_sent_to_registered_addresses_only() {
    let server = ApiServer::bare().await;
    let patch = ApplicationPatch {
        redirects_added: vec!["https://app.example.com/done".to_owned()],
        ..ApplicationPatch::default()
    };
    let store = &server.fleet.store;
    let patched = store.update_application(server.application, &patch).await;
    patched.expect("it is there");
    let asked = "https://app.example.com/done?customer=7";
    let good = json!({ "redirectUrl": asked });
    let link = server.client.post_json(PATH, &good).await.is(201);
    let options = followed(&server, &link).await.expect("it leads somewhere");
    assert_eq!(options.redirect_url.as_deref(), Some(asked));
    for wrong in [
        "https://app.example.com/",
        "https://app.example.com:8443/done",
        "http://app.example.com/done",
        "https://app.example.com@evil.example/done",
        "//app.example.com/done",
    ] {
        let answer = server
            .client
            .post_json(PATH, &json!({ "redirectUrl": wrong }))
            .await;
        refused_at(&answer, "{requestBody}.redirectUrl");
    }
    // What one application registered says nothing for another.
    let (_, other_key) = server.make_application().await;
    let stranger = server.client.with_key(&other_key);
    let theirs = stranger.post_json(PATH, &good).await;
    refused_at(&theirs, "{requestBody}.redirectUrl");
}

#[tokio::test]
async fn a_template_must_be_the_applications_and_not_archived() {
    let server = ApiServer::bare().await;
    let store = &server.fleet.store;
    let now = server.fleet.clock.now();
    let template = |number: u128, application, name: &str, require_external_id| Template {
        id: TemplateId::new(now, number),
        application,
        name: name.to_owned(),
        form: ConsentForm {
            require_external_id,
            ..ConsentForm::default()
        },
        logo: None,
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let (other, _) = server.make_application().await;
    let strict = template(1, server.application, "default", true);
    let lenient = template(2, server.application, "lenient", false);
    let foreign = template(3, other, "default", false);
    for template in [&strict, &lenient, &foreign] {
        store.create_template(template).await.expect("new");
    }
    let ask = async |body: Value| server.client.post_json(PATH, &body).await;
    let link = ask(json!({ "template": lenient.id })).await.is(201);
    let options = followed(&server, &link).await.expect("it leads somewhere");
    assert_eq!(options.template, Some(lenient.id));
    let place = "{requestBody}.template";
    refused_at(&ask(json!({ "template": foreign.id })).await, place);
    refused_at(&ask(json!({ "template": "default" })).await, place);
    // The one that serves links that name none wants an external id.
    let place = "{requestBody}.externalId";
    refused_at(&ask(json!({})).await, place);
    refused_at(&ask(json!({ "template": strict.id })).await, place);
    ask(json!({ "externalId": "7" })).await.is(201);

    store
        .archive_template(lenient.id, now)
        .await
        .expect("it is there");
    let place = "{requestBody}.template";
    refused_at(&ask(json!({ "template": lenient.id })).await, place);
    let kept = followed(&server, &link).await;
    assert!(kept.is_some(), "links that name it go on");
}
