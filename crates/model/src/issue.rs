//! Issues: what makes a connection's data incomplete without failing its syncs.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::ids::{ConnectionId, IssueId};
use crate::time::Timestamp;

/// Whether an issue is still met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueStatus {
    Ongoing,
    Resolved,
}

impl IssueStatus {
    pub fn name(self) -> &'static str {
        match self {
            IssueStatus::Ongoing => "ongoing",
            IssueStatus::Resolved => "resolved",
        }
    }

    pub fn from_name(name: &str) -> Option<IssueStatus> {
        [IssueStatus::Ongoing, IssueStatus::Resolved]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

macro_rules! issue_codes {
    ($($variant:ident = $name:literal, $resolution:ident;)*) => {
        /// The contract's issue codes that Gladhand emits (never the six legacy ones).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        pub enum IssueCode {
            $(#[serde(rename = $name)] $variant,)*
        }

        impl IssueCode {
            pub const ALL: &'static [IssueCode] = &[$(IssueCode::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(IssueCode::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<IssueCode> {
                match name { $($name => Some(IssueCode::$variant),)* _ => None }
            }

            /// Who can make it go away.
            pub fn resolution(self) -> ResolutionType {
                match self { $(IssueCode::$variant => ResolutionType::$resolution,)* }
            }
        }
    };
}

issue_codes! {
    DataDelayed = "data_delayed", AutomaticRetry;
    InvalidSourceIdentifier = "invalid_source_identifier", InvestigationRequired;
    ManagedPollFailed = "managed_poll_failed", AutomaticRetry;
    ManagedPollReturnedNoData = "managed_poll_returned_no_data", AutomaticRetry;
    ManuallyDisabled = "manually_disabled", ActionRequired;
    MissingVehicleAssignment = "missing_vehicle_assignment", ActionRequired;
    MissingVehicleIdentifier = "missing_vehicle_identifier", ActionRequired;
    OauthScopeMissing = "oauth_scope_missing", ActionRequired;
    PermissionMissing = "permission_missing", ActionRequired;
    ProviderCapabilityNotSupported = "provider_capability_not_supported", KnownLimitation;
    ProviderDataInaccessible = "provider_data_inaccessible", AutomaticRetry;
    ProviderFeatureNotEnabled = "provider_feature_not_enabled", ActionRequired;
    ProviderPartiallyConfigured = "provider_partially_configured", ActionRequired;
    ProviderProvisioningPending = "provider_provisioning_pending", AutomaticRetry;
    ProviderSourceDataInvalid = "provider_source_data_invalid", InvestigationRequired;
    RetentionWindowExceeded = "retention_window_exceeded", KnownLimitation;
    StreamDisabled = "stream_disabled", ActionRequired;
    SubscriptionRequired = "subscription_required", ActionRequired;
    UnsupportedDeviceType = "unsupported_device_type", KnownLimitation;
}

// Written out, because the derive does not see names that a macro passes on.
impl PartialSchema for IssueCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What kind of data is missing, or why."))
            .enum_values(Some(IssueCode::ALL.iter().map(|code| code.name())))
            .into()
    }
}

impl ToSchema for IssueCode {}

/// Who can make an issue go away; the contract's `resolutionType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionType {
    ActionRequired,
    AutomaticRetry,
    KnownLimitation,
    InvestigationRequired,
}

/// One problem of one stream of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub id: IssueId,
    pub connection: ConnectionId,
    pub code: IssueCode,
    /// The stream that met it: with connection and code, the issue's identity.
    pub stream: String,
    pub status: IssueStatus,
    pub message: String,
    pub first_reported_at: Timestamp,
    pub last_reported_at: Timestamp,
}
