//! Who asks: an application, by one of its secret keys.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use model::ApplicationId;
use store::KeyKind;

use crate::Shared;
use crate::error::ApiError;
use crate::query::{Arguments, QueryContext, QueryText};

/// An application, by a secret key that is neither revoked nor expired; 401 otherwise, and 429 when
/// it asks too often.
pub(crate) struct Caller {
    pub api: Shared,
    pub application: ApplicationId,
}

impl Caller {
    /// The query's arguments for an operation that belongs to no connection.
    pub(crate) fn arguments(
        &self,
        operation: &'static crate::parameters::Operation,
        query: &QueryText,
    ) -> Result<Arguments, ApiError> {
        let context = QueryContext {
            unknown: self.api.config.unknown_parameters,
            owner: &self.application.to_string(),
            subject: "",
        };
        Arguments::read(operation, query, context)
    }
}

/// The bearer token of a request; 401 without one.
pub(crate) fn bearer(parts: &Parts) -> Result<&str, ApiError> {
    let missing = "Send your secret key as Authorization: Bearer sk_…";
    let header = parts
        .headers
        .get(AUTHORIZATION)
        .ok_or(ApiError::Unauthorized(missing))?;
    header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or(ApiError::Unauthorized(missing))
}

/// The application whose secret key it is. The key is found by its hash: see
/// [`store::hash_secret`] for why that tells nobody anything by its time.
pub(crate) async fn authenticate(key: &str, api: &Shared) -> Result<ApplicationId, ApiError> {
    if key.starts_with("pk_") {
        return Err(ApiError::Unauthorized(
            "This is a publishable key; the API takes secret keys (sk_…)",
        ));
    }
    let unknown = ApiError::Unauthorized("Please check your API key: this one is not known");
    if !key.starts_with("sk_") {
        return Err(unknown);
    }
    let found = api.engine.store().find_key(store::hash_secret(key)).await?;
    match found {
        Some(key) if key.revoked_at.is_some() => {
            Err(ApiError::Unauthorized("This API key was revoked"))
        }
        Some(key) if key.is_expired(api.engine.clock().now()) => Err(ApiError::Unauthorized(
            "This API key was replaced, and its time is over; use its successor",
        )),
        Some(key) if key.kind == KeyKind::Secret => Ok(key.application),
        _ => Err(unknown),
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Caller, ApiError> {
        let application = authenticate(bearer(parts)?, api).await?;
        api.admit(application, None)?;
        Ok(Caller {
            api: api.clone(),
            application,
        })
    }
}

/// For the one operation that also answers strangers: no key is nobody and has no
/// budget, a wrong key is still 401.
pub(crate) struct OptionalCaller {
    pub api: Shared,
    pub application: Option<ApplicationId>,
}

impl FromRequestParts<Shared> for OptionalCaller {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        api: &Shared,
    ) -> Result<OptionalCaller, ApiError> {
        let application = match parts.headers.contains_key(AUTHORIZATION) {
            true => {
                let application = authenticate(bearer(parts)?, api).await?;
                api.admit(application, None)?;
                Some(application)
            }
            false => None,
        };
        Ok(OptionalCaller {
            api: api.clone(),
            application,
        })
    }
}
