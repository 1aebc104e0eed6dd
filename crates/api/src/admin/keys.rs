//! `/admin/v1/keys`.

use axum::extract::Path;
use model::{ApplicationId, KeyId};
use serde_json::{Value, json};
use store::{ApiKey, KeyKind};

use super::operations;
use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::{Admin, path_id};
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

/// Answers the key's text, this once.
pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let (application, kind) = read(body)?;
    let engine = &admin.api.engine;
    let random = |bytes: &mut [u8]| engine.entropy().fill(bytes);
    let now = engine.clock().now();
    let made = operations::create_key(engine.store(), &random, now, application, kind).await?;
    let mut answer = key_json(&made.key);
    answer["key"] = json!(made.text.reveal());
    Ok(Reply::created(&answer))
}

fn read(body: JsonBody) -> Result<(ApplicationId, KeyKind), ApiError> {
    let mut fields = Fields::of_body(body, &["applicationId", "kind"]);
    let application = application_id(&mut fields);
    let kind = fields.word("kind", &["secret", "publishable"]);
    let kind = fields.required("kind", kind);
    fields.finish()?;
    let kind = match kind {
        Some("publishable") => KeyKind::Publishable,
        _ => KeyKind::Secret,
    };
    Ok((application?, kind))
}

/// The body's `applicationId`, which must be there. What is wrong stands in the fields; the error
/// is for a caller that did not look at them.
pub(super) fn application_id(fields: &mut Fields) -> Result<ApplicationId, ApiError> {
    let text = fields.filled_text("applicationId");
    let text = fields.required("applicationId", text).unwrap_or_default();
    let parsed = text.parse();
    if !text.is_empty() && parsed.is_err() {
        let suggestion = "Such ids are app_ and 26 characters";
        fields.refuse("applicationId", "is not an application's id", suggestion);
    }
    parsed.map_err(ApiError::internal)
}

/// Those of one application, or of all.
pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::LIST_KEYS, &query)?;
    let store = admin.api.engine.store();
    let asked = arguments.text("applicationId");
    let mut results: Vec<Value> = Vec::new();
    for application in store.list_applications().await? {
        if asked.is_none_or(|asked| asked == application.id.to_string()) {
            let keys = store.list_keys(application.id).await?;
            results.extend(keys.iter().map(key_json));
        }
    }
    Ok(Reply::of(&json!({"results": results})))
}

pub(crate) async fn revoke(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let id: KeyId = path_id(&id, "id")?;
    let engine = &admin.api.engine;
    let key = engine.store().revoke_key(id, engine.clock().now()).await?;
    Ok(Reply::of(&key_json(&key)))
}

fn key_json(key: &ApiKey) -> Value {
    let kind = match key.kind {
        KeyKind::Secret => "secret",
        KeyKind::Publishable => "publishable",
    };
    let mut body = json!({
        "id": key.id,
        "applicationId": key.application,
        "kind": kind,
        "hint": key.hint,
        "createdAt": key.created_at,
    });
    if let Some(revoked_at) = key.revoked_at {
        body["revokedAt"] = json!(revoked_at);
    }
    body
}
