//! `/admin/v1/provider-requests`: providers that people on the Link page missed.

use serde_json::{Value, json};
use store::ProviderWish;

use crate::error::ApiError;
use crate::extract::Admin;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

/// Those of one application, or of all.
pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::LIST_PROVIDER_REQUESTS, &query)?;
    let store = admin.api.engine.store();
    let asked = arguments.text("applicationId");
    let mut results: Vec<Value> = Vec::new();
    for application in store.list_applications().await? {
        if asked.is_none_or(|asked| asked == application.id.to_string()) {
            let wishes = store.list_provider_wishes(application.id).await?;
            results.extend(wishes.iter().map(wish_json));
        }
    }
    Ok(Reply::of(&json!({"results": results})))
}

fn wish_json(wish: &ProviderWish) -> Value {
    let mut body = json!({
        "id": wish.id,
        "applicationId": wish.application,
        "name": wish.name,
        "requestedAt": wish.requested_at,
    });
    if let Some(contact) = &wish.contact {
        body["contact"] = json!(contact);
    }
    body
}
