//! The telematics vendors that Gladhand can talk to, one folder each, and the registry of them.
//!
//! A provider is its folder, its `mod` line and its line of [`FOLDERS`]; nothing else anywhere
//! names it. A folder may hold several: the brands that resellers give one platform. There is no
//! feature flag and no registration at start: the list is what was compiled.

pub mod geotab;
mod json;
pub mod motive;
mod oauth;
pub mod samsara;
mod scan;

use std::sync::LazyLock;

use provider::Provider;

static FOLDERS: &[&[&dyn Provider]] = &[
    samsara::PROVIDERS, //
    geotab::PROVIDERS,
    motive::PROVIDERS,
];

static PROVIDERS: LazyLock<Vec<&'static dyn Provider>> =
    LazyLock::new(|| FOLDERS.iter().copied().flatten().copied().collect());

/// Every provider, in the order of the registry.
pub fn all() -> &'static [&'static dyn Provider] {
    &PROVIDERS
}

/// The provider with this code (`samsara`).
pub fn find(code: &str) -> Option<&'static dyn Provider> {
    all()
        .iter()
        .copied()
        .find(|provider| provider.descriptor().code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provider::battery;

    #[test]
    fn every_provider_is_found_by_its_code_alone() {
        for provider in all() {
            let code = provider.descriptor().code;
            let found = find(code).expect("listed");
            assert!(std::ptr::eq(found.descriptor(), provider.descriptor()));
        }
        assert!(find("nobody").is_none());
    }

    #[test]
    fn every_descriptor_is_sound() {
        for provider in all() {
            assert_eq!(battery::check_descriptor(provider.descriptor()), []);
        }
    }
}
