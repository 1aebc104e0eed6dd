//! Keys and tokens.
//!
//! A company's API key signs requests itself. An account that was connected through the operator's
//! own registration has a code at first and a refresh token from then on. Refresh tokens are good
//! for one use, and a grant that is not refreshed for some hours dies: so sessions are renewed
//! before they end although nobody needs them.

use std::time::Duration;

use provider::{Answer, Auth, Credentials, OAuthApp, ProviderError, Session, SignIn, SignedIn};

use super::errors::classify;
use crate::oauth::{AppProof, TokenCall, bearer, key};

const TOKENS: TokenCall = TokenCall {
    vendor: "Motive",
    path: "/oauth/token",
    app: AppProof::Form,
    repeats_redirect: true,
    usual_life: Duration::from_secs(7_200),
    renew_after: |life| life - life / 4,
    busy: |answer| classify("", false, answer),
};

pub fn authorize(
    credentials: &Credentials,
    session: Option<&Session>,
) -> Result<Auth, ProviderError> {
    match key(credentials)? {
        Some(key) => Ok(Auth::header("x-api-key", "", &key)),
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
