//! Tokens and the token call.

use expect_test::expect;
use provider::{
    Credentials, FieldKind, OAuthApp, Provider, ProviderError, Request, Secret, Session,
};

use super::{DESCRIPTOR, Samsara, answer, credentials, key, time};

const HOME: &str = "https://api.samsara.com";
/// As Samsara's own programs expect it.
const TOKENS: &str = r#"{"access_token":"a1","token_type":"bearer","expires_in":3600,
    "refresh_token":"r2","scope":"admin:read"}"#;

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "client-1".to_owned(),
        client_secret: Secret::new("s3cret&=+/"),
        redirect_uri: "https://example.org/back?from=samsara".to_owned(),
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
    match Samsara.authorize(&Request::get("/me"), credentials, session) {
        Ok(auth) => {
            let header = |(name, value): &(&str, Secret)| format!("{name}: {}", value.reveal());
            let headers: Vec<String> = auth.headers.iter().map(header).collect();
            headers.join("\n")
        }
        Err(error) => shown(&error),
    }
}

fn asked(credentials: &Credentials, app: Option<&OAuthApp>) -> String {
    match Samsara.sign_in(credentials, app) {
        Ok(Some(sign_in)) => {
            let header = |(name, value): &(&str, Secret)| format!("{name}: {}", value.reveal());
            let headers: Vec<String> = sign_in.headers.iter().map(header).collect();
            let body = sign_in.body.reveal().replace('&', "\n    ");
            let (path, content_type) = (sign_in.path, sign_in.content_type);
            format!(
                "{path} {content_type}\n    {}\n    {body}",
                headers.join("\n    ")
            )
        }
        Ok(None) => "nothing".to_owned(),
        Err(error) => shown(&error),
    }
}

fn tokens() -> provider::SignedIn {
    let answer = answer(200, TOKENS.as_bytes());
    let signed_in = Samsara.signed_in(&credentials("code", "c1"), HOME, &answer);
    signed_in.expect("tokens")
}

#[test]
fn people_are_asked_for_a_token_and_for_nothing_that_samsara_gives_itself() {
    let fields: Vec<(&str, FieldKind, bool)> = DESCRIPTOR
        .credentials
        .iter()
        .map(|field| (field.name, field.kind, field.required))
        .collect();
    assert_eq!(
        fields,
        [
            ("apiKey", FieldKind::Secret, false),
            ("code", FieldKind::Grant, false),
            ("refreshToken", FieldKind::Grant, false),
        ]
    );
    let flow = DESCRIPTOR.oauth.expect("a flow");
    assert_eq!(flow.authorize_path, "/oauth2/authorize");
    assert!(flow.scopes.is_empty());
}

#[test]
fn both_kinds_of_tokens_are_a_bearers() {
    let session = tokens().session;
    let all = [
        signed(&key(), None),
        signed(&key(), Some(&session)),
        signed(&credentials("refreshToken", "r1"), Some(&session)),
        signed(&credentials("refreshToken", "r1"), None),
        signed(&Credentials::default(), None),
    ];
    expect![[r#"
        authorization: Bearer samsara_api_not_a_real_token
        authorization: Bearer samsara_api_not_a_real_token
        authorization: Bearer a1
        SessionEnded
            excerpt: "there is no access token yet"
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
        asked(&both, Some(&app())),
        asked(&key(), None),
        asked(&credentials("code", "c1"), None),
        asked(&credentials("code", "  "), Some(&app())),
    ];
    expect![[r#"
        /oauth2/token application/x-www-form-urlencoded
            authorization: Basic Y2xpZW50LTE6czNjcmV0Jj0rLw==
            grant_type=authorization_code
            code=c%2F1
            redirect_uri=https%3A%2F%2Fexample.org%2Fback%3Ffrom%3Dsamsara
        /oauth2/token application/x-www-form-urlencoded
            authorization: Basic Y2xpZW50LTE6czNjcmV0Jj0rLw==
            grant_type=refresh_token
            refresh_token=r1
        nothing
        Refused
            status: 0, excerpt: "a code or refreshToken needs an app of the operator's"
        CredentialsRejected
            excerpt: "one of apiKey, code and refreshToken is needed: none was given""#]]
    .assert_eq(&all.join("\n"));
    let sign_in = Samsara.sign_in(&both, Some(&app()));
    let text = format!("{:?}", sign_in.expect("a call"));
    assert!(!text.contains("Basic") && !text.contains("r1"), "{text}");
}

#[test]
fn tokens_are_a_session_and_the_next_refresh_token() {
    let signed_in = tokens();
    let session = &signed_in.session;
    assert_eq!(session.begun_at, time("2026-05-28T20:26:40Z"));
    assert_eq!(session.ends_at, Some(time("2026-05-28T21:25:40Z")));
    // Not before it is needed, and not never.
    assert_eq!(session.renew_at, Some(time("2026-05-29T20:26:40Z")));
    assert_eq!(session.base_url, None);
    let next = credentials("refreshToken", "r2");
    assert_eq!(signed_in.credentials, Some(next));
}

#[test]
fn refusals_of_the_token_call_are_told_apart_and_never_shown() {
    let answers = [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"r1 is used"}"#,
        ),
        (401, r#"{"error":"invalid_client"}"#),
        (401, r#"{"message":"Invalid token r1.","requestId":"x"}"#),
        (400, r#"{"error":"invalid_request"}"#),
        (404, "r1"),
        (429, "r1"),
        (503, "r1"),
        (200, r#"{"access_token":"a1"}"#),
        (200, "r1"),
    ];
    let all: Vec<String> = answers
        .into_iter()
        .map(|(status, body)| {
            let asked = credentials("refreshToken", "r1");
            let error = Samsara
                .signed_in(&asked, HOME, &answer(status, body.as_bytes()))
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
            status: 401, excerpt: "invalid_client: Samsara does not know the operator's app"
        401 CredentialsRejected
            excerpt: "Samsara refuses the code or refreshToken"
        400 Refused
            status: 400, excerpt: "invalid_request"
        404 Refused
            status: 404, excerpt: "the token call was refused"
        429 Throttled
            retry_after: None
        503 Unavailable
            cause: Status(503)
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

/// What a token for an hour means that is refused before its hour is over: ask for another.
#[test]
fn a_data_call_ends_a_session_and_rejects_nobody() {
    let error = super::with_task("vehicles", None, |task| {
        let body = br#"{"message":"Invalid token.","requestId":"x"}"#;
        Samsara.read(task, &answer(401, body))
    });
    assert!(matches!(error, Err(ProviderError::SessionEnded { .. })));
}
