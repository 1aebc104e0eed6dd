//! Tokens: one that the customer made in the dashboard, or those of a grant.
//!
//! Both are bearer's tokens. An account that was connected through the operator's own app has a
//! code at first and a refresh token from then on; every refresh gives another.

use std::time::Duration;

use provider::{Answer, Auth, Credentials, OAuthApp, ProviderError, Session, SignIn, SignedIn};

use super::errors::{self, Question};
use crate::oauth::{AppProof, TokenCall, bearer, key};

/// Samsara asks for tokens to be refreshed when they are needed and not before, and nobody says how
/// long a refresh token lives that nobody uses. So an idle grant is renewed once a day: that keeps
/// it alive wherever it lives longer than a day, and tells within a day that it was revoked.
const IDLE_GRANT: Duration = Duration::from_secs(24 * 60 * 60);

const TOKENS: TokenCall = TokenCall {
    vendor: "Samsara",
    path: "/oauth2/token",
    app: AppProof::Basic,
    repeats_redirect: false,
    usual_life: Duration::from_secs(3_600),
    renew_after: |_| IDLE_GRANT,
    busy,
};

pub fn authorize(
    credentials: &Credentials,
    session: Option<&Session>,
) -> Result<Auth, ProviderError> {
    match key(credentials)? {
        Some(key) => Ok(Auth::header("authorization", "Bearer ", &key)),
        None => bearer(credentials, session),
    }
}

pub fn sign_in(
    credentials: &Credentials,
    app: Option<&OAuthApp>,
) -> Result<Option<SignIn>, ProviderError> {
    TOKENS.sign_in(credentials, app)
}

pub fn signed_in(answer: &Answer<'_>) -> Result<SignedIn, ProviderError> {
    TOKENS.signed_in(answer)
}

fn busy(answer: &Answer<'_>) -> ProviderError {
    let question = Question {
        permission: "",
        has_cursor: false,
        is_feed: false,
        is_divisible: false,
    };
    errors::classify(&question, answer)
}
