//! Keys, tokens and the token call.

use expect_test::expect;
use provider::{Credentials, OAuthApp, Provider, ProviderError, Request, Secret, Session};

use super::{Motive, answer, credentials, time};

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "client 1".to_owned(),
        client_secret: Secret::new("s3cret&=+"),
        redirect_uri: "https://example.org/back?from=motive".to_owned(),
    }
}

/// The error, its members on a line each.
fn shown(error: &ProviderError) -> String {
    let text = format!("{error:?}");
    text.replace(" { ", "\n    ")
        .replace("\", ", "\",\n    ")
        .replace(" }", "")
}

fn signed(credentials: &Credentials, session: Option<&Session>) -> String {
    match Motive.authorize(&Request::get("/v1/vehicles"), credentials, session) {
        Ok(auth) => {
            let header = |(name, value): &(&str, Secret)| format!("{name}: {}", value.reveal());
            let headers: Vec<String> = auth.headers.iter().map(header).collect();
            headers.join("\n")
        }
        Err(error) => shown(&error),
    }
}

fn asked(credentials: &Credentials, app: Option<&OAuthApp>) -> String {
    match Motive.sign_in(credentials, app) {
        Ok(Some(sign_in)) => format!(
            "{} {}\n    {}",
            sign_in.path,
            sign_in.content_type,
            sign_in.body.reveal().replace('&', "\n    ")
        ),
        Ok(None) => "nothing".to_owned(),
        Err(error) => shown(&error),
    }
}

#[test]
fn a_key_signs_raw_and_a_token_as_a_bearer() {
    let session = token().session;
    let all = [
        signed(&credentials("apiKey", " key-1 "), None),
        signed(&credentials("apiKey", "key-1"), Some(&session)),
        signed(&credentials("refreshToken", "r1"), Some(&session)),
        signed(&credentials("refreshToken", "r1"), None),
        signed(&credentials("apiKey", "two words"), None),
        signed(&Credentials::default(), None),
    ];
    expect![[r#"
        x-api-key: key-1
        x-api-key: key-1
        authorization: Bearer a1
        SessionEnded
            excerpt: "there is no access token yet"
        CredentialsRejected
            excerpt: "the apiKey has characters that no key has"
        CredentialsRejected
            excerpt: "one of apiKey, code and refreshToken is needed: none was given""#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn codes_and_refresh_tokens_sign_in_with_the_operators_app() {
    let mut both = credentials("code", "c1");
    both.0.insert("refreshToken".to_owned(), Secret::new("r1"));
    let all = [
        asked(&credentials("code", "c/1"), Some(&app())),
        asked(&credentials("refreshToken", "r1"), Some(&app())),
        asked(&both, Some(&app())),
        asked(&credentials("apiKey", "key-1"), None),
        asked(&credentials("code", "c1"), None),
        asked(&credentials("code", "  "), Some(&app())),
    ];
    expect![[r#"
        /oauth/token application/x-www-form-urlencoded
            grant_type=authorization_code
            code=c%2F1
            redirect_uri=https%3A%2F%2Fexample.org%2Fback%3Ffrom%3Dmotive
            client_id=client+1
            client_secret=s3cret%26%3D%2B
        /oauth/token application/x-www-form-urlencoded
            grant_type=refresh_token
            refresh_token=r1
            redirect_uri=https%3A%2F%2Fexample.org%2Fback%3Ffrom%3Dmotive
            client_id=client+1
            client_secret=s3cret%26%3D%2B
        /oauth/token application/x-www-form-urlencoded
            grant_type=refresh_token
            refresh_token=r1
            redirect_uri=https%3A%2F%2Fexample.org%2Fback%3Ffrom%3Dmotive
            client_id=client+1
            client_secret=s3cret%26%3D%2B
        nothing
        Refused
            status: 0, excerpt: "a code or refreshToken needs an app of the operator's"
        CredentialsRejected
            excerpt: "one of apiKey, code and refreshToken is needed: none was given""#]]
    .assert_eq(&all.join("\n"));
}

const TOKEN: &str = r#"{"access_token":"a1","token_type":"Bearer","expires_in":7200,
    "refresh_token":"r2","scope":"vehicles.read","created_at":1772355600}"#;

fn token() -> provider::SignedIn {
    let asked = credentials("code", "c1");
    let answer = answer(200, TOKEN.as_bytes());
    let signed_in = Motive.signed_in(&asked, "https://api.gomotive.com", &answer);
    signed_in.expect("a token")
}

#[test]
fn a_token_is_a_session_and_the_next_refresh_token() {
    let signed_in = token();
    let session = &signed_in.session;
    assert_eq!(session.begun_at, time("2026-03-01T09:00:30Z"));
    assert_eq!(session.ends_at, Some(time("2026-03-01T10:59:30Z")));
    assert_eq!(session.renew_at, Some(time("2026-03-01T10:30:30Z")));
    assert_eq!(session.base_url, None);
    assert_eq!(
        signed_in.credentials,
        Some(credentials("refreshToken", "r2"))
    );
}

#[test]
fn refusals_of_the_token_call_are_told_apart_and_never_shown() {
    let answers = [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"r1 is used"}"#,
        ),
        (401, r#"{"error":"invalid_client"}"#),
        (401, "r1"),
        (
            400,
            r#"{"error":"invalid_request","error_description":"r1"}"#,
        ),
        (400, r#"{"error":"r1"}"#),
        (403, "r1"),
        (429, "r1"),
        (500, "r1"),
        (302, "r1"),
        (200, r#"{"access_token":"a1"}"#),
        (200, r#"{"access_token":"","refresh_token":"r1"}"#),
    ];
    let all: Vec<String> = answers
        .into_iter()
        .map(|(status, body)| {
            let asked = credentials("refreshToken", "r1");
            let answer = answer(status, body.as_bytes());
            let error = Motive
                .signed_in(&asked, "https://api.gomotive.com", &answer)
                .expect_err("a refusal");
            let text = format!("{status} {}", shown(&error));
            assert!(!text.contains("r1") && !text.contains("a1"), "{text}");
            text
        })
        .collect();
    expect![[r#"
        400 CredentialsRejected
            excerpt: "invalid_grant: the code or refreshToken is used up, expired or revoked"
        401 Refused
            status: 401, excerpt: "invalid_client: Motive does not know the operator's app"
        401 CredentialsRejected
            excerpt: "Motive refuses the code or refreshToken"
        400 Refused
            status: 400, excerpt: "invalid_request"
        400 Refused
            status: 400, excerpt: "the token call was refused"
        403 Refused
            status: 403, excerpt: "the token call was refused"
        429 Throttled
            retry_after: None
        500 Unavailable
            cause: Status(500)
        302 Refused
            status: 302, excerpt: "the token call was refused"
        200 UnexpectedAnswer
            at: "the answer to the token call",
            wanted: "`access_token` and `refresh_token`, texts",
            excerpt: "not shown: it may hold a token"
        200 UnexpectedAnswer
            at: "the answer to the token call",
            wanted: "`access_token` and `refresh_token`, texts",
            excerpt: "not shown: it may hold a token""#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn nobody_is_rejected_by_a_data_call() {
    let error = super::with_task("vehicles", None, |task| {
        let body = br#"{"error_message":"invalid API key"}"#;
        Motive.read(task, &answer(401, body))
    });
    assert!(matches!(error, Err(ProviderError::SessionEnded { .. })));
}
