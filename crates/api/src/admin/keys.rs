//! `/admin/v1/keys`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::Path;
use model::{ApplicationId, KeyId};
use serde_json::{Value, json};
use store::{ApiKey, KeyKind};

use super::tenants::{self, MAX_OVERLAP};
use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::{Admin, path_id};
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

/// Time enough to bring a new key to every server that has the old one.
const USUAL_OVERLAP: Duration = Duration::from_secs(86_400);

/// Answers the key's text.
pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let (application, kind) = read(body)?;
    let engine = &admin.api.engine;
    let (store, entropy, now) = (engine.store(), engine.entropy(), engine.clock().now());
    let made = tenants::create_key(store, entropy, now, application, kind).await?;
    Ok(Reply::created(&key_json(
        &made.key,
        Some(made.text.reveal()),
    )))
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

/// Those of one application, or of all; publishable ones with their texts.
pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::LIST_KEYS, &query)?;
    let store = admin.api.engine.store();
    let asked = arguments.text("applicationId");
    let mut results: Vec<Value> = Vec::new();
    for application in store.list_applications().await? {
        if asked.is_none_or(|asked| asked == application.id.to_string()) {
            let texts = store.key_texts(application.id).await?;
            let texts: BTreeMap<_, _> = texts.into_iter().collect();
            for key in store.list_keys(application.id).await? {
                let text = texts.get(&key.id).map(|text| text.reveal());
                results.push(key_json(&key, text));
            }
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
    Ok(Reply::of(&key_json(&key, None)))
}

/// Answers the successor with its text, and the key that it replaces as `replaced`.
pub(crate) async fn rotate(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let id: KeyId = path_id(&id, "id")?;
    let overlap = read_overlap(body)?;
    let engine = &admin.api.engine;
    let (store, entropy, now) = (engine.store(), engine.entropy(), engine.clock().now());
    let rotated = tenants::rotate_key(store, entropy, now, id, overlap).await?;
    let successor = &rotated.successor;
    let mut answer = key_json(&successor.key, Some(successor.text.reveal()));
    answer["replaced"] = key_json(&rotated.replaced, None);
    Ok(Reply::created(&answer))
}

fn read_overlap(body: JsonBody) -> Result<Duration, ApiError> {
    let mut fields = Fields::of_body(body, &["overlapSeconds"]);
    let overlap = match fields.number("overlapSeconds") {
        Some(seconds) if (0.0..=MAX_OVERLAP.as_secs_f64()).contains(&seconds) => {
            Some(Duration::from_secs_f64(seconds))
        }
        Some(_) => {
            let wanted = "must be 0 to 31622400 seconds";
            fields.refuse("overlapSeconds", wanted, "86400 is a day");
            None
        }
        None => None,
    };
    fields.finish()?;
    Ok(overlap.unwrap_or(USUAL_OVERLAP))
}

fn key_json(key: &ApiKey, text: Option<&str>) -> Value {
    let mut body = json!({
        "id": key.id,
        "applicationId": key.application,
        "kind": key.kind.name(),
        "hint": key.hint,
        "createdAt": key.created_at,
    });
    if let Some(text) = text {
        body["key"] = json!(text);
    }
    if let Some(expires_at) = key.expires_at {
        body["expiresAt"] = json!(expires_at);
    }
    if let Some(revoked_at) = key.revoked_at {
        body["revokedAt"] = json!(revoked_at);
    }
    body
}
