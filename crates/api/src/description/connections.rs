//! `/connections`, `/connections/current`.

use model::connection::{Account, Company, ConnectionStatus, SyncMode};
use model::{ConnectionId, DriverId, RecordStatus, VehicleId};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Answer, Built, Described, Wants};
use super::schema::{Schemas, address, like, list_of, object, text, texts};
use crate::parameters;

const TAG: &str = "Connections";

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/connections",
        tag: TAG,
        summary: "Lists the application's connections",
        wants: Wants::Key,
        answer: Answer::Of(Built::read(
            &parameters::LIST_CONNECTIONS,
            "Of all statuses, in the order in which they were made.",
            ("Connections.", "ConnectionPage"),
        )),
    },
    Described {
        method: HttpMethod::Get,
        path: "/connections/current",
        tag: TAG,
        summary: "Gets the connection of the token",
        wants: Wants::KeyAndToken,
        answer: Answer::Of(Built::read(
            &parameters::GET_CURRENT_CONNECTION,
            "With its newest sync.",
            ("The connection.", "CurrentConnection"),
        )),
    },
    Described {
        method: HttpMethod::Patch,
        path: "/connections/current",
        tag: TAG,
        summary: "Changes the connection of the token",
        wants: Wants::KeyAndToken,
        answer: Answer::Of(Built {
            body: Some("ConnectionPatch"),
            ..Built::read(
                &parameters::UPDATE_CURRENT_CONNECTION,
                "What is left out stays. `company` and `filters` are merged one level deep: an \
                 empty object in the place of a filter takes it away.",
                ("The connection as it is now.", "Connection"),
            )
        }),
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_type::<ConnectionId>();
    schemas.add_type::<ConnectionStatus>();
    schemas.add_type::<SyncMode>();
    schemas.add_type::<Company>();
    schemas.add_type::<Account>();
    schemas.add_type::<VehicleId>();
    schemas.add_type::<DriverId>();
    schemas.add_type::<RecordStatus>();
    schemas.add("ConnectionOptions", options());
    schemas.add("ConnectionFilters", filters());
    schemas.add(
        "Connection",
        connection("A customer's authorised account at a provider."),
    );
    schemas.add_page("Connection");
    let agreements = ArrayBuilder::new()
        .items(object("An agreement that somebody accepted."))
        .description(Some(
            "Always empty: agreements come with the hosted Link page.",
        ));
    let current = connection("The connection of the token, with its newest sync.")
        .property(
            "lastSync",
            like("Sync", "Its newest sync; absent before the first."),
        )
        .property("agreements", agreements)
        .required("agreements");
    schemas.add("CurrentConnection", current);
    schemas.add("ConnectionPatch", patch());
}

fn options() -> ObjectBuilder {
    let ingest = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Whether history is read from the provider's API."));
    object("Options of the provider's connector. Those that it does not know are kept.")
        .property("ingestHistoryFromSourceSystem", ingest)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
}

fn filters() -> ObjectBuilder {
    let filter = |id: &str, what: &str| {
        let exclude = "Hides these, where `includeIds` is empty.";
        let include = "Shows these and no others, whatever the rest says.";
        object(&format!("Which {what} are shown."))
            .property(
                "status",
                like("RecordStatus", "Shows those of this status alone."),
            )
            .property("excludeIds", list_of(id, exclude))
            .property("includeIds", list_of(id, include))
            .additional_properties(closed())
    };
    object("What a client wants to see of a connection. It is applied when reading.")
        .property("vehicles", filter("VehicleId", "vehicles"))
        .property("drivers", filter("DriverId", "drivers"))
        .additional_properties(closed())
}

fn connection(description: &str) -> ObjectBuilder {
    let provider = object("The provider.")
        .property("code", text("Its code.").examples(["samsara"]))
        .required("code")
        .property("name", text("Its name.").examples(["Samsara"]))
        .required("name");
    let token = text("Send it as `Connection-Token`. It is a secret.")
        .pattern(Some(r"^con_tkn_\S+$"))
        .examples(["con_tkn_5uJ2cW8nQ4vTzR7yLbXm3KdFhPsGa9Ee"]);
    let always = [
        "id",
        "status",
        "provider",
        "company",
        "account",
        "tags",
        "syncMode",
        "token",
        "options",
        "filters",
        "linkUrl",
        "createdAt",
        "updatedAt",
    ];
    let members = object(description)
        .property("id", Ref::from_schema_name("ConnectionId"))
        .property("status", like("ConnectionStatus", "What it is good for."))
        .property("sourceId", text("The provider's own id of the account."))
        .property("provider", provider)
        .property(
            "company",
            like("Company", "The customer's company, as you name it."),
        )
        .property(
            "account",
            like("Account", "The account, as the provider names it."),
        )
        .property(
            "externalId",
            text("Your own id of it.").examples(["customer-77"]),
        )
        .property("tags", texts("Your own words on it."))
        .property("syncMode", like("SyncMode", "Who begins its syncs."))
        .property("token", token)
        .property(
            "options",
            like("ConnectionOptions", "How its connector works."),
        )
        .property("filters", like("ConnectionFilters", "What is shown of it."))
        .property("linkUrl", address("Where its owner signs in again."))
        .property("createdAt", like("Timestamp", "When it was made."))
        .property("updatedAt", like("Timestamp", "When it was last changed."));
    always.into_iter().fold(members, ObjectBuilder::required)
}

fn patch() -> ObjectBuilder {
    let status = text("What it is to be.");
    let settable = ["connected", "archived", "disconnected"];
    object("What is to change. Members that are not named here are refused.")
        .property("status", status.enum_values(Some(settable)))
        .property(
            "options",
            like("ConnectionOptions", "Replaces all options."),
        )
        .property(
            "company",
            object("Changes the members that are sent.")
                .property("name", text("Its name."))
                .property(
                    "dotNumbers",
                    filled("Its numbers at the US Department of Transportation."),
                )
                .additional_properties(closed()),
        )
        .property("externalId", text("Your own id of it."))
        .property("syncMode", like("SyncMode", "Who begins its syncs."))
        .property("tags", filled("Replaces all tags; none may be empty."))
        .property(
            "filters",
            like("ConnectionFilters", "Changes the filters that are sent."),
        )
        .additional_properties(closed())
        .examples([serde_json::json!({"tags": ["west"], "syncMode": "manual"})])
}

/// Members that are not named are refused.
fn closed() -> Option<AdditionalProperties<Schema>> {
    Some(AdditionalProperties::FreeForm(false))
}

/// Texts of which none may be empty.
fn filled(description: &str) -> ArrayBuilder {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1));
    texts(description).items(text)
}
