//! Connections: one customer's authorised account at a provider.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DriverId, VehicleId};
use crate::record::RecordStatus;

/// What a connection is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    Connected,
    /// The provider refuses the credentials; history stays readable.
    Disconnected,
    /// Put away by the client: not synced, not listed as active, history stays readable.
    Archived,
    PendingDeletion,
    Deleting,
    Deleted,
}

impl ConnectionStatus {
    pub const ALL: [ConnectionStatus; 6] = [
        ConnectionStatus::Connected,
        ConnectionStatus::Disconnected,
        ConnectionStatus::Archived,
        ConnectionStatus::PendingDeletion,
        ConnectionStatus::Deleting,
        ConnectionStatus::Deleted,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ConnectionStatus::Connected => "connected",
            ConnectionStatus::Disconnected => "disconnected",
            ConnectionStatus::Archived => "archived",
            ConnectionStatus::PendingDeletion => "pending_deletion",
            ConnectionStatus::Deleting => "deleting",
            ConnectionStatus::Deleted => "deleted",
        }
    }

    pub fn from_name(name: &str) -> Option<ConnectionStatus> {
        ConnectionStatus::ALL
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// Who begins a connection's syncs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// Kept up to date on the cadence.
    #[default]
    Automatic,
    /// Synced on request only.
    Manual,
}

impl SyncMode {
    pub fn name(self) -> &'static str {
        match self {
            SyncMode::Automatic => "automatic",
            SyncMode::Manual => "manual",
        }
    }

    pub fn from_name(name: &str) -> Option<SyncMode> {
        [SyncMode::Automatic, SyncMode::Manual]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// The customer's company, as the client names it or the provider's account does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Company {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Delgado Haulage")]
    pub name: Option<String>,
    /// Its numbers at the US Department of Transportation.
    #[serde(default)]
    pub dot_numbers: Vec<String>,
}

/// The provider's account behind the connection, as its own API names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Delgado Haulage")]
    pub name: Option<String>,
    /// Its numbers at the US Department of Transportation.
    #[serde(default)]
    pub dot_numbers: Vec<String>,
}

/// Which vehicles and drivers a client wants to see: a non-empty `includeIds` beats everything,
/// else `status` applies, then `excludeIds`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionFilters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicles: Option<EntityFilter<VehicleId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drivers: Option<EntityFilter<DriverId>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    bound(deserialize = "I: Deserialize<'de>")
)]
pub struct EntityFilter<I> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RecordStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_ids: Vec<I>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_ids: Vec<I>,
}

/// Why a record is listed or not; the contract's `Visibility`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Visible,
    HiddenByIncludeList,
    HiddenByExcludeList,
    HiddenByStatus,
    Deleted,
}

impl<I: PartialEq> EntityFilter<I> {
    pub fn visibility(&self, id: &I, status: Option<RecordStatus>) -> Visibility {
        if !self.include_ids.is_empty() {
            return if self.include_ids.contains(id) {
                Visibility::Visible
            } else {
                Visibility::HiddenByIncludeList
            };
        }
        if self.status.is_some() && self.status != status {
            return Visibility::HiddenByStatus;
        }
        if self.exclude_ids.contains(id) {
            return Visibility::HiddenByExcludeList;
        }
        Visibility::Visible
    }
}
