//! The providers that this program knows, as the API shows them.

use model::provider::{SUPPORTED_MODELS, SupportStatus};
use model::safety::SafetyEventType;
use provider::{CredentialField, Provider};

#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    pub code: &'static str,
    /// The platform that a reseller's brand is; its own code for everything else.
    pub base_code: &'static str,
    pub name: &'static str,
    /// The fields of its credentials.
    pub credentials: &'static [CredentialField],
    pub docs_url: &'static str,
    pub login_url: &'static str,
    pub location_sample_rate: &'static str,
    /// How far back location history reaches; empty where the provider does not say.
    pub location_history: &'static str,
    pub safety_types: &'static [SafetyEventType],
    /// By the names of [`SUPPORTED_MODELS`], in their order.
    pub support: Vec<(&'static str, SupportStatus)>,
}

/// Every provider with its support matrix, computed from what its descriptor reads.
pub fn catalogue() -> Vec<CatalogueEntry> {
    providers::all()
        .iter()
        .map(|provider| entry(*provider))
        .collect()
}

/// The one of this code.
pub fn catalogue_entry(code: &str) -> Option<CatalogueEntry> {
    providers::find(code).map(entry)
}

fn entry(provider: &'static dyn Provider) -> CatalogueEntry {
    let descriptor = provider.descriptor();
    CatalogueEntry {
        code: descriptor.code,
        base_code: descriptor.base_code.unwrap_or(descriptor.code),
        name: descriptor.name,
        credentials: descriptor.credentials,
        docs_url: descriptor.developer_docs_url,
        login_url: descriptor.login_url,
        location_sample_rate: descriptor.location_sample_rate,
        location_history: descriptor.location_history,
        safety_types: descriptor.safety_types,
        support: SUPPORTED_MODELS
            .into_iter()
            .map(|name| (name, descriptor.support(name)))
            .collect(),
    }
}
