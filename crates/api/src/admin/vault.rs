//! `/admin/v1/vault`: data keys and the master key.

use model::Secret;
use serde_json::{Value, json};
use store::MasterKey;

use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::Admin;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

/// Values that one request seals anew: it is answered long before any deadline, and whoever waits
/// sees how it goes on.
const STRETCH: usize = 2_000;

pub(crate) async fn status(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let status = admin.api.engine.store().vault_status().await?;
    let keys: Vec<Value> = status
        .data_keys
        .iter()
        .map(|key| {
            json!({
                "number": key.number,
                "createdAt": key.created_at,
                "values": key.values,
            })
        })
        .collect();
    Ok(Reply::of(&json!({
        "masterKeyFrom": status.master_key_from,
        "results": keys,
        "valuesOfMasterKey": status.values_of_master_key,
    })))
}

/// Makes a data key and seals a stretch of values anew; with `dataKey`, the number of the newest,
/// goes on with that. To be asked again until `isFinished`.
pub(crate) async fn rotate(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let mut fields = Fields::of_body(body, &["dataKey"]);
    let goes_on = fields.number("dataKey");
    fields.finish()?;
    let engine = &admin.api.engine;
    let store = engine.store();
    let number = match goes_on {
        None => store.add_data_key(engine.clock().now()).await?,
        Some(number) => {
            let newest = store.vault().newest_data_key();
            if number != f64::from(newest) {
                return Err(ApiError::Conflict {
                    message: "Another rotation began",
                    detail: format!("data key {newest} is the newest; go on with that"),
                });
            }
            newest
        }
    };
    let stretch = store.reseal(STRETCH).await?;
    Ok(Reply::of(&json!({
        "dataKey": number,
        "values": stretch.values,
        "left": store.values_of_older_keys().await?,
        "unopenable": stretch.unopenable,
        "isFinished": stretch.is_finished,
    })))
}

/// Seals data keys by `masterKey` (64 hexadecimal digits), which the next start needs.
pub(crate) async fn change_master_key(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let mut fields = Fields::of_body(body, &["masterKey", "from"]);
    let text = fields.filled_text("masterKey").map(Secret::new);
    let text = fields.required("masterKey", text);
    let from = fields.filled_text("from");
    let from = from.unwrap_or_else(|| "a request to change it".to_owned());
    let key = text.and_then(|text| MasterKey::from_text(&text, from).ok());
    if key.is_none() {
        let suggestion = "openssl rand -hex 32 makes one";
        fields.refuse("masterKey", "must be 64 hexadecimal digits", suggestion);
    }
    fields.finish()?;
    let key = key.ok_or_else(|| ApiError::internal("an unread key was not refused"))?;
    let from = key.from().to_owned();
    let data_keys = admin.api.engine.store().change_master_key(key).await?;
    Ok(Reply::of(&json!({
        "masterKeyFrom": from,
        "dataKeys": data_keys,
    })))
}
