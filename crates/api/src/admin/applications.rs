//! `/admin/v1/applications`.

use axum::extract::Path;
use model::ApplicationId;
use serde_json::{Value, json};
use store::{Application, ApplicationPatch, Environment};

use super::tenants;
use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::{Admin, path_id};
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

const CHANGES: [&str; 5] = [
    "merge",
    "allowOrigins",
    "removeOrigins",
    "allowRedirects",
    "removeRedirects",
];

pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let mut fields = Fields::of_body(body, &["name", "environment"]);
    let name = fields.filled_text("name");
    let name = fields.required("name", name).unwrap_or_default();
    let environment = fields.word("environment", &Environment::ALL.map(Environment::name));
    fields.finish()?;
    let environment = environment.and_then(Environment::from_name);
    let environment = environment.unwrap_or_default();
    let engine = &admin.api.engine;
    let (store, entropy, now) = (engine.store(), engine.entropy(), engine.clock().now());
    let made = tenants::create_application(store, entropy, now, &name, environment).await?;
    Ok(Reply::created(&application_json(&made)))
}

pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let applications = admin.api.engine.store().list_applications().await?;
    let results: Vec<Value> = applications.iter().map(application_json).collect();
    Ok(Reply::of(&json!({"results": results})))
}

pub(crate) async fn get(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let id: ApplicationId = path_id(&id, "id")?;
    let found = admin.api.engine.store().application(id).await?;
    let found = found.ok_or_else(|| ApiError::NotFound(format!("There is no {id}")))?;
    Ok(Reply::of(&application_json(&found)))
}

pub(crate) async fn change(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let id: ApplicationId = path_id(&id, "id")?;
    let change = read_change(body)?;
    let store = admin.api.engine.store();
    let changed = tenants::change_application(store, id, &change).await?;
    Ok(Reply::of(&application_json(&changed)))
}

fn read_change(body: JsonBody) -> Result<ApplicationPatch, ApiError> {
    let mut fields = Fields::of_body(body, &CHANGES);
    let merge = fields.word("merge", &["on", "off", "default"]);
    let mut addresses = |name: &str| fields.texts(name).unwrap_or_default();
    let patch = ApplicationPatch {
        merges: merge.map(|merge| match merge {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }),
        origins_added: addresses("allowOrigins"),
        origins_removed: addresses("removeOrigins"),
        redirects_added: addresses("allowRedirects"),
        redirects_removed: addresses("removeRedirects"),
    };
    fields.finish()?;
    Ok(patch)
}

fn application_json(application: &Application) -> Value {
    let merge = match application.merges {
        Some(true) => "on",
        Some(false) => "off",
        None => "default",
    };
    json!({
        "id": application.id,
        "name": application.name,
        "environment": application.environment.name(),
        "merge": merge,
        "merges": application.merges(),
        "origins": application.origins,
        "redirects": application.redirects,
        "createdAt": application.created_at,
    })
}
