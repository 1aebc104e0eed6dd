//! Consent at the provider.

use super::*;

/// Where the browser is sent, and the cookie that it is given.
async fn start(visitor: &Visitor, parameters: &str, from: &[(&str, &str)]) -> (String, String) {
    let path = format!("/?key={}&provider=motive{parameters}", visitor.key);
    let form = visitor.get_with(&path, from).await;
    let link = form.attribute("href", "data-popup");
    let answer = visitor
        .get_with(&link, &[("sec-fetch-site", "same-origin")])
        .await;
    let address = answer.location().to_owned();
    let cookie = answer.header("set-cookie").to_owned();
    (address, cookie)
}

fn state_of(address: &str) -> String {
    let url = url::Url::parse(address).expect("an address");
    let found = url.query_pairs().find(|(name, _)| name == "state");
    found.expect("a state").1.into_owned()
}

fn sent_back(cookie: &str) -> String {
    cookie.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_code_becomes_a_connection() {
    let visitor = Visitor::new().await;
    let (address, cookie) = start(&visitor, "&external_id=9", &[]).await;
    assert!(
        address.starts_with("http://motive.test/oauth/authorize?"),
        "{address}"
    );
    for part in ["HttpOnly", "SameSite=Lax", "Path=/oauth", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    let state = state_of(&address);
    let path = format!("/oauth/callback/motive?code=good&state={state}");
    let cookies = sent_back(&cookie);
    let answer = visitor.get_with(&path, &[("cookie", &cookies)]).await;
    assert!(
        answer.location().starts_with("/done?done="),
        "{}",
        answer.location()
    );
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    let done = visitor.get(answer.location()).await;
    assert_eq!(done.heading(), "Motive is connected");
    let made = visitor.connections().await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].external_id.as_deref(), Some("9"));
}

#[tokio::test]
async fn from_a_frame_it_happens_in_a_window_that_hands_over() {
    let visitor = Visitor::new().await;
    let framed = [("sec-fetch-dest", "iframe")];
    let path = format!("/?key={}&provider=motive", visitor.key);
    let form = visitor.get_with(&path, &framed).await;
    assert_eq!(form.attribute("target", "data-popup"), "_blank");
    let (address, cookie) = start(&visitor, "", &framed).await;
    let path = format!(
        "/oauth/callback/motive?code=good&state={}",
        state_of(&address)
    );
    let answer = visitor
        .get_with(&path, &[("cookie", &sent_back(&cookie))])
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let next = answer.attribute("data-handover", "data-handover");
    assert!(next.starts_with("/done?done="), "{next}");
    assert!(!answer.body.contains("pub_tkn_"));
    assert!(
        answer
            .header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert!(answer.header("cross-origin-opener-policy").is_empty());
    let done = visitor.get_with(&next, &framed).await;
    assert_eq!(done.heading(), "Motive is connected");
}

#[tokio::test]
async fn what_the_provider_refuses_comes_back_to_the_form() {
    let visitor = Visitor::new().await;
    for (query, part) in [
        ("error=access_denied", "did not give your consent"),
        ("error=server_error", "sent you back without a consent"),
        ("", "sent you back without a consent"),
        ("code=stale", "does not accept"),
    ] {
        let (address, cookie) = start(&visitor, "", &[]).await;
        let path = format!(
            "/oauth/callback/motive?{query}&state={}",
            state_of(&address)
        );
        let answer = visitor
            .get_with(&path, &[("cookie", &sent_back(&cookie))])
            .await;
        let form = visitor.get(answer.location()).await;
        assert!(form.problem().contains(part), "{query}: {}", form.problem());
        // It is told once.
        let again = format!("/provider/motive?ticket={}", form.field("ticket"));
        assert!(!visitor.get(&again).await.body.contains("role=\"alert\""));
    }
    assert!(visitor.connections().await.is_empty());
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked_and_in_time() {
    let visitor = Visitor::new().await;
    let (address, cookie) = start(&visitor, "", &[]).await;
    let cookies = sent_back(&cookie);
    let state = state_of(&address);
    let path = format!("/oauth/callback/motive?code=good&state={state}");
    let elsewhere = format!("/oauth/callback/samsara?code=good&state={state}");
    let other = "gladhand_oauth=AAAAAAAAAAAAAAAAAAAAAA";
    let mutilated = format!("/oauth/callback/motive?code=good&state={}", &state[1..]);
    let stateless = "/oauth/callback/motive?code=good".to_owned();
    for (path, cookie) in [
        (&path, ""),
        (&path, other),
        (&elsewhere, cookies.as_str()),
        (&mutilated, cookies.as_str()),
        (&stateless, cookies.as_str()),
    ] {
        let answer = visitor.get_with(path, &[("cookie", cookie)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.heading(), "This answer cannot be used");
    }
    visitor.advance(11);
    let answer = visitor.get_with(&path, &[("cookie", &cookies)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(visitor.provider.sent().is_empty());
}

#[tokio::test]
async fn nobody_is_sent_to_the_provider_from_elsewhere_or_without_the_agreement() {
    let visitor = Visitor::new().await;
    let form = visitor.form("motive", "").await;
    let link = form.attribute("href", "data-popup");
    for site in ["cross-site", "same-site", "none"] {
        let answer = visitor.get_with(&link, &[("sec-fetch-site", site)]).await;
        assert!(
            answer.location().starts_with("/provider/motive?ticket="),
            "{site}"
        );
    }
    let link = link
        .split("&agreement=")
        .next()
        .expect("an address")
        .to_owned();
    let answer = visitor.get(&format!("{link}&agreement=00")).await;
    let form = visitor.get(answer.location()).await;
    assert!(form.problem().contains("has changed"));
}

#[tokio::test]
async fn keys_can_be_typed_where_there_is_an_app_too() {
    let visitor = Visitor::new().await;
    let form = visitor.form("motive", "").await;
    assert!(
        form.body
            .contains("<summary>Enter credentials instead</summary>")
    );
    assert!(!form.body.contains("credential.code"));
    let form = visitor.form("geotab", "").await;
    assert!(!form.body.contains("data-popup") && !form.body.contains("<details"));
}

#[tokio::test]
async fn cookies_are_for_encrypted_connections_where_there_are_any() {
    let visitor = Visitor::with(|config| config.base_url = "https://link.test".to_owned()).await;
    let (_, cookie) = start(&visitor, "", &[]).await;
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}
