//! What a demo's directory remembers, so that a later demo goes on with the same fleet.
//!
//! Faults are not remembered: each demo has its own.

use std::fmt;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use simulator::Vendor;

use crate::cli::FleetArgs;
use crate::data_directory::DataDirectory;
use crate::error::CommandError;

use super::simulate;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FleetRecord {
    pub vehicles: u32,
    pub drivers: u32,
    pub seed: u64,
    /// The fleet's history begins here.
    pub begins_at: Timestamp,
    /// By name, every provider that showed the fleet so far: their connections are there, and would
    /// otherwise be synced from the providers themselves.
    #[serde(default = "first_provider")]
    pub providers: Vec<String>,
}

/// Earlier demos had no other.
fn first_provider() -> Vec<String> {
    vec![Vendor::Samsara.name().to_owned()]
}

impl FleetRecord {
    /// True when there was one: then it beats the flags, or the history stored so far would be of
    /// another fleet. Only providers may be added.
    pub fn find_or_make(
        data: &DataDirectory,
        flags: &FleetArgs,
    ) -> Result<(FleetRecord, bool), CommandError> {
        let path = data.path().join("demo.json");
        let asked: Vec<String> = simulate::vendors(&flags.providers)?
            .into_iter()
            .map(|vendor| vendor.name().to_owned())
            .collect();
        let found: Option<FleetRecord> = data.read_json(&path)?;
        if let Some(mut record) = found {
            let known = record.providers.len();
            for name in asked {
                if !record.providers.contains(&name) {
                    record.providers.push(name);
                }
            }
            if record.providers.len() > known {
                data.write_json(&path, &record)?;
            }
            return Ok((record, true));
        }
        let record = FleetRecord {
            vehicles: flags.vehicles,
            drivers: flags.drivers,
            seed: flags.seed,
            begins_at: simulate::days_ago(flags.days),
            providers: asked,
        };
        data.write_json(&path, &record)?;
        Ok((record, false))
    }
}

impl fmt::Display for FleetRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} vehicles, {} drivers, history from {}, seed {}, at {}",
            self.vehicles,
            self.drivers,
            self.begins_at,
            self.seed,
            self.providers.join(", ")
        )
    }
}
