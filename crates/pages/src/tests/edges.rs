//! What every answer has, and what is refused at the edge.

use model::link::ConsentForm;

use super::*;

/// A path of every route, each as far as it goes without a ticket or with one.
async fn paths(visitor: &Visitor) -> Vec<String> {
    let form = visitor.form("samsara", "").await;
    let ticket = form.field("ticket");
    let id = visitor.fleet.connection;
    let key = &visitor.key;
    vec![
        "/".to_owned(),
        format!("/?key={key}"),
        "/nothing1".to_owned(),
        format!("/connection/{id}?key={key}"),
        format!("/choose?ticket={ticket}"),
        format!("/provider/samsara?ticket={ticket}"),
        "/provider/samsara?ticket=cut".to_owned(),
        format!("/oauth/start/motive?ticket={ticket}"),
        "/oauth/callback/motive".to_owned(),
        format!("/request?ticket={ticket}"),
        "/done".to_owned(),
        "/agreements/00".to_owned(),
        "/providers/samsara/icon.svg".to_owned(),
        "/providers/none/icon.svg".to_owned(),
        "/templates/none/logo".to_owned(),
        "/templates/none/theme.css".to_owned(),
        "/link.css".to_owned(),
        "/link.js".to_owned(),
        "/icon.svg".to_owned(),
        "/no/such/place".to_owned(),
        "/%ff".to_owned(),
    ]
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let visitor = Visitor::new().await;
    for path in paths(&visitor).await {
        let answer = visitor.get(&path).await;
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors ", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        if answer.header("content-type").starts_with("text/html") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_page(&answer.body, &path);
        }
    }
}

/// What the policy and a screen reader ask of every page.
fn assert_page(html: &str, path: &str) {
    for forbidden in [" style=", "<style", " onclick", "javascript:", "<script>"] {
        assert!(!html.contains(forbidden), "{path}: {forbidden}");
    }
    for once in ["<h1>", "<main>", "<header>", "<title>", "<html lang="] {
        assert_eq!(html.matches(once).count(), 1, "{path}: {once}");
    }
    let attributes = |name: &str| -> Vec<String> {
        let opening = format!(" {name}=\"");
        let after = html.split(&opening).skip(1);
        after
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect()
    };
    for address in attributes("src").iter().chain(&attributes("action")) {
        assert!(address.starts_with('/'), "{path}: {address}");
    }
    let ids = attributes("id");
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[..index].contains(id), "{path}: {id} twice");
    }
    for name in ["for", "aria-labelledby"] {
        for target in attributes(name) {
            assert!(ids.contains(&target), "{path}: {name}={target}");
        }
    }
}

#[tokio::test]
async fn registered_origins_may_frame_it_and_no_other() {
    let visitor = Visitor::new().await;
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    let policy = list.header("content-security-policy");
    assert!(
        policy.contains(&format!("frame-ancestors {HOST};")),
        "{policy}"
    );
    let patch = ApplicationPatch {
        origins_removed: vec![HOST.to_owned()],
        ..ApplicationPatch::default()
    };
    let store = &visitor.fleet.store;
    let patched = store.update_application(visitor.application, &patch).await;
    patched.expect("an application is changed");
    let list = visitor
        .get(&list.attribute("href", "hreflang=\"fr\""))
        .await;
    assert!(
        list.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn forms_of_others_are_not_read() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("agreement", &agreement),
        ("credential.apiKey", GOOD_KEY),
    ];
    let refused: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.test")],
        &[("origin", HOST)],
        &[("origin", "null")],
        &[
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "same-origin"),
        ],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in refused {
        let answer = visitor
            .post_with("/provider/samsara", &fields, headers)
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(answer.heading(), "This was not sent by our page");
    }
    assert!(visitor.provider.sent().is_empty());
    let ours: [&[(&str, &str)]; 2] = [
        &[("sec-fetch-site", "same-origin")],
        &[("origin", BASE), ("sec-fetch-site", "same-origin")],
    ];
    for headers in ours {
        let answer = visitor
            .post_with("/provider/samsara", &fields, headers)
            .await;
        assert!(answer.location().starts_with("/done"), "{headers:?}");
    }
}

#[tokio::test]
async fn our_own_origin_is_known_however_it_is_configured() {
    let visitor = Visitor::with(|config| {
        config.base_url = "https://Link.Example.com:443".to_owned();
    })
    .await;
    let form = visitor.form("samsara", "").await;
    let ticket = form.field("ticket");
    let fields = [("ticket", ticket.as_str()), ("name", "Trackify")];
    let headers = [("origin", "https://link.example.com")];
    let answer = visitor.post_with("/request", &fields, &headers).await;
    assert_eq!(answer.heading(), "Thank you");
}

#[tokio::test]
async fn bodies_are_forms_and_small() {
    let visitor = Visitor::new().await;
    let json = Request::post("/request")
        .header("origin", BASE)
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .expect("a request");
    let answer = visitor.send(json).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let long = "x".repeat(PagesConfig::MAX_BODY_BYTES);
    let answer = visitor.post("/request", &[("name", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = visitor.post("/done", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn tickets_are_ours_whole_and_young() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    let ticket = form.field("ticket");
    let mut flipped = ticket.clone().into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).expect("letters");
    let long = "A".repeat(40_000);
    for bad in [
        "",
        "A",
        "é",
        &ticket[1..],
        &ticket[..ticket.len() - 4],
        &flipped,
        &long,
    ] {
        let fields = [("ticket", bad), ("name", "x")];
        let answer = visitor.post("/request", &fields).await;
        let want = if bad.len() > 30_000 { 413 } else { 400 };
        assert_eq!(answer.status.as_u16(), want, "{bad}");
    }
    // A consent's address is no ticket, and a ticket no consent.
    let answer = visitor.connect(&form, GOOD_KEY).await;
    let done = answer
        .location()
        .trim_start_matches("/done?done=")
        .to_owned();
    let answer = visitor.get(&format!("/choose?ticket={done}")).await;
    assert_eq!(answer.heading(), "This link is not complete");
    assert_eq!(
        visitor.get(&format!("/done?done={ticket}")).await.status,
        400
    );
    visitor.advance(60);
    let path = format!("/choose?ticket={ticket}");
    assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
    visitor.advance(1);
    let answer = visitor.get(&path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.heading(), "This page is too old");
    assert!(answer.header("content-security-policy").contains(HOST));
}

#[tokio::test]
async fn the_address_of_the_browser_is_the_proxys_word_where_there_is_one() {
    let visitor = Visitor::with(|config| {
        config.client_ip_header = Some("x-forwarded-for".to_owned());
    })
    .await;
    let form = visitor.form("samsara", "").await;
    let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("agreement", &agreement),
        ("credential.apiKey", GOOD_KEY),
    ];
    let headers = [
        ("origin", BASE),
        ("x-forwarded-for", "203.0.113.9, 192.0.2.7"),
        ("user-agent", "Test/1"),
    ];
    visitor
        .post_with("/provider/samsara", &fields, &headers)
        .await
        .location();
    let connection = visitor.connections().await.remove(0);
    let consents = visitor
        .fleet
        .store
        .consents(connection.id)
        .await
        .expect("consents");
    assert_eq!(consents[0].ip_address.as_deref(), Some("192.0.2.7"));
    assert_eq!(consents[0].user_agent.as_deref(), Some("Test/1"));
}

#[tokio::test]
async fn files_are_not_sent_to_those_who_have_them() {
    let visitor = Visitor::new().await;
    for path in [
        "/link.css",
        "/link.js",
        "/icon.svg",
        "/providers/motive/icon.svg",
    ] {
        let first = visitor.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        let tag = first.header("etag").to_owned();
        let second = visitor.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(second.status, StatusCode::NOT_MODIFIED, "{path}");
        assert!(second.body.is_empty());
    }
}

#[tokio::test]
async fn logos_are_pictures_whatever_is_in_them() {
    let visitor = Visitor::new().await;
    let form = ConsentForm {
        primary_color: Some("#0f766e".to_owned()),
        ..ConsentForm::default()
    };
    let id = visitor.make_template("default", form).await;
    assert_eq!(
        visitor.get(&format!("/templates/{id}/logo")).await.status,
        404
    );
    let patch = store::TemplatePatch {
        logo: Some(Some(store::Logo {
            media_type: "image/svg+xml".to_owned(),
            bytes: "<svg><script>alert(1)</script></svg>".into(),
        })),
        ..store::TemplatePatch::default()
    };
    let store = &visitor.fleet.store;
    let now = visitor.fleet.engine.clock().now();
    let changed = store.update_template(id, &patch, now).await;
    changed.expect("a template is changed");
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    let address = list.attribute("src", "class=\"mark\"");
    assert_eq!(list.attribute("alt", "class=\"mark\""), "Test");
    let logo = visitor.get(&address).await;
    assert_eq!(logo.header("content-type"), "image/svg+xml");
    let policy = logo.header("content-security-policy");
    assert!(
        policy.contains("sandbox") && !policy.contains("script"),
        "{policy}"
    );
    let theme = visitor.get(&list.attribute("href", "theme.css")).await;
    assert!(theme.body.contains("--accent: #0f766e;"));
}
