//! `/connections`, `/connections/current`.

use model::connection::{Account, Company, ConnectionStatus, SyncMode};
use model::{ApplicationId, ConnectionId, ConsentId, DriverId, RecordStatus, VehicleId};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Built, Described, Wants};
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
        answer: Built::read(
            &parameters::LIST_CONNECTIONS,
            "Of all statuses, in the order in which they were made.",
            ("Connections.", "ConnectionPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/connections/current",
        tag: TAG,
        summary: "Gets the connection of the token",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::GET_CURRENT_CONNECTION,
            "With its newest sync.",
            ("The connection.", "CurrentConnection"),
        ),
    },
    Described {
        method: HttpMethod::Patch,
        path: "/connections/current",
        tag: TAG,
        summary: "Changes the connection of the token",
        wants: Wants::KeyAndToken,
        answer: Built {
            body: Some("ConnectionPatch"),
            refusals: &[422],
            ..Built::read(
                &parameters::UPDATE_CURRENT_CONNECTION,
                "What is left out stays. `company` and `filters` are merged one level deep: an \
                 empty object in the place of a filter takes it away, and so does `null` in the \
                 place of `externalId` or of the company's name. A status calls a deletion off. \
                 422 where the connection's data goes or is gone.",
                ("The connection as it is now.", "Connection"),
            )
        },
    },
    Described {
        method: HttpMethod::Delete,
        path: "/connections/current",
        tag: TAG,
        summary: "Deletes the connection of the token with all its data",
        wants: Wants::KeyAndToken,
        answer: Built {
            status: "202",
            refusals: &[422],
            ..Built::read(
                &parameters::DELETE_CURRENT_CONNECTION,
                "Its syncs end at once and its data goes a day later: until then it can be read, \
                 and changing its status calls the deletion off. What stays is the connection \
                 itself, without its account, options and filters; it is listed as `deleted`. \
                 Asked for again it changes nothing. 422 where the data goes or is gone.",
                ("The connection, `pending_deletion`.", "Connection"),
            )
        },
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
        .items(Ref::from_schema_name("Agreement"))
        .description(Some(
            "One for each time that the account was connected on the Link page.",
        ));
    schemas.add_type::<ApplicationId>();
    schemas.add_type::<ConsentId>();
    schemas.add("Agreement", agreement());
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

fn agreement() -> ObjectBuilder {
    object("What an account's owner agreed to.")
        .property("id", like("ConsentId", "Its id."))
        .property("applicationId", like("ApplicationId", "Who asked."))
        .property("connectionId", like("ConnectionId", "What it is for."))
        .property(
            "agreementUrl",
            address("The text, which never changes: another text has another address."),
        )
        .property("acceptedAt", like("Timestamp", "When."))
        .property(
            "ipAddress",
            text("The browser's address, where it is an IPv4 one."),
        )
        .property("userAgent", text("The browser, as it named itself."))
        .required("id")
        .required("applicationId")
        .required("agreementUrl")
        .required("acceptedAt")
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
                .property("name", clearable("Its name; `null` takes it away."))
                .property(
                    "dotNumbers",
                    filled("Its numbers at the US Department of Transportation.", 32),
                )
                .additional_properties(closed()),
        )
        .property(
            "externalId",
            clearable("Your own id of it; `null` takes it away."),
        )
        .property("syncMode", like("SyncMode", "Who begins its syncs."))
        .property("tags", filled("Replaces all tags; none may be empty.", 200))
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

/// A text that is not empty, or nothing in its place.
fn clearable(description: &str) -> ObjectBuilder {
    text(description)
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .min_length(Some(1))
        .max_length(Some(255))
}

/// A hundred texts at most, of which none may be empty.
fn filled(description: &str, longest: usize) -> ArrayBuilder {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(longest));
    texts(description).items(text).max_items(Some(100))
}
