//! For which connection: the one whose token came with a key of the same application.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use engine::Engine;
use model::ApplicationId;
use model::connection::ConnectionStatus;
use store::{Connection, Store};

use super::caller::{authenticate, bearer};
use crate::Shared;
use crate::error::ApiError;
use crate::query::{Arguments, QueryContext, QueryText};

const HEADER: &str = "connection-token";

/// A caller and one of its connections. 401 without a good key; 403 without a token, with an
/// unknown one, with one of another application, or where the connection's data goes or is gone;
/// 429 when it asks too often.
pub(crate) struct Scope {
    pub api: Shared,
    pub application: ApplicationId,
    pub connection: Connection,
}

impl Scope {
    pub(crate) fn store(&self) -> &Store {
        self.api.engine.store()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.api.engine
    }

    /// The query's arguments for an operation on this connection.
    pub(crate) fn arguments(
        &self,
        operation: &'static crate::parameters::Operation,
        query: &QueryText,
    ) -> Result<Arguments, ApiError> {
        self.arguments_of(operation, query, "")
    }

    /// The same for an operation whose path names something that its cursors belong to.
    pub(crate) fn arguments_of(
        &self,
        operation: &'static crate::parameters::Operation,
        query: &QueryText,
        subject: &str,
    ) -> Result<Arguments, ApiError> {
        let context = QueryContext {
            unknown: self.api.config.unknown_parameters,
            owner: &format!("{}/{}", self.application, self.connection.id),
            subject,
        };
        Arguments::read(operation, query, context)
    }
}

impl FromRequestParts<Shared> for Scope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Scope, ApiError> {
        let WholeLife(scope) = WholeLife::from_request_parts(parts, api).await?;
        match scope.connection.status {
            ConnectionStatus::Deleting => Err(ApiError::Forbidden(
                "This connection is being deleted: its data goes and cannot be read any more",
            )),
            ConnectionStatus::Deleted => Err(ApiError::Forbidden(
                "This connection is deleted: its data is gone",
            )),
            ConnectionStatus::Connected
            | ConnectionStatus::Disconnected
            | ConnectionStatus::Archived
            | ConnectionStatus::PendingDeletion => Ok(scope),
        }
    }
}

/// For operations on the connection itself, which is there when its data no longer is.
pub(crate) struct WholeLife(pub Scope);

impl FromRequestParts<Shared> for WholeLife {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<WholeLife, ApiError> {
        let key = bearer(parts)?;
        let Some(token) = parts.headers.get(HEADER) else {
            authenticate(key, api).await?;
            return Err(ApiError::Forbidden(
                "Send the connection's token in the header Connection-Token",
            ));
        };
        // Both are looked up at once; the key still has the first word.
        let hash = store::hash_secret(token.to_str().unwrap_or_default().trim());
        let (application, connection) = tokio::join!(
            authenticate(key, api),
            api.engine.store().connection_by_token(hash)
        );
        let application = application?;
        match connection? {
            Some(connection) if connection.application == application => {
                api.admit(application, Some(connection.id))?;
                Ok(WholeLife(Scope {
                    api: api.clone(),
                    application,
                    connection,
                }))
            }
            // A foreign token is not told from an unknown one.
            _ => Err(ApiError::Forbidden(
                "The Connection-Token belongs to no connection of your application",
            )),
        }
    }
}
