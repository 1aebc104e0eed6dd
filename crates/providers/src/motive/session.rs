//! Keys and tokens.
//!
//! A company's API key signs requests itself. An account that was connected through the operator's
//! own registration has a code at first and a refresh token from then on. Refresh tokens are good
//! for one use, and a grant that is not refreshed for some hours dies: so sessions are renewed
//! before they end although nobody needs them, and the new token replaces the credentials.

use std::collections::BTreeMap;
use std::time::Duration;

use provider::{
    Answer, Auth, Credentials, Excerpt, OAuthApp, ProviderError, Secret, Session, SignIn, SignedIn,
    Unavailability,
};
use serde::Deserialize;

use super::errors::classify;
use super::streams::{API_KEY, CODE, REFRESH_TOKEN};

const TOKEN_PATH: &str = "/oauth/token";
const ACCESS_TOKEN: &str = "accessToken";
/// A token is not used in its last minute: the request may still be on its way when it ends.
const END_MARGIN: Duration = Duration::from_secs(60);
/// Where the answer does not say: what it has always been.
const TOKEN_LIFE: Duration = Duration::from_secs(7_200);

fn rejected(why: &str) -> ProviderError {
    ProviderError::CredentialsRejected {
        excerpt: Excerpt::of(why.as_bytes()),
    }
}

/// A secret that is there and not empty.
fn given<'c>(credentials: &'c Credentials, field: &str) -> Option<&'c str> {
    let text = credentials.get(field)?.reveal().trim();
    (!text.is_empty()).then_some(text)
}

pub fn authorize(
    credentials: &Credentials,
    session: Option<&Session>,
) -> Result<Auth, ProviderError> {
    let header_fit = |secret: &str| secret.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(key) = given(credentials, API_KEY) {
        // Anything else could not stand in a header, or would end it and begin another.
        if !header_fit(key) {
            return Err(rejected("the apiKey has characters that no key has"));
        }
        return Ok(Auth::header("x-api-key", "", &Secret::new(key)));
    }
    let token = session.and_then(|session| session.get(ACCESS_TOKEN));
    match token {
        Some(token) if header_fit(token.reveal()) => {
            Ok(Auth::header("authorization", "Bearer ", token))
        }
        Some(_) => Err(ProviderError::SessionEnded {
            excerpt: Excerpt::of(b"the access token has characters that no token has"),
        }),
        None if has_grant(credentials) => Err(ProviderError::SessionEnded {
            excerpt: Excerpt::of(b"there is no access token yet"),
        }),
        None => Err(nothing_given()),
    }
}

fn has_grant(credentials: &Credentials) -> bool {
    given(credentials, REFRESH_TOKEN).is_some() || given(credentials, CODE).is_some()
}

fn nothing_given() -> ProviderError {
    rejected("one of apiKey, code and refreshToken is needed: none was given")
}

pub fn sign_in(
    credentials: &Credentials,
    app: Option<&OAuthApp>,
) -> Result<Option<SignIn>, ProviderError> {
    if given(credentials, API_KEY).is_some() {
        return Ok(None);
    }
    // A code is good once, so where both are there the token came of it.
    let grant = match (given(credentials, REFRESH_TOKEN), given(credentials, CODE)) {
        (Some(token), _) => [("grant_type", "refresh_token"), ("refresh_token", token)],
        (None, Some(code)) => [("grant_type", "authorization_code"), ("code", code)],
        (None, None) => return Err(nothing_given()),
    };
    let Some(app) = app else {
        return Err(rejected(
            "a code or refreshToken needs an app, which the operator must configure",
        ));
    };
    let mut form: Vec<(&str, &str)> = grant.to_vec();
    form.push(("redirect_uri", app.redirect_uri.as_str()));
    form.push(("client_id", app.client_id.as_str()));
    form.push(("client_secret", app.client_secret.reveal()));
    Ok(Some(SignIn {
        path: TOKEN_PATH,
        content_type: "application/x-www-form-urlencoded",
        headers: Vec::new(),
        body: Secret::new(form_encoded(&form)),
    }))
}

fn form_encoded(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            match byte {
                b' ' => text.push('+'),
                byte if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) => {
                    text.push(char::from(byte));
                }
                byte => text.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    text
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

pub fn signed_in(answer: &Answer<'_>) -> Result<SignedIn, ProviderError> {
    if answer.status != 200 {
        return Err(refused(answer));
    }
    let token: Token = serde_json::from_slice(answer.body).map_err(|_| unreadable())?;
    if token.access_token.is_empty() || token.refresh_token.is_empty() {
        return Err(unreadable());
    }
    let life = token.expires_in.map_or(TOKEN_LIFE, Duration::from_secs);
    let received_at = answer.received_at;
    let session = Session {
        secrets: BTreeMap::from([(ACCESS_TOKEN.to_owned(), Secret::new(token.access_token))]),
        base_url: None,
        account: None,
        begun_at: received_at,
        ends_at: Some(received_at.saturating_add(life.saturating_sub(END_MARGIN))),
        renew_at: Some(received_at.saturating_add(life - life / 4)),
    };
    let mut credentials = Credentials::default();
    let refresh_token = Secret::new(token.refresh_token);
    credentials
        .0
        .insert(REFRESH_TOKEN.to_owned(), refresh_token);
    Ok(SignedIn {
        session,
        credentials: Some(credentials),
    })
}

/// An answer with tokens in it is never shown.
fn unreadable() -> ProviderError {
    ProviderError::UnexpectedAnswer {
        at: "the answer to the token call".to_owned(),
        wanted: "`access_token` and `refresh_token`, texts",
        excerpt: Excerpt::of(b"not shown: it may hold a token"),
    }
}

/// Only the code of the error is looked at and shown, where it is one of the standard's: the rest
/// may repeat what was sent.
fn refused(answer: &Answer<'_>) -> ProviderError {
    const CODES: [(&str, &str); 4] = [
        (
            "invalid_grant",
            "invalid_grant: the code or refreshToken is used up, expired or revoked",
        ),
        (
            "invalid_client",
            "invalid_client: Motive does not know the operator's app or its secret",
        ),
        (
            "unauthorized_client",
            "unauthorized_client: the operator's app may not use this kind of grant",
        ),
        ("invalid_request", "invalid_request"),
    ];
    #[derive(Deserialize)]
    struct TokenError {
        error: String,
    }
    let code = serde_json::from_slice::<TokenError>(answer.body).map(|body| body.error);
    let known = code
        .ok()
        .and_then(|code| CODES.iter().find(|(known, _)| *known == code));
    match (answer.status, known) {
        (400 | 401, Some((code, why))) if *code != "invalid_request" => rejected(why),
        (401, _) => rejected("Motive refuses the code or refreshToken"),
        (status @ (400 | 403 | 404 | 422), known) => {
            let shown = known.map_or("the token call was refused", |(_, why)| why);
            ProviderError::Refused {
                status,
                excerpt: Excerpt::of(shown.as_bytes()),
            }
        }
        (429 | 408, _) => classify("", false, answer),
        (status @ 500..=599, _) => ProviderError::Unavailable {
            cause: Unavailability::Status(status),
        },
        (status, _) => ProviderError::Refused {
            status,
            excerpt: Excerpt::of(b"the token call was refused"),
        },
    }
}
