//! `GET /providers`, the one operation that also answers strangers, and the providers' artwork.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::CatalogueEntry;
use model::provider::{SUPPORTED_MODELS, SupportStatus};
use serde_json::{Map, Value, json};

use crate::Shared;
use crate::error::ApiError;
use crate::extract::OptionalCaller;
use crate::parameters;
use crate::query::{Arguments, QueryContext, QueryText};
use crate::reply::Reply;

pub(crate) async fn list(caller: OptionalCaller, query: QueryText) -> Result<Reply, ApiError> {
    let config = &caller.api.config;
    let context = QueryContext {
        unknown: config.unknown_parameters,
        owner: "",
        subject: "",
    };
    let arguments = Arguments::read(&parameters::LIST_PROVIDERS, &query, context)?;
    let authenticated = caller.application.is_some();
    let providers: Vec<Value> = engine::catalogue()
        .iter()
        .map(|entry| provider_json(entry, &config.public_base_url, authenticated))
        .collect();
    Ok(Reply::of(&providers).warn(arguments.warnings))
}

/// `baseCode` is shown to those with a key alone.
fn provider_json(entry: &CatalogueEntry, base_url: &str, authenticated: bool) -> Value {
    let artwork = |name: &str| format!("{base_url}/providers/{}/{name}.svg", entry.code);
    let mut body = json!({
        "code": entry.code,
        "name": entry.name,
        "status": "live",
        "logo": artwork("logo"),
        "icon": artwork("icon"),
        "references": references(entry),
        "supportedModels": supported_models(entry),
    });
    if authenticated {
        body["baseCode"] = json!(entry.base_code);
    }
    body
}

fn references(entry: &CatalogueEntry) -> Value {
    let reference =
        |kind: &str, url: &str, label: String| json!({"type": kind, "url": url, "label": label});
    json!([
        reference(
            "login-page",
            entry.login_url,
            format!("Sign in to {}", entry.name)
        ),
        reference(
            "developer-docs",
            entry.docs_url,
            format!("{} API", entry.name)
        ),
    ])
}

fn supported_models(entry: &CatalogueEntry) -> Map<String, Value> {
    let model = |name: &'static str| {
        let named = entry.support.iter().find(|(named, _)| *named == name);
        let read = named.map_or(SupportStatus::NotSupportedByTerminal, |(_, status)| *status);
        let mut body = json!({"supportedOperations": {"read": read}});
        match name {
            "VehicleLocation" => {
                body["sampleRate"] = json!(entry.location_sample_rate);
                if !entry.location_history.is_empty() {
                    body["availableHistory"] = json!(entry.location_history);
                }
            }
            "SafetyEvent" => body["types"] = json!(entry.safety_types),
            _ => {}
        }
        (name.to_owned(), body)
    };
    SUPPORTED_MODELS.into_iter().map(model).collect()
}

/// A neutral mark with the provider's initial: the vendors' own artwork is theirs.
pub(crate) async fn artwork(
    State(_api): State<Shared>,
    Path(code): Path<String>,
) -> Result<Response, ApiError> {
    let entry = engine::catalogue()
        .into_iter()
        .find(|entry| entry.code == code)
        .ok_or_else(|| ApiError::NotFound("There is no such provider".to_owned()))?;
    let initial: String = entry
        .name
        .chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\" role=\"img\">\
         <rect width=\"64\" height=\"64\" rx=\"12\" fill=\"#475569\"/>\
         <text x=\"32\" y=\"44\" font-family=\"sans-serif\" font-size=\"34\" fill=\"#fff\" \
         text-anchor=\"middle\">{initial}</text></svg>"
    );
    let kind = HeaderValue::from_static("image/svg+xml");
    Ok(([(header::CONTENT_TYPE, kind)], svg).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::safety::SafetyEventType;

    #[test]
    fn all_models_are_told_and_base_code_only_to_callers() {
        let entry = CatalogueEntry {
            code: "brand",
            base_code: "samsara",
            name: "Samsara",
            credentials: &[],
            docs_url: "https://docs.example",
            login_url: "https://login.example",
            location_sample_rate: "5 to 60 s",
            location_history: "",
            safety_types: &[SafetyEventType::Crash, SafetyEventType::HarshBrake],
            support: vec![("Vehicle", SupportStatus::Supported)],
        };
        let body = provider_json(&entry, "http://127.0.0.1:1", false);
        assert!(body.get("baseCode").is_none());
        assert_eq!(body["logo"], "http://127.0.0.1:1/providers/brand/logo.svg");
        let models = body["supportedModels"].as_object().expect("an object");
        assert_eq!(models.len(), 18);
        assert_eq!(
            models["Vehicle"]["supportedOperations"]["read"],
            "supported"
        );
        assert_eq!(
            models["Trip"]["supportedOperations"]["read"],
            "not_supported_by_terminal"
        );
        assert_eq!(models["VehicleLocation"]["sampleRate"], "5 to 60 s");
        assert!(models["VehicleLocation"].get("availableHistory").is_none());
        assert_eq!(
            models["SafetyEvent"]["types"],
            json!(["crash", "harsh_brake"])
        );
        assert_eq!(models["Trip"].as_object().map(Map::len), Some(1));
        let entry = CatalogueEntry {
            location_history: "1 year",
            ..entry
        };
        let known = provider_json(&entry, "", true);
        let location = &known["supportedModels"]["VehicleLocation"];
        assert_eq!(location["availableHistory"], "1 year");
        assert_eq!(provider_json(&entry, "", true)["baseCode"], "samsara");
    }
}
