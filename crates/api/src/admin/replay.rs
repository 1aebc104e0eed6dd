//! Replays: begun here, run in the background of this process, and asked after.

use axum::extract::Path;
use engine::{ReplayError, ReplayRequest};
use serde_json::Value;

use super::connections::find;
use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::Admin;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

const MEMBERS: [&str; 2] = ["stream", "dryRun"];

/// Answers at once; how it goes on is told by [`get`].
pub(crate) async fn start(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let request = read(body)?;
    let status = engine.start_replay(&connection, request).await?;
    Ok(Reply::created(&status))
}

fn read(body: JsonBody) -> Result<ReplayRequest, ApiError> {
    let mut fields = Fields::of_body(body, &MEMBERS);
    let stream = fields.filled_text("stream");
    let dry_run = match fields.value("dryRun") {
        None => false,
        Some(Value::Bool(dry_run)) => dry_run,
        Some(_) => {
            fields.refuse("dryRun", "must be true or false", "");
            false
        }
    };
    fields.finish()?;
    Ok(ReplayRequest { stream, dry_run })
}

/// The connection's newest replay that this process ran.
pub(crate) async fn get(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    match engine.replay(connection.id) {
        Some(status) => Ok(Reply::of(&status)),
        None => Err(ApiError::NotFound(format!(
            "No stored pages of {id} were mapped again since this server started"
        ))),
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> ApiError {
        match error {
            ReplayError::UnknownStream { stream, known } => ApiError::malformed(
                "{requestBody}.stream",
                format!("there is no stream {stream}"),
                format!("One of {}", known.join(", ")),
            ),
            ReplayError::UnknownProvider(_) => ApiError::internal(error),
            ReplayError::Store(error) => error.into(),
        }
    }
}
