//! `/syncs` and what is below it.

use model::sync::{ProviderRequestKind, Sync};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ArrayItems, OneOfBuilder, Schema,
};
use utoipa::openapi::{HttpMethod, Ref, RefOr};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, ids_or, like, number, object, splice, text};
use crate::parameters;
use crate::sync_request::MAX_DAYS;

const TAG: &str = "Syncs";

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Post,
        path: "/syncs",
        tag: TAG,
        summary: "Asks for a sync",
        wants: Wants::KeyAndToken,
        answer: Built {
            body: Some("SyncRequest"),
            status: "201",
            refusals: &[409],
            ..Built::read(
                &parameters::REQUEST_SYNC,
                "Without a body it goes on from the sync before. Of a disconnected connection it \
                 has failed already and says where to sign in. 409 while another is not over, and \
                 for a connection that is archived or about to be deleted.",
                ("The sync.", "Sync"),
            )
        },
    },
    Described {
        method: HttpMethod::Get,
        path: "/syncs",
        tag: TAG,
        summary: "Lists the connection's syncs",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_SYNCS,
            "Newest first.",
            ("Syncs.", "SyncPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/syncs/{id}",
        tag: TAG,
        summary: "Gets a sync",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "SyncId",
            refusals: &[404],
            ..Built::read(&parameters::GET_SYNC, "", ("The sync.", "Sync"))
        },
    },
    Described {
        method: HttpMethod::Post,
        path: "/syncs/{id}/retry",
        tag: TAG,
        summary: "Tries a failed sync again",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "SyncId",
            refusals: &[404, 422],
            ..Built::read(
                &parameters::RETRY_SYNC,
                "With what it was asked for the first time. 422 when it has not failed, or while \
                 another is not over.",
                ("It will run again.", "SyncAction"),
            )
        },
    },
    Described {
        method: HttpMethod::Post,
        path: "/syncs/{id}/cancel",
        tag: TAG,
        summary: "Ends a sync before its time",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "SyncId",
            refusals: &[404, 422],
            ..Built::read(
                &parameters::CANCEL_SYNC,
                "It ends as failed, and what it has read stays. 422 when it is over already.",
                ("It will end.", "SyncAction"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Sync>(|sync| {
        sync.description = Some("One run through everything that a provider has.".to_owned());
        let issues = "What it met that left data out.";
        splice(sync, "issues", ids_or("IssueId", "Issue", issues));
    });
    schemas.add_page("Sync");
    let action = object("A sync of which something was asked.")
        .property("id", Ref::from_schema_name("SyncId"))
        .required("id")
        .property(
            "message",
            text("What was asked of it.").examples(["Sync retry requested"]),
        )
        .required("message");
    schemas.add("SyncAction", action);
    schemas.add_type::<ProviderRequestKind>();
    schemas.add("SyncRequest", request());
}

fn request() -> utoipa::openapi::schema::ObjectBuilder {
    let wish = object("A wish.")
        .property("type", like("ProviderRequestKind", "What is wished for."))
        .required("type")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let wish: RefOr<Schema> = OneOfBuilder::new()
        .item(Ref::from_schema_name("ProviderRequestKind"))
        .item(wish)
        .description(Some("A wish, as a word or an object."))
        .into();
    let wishes = ArrayBuilder::new()
        .items(ArrayItems::RefOrSchema(Box::new(wish)))
        .description(Some(
            "What the provider is to be asked for by hand; recorded and no more.",
        ));
    let days = number(
        "Days of history before now, fractions allowed: above 0 and at most 3660. It is used in \
         place of `startFrom`.",
    )
    .exclusive_minimum(Some(0))
    .maximum(Some(MAX_DAYS))
    .examples([7]);
    object("From when on history is to be read. Members that are not named here are refused.")
        .property(
            "startFrom",
            like("Timestamp", "A time from 1970 on that has passed."),
        )
        .property("days", days)
        .property("providerRequests", wishes)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([serde_json::json!({"days": 7})])
}
