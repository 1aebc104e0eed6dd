//! The operator's own commands, by the admin token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use super::caller::bearer;
use crate::Shared;
use crate::config::UnknownParameters;
use crate::error::ApiError;
use crate::parameters::Operation;
use crate::query::{Arguments, QueryContext, QueryText};

/// Whoever holds the admin token; 401 otherwise, and for everybody when none was configured.
pub(crate) struct Admin {
    pub api: Shared,
}

impl Admin {
    pub(crate) fn arguments(
        &self,
        operation: &'static Operation,
        query: &QueryText,
    ) -> Result<Arguments, ApiError> {
        let context = QueryContext {
            unknown: UnknownParameters::Refuse,
            owner: "admin",
            subject: "",
        };
        Arguments::read(operation, query, context)
    }
}

impl FromRequestParts<Shared> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Admin, ApiError> {
        let refused = ApiError::Unauthorized("The admin API takes the token of the data directory");
        match &api.config.admin_token {
            Some(token) if same(bearer(parts)?, token.reveal()) => Ok(Admin { api: api.clone() }),
            _ => Err(refused),
        }
    }
}

/// Compares in a time that does not depend on where the two differ: of the hashes, all bytes.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    let differences = one
        .iter()
        .zip(other.iter())
        .fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_the_same() {
        assert!(same("token", "token"));
        assert!(!same("token", "tokem"));
        assert!(!same("", "token"));
    }
}
