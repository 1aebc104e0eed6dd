//! `/admin/v1/applications`.

use serde_json::{Value, json};
use store::Application;

use super::operations;
use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::Admin;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let mut fields = Fields::of_body(body, &["name"]);
    let name = fields.filled_text("name");
    let name = fields.required("name", name).unwrap_or_default();
    fields.finish()?;
    let engine = &admin.api.engine;
    let random = |bytes: &mut [u8]| engine.entropy().fill(bytes);
    let now = engine.clock().now();
    let made = operations::create_application(engine.store(), &random, now, &name).await?;
    Ok(Reply::created(&application_json(&made)))
}

pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let applications = admin.api.engine.store().list_applications().await?;
    let results: Vec<Value> = applications.iter().map(application_json).collect();
    Ok(Reply::of(&json!({"results": results})))
}

fn application_json(application: &Application) -> Value {
    json!({
        "id": application.id,
        "name": application.name,
        "createdAt": application.created_at,
    })
}
