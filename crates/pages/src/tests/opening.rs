//! How visits begin, and which do not.

use model::link::ConsentForm;
use model::{Language, ShortLinkId, TemplateId};
use store::{KeyKind, ShortLink};

use super::*;
use crate::texts::texts;

#[tokio::test]
async fn a_key_opens_the_list_of_providers() {
    let visitor = Visitor::new().await;
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    assert_eq!(list.status, StatusCode::OK);
    assert_eq!(list.heading(), "Choose your provider");
    assert!(list.body.contains("<html lang=\"en\">"));
    for name in ["Samsara", "Motive", "Geotab"] {
        assert!(
            list.body.contains(&format!("<span>{name}</span>")),
            "{name}"
        );
    }
    let next = list.attribute("href", "/provider/samsara");
    let form = visitor.get(&next).await;
    assert_eq!(form.heading(), "Connect Samsara");
    assert!(form.body.contains("/choose?ticket="));
}

#[tokio::test]
async fn the_search_works_without_a_script() {
    let visitor = Visitor::new().await;
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    let ticket = list.field("ticket");
    let found = visitor
        .get(&format!("/choose?ticket={ticket}&q=SAM+sara"))
        .await;
    assert!(found.body.contains("<span>Samsara</span>"));
    assert!(!found.body.contains("<span>Motive</span>"));
    assert!(found.body.contains("Providers found: 1"));
    let none = visitor
        .get(&format!("/choose?ticket={ticket}&q=%3Cb%3E&lang=es"))
        .await;
    assert!(
        none.body.contains("Ningún proveedor se llama «&lt;b&gt;»."),
        "{}",
        none.body
    );
}

#[tokio::test]
async fn the_language_is_the_links_else_the_browsers_and_can_be_switched() {
    let visitor = Visitor::new().await;
    let path = format!("/?key={}", visitor.key);
    let french = [("accept-language", "fr-CA,fr;q=0.9,en;q=0.5")];
    let list = visitor.get_with(&path, &french).await;
    assert_eq!(list.heading(), texts(Language::Fr).choose_title);
    let list = visitor.get_with(&format!("{path}&lang=es"), &french).await;
    assert_eq!(list.heading(), texts(Language::Es).choose_title);
    // The switch keeps the ticket, and the ticket keeps the language.
    let switch = list.attribute("href", "hreflang=\"fr\"");
    let list = visitor.get(&switch).await;
    assert_eq!(list.heading(), texts(Language::Fr).choose_title);
    let form = visitor
        .get(&list.attribute("href", "/provider/samsara"))
        .await;
    assert_eq!(form.heading(), "Connecter Samsara");
}

#[tokio::test]
async fn keys_that_are_none_open_nothing() {
    let visitor = Visitor::new().await;
    let secret = visitor.make_key(KeyKind::Secret, 2).await;
    for query in ["", "?key=", "?key=pk_prod_none", &format!("?key={secret}")] {
        let answer = visitor.get(&format!("/{query}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{query}");
        assert_eq!(answer.heading(), "This link does not work");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
    }
    let store = &visitor.fleet.store;
    let keys = store.list_keys(visitor.application).await.expect("keys");
    let now = visitor.fleet.engine.clock().now();
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    for key in keys {
        store
            .revoke_key(key.id, now)
            .await
            .expect("a key is revoked");
    }
    let answer = visitor.get(&format!("/?key={}", visitor.key)).await;
    assert_eq!(answer.heading(), "This link no longer works");
    // Visits that have begun end with it.
    let next = list.attribute("href", "/provider/samsara");
    let answer = visitor.get(&next).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.header("content-security-policy").contains(HOST));
}

#[tokio::test]
async fn wrong_parameters_are_named_all_at_once() {
    let visitor = Visitor::new().await;
    let path = format!(
        "/?key={}&sync_mode=x&provider=none&redirect_url=https%3A%2F%2Fevil.test%2F&template={}",
        visitor.key,
        TemplateId::new(visitor.fleet.engine.clock().now(), 9)
    );
    let answer = visitor.get(&path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for name in ["sync_mode", "provider", "redirect_url", "template"] {
        assert!(
            answer.body.contains(&format!("<li>{name}: ")),
            "{name} in {}",
            answer.body
        );
    }
    assert!(!answer.body.contains("evil.test"));
}

#[tokio::test]
async fn a_template_can_ask_for_an_external_id() {
    let visitor = Visitor::new().await;
    let form = ConsentForm {
        display_name: Some("Acme <b>Insurance</b>".to_owned()),
        require_external_id: true,
        ..ConsentForm::default()
    };
    let id = visitor.make_template("strict", form).await;
    let path = format!("/?key={}&template={id}", visitor.key);
    let answer = visitor.get(&path).await;
    assert!(
        answer.body.contains("<li>external_id: is required</li>"),
        "{}",
        answer.body
    );
    let answer = visitor.get(&format!("{path}&external_id=42")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .body
            .contains("Acme &lt;b&gt;Insurance&lt;/b&gt; asks to read")
    );
    assert!(!answer.body.contains("<b>"));
    assert!(answer.body.contains(&format!("/templates/{id}/theme.css")));
}

#[tokio::test]
async fn short_links_open_until_they_are_deleted_or_old() {
    let visitor = Visitor::new().await;
    let now = visitor.fleet.engine.clock().now();
    let link = ShortLink {
        id: ShortLinkId::new(now, 1),
        application: visitor.application,
        code: "abcdefgh".to_owned(),
        options: model::link::LinkOptions {
            provider_hints: vec!["samsara".to_owned()],
            ..Default::default()
        },
        created_at: now,
        expires_at: now + Duration::from_secs(3_600 * 24),
    };
    let store = &visitor.fleet.store;
    store
        .create_short_link(&link, [1; 32])
        .await
        .expect("a link is made");
    let list = visitor.get("/abcdefgh").await;
    assert_eq!(list.status, StatusCode::OK);
    let rows = list
        .body
        .split("class=\"providers\"")
        .nth(1)
        .expect("a list");
    let first = rows.split("<span>").nth(1).expect("a row");
    assert!(first.starts_with("Samsara"), "{first}");
    assert_eq!(visitor.get("/abcdefgg").await.status, StatusCode::NOT_FOUND);
    let next = list.attribute("href", "/provider/samsara");
    assert_eq!(visitor.get(&next).await.status, StatusCode::OK);
    let deleted = store
        .delete_short_link(visitor.application, link.id, now)
        .await;
    deleted.expect("a link is deleted");
    assert_eq!(
        visitor.get("/abcdefgh").await.heading(),
        "There is no such link"
    );
    assert_eq!(visitor.get(&next).await.heading(), "There is no such link");
}

#[tokio::test]
async fn a_connection_is_signed_in_to_again_only_by_its_application() {
    let visitor = Visitor::new().await;
    let id = visitor.fleet.connection;
    let form = visitor
        .get(&format!("/connection/{id}?key={}", visitor.key))
        .await;
    assert_eq!(form.heading(), "Sign in to Samsara again");
    assert!(!form.body.contains("/choose?"));
    let ticket = form.field("ticket");
    let other = visitor
        .get(&format!("/provider/motive?ticket={ticket}"))
        .await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    for id in ["conn_01GV12VR4DJP70GD1ZBK0SDWFH", "nonsense"] {
        let answer = visitor
            .get(&format!("/connection/{id}?key={}", visitor.key))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.heading(), "There is no such connection");
    }
    let answer = visitor.get(&format!("/connection/{id}")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_signs_in_to_a_connection_that_goes() {
    let visitor = Visitor::new().await;
    let id = visitor.fleet.connection;
    let path = format!("/connection/{id}?key={}", visitor.key);
    let form = visitor.get(&path).await;
    let now = visitor.fleet.engine.clock().now();
    let store = &visitor.fleet.store;
    let going = store
        .request_deletion(id, now + Duration::from_secs(86_400), now)
        .await;
    going.expect("a deletion is asked for");
    let late = visitor.connect(&form, GOOD_KEY).await;
    for answer in [visitor.get(&path).await, late] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert_eq!(answer.heading(), "This connection is being deleted");
        assert!(answer.header("content-security-policy").contains(HOST));
    }
}
