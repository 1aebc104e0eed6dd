//! How visits end: by a message, by a redirect, by a wish.

use model::link::ConsentForm;

use super::*;

const FRAMED: (&str, &str) = ("sec-fetch-dest", "iframe");
const ALONE: (&str, &str) = ("sec-fetch-dest", "document");

fn back() -> String {
    format!(
        "&redirect_url={}&state=s%261",
        "https%3A%2F%2Fapp.example.com%2Flinked%3Fa%3Db"
    )
}

#[tokio::test]
async fn alone_and_with_an_address_the_browser_goes_there() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", &back()).await;
    let policy = form.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://app.example.com;"),
        "{policy}"
    );
    let left = form.attribute("href", "class=\"close\"");
    assert_eq!(left, format!("{BACK}?a=b&error=access_denied&state=s%261"));
    let answer = visitor.connect(&form, GOOD_KEY).await;
    for headers in [&[ALONE][..], &[]] {
        let done = visitor.get_with(answer.location(), headers).await;
        let address = done.location();
        assert!(
            address.starts_with(&format!("{BACK}?a=b&token=pub_tkn_")),
            "{address}"
        );
        assert!(address.ends_with("&state=s%261"), "{address}");
    }
    let done = visitor.get_with(answer.location(), &[FRAMED]).await;
    assert_eq!(done.status, StatusCode::OK);
}

#[tokio::test]
async fn framed_it_stays_and_tells_registered_origins() {
    let visitor = Visitor::new().await;
    let path = format!("/?key={}&provider=samsara{}", visitor.key, back());
    let form = visitor.get_with(&path, &[FRAMED]).await;
    assert_eq!(form.attribute("data-leave", "class=\"close\""), "EXIT");
    assert!(!form.body.contains("error=access_denied"));
    assert_eq!(form.field("framed"), "1");
    let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("agreement", &agreement),
        // As the script of a browser without Sec-Fetch-Dest fills it in.
        ("framed", "1"),
        ("credential.apiKey", GOOD_KEY),
    ];
    let answer = visitor.post("/provider/samsara", &fields).await;
    let done = visitor.get(answer.location()).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(done.attribute("data-origins", "data-origins"), HOST);
    assert_eq!(done.attribute("data-leave", "class=\"close\""), "CLOSE");
    assert!(done.body.contains(">Done</button>"));
}

#[tokio::test]
async fn the_end_can_be_read_again_for_half_an_hour() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    let answer = visitor.connect(&form, GOOD_KEY).await;
    visitor.advance(30);
    let done = visitor.get(answer.location()).await;
    assert_eq!(done.heading(), "Samsara is connected");
    let french = visitor.get(&format!("{}&lang=fr", answer.location())).await;
    assert_eq!(french.heading(), "Samsara est connecté");
    visitor.advance(1);
    let old = visitor.get(answer.location()).await;
    assert_eq!(old.heading(), "This page is too old");
    let foreign = visitor.get("/done?done=none").await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn templates_address_is_used_where_the_link_has_none() {
    let visitor = Visitor::new().await;
    let form = ConsentForm {
        redirect_url: Some(BACK.to_owned()),
        ..ConsentForm::default()
    };
    visitor.make_template("default", form).await;
    let form = visitor.form("samsara", "").await;
    let answer = visitor.connect(&form, GOOD_KEY).await;
    let done = visitor.get(answer.location()).await;
    assert!(
        done.location()
            .starts_with(&format!("{BACK}?token=pub_tkn_"))
    );
}

#[tokio::test]
async fn an_unlisted_provider_can_be_asked_for() {
    let visitor = Visitor::new().await;
    let list = visitor.get(&format!("/?key={}", visitor.key)).await;
    let form = visitor.get(&list.attribute("href", "/request?")).await;
    assert_eq!(form.heading(), "Ask for a provider");
    let ticket = form.field("ticket");
    let long = "x".repeat(201);
    for name in ["", "  ", &long] {
        let fields = [
            ("ticket", ticket.as_str()),
            ("name", name),
            ("contact", "me@example.com"),
        ];
        let answer = visitor.post("/request", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("value=\"me@example.com\""));
    }
    for name in ["Trackify <1>", "Second", "Third"] {
        let fields = [
            ("ticket", ticket.as_str()),
            ("name", name),
            ("contact", " "),
        ];
        let answer = visitor.post("/request", &fields).await;
        assert_eq!(answer.heading(), "Thank you");
    }
    let wishes = visitor
        .fleet
        .store
        .list_provider_wishes(visitor.application)
        .await;
    let wishes = wishes.expect("the store answers");
    assert_eq!(wishes.len(), 3);
    assert_eq!(wishes[0].name, "Trackify <1>");
    assert_eq!(wishes[0].contact, None);
    let fields = [("ticket", ticket.as_str()), ("name", "Fourth")];
    let answer = visitor.post("/request", &fields).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn templates_address_for_wishes_is_gone_to() {
    let visitor = Visitor::new().await;
    let form = ConsentForm {
        unsupported_redirect_url: Some(WISHED.to_owned()),
        ..ConsentForm::default()
    };
    visitor.make_template("default", form).await;
    let list = visitor.get(&format!("/?key={}&state=7", visitor.key)).await;
    let form = visitor.get(&list.attribute("href", "/request?")).await;
    let ticket = form.field("ticket");
    let fields = [("ticket", ticket.as_str()), ("name", "Trackify")];
    let answer = visitor.post("/request", &fields).await;
    assert_eq!(answer.location(), format!("{WISHED}?state=7"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("name", "Trackify"),
        ("framed", "1"),
    ];
    let answer = visitor.post("/request", &fields).await;
    assert_eq!(answer.heading(), "Thank you");
}
