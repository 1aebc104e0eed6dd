//! The form: what becomes of good credentials, and what is told about all others.

use model::Language;
use model::connection::SyncMode;
use model::link::{ConsentForm, ConsentTexts};

use super::*;
use crate::files::hex;

#[tokio::test]
async fn good_credentials_make_a_connection() {
    let visitor = Visitor::new().await;
    let parameters = "&name=Acme&external_id=42&tags=a,b&sync_mode=manual&backfill_days=2";
    let form = visitor.form("samsara", parameters).await;
    let answer = visitor.connect(&form, GOOD_KEY).await;
    let done = visitor.get(answer.location()).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(done.heading(), "Samsara is connected");
    let token = done.attribute("data-public-token", "data-public-token");
    assert!(token.starts_with("pub_tkn_"), "{token}");
    let made = visitor.connections().await;
    let [connection] = made.as_slice() else {
        panic!("one connection is made");
    };
    assert_eq!(connection.company.name.as_deref(), Some("Acme"));
    assert_eq!(connection.external_id.as_deref(), Some("42"));
    assert_eq!(connection.tags, ["a", "b"]);
    assert_eq!(connection.sync_mode, SyncMode::Manual);
    assert!(connection.history_from.is_some());
    let consents = visitor
        .fleet
        .store
        .consents(connection.id)
        .await
        .expect("consents");
    let [consent] = consents.as_slice() else {
        panic!("one consent is kept");
    };
    let text = visitor
        .get(&format!("/agreements/{}", hex(&consent.agreement)))
        .await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert!(text.header("cache-control").contains("immutable"));
    assert!(
        text.body
            .starts_with("Test will be able to read the data of your Samsara account")
    );
}

#[tokio::test]
async fn a_form_sent_twice_is_one_consent_and_another_form_is_another() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    for _ in 0..2 {
        let done = visitor.connect(&form, GOOD_KEY).await;
        assert!(done.location().starts_with("/done?done="));
    }
    assert_eq!(visitor.connections().await.len(), 1);
    // Back to the same visit's form: another account can be connected.
    let again = visitor
        .get(&format!(
            "/provider/samsara?ticket={}",
            form.field("ticket")
        ))
        .await;
    visitor.connect(&again, OTHER_KEY).await.location();
    assert_eq!(visitor.connections().await.len(), 2);
}

#[tokio::test]
async fn each_refusal_is_told_and_the_secret_is_not_repeated() {
    let visitor = Visitor::new().await;
    let mut told: Vec<String> = Vec::new();
    for (key, part) in [
        ("wrong-key", "does not accept these credentials"),
        ("scopeless", "lack a permission: "),
        ("busy", "asks us to wait. Try again in 2 minutes"),
        ("down", "does not answer"),
        ("garbage", "do not understand"),
        ("", "Something is missing"),
        ("bell\u{7}", "Something cannot be used"),
    ] {
        let form = visitor.form("samsara", "").await;
        let answer = visitor.connect(&form, key).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
        let problem = answer.problem().to_owned();
        assert!(problem.contains(part), "{key}: {problem}");
        assert!(!told.contains(&problem), "{problem}");
        told.push(problem);
        assert!(key.is_empty() || !answer.body.contains(key), "{key}");
        assert!(
            answer
                .body
                .contains("<title>That did not work: Connect Samsara</title>")
        );
    }
    assert!(visitor.connections().await.is_empty());
    let form = visitor.form("samsara", "").await;
    let silent = visitor.connect(&form, "silent").await;
    assert!(silent.problem().contains("does not answer"));
}

#[tokio::test]
async fn fields_that_are_missing_are_marked() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    let answer = visitor.connect(&form, "").await;
    assert_eq!(
        answer.attribute("aria-invalid", "id=\"credential-apiKey\""),
        "true"
    );
    let described = answer.attribute("aria-describedby", "id=\"credential-apiKey\"");
    for id in described.split(' ') {
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(answer.body.contains("href=\"#credential-apiKey\""));
    // Nobody was asked.
    assert!(visitor.provider.sent().is_empty());
}

#[tokio::test]
async fn what_was_typed_stays_but_for_the_password() {
    let visitor = Visitor::new().await;
    let form = visitor.form("geotab", "").await;
    let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("agreement", &agreement),
        ("credential.username", " fleet@\"><script>.example "),
        ("credential.password", ""),
        ("credential.database", "harbour"),
    ];
    let answer = visitor.post("/provider/geotab", &fields).await;
    let typed = answer.attribute("value", "id=\"credential-username\"");
    assert_eq!(typed, "fleet@&quot;&gt;&lt;script&gt;.example");
    assert_eq!(
        answer.attribute("value", "id=\"credential-database\""),
        "harbour"
    );
    assert_eq!(
        answer.attribute("type", "id=\"credential-password\""),
        "password"
    );
    assert!(!answer.body.contains("<script>"));
}

#[tokio::test]
async fn a_changed_agreement_is_read_again_before_it_counts() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    let own = ConsentTexts {
        agreement: Some("First.\n\n<i>Second</i>.".to_owned()),
        ..ConsentTexts::default()
    };
    let template = ConsentForm {
        texts: [(Language::En, own)].into(),
        ..ConsentForm::default()
    };
    visitor.make_template("default", template).await;
    let answer = visitor.connect(&form, GOOD_KEY).await;
    assert!(answer.problem().contains("has changed"));
    assert!(
        answer
            .body
            .contains("<p>First.</p><p>&lt;i&gt;Second&lt;/i&gt;.</p>")
    );
    let done = visitor.connect(&answer, GOOD_KEY).await;
    assert!(done.location().starts_with("/done"));
}

#[tokio::test]
async fn another_account_does_not_take_over_a_connection() {
    let visitor = Visitor::new().await;
    let form = visitor.form("samsara", "").await;
    visitor.connect(&form, GOOD_KEY).await.location();
    let connection = visitor.connections().await.remove(0);
    let path = format!("/connection/{}?key={}", connection.id, visitor.key);
    let form = visitor.get(&path).await;
    let answer = visitor.connect(&form, OTHER_KEY).await;
    assert!(
        answer.problem().contains("another Samsara account"),
        "{}",
        answer.body
    );
    let done = visitor.connect(&answer, GOOD_KEY).await;
    assert!(done.location().starts_with("/done"));
    assert_eq!(visitor.connections().await.len(), 1);
}

#[tokio::test]
async fn attempts_are_limited() {
    let visitor = Visitor::new().await;
    let mut form = visitor.form("samsara", "").await;
    for _ in 0..5 {
        form = visitor.connect(&form, "wrong-key").await;
        assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let asked = visitor.provider.sent().len();
    let limited = visitor.connect(&form, GOOD_KEY).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        limited.problem(),
        "Too many attempts. Try again in 10 minutes."
    );
    assert_eq!(visitor.provider.sent().len(), asked);
    visitor.advance(10);
    let done = visitor.connect(&limited, GOOD_KEY).await;
    assert!(done.location().starts_with("/done"));
}

#[tokio::test]
async fn attempts_on_one_account_are_limited_whoever_makes_them() {
    let visitor = Visitor::new().await;
    let mut last = StatusCode::OK;
    for attempt in 0..11 {
        let form = visitor.form("geotab", "").await;
        let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
        let name = if attempt % 2 == 0 {
            "fleet@example.com"
        } else {
            "FLEET@example.com"
        };
        let fields = [
            ("ticket", ticket.as_str()),
            ("agreement", &agreement),
            ("credential.username", name),
            ("credential.password", "guess"),
        ];
        last = visitor.post("/provider/geotab", &fields).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
