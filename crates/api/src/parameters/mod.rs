//! Which operation takes which query parameters, and what each may hold.
//!
//! The parser ([`crate::query`]) and the description ([`crate::description`]) both read these
//! tables, so what is described is what is parsed.

pub(crate) mod admin;
mod link;
mod live;
mod records;

pub(crate) use link::*;
pub(crate) use live::*;
pub(crate) use records::*;

use model::Model;

use crate::query::Limits;

/// What a parameter may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Cursor,
    /// A whole number from 1; above the maximum it is clamped.
    Limit(Limits),
    /// An ISO 8601 date and time.
    Time,
    /// The contract types two bounds as date and as date-time at once: both are taken.
    DateOrTime,
    /// An ISO 8601 date.
    Date,
    /// An ISO 8601 month.
    Month,
    /// `true` or `false`.
    Flag,
    /// One of these; the first is the default where there is one.
    Choice(&'static [&'static str]),
    /// One of these, `asc` meaning the same as nothing.
    Order,
    /// A comma list of these, in any order, none twice.
    Expand(&'static [&'static str]),
    /// A comma list of stat types.
    StatTypes,
    /// A comma list of at most [`MOST_IDS`] ids of this model.
    Ids(Model),
    ConnectionId,
    /// An application's id (admin API).
    ApplicationId,
    /// Any text but an empty one.
    Text,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub name: &'static str,
    /// A second name, which the vendor's own examples use.
    pub alias: Option<&'static str>,
    pub kind: Kind,
    pub required: bool,
    /// What it does, for the description; what it may hold is told by its kind.
    pub text: &'static str,
}

/// An operation of the contract by its id, and its query parameters.
#[derive(Debug)]
pub(crate) struct Operation {
    pub id: &'static str,
    pub parameters: &'static [Parameter],
}

impl Operation {
    pub(crate) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name || parameter.alias == Some(name))
    }
}

/// Every query parameter that the contract knows at any operation, and `tags`, which the vendor's
/// examples use for `tag`.
pub(crate) const KNOWN: [&str; 35] = [
    "connectionId",
    "cursor",
    "deleted",
    "dotNumber",
    "driverIds",
    "endAt",
    "endDate",
    "endMonth",
    "endedAfter",
    "endedBefore",
    "errorCode",
    "expand",
    "externalId",
    "groupBy",
    "hidden",
    "lastReportedAfter",
    "lastReportedBefore",
    "limit",
    "modifiedAfter",
    "modifiedBefore",
    "order",
    "provider",
    "raw",
    "startAt",
    "startDate",
    "startMonth",
    "startedAfter",
    "startedBefore",
    "status",
    "tag",
    "tags",
    "types",
    "updatedAfter",
    "updatedBefore",
    "vehicleIds",
];

/// Ids that a list of ids may have, as the contract has it.
pub(crate) const MOST_IDS: usize = 50;

/// Parameters that may change between one page and the next.
pub(crate) const MAY_CHANGE: [&str; 3] = ["limit", "expand", "raw"];

const fn parameter(name: &'static str, kind: Kind, text: &'static str) -> Parameter {
    Parameter {
        name,
        alias: None,
        kind,
        required: false,
        text,
    }
}

const CURSOR: Parameter = parameter(
    "cursor",
    Kind::Cursor,
    "`next` of the page before. Parameters that are sent beside it must agree with it.",
);
const LIST_LIMIT: Parameter = parameter("limit", Kind::Limit(Limits::LIST), "Rows a page.");
const HISTORY_LIMIT: Parameter = parameter("limit", Kind::Limit(Limits::HISTORY), "Rows a page.");
const MODIFIED_AFTER: Parameter = parameter(
    "modifiedAfter",
    Kind::Time,
    "Only what we changed at this time or later, by our clock.",
);
const MODIFIED_BEFORE: Parameter = parameter(
    "modifiedBefore",
    Kind::Time,
    "Only what we changed before this time, by our clock.",
);
const RAW: Parameter = parameter(
    "raw",
    Kind::Flag,
    "Adds the source rows that each row was made of.",
);
const HIDDEN: Parameter = parameter(
    "hidden",
    Kind::Flag,
    "Lists also what the connection's filters hide.",
);
const DELETED: Parameter = parameter(
    "deleted",
    Kind::Flag,
    "Lists also what the provider no longer has.",
);
const START_AT: Parameter = parameter("startAt", Kind::Time, "Only what is of this time or later.");
const END_AT: Parameter = parameter("endAt", Kind::Time, "Only what is before this time.");
const VEHICLE_IDS: Parameter = parameter(
    "vehicleIds",
    Kind::Ids(Model::Vehicle),
    "Only what is of these vehicles.",
);
const DRIVER_IDS: Parameter = parameter(
    "driverIds",
    Kind::Ids(Model::Driver),
    "Only what is of these drivers.",
);
const VEHICLE_EXPAND: Parameter = parameter(
    "expand",
    Kind::Expand(&["groups", "devices"]),
    "Members to hold whole entities in the place of ids.",
);
const DRIVER_EXPAND: Parameter = parameter(
    "expand",
    Kind::Expand(&["groups"]),
    "Members to hold whole entities in the place of ids.",
);
const SYNC_EXPAND: Parameter = parameter(
    "expand",
    Kind::Expand(&["issues"]),
    "Members to hold whole issues in the place of ids.",
);

pub(crate) static LIST_VEHICLES: Operation = Operation {
    id: "listVehicles",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        RAW,
        HIDDEN,
        DELETED,
        VEHICLE_EXPAND,
    ],
};

pub(crate) static GET_VEHICLE: Operation = Operation {
    id: "getVehicle",
    parameters: &[RAW, VEHICLE_EXPAND],
};

pub(crate) static LIST_DRIVERS: Operation = Operation {
    id: "listDrivers",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        RAW,
        HIDDEN,
        DELETED,
        DRIVER_EXPAND,
    ],
};

pub(crate) static GET_DRIVER: Operation = Operation {
    id: "getDriver",
    parameters: &[RAW, DRIVER_EXPAND],
};

pub(crate) static LIST_GROUPS: Operation = Operation {
    id: "listGroups",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        MODIFIED_AFTER,
        MODIFIED_BEFORE,
        RAW,
        DELETED,
        parameter(
            "expand",
            Kind::Expand(&["parent"]),
            "Members to hold the whole group in the place of its id.",
        ),
    ],
};

pub(crate) static LIST_LOCATIONS: Operation = Operation {
    id: "listHistoricalVehicleLocations",
    parameters: &[CURSOR, HISTORY_LIMIT, START_AT, END_AT, RAW],
};

pub(crate) static LIST_STATS: Operation = Operation {
    id: "listHistoricalVehicleStats",
    parameters: &[
        CURSOR,
        HISTORY_LIMIT,
        START_AT,
        END_AT,
        parameter(
            "types",
            Kind::StatTypes,
            "Only stats of these types; all without it.",
        ),
        parameter(
            "expand",
            Kind::Expand(&["vehicle"]),
            "Members to hold the whole vehicle in the place of its id.",
        ),
        RAW,
    ],
};

pub(crate) static LIST_CONNECTIONS: Operation = Operation {
    id: "listConnections",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        parameter(
            "externalId",
            Kind::Text,
            "Only connections that carry this id of yours.",
        ),
        parameter(
            "dotNumber",
            Kind::Text,
            "Only connections of a company with this DOT number.",
        ),
        Parameter {
            name: "tag",
            alias: Some("tags"),
            kind: Kind::Text,
            required: false,
            text: "Only connections with this tag.",
        },
        parameter(
            "updatedAfter",
            Kind::Time,
            "Only connections changed at this time or later.",
        ),
        parameter(
            "updatedBefore",
            Kind::Time,
            "Only connections changed at this time or earlier.",
        ),
        parameter(
            "status",
            Kind::Choice(&[
                "connected",
                "disconnected",
                "archived",
                "pending_deletion",
                "deleting",
                "deleted",
            ]),
            "Only connections of this status.",
        ),
        parameter(
            "provider",
            Kind::Text,
            "Only connections at the provider of this code.",
        ),
        parameter(
            "order",
            Kind::Order,
            "`asc` begins with the connection made first, `desc` with the one made last.",
        ),
    ],
};

pub(crate) static GET_CURRENT_CONNECTION: Operation = Operation {
    id: "getCurrentConnection",
    parameters: &[],
};

pub(crate) static UPDATE_CURRENT_CONNECTION: Operation = Operation {
    id: "updateCurrentConnection",
    parameters: &[],
};

pub(crate) static DELETE_CURRENT_CONNECTION: Operation = Operation {
    id: "deleteCurrentConnection",
    parameters: &[],
};

pub(crate) static REQUEST_SYNC: Operation = Operation {
    id: "requestSync",
    parameters: &[],
};

pub(crate) static LIST_SYNCS: Operation = Operation {
    id: "listSyncHistory",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        parameter(
            "status",
            Kind::Choice(&["requested", "in_progress", "completed", "failed"]),
            "Only syncs of this status.",
        ),
        SYNC_EXPAND,
    ],
};

pub(crate) static GET_SYNC: Operation = Operation {
    id: "getSyncJobStatus",
    parameters: &[SYNC_EXPAND],
};

pub(crate) static RETRY_SYNC: Operation = Operation {
    id: "retrySync",
    parameters: &[],
};

pub(crate) static CANCEL_SYNC: Operation = Operation {
    id: "cancelSync",
    parameters: &[],
};

pub(crate) static LIST_PROVIDERS: Operation = Operation {
    id: "listProviders",
    parameters: &[],
};

pub(crate) static LIST_ISSUES: Operation = Operation {
    id: "listIssues",
    parameters: &[
        CURSOR,
        LIST_LIMIT,
        parameter(
            "lastReportedAfter",
            Kind::DateOrTime,
            "Only issues met last at this time or later; a date is its midnight in UTC.",
        ),
        parameter(
            "lastReportedBefore",
            Kind::DateOrTime,
            "Only issues met last at this time or earlier; a date is its midnight in UTC.",
        ),
        parameter(
            "connectionId",
            Kind::ConnectionId,
            "Only issues of this connection.",
        ),
        parameter(
            "errorCode",
            Kind::Choice(ISSUE_CODES),
            "Only issues of this code. Codes that nothing carries any more find none.",
        ),
        parameter(
            "status",
            Kind::Choice(&["ongoing", "resolved"]),
            "Only issues of this status.",
        ),
        parameter(
            "expand",
            Kind::Expand(&["connection"]),
            "Members to hold the whole connection in the place of its id.",
        ),
    ],
};

/// The contract's `IssueCode`: those that are emitted, and legacy ones that never are any more but
/// may still be asked for.
const ISSUE_CODES: &[&str] = &[
    "data_delayed",
    "exceeded_retention_window",
    "inaccessible_data",
    "invalid_source_id",
    "invalid_source_identifier",
    "managed_poll_failed",
    "managed_poll_returned_no_data",
    "manually_disabled",
    "missing_permissions",
    "missing_safety_configuration",
    "missing_vehicle_assignment",
    "missing_vehicle_identifier",
    "oauth_scope_missing",
    "permission_missing",
    "provider_capability_not_supported",
    "provider_data_inaccessible",
    "provider_feature_not_enabled",
    "provider_partially_configured",
    "provider_provisioning_pending",
    "provider_source_data_invalid",
    "retention_window_exceeded",
    "stream_disabled",
    "subscription_required",
    "unknown_device_type",
    "unsupported_device_type",
];

#[cfg(test)]
mod tests {
    use super::*;
    use model::connection::ConnectionStatus;
    use model::issue::IssueCode;
    use model::sync::SyncStatus;

    const CONTRACT: [&Operation; 17] = [
        &LIST_VEHICLES,
        &GET_VEHICLE,
        &LIST_DRIVERS,
        &GET_DRIVER,
        &LIST_GROUPS,
        &LIST_LOCATIONS,
        &LIST_STATS,
        &LIST_CONNECTIONS,
        &GET_CURRENT_CONNECTION,
        &UPDATE_CURRENT_CONNECTION,
        &DELETE_CURRENT_CONNECTION,
        &REQUEST_SYNC,
        &LIST_SYNCS,
        &GET_SYNC,
        &RETRY_SYNC,
        &LIST_PROVIDERS,
        &LIST_ISSUES,
    ];

    #[test]
    fn every_parameter_of_an_operation_is_a_known_one() {
        for operation in CONTRACT
            .iter()
            .chain(&records::OPERATIONS)
            .chain(&live::OPERATIONS)
        {
            for parameter in operation.parameters {
                assert!(KNOWN.contains(&parameter.name), "{}", parameter.name);
            }
        }
    }

    fn choices(operation: &Operation, name: &str) -> &'static [&'static str] {
        match operation.parameter(name).map(|parameter| parameter.kind) {
            Some(Kind::Choice(choices)) => choices,
            other => panic!("{name} is {other:?}"),
        }
    }

    #[test]
    fn choices_are_those_of_the_model() {
        assert_eq!(
            choices(&LIST_CONNECTIONS, "status"),
            ConnectionStatus::ALL.map(ConnectionStatus::name)
        );
        assert_eq!(
            choices(&LIST_SYNCS, "status"),
            SyncStatus::ALL.map(SyncStatus::name)
        );
        let codes = choices(&LIST_ISSUES, "errorCode");
        assert!(
            IssueCode::ALL
                .iter()
                .all(|code| codes.contains(&code.name()))
        );
    }
}
