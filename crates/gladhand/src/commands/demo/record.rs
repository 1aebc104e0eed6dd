//! What a demo's directory remembers, so that a later demo goes on with the same fleet.
//!
//! Faults are not remembered: each demo has its own.

use std::fmt;

use model::Timestamp;
use serde::{Deserialize, Serialize};

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
}

impl FleetRecord {
    /// True when there was one: then it beats the flags, or the history stored so far would be of
    /// another fleet.
    pub fn find_or_make(
        data: &DataDirectory,
        flags: &FleetArgs,
    ) -> Result<(FleetRecord, bool), CommandError> {
        let path = data.path().join("demo.json");
        if let Some(record) = data.read_json(&path)? {
            return Ok((record, true));
        }
        let record = FleetRecord {
            vehicles: flags.vehicles,
            drivers: flags.drivers,
            seed: flags.seed,
            begins_at: simulate::days_ago(flags.days),
        };
        data.write_json(&path, &record)?;
        Ok((record, false))
    }
}

impl fmt::Display for FleetRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} vehicles, {} drivers, history from {}, seed {}",
            self.vehicles, self.drivers, self.begins_at, self.seed
        )
    }
}
