//! Operations of the admin API.

use super::{Kind, Operation, Parameter, parameter};

const RAW_TOKEN: Parameter = parameter("token", Kind::Flag, "Shows the connections' tokens.");

pub(crate) static PLAIN: Operation = Operation {
    id: "admin",
    parameters: &[],
};

pub(crate) static LIST_KEYS: Operation = Operation {
    id: "adminListKeys",
    parameters: &[parameter(
        "applicationId",
        Kind::ApplicationId,
        "Only what belongs to this application.",
    )],
};

pub(crate) static LIST_CONNECTIONS: Operation = Operation {
    id: "adminListConnections",
    parameters: &[
        parameter(
            "applicationId",
            Kind::ApplicationId,
            "Only what belongs to this application.",
        ),
        RAW_TOKEN,
    ],
};

pub(crate) static GET_CONNECTION: Operation = Operation {
    id: "adminGetConnection",
    parameters: &[RAW_TOKEN],
};

pub(crate) static LIST_TEMPLATES: Operation = Operation {
    id: "adminListTemplates",
    parameters: LIST_KEYS.parameters,
};

pub(crate) static LIST_PROVIDER_REQUESTS: Operation = Operation {
    id: "adminListProviderRequests",
    parameters: LIST_KEYS.parameters,
};

pub(crate) static DELETE_CONNECTION: Operation = Operation {
    id: "adminDeleteConnection",
    parameters: &[parameter(
        "now",
        Kind::Flag,
        "Without the time in which it could be called off.",
    )],
};
