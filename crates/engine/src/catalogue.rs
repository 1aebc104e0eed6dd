//! The providers that this program knows, as the API shows them.

use model::provider::SupportStatus;
use provider::Provider;

#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    pub code: &'static str,
    pub name: &'static str,
    pub docs_url: &'static str,
    pub login_url: &'static str,
    pub location_sample_rate: &'static str,
    /// By the names of `model::provider::SUPPORTED_MODELS`.
    pub support: Vec<(&'static str, SupportStatus)>,
}

/// Every provider with its support matrix; a model that its descriptor does not name is not read
/// by Gladhand.
pub fn catalogue() -> Vec<CatalogueEntry> {
    providers::all()
        .iter()
        .map(|provider| entry(*provider))
        .collect()
}

fn entry(provider: &'static dyn Provider) -> CatalogueEntry {
    let descriptor = provider.descriptor();
    let support = model::provider::SUPPORTED_MODELS
        .into_iter()
        .map(|name| {
            let named = descriptor.support.iter().find(|(model, _)| *model == name);
            (
                name,
                named.map_or(SupportStatus::NotSupportedByTerminal, |(_, status)| *status),
            )
        })
        .collect();
    CatalogueEntry {
        code: descriptor.code,
        name: descriptor.name,
        docs_url: descriptor.developer_docs_url,
        login_url: descriptor.login_url,
        location_sample_rate: descriptor.location_sample_rate,
        support,
    }
}
