//! The providers that can be simulated, by name, for whoever starts some of them over one world.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::faults::FaultPlan;
use crate::fleet::World;
use crate::geotab::{GeotabConfig, GeotabServer};
use crate::motive::{MotiveConfig, MotiveServer};
use crate::oauth::AppConfig;
use crate::samsara::{SamsaraConfig, SamsaraServer};
use crate::truth::SimulatedProvider;

/// A provider that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    Samsara,
    Geotab,
    Motive,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be simulated; there are: {}", names())]
pub struct UnknownVendor {
    pub name: String,
}

fn names() -> String {
    Vendor::ALL.map(Vendor::name).join(", ")
}

/// How servers are started, whatever they speak.
#[derive(Clone)]
pub struct VendorOptions {
    /// The secret that opens the account: a token, a password or an API key.
    pub token: String,
    pub rate_limits: bool,
    /// Host and port at which the account really lives, for providers that send clients on after
    /// signing in.
    pub second_host: Option<String>,
    /// Origin of the hosted pages that people are sent back to after they consented at a provider
    /// ([`crate::USUAL_LINK_URL`] unless the reader has another).
    pub link_url: String,
}

impl fmt::Debug for VendorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorOptions")
            .field("rate_limits", &self.rate_limits)
            .field("second_host", &self.second_host)
            .field("link_url", &self.link_url)
            .finish_non_exhaustive()
    }
}

impl Vendor {
    pub const ALL: [Vendor; 3] = [Vendor::Samsara, Vendor::Geotab, Vendor::Motive];

    /// The code of the provider, as connections name it.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Samsara => "samsara",
            Vendor::Geotab => "geotab",
            Vendor::Motive => "motive",
        }
    }

    /// Whether clients may be sent on to [`VendorOptions::second_host`].
    pub fn has_second_host(self) -> bool {
        match self {
            Vendor::Samsara | Vendor::Motive => false,
            Vendor::Geotab => true,
        }
    }

    /// The app that the provider knows, for providers at which people consent to one.
    pub fn app(self, link_url: &str) -> Option<AppConfig> {
        match self {
            Vendor::Samsara | Vendor::Motive => Some(AppConfig::of(self.name(), link_url)),
            Vendor::Geotab => None,
        }
    }

    /// What a connection needs to open the account, by the names of the provider's descriptor.
    pub fn credentials(self, token: &str) -> Vec<(&'static str, String)> {
        match self {
            Vendor::Samsara | Vendor::Motive => vec![("apiKey", token.to_owned())],
            Vendor::Geotab => {
                let account = GeotabConfig::default();
                vec![
                    ("username", account.username),
                    ("password", token.to_owned()),
                    ("database", account.database),
                ]
            }
        }
    }

    /// The server of this provider over a world that others may show, too.
    pub fn server(
        self,
        world: &Arc<World>,
        faults: &FaultPlan,
        options: &VendorOptions,
    ) -> Arc<dyn SimulatedProvider> {
        let (world, faults) = (Arc::clone(world), faults.clone());
        match self {
            Vendor::Samsara => {
                let config = SamsaraConfig {
                    tokens: vec![options.token.clone()],
                    app: AppConfig::of(self.name(), &options.link_url),
                    rate_limits: options.rate_limits,
                    ..SamsaraConfig::default()
                };
                Arc::new(SamsaraServer::new(world, faults, config))
            }
            Vendor::Geotab => {
                let config = GeotabConfig {
                    password: options.token.clone(),
                    rate_limits: options.rate_limits,
                    second_host: options.second_host.clone(),
                    ..GeotabConfig::default()
                };
                Arc::new(GeotabServer::new(world, faults, config))
            }
            Vendor::Motive => {
                let config = MotiveConfig {
                    api_keys: vec![options.token.clone()],
                    app: AppConfig::of(self.name(), &options.link_url),
                    rate_limits: options.rate_limits,
                    ..MotiveConfig::default()
                };
                Arc::new(MotiveServer::new(world, faults, config))
            }
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(name: &str) -> Result<Vendor, UnknownVendor> {
        let found = Vendor::ALL.into_iter().find(|vendor| vendor.name() == name);
        found.ok_or_else(|| UnknownVendor {
            name: name.to_owned(),
        })
    }
}
