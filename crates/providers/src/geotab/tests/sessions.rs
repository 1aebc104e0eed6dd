//! Signing in and signing.

use expect_test::expect;
use model::Timestamp;
use provider::{Answer, Credentials, ProviderError, Quota, Request, Secret, Session};
use serde_json::{Value, json};

use super::super::session::base_url;
use super::{answer, credentials, geotab, session, time};

const ROOT: &str = "https://my.geotab.com";

fn login(path: &str) -> String {
    json!({ "result": {
        "credentials": {
            "userName": "Sync@carrier.example",
            "database": "carrier_database",
            "sessionId": "not-a-real-session",
        },
        "path": path,
    } })
    .to_string()
}

fn signed_in(status: u16, body: &str) -> Result<Session, ProviderError> {
    let signed = geotab().signed_in(&credentials(), ROOT, &answer(status, body.as_bytes()));
    signed.map(|signed| {
        assert_eq!(signed.credentials, None);
        signed.session
    })
}

#[test]
fn the_password_goes_to_the_root_and_nowhere_else() {
    let sign_in = geotab()
        .sign_in(&credentials(), None)
        .expect("a sign-in")
        .expect("one");
    assert_eq!(
        (sign_in.path, sign_in.content_type),
        ("/apiv1", "application/json")
    );
    let body: Value = serde_json::from_str(sign_in.body.reveal()).expect("JSON");
    assert_eq!(
        body,
        json!({ "method": "Authenticate", "params": {
            "userName": "sync@carrier.example",
            "password": "correct horse battery",
            "database": "carrier_database",
        } })
    );
    let mut without = credentials();
    without.0.remove("database");
    let sign_in = geotab()
        .sign_in(&without, None)
        .expect("a sign-in")
        .expect("one");
    assert!(!sign_in.body.reveal().contains("database"));
    for missing in ["username", "password"] {
        let mut without = credentials();
        without.0.insert(missing.to_owned(), Secret::new(""));
        let refused = geotab().sign_in(&without, None).err();
        assert!(matches!(
            refused,
            Some(ProviderError::CredentialsRejected { .. })
        ));
    }
}

#[test]
fn a_session_lasts_thirteen_days_and_knows_its_account() {
    let session = signed_in(200, &login("ThisServer")).expect("a session");
    assert_eq!(session.base_url, None);
    assert_eq!(session.account.as_deref(), Some("carrier_database"));
    assert_eq!(session.begun_at, time("2026-03-01T12:00:00Z"));
    assert_eq!(session.ends_at, Some(time("2026-03-14T12:00:00Z")));
    let elsewhere = signed_in(200, &login("my30.geotab.com")).expect("a session");
    assert_eq!(
        elsewhere.base_url.as_deref(),
        Some("https://my30.geotab.com")
    );
}

#[test]
fn only_hosts_of_geotab_and_the_configured_one_get_the_session() {
    let fine = [
        (ROOT, "", None),
        (ROOT, "ThisServer", None),
        (ROOT, "my3.geotab.com", Some("https://my3.geotab.com")),
        (
            ROOT,
            "https://my3.geotab.com/apiv1",
            Some("https://my3.geotab.com"),
        ),
        (
            ROOT,
            "http://my3.geotab.com/",
            Some("https://my3.geotab.com"),
        ),
        (
            "http://127.0.0.1:4000",
            "127.0.0.1:4001",
            Some("http://127.0.0.1:4001"),
        ),
        (
            "http://127.0.0.1:4000",
            "http://127.0.0.1:4001/apiv1",
            Some("http://127.0.0.1:4001"),
        ),
        (
            "https://proxy.example",
            "Proxy.example:8443",
            Some("https://Proxy.example:8443"),
        ),
        (
            "http://127.0.0.1:4000",
            "my3.geotab.com",
            Some("https://my3.geotab.com"),
        ),
    ];
    for (asked, path, wanted) in fine {
        let found = base_url(asked, path).expect("accepted");
        assert_eq!(found.as_deref(), wanted, "{path}");
    }
    for path in [
        "evil.example",
        "evilgeotab.com",
        "my.geotab.com.evil.example",
        "user@my3.geotab.com",
        "my3.geotab.com\r\nx",
        "https://evil.example/my3.geotab.com",
        "https:///apiv1",
        "10.0.0.1",
    ] {
        let refused = base_url(ROOT, path);
        assert!(
            matches!(refused, Err(ProviderError::UnexpectedAnswer { .. })),
            "{path}: {refused:?}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_login_is_told_without_its_answer() {
    let exception = |name: &str| {
        json!({ "error": { "message": "about sync@carrier.example", "data": { "type": name } } })
            .to_string()
    };
    let all: Vec<String> = [
        (200, exception("InvalidUserException")),
        (200, exception("ExpiredPasswordException")),
        (200, exception("CaptchaException")),
        (200, exception("OverLimitException")),
        (200, exception("DbUnavailableException")),
        (200, exception("GenericException")),
        (200, "{}".to_owned()),
        (200, login("evil.example")),
        (
            200,
            r#"{"result":{"path":"ThisServer","secret":"sync@carrier.example"}}"#.to_owned(),
        ),
        (429, "slow down".to_owned()),
        (503, "<html>".to_owned()),
        (404, "sync@carrier.example".to_owned()),
    ]
    .iter()
    .map(|(status, body)| {
        let error = signed_in(*status, body).expect_err("refused");
        let text = format!("{error:?}");
        assert!(!text.contains("carrier"), "{text}");
        text
    })
    .collect();
    expect![[r#"
        CredentialsRejected { excerpt: "InvalidUserException" }
        CredentialsRejected { excerpt: "ExpiredPasswordException" }
        CredentialsRejected { excerpt: "CaptchaException" }
        Throttled { retry_after: None }
        Unavailable { cause: Status(503) }
        Refused { status: 200,
           excerpt: "GenericException" }
        UnexpectedAnswer { at: "result",
           wanted: "an object with `result.credentials` and `result.path`",
           excerpt: "" }
        UnexpectedAnswer { at: "result.path (a host that is not Geotab's)",
           wanted: "an object with `result.credentials` and `result.path`",
           excerpt: "" }
        UnexpectedAnswer { at: "result",
           wanted: "an object with `result.credentials` and `result.path`",
           excerpt: "" }
        Throttled { retry_after: None }
        Unavailable { cause: Status(503) }
        Refused { status: 404, excerpt: "no JSON" }"#]]
    .assert_eq(&super::wrapped(&all.join("\n")));
}

#[test]
fn credentials_go_into_the_parameters() {
    let session = session();
    let request = Request::post(
        "/apiv1",
        r#"{"method":"Get","params":{"typeName":"Device"}}"#,
    );
    let auth = geotab()
        .authorize(&request, &credentials(), Some(&session))
        .expect("signed");
    let body: Value = serde_json::from_str(auth.body.expect("a body").reveal()).expect("JSON");
    let signature = json!({
        "database": "carrier_database",
        "userName": "sync@carrier.example",
        "sessionId": "not-a-real-session",
    });
    assert_eq!(
        body,
        json!({ "method": "Get", "params": { "typeName": "Device", "credentials": signature } })
    );
    assert_eq!(auth.secrets, [Secret::new("not-a-real-session")]);
    assert!(auth.headers.is_empty());
    // Of a client's own: without parameters, without a body, with one that is no JSON.
    for (body, is_signed) in [(r#"{"method":"GetVersion"}"#, true), ("JSON-RPC=x", false)] {
        let request = Request::post("/apiv1", body);
        let auth = geotab().authorize(&request, &credentials(), Some(&session));
        assert_eq!(auth.expect("signed").body.is_some(), is_signed, "{body}");
    }
    let get = Request::get("/apiv1");
    let auth = geotab().authorize(&get, &credentials(), Some(&session));
    assert!(auth.expect("signed").body.is_none());
    let unsigned = geotab().authorize(&request, &Credentials::default(), None);
    assert!(matches!(unsigned, Err(ProviderError::SessionEnded { .. })));
}

#[test]
fn quotas_are_read_from_headers() {
    let quota = |remaining: &str, reset: &str| {
        let headers = [
            ("x-rate-limit-limit".to_owned(), "1m".to_owned()),
            ("x-rate-limit-remaining".to_owned(), remaining.to_owned()),
            ("x-rate-limit-reset".to_owned(), reset.to_owned()),
        ];
        let answer = Answer {
            headers: &headers,
            ..answer(200, b"{}")
        };
        geotab().quota(&answer)
    };
    let filled_at: Timestamp = time("2026-03-01T12:00:11.944Z");
    assert_eq!(
        quota("8", "2026-03-01T12:00:11.9440478Z"),
        Some(Quota {
            remaining: 8,
            filled_at
        })
    );
    assert_eq!(quota("-1", "2026-03-01T12:00:11Z"), None);
    assert_eq!(quota("8", "soon"), None);
    assert_eq!(geotab().quota(&answer(200, b"{}")), None);
}
