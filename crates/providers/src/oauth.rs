//! Accounts that a key of their own opens, or a grant to the operator's app: the authorization
//! code flow of OAuth 2 (RFC 6749), as a confidential client goes through it once somebody has
//! consented.
//!
//! A code becomes an access token and a refresh token, and a refresh token the next two. Refresh
//! tokens are taken to be good for one use at every vendor, so the new one replaces the
//! credentials. No vendor's words: what differs is data in a [`TokenCall`]. Absent: the page on
//! which people consent (its address is made of the descriptor), PKCE, grants of machines.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provider::{
    Answer, Auth, Credentials, Excerpt, OAuthApp, ProviderError, Secret, Session, SignIn, SignedIn,
    Unavailability,
};
use serde::Deserialize;

/// Fields of credentials, one of which is there. A code is what a callback brings.
pub const API_KEY: &str = "apiKey";
pub const CODE: &str = "code";
pub const REFRESH_TOKEN: &str = "refreshToken";
/// Of a session.
const ACCESS_TOKEN: &str = "accessToken";
/// A token is not used in its last minute: the request may still be on its way when it ends.
const END_MARGIN: Duration = Duration::from_secs(60);
const FORM: &str = "application/x-www-form-urlencoded";

/// How a vendor's token endpoint is asked, and what is made of its answer.
pub struct TokenCall {
    /// As people are told of it.
    pub vendor: &'static str,
    /// Below the base URL.
    pub path: &'static str,
    pub app: AppProof,
    /// Whether the redirect address goes with refresh tokens, too; codes always have it.
    pub repeats_redirect: bool,
    /// How long an access token lives where the answer does not say.
    pub usual_life: Duration,
    /// After how long a grant that nobody used is renewed, by the life of its access token.
    pub renew_after: fn(life: Duration) -> Duration,
    /// What a 408 or a 429 means.
    pub busy: fn(&Answer<'_>) -> ProviderError,
}

/// How the operator's app shows that it is the one.
pub enum AppProof {
    /// `client_id` and `client_secret` in the form.
    Form,
    /// HTTP Basic, neither of them percent-encoded.
    Basic,
}

/// The account's key, trimmed, where it has one.
pub fn key(credentials: &Credentials) -> Result<Option<Secret>, ProviderError> {
    match given(credentials, API_KEY) {
        Some(key) if fits_header(key) => Ok(Some(Secret::new(key))),
        Some(_) => Err(rejected("the apiKey has characters that no key has")),
        None => Ok(None),
    }
}

/// The signature of accounts without a key: the session's access token.
pub fn bearer(credentials: &Credentials, session: Option<&Session>) -> Result<Auth, ProviderError> {
    let ended = |why: &str| ProviderError::SessionEnded {
        excerpt: Excerpt::of(why.as_bytes()),
    };
    let token = session.and_then(|session| session.get(ACCESS_TOKEN));
    match token {
        Some(token) if fits_header(token.reveal()) => {
            Ok(Auth::header("authorization", "Bearer ", token))
        }
        Some(_) => Err(ended("the access token has characters that no token has")),
        None if grant(credentials).is_some() => Err(ended("there is no access token yet")),
        None => Err(nothing_given()),
    }
}

impl TokenCall {
    pub fn sign_in(
        &self,
        credentials: &Credentials,
        app: Option<&OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        if given(credentials, API_KEY).is_some() {
            return Ok(None);
        }
        let grant = grant(credentials).ok_or_else(nothing_given)?;
        let Some(app) = app else {
            // The grant may be as good as ever.
            return Err(ProviderError::Refused {
                status: 0,
                excerpt: Excerpt::of(b"a code or refreshToken needs an app of the operator's"),
            });
        };
        let mut form = grant.fields().to_vec();
        if self.repeats_redirect || matches!(grant, Grant::Code(_)) {
            form.push(("redirect_uri", app.redirect_uri.as_str()));
        }
        let secret = app.client_secret.reveal();
        let mut headers = Vec::new();
        match self.app {
            AppProof::Form => {
                form.push(("client_id", app.client_id.as_str()));
                form.push(("client_secret", secret));
            }
            AppProof::Basic => {
                let both = BASE64_STANDARD.encode(format!("{}:{secret}", app.client_id));
                headers.push(("authorization", Secret::new(format!("Basic {both}"))));
            }
        }
        Ok(Some(SignIn {
            path: self.path,
            content_type: FORM,
            headers,
            body: Secret::new(form_encoded(&form)),
        }))
    }

    pub fn signed_in(&self, answer: &Answer<'_>) -> Result<SignedIn, ProviderError> {
        if answer.status != 200 {
            return Err(self.refused(answer));
        }
        let tokens: Tokens = serde_json::from_slice(answer.body).map_err(|_| unreadable())?;
        if tokens.access_token.is_empty() || tokens.refresh_token.is_empty() {
            return Err(unreadable());
        }
        let life = tokens
            .expires_in
            .map_or(self.usual_life, Duration::from_secs);
        let received_at = answer.received_at;
        let access_token = Secret::new(tokens.access_token);
        let session = Session {
            secrets: BTreeMap::from([(ACCESS_TOKEN.to_owned(), access_token)]),
            base_url: None,
            account: None,
            begun_at: received_at,
            ends_at: Some(received_at.saturating_add(life.saturating_sub(END_MARGIN))),
            renew_at: Some(received_at.saturating_add((self.renew_after)(life))),
        };
        let refresh_token = Secret::new(tokens.refresh_token);
        let named = BTreeMap::from([(REFRESH_TOKEN.to_owned(), refresh_token)]);
        Ok(SignedIn {
            session,
            credentials: Some(Credentials(named)),
        })
    }

    /// Only the code of the error is looked at and shown, where it is one of the standard's: the
    /// rest may repeat what was sent.
    fn refused(&self, answer: &Answer<'_>) -> ProviderError {
        #[derive(Deserialize)]
        struct TokenError {
            error: String,
        }
        let code = serde_json::from_slice::<TokenError>(answer.body).map(|body| body.error);
        let code = code.unwrap_or_default();
        let refused = |why: &str| ProviderError::Refused {
            status: answer.status,
            excerpt: Excerpt::of(why.as_bytes()),
        };
        match (answer.status, code.as_str()) {
            (400 | 401, "invalid_grant") => {
                rejected("invalid_grant: the code or refreshToken is used up, expired or revoked")
            }
            // The operator's mistake: owners need not sign in again for it.
            (400 | 401, "invalid_client") => refused(&format!(
                "invalid_client: {} does not know the operator's app",
                self.vendor
            )),
            (400 | 401, "unauthorized_client") => {
                refused("unauthorized_client: the operator's app may not use this kind of grant")
            }
            (400, "invalid_request") => refused("invalid_request"),
            (401, _) => rejected(&format!("{} refuses the code or refreshToken", self.vendor)),
            (408 | 429, _) => (self.busy)(answer),
            (status @ 500..=599, _) => ProviderError::Unavailable {
                cause: Unavailability::Status(status),
            },
            _ => refused("the token call was refused"),
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

enum Grant<'c> {
    RefreshToken(&'c str),
    Code(&'c str),
}

/// A code is good once, so where both are there the token came of it.
fn grant(credentials: &Credentials) -> Option<Grant<'_>> {
    let token = given(credentials, REFRESH_TOKEN).map(Grant::RefreshToken);
    token.or_else(|| given(credentials, CODE).map(Grant::Code))
}

impl<'c> Grant<'c> {
    fn fields(&self) -> [(&'static str, &'c str); 2] {
        match self {
            Grant::RefreshToken(token) => {
                [("grant_type", "refresh_token"), ("refresh_token", token)]
            }
            Grant::Code(code) => [("grant_type", "authorization_code"), ("code", code)],
        }
    }
}

/// A secret that is there and not empty.
fn given<'c>(credentials: &'c Credentials, field: &str) -> Option<&'c str> {
    let text = credentials.get(field)?.reveal().trim();
    (!text.is_empty()).then_some(text)
}

/// Anything else could not stand in a header, or would end it and begin another.
fn fits_header(secret: &str) -> bool {
    secret.bytes().all(|byte| byte.is_ascii_graphic())
}

fn rejected(why: &str) -> ProviderError {
    ProviderError::CredentialsRejected {
        excerpt: Excerpt::of(why.as_bytes()),
    }
}

fn nothing_given() -> ProviderError {
    rejected("one of apiKey, code and refreshToken is needed: none was given")
}

/// An answer with tokens in it is never shown.
fn unreadable() -> ProviderError {
    ProviderError::UnexpectedAnswer {
        at: "the answer to the token call".to_owned(),
        wanted: "`access_token` and `refresh_token`, texts",
        excerpt: Excerpt::of(b"not shown: it may hold a token"),
    }
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
