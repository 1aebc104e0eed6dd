//! `/public-token/exchange`, `/link/short` and what is below it.

use model::{ShortLinkId, TemplateId};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, address, like, number, object, text, texts};
use crate::parameters;
use crate::sync_request::MAX_DAYS;
use model::link::{LONGEST_ADDRESS, LONGEST_TAG, LONGEST_TEXT, MOST_HINTS, MOST_TAGS};

const TAG: &str = "Link";

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Post,
        path: "/public-token/exchange",
        tag: TAG,
        summary: "Exchanges what the Link page gave for a connection",
        wants: Wants::Key,
        answer: Built {
            body: Some("PublicTokenExchange"),
            body_required: true,
            refusals: &[404],
            ..Built::read(
                &parameters::EXCHANGE_PUBLIC_TOKEN,
                "A public token is good once, for 30 minutes. Of one that was exchanged before or \
                 whose time is over, 400 tells which; 404 answers every other.",
                ("The connection, with its token.", "Connection"),
            )
        },
    },
    Described {
        method: HttpMethod::Post,
        path: "/link/short",
        tag: TAG,
        summary: "Makes a short address of the Link page",
        wants: Wants::Key,
        answer: Built {
            body: Some("ShortLinkInput"),
            status: "201",
            replayed: Some("200"),
            ..Built::read(
                &parameters::CREATE_SHORT_LINK,
                "It is good for a year. An equal body gives the link that is there already, until \
                 that is deleted or its time is over.",
                ("The link.", "ShortLink"),
            )
        },
    },
    Described {
        method: HttpMethod::Delete,
        path: "/link/short/{id}",
        tag: TAG,
        summary: "Makes a short address lead nowhere",
        wants: Wants::Key,
        answer: Built {
            path_id: "ShortLinkId",
            status: "204",
            replayed: Some("204"),
            refusals: &[404],
            ..Built::read(
                &parameters::DELETE_SHORT_LINK,
                "From that moment on; its code may be another link's later. Pages that were opened \
                 by it before can be finished.",
                ("It leads nowhere any more.", ""),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_type::<ShortLinkId>();
    schemas.add_type::<TemplateId>();
    let token = text("What the Link page gave: good once, for 30 minutes.")
        .pattern(Some(r"^pub_tkn_\S+$"))
        .examples(["pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"]);
    let exchange = object("A public token. Members that are not named here are refused.")
        .property("publicToken", token)
        .required("publicToken")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([serde_json::json!({
            "publicToken": "pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG",
        })]);
    schemas.add("PublicTokenExchange", exchange);
    schemas.add("LinkBackfill", backfill());
    schemas.add("ShortLinkInput", input());
    let code = text("Eight letters and digits that are not taken for each other.")
        .pattern(Some("^[a-hjkmnp-z2-9]{8}$"))
        .examples(["k7wmx2pd"]);
    let link = object("A short address of the Link page.")
        .property("id", Ref::from_schema_name("ShortLinkId"))
        .required("id")
        .property("code", code)
        .required("code")
        .property("url", address("Where to send the account's owner."))
        .required("url")
        .property(
            "expiresAt",
            like("Timestamp", "From when on it leads nowhere."),
        )
        .required("expiresAt");
    schemas.add("ShortLink", link);
}

fn backfill() -> ObjectBuilder {
    let days = number("Days of history before the consent, fractions allowed.")
        .minimum(Some(0))
        .maximum(Some(MAX_DAYS))
        .examples([30]);
    object("How much history the first sync reads: one of the two.")
        .property(
            "startFrom",
            like("Timestamp", "A time from 1970 on that has passed."),
        )
        .property("days", days)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn input() -> ObjectBuilder {
    let tag = text("A tag.").max_length(Some(LONGEST_TAG));
    let address = address(
        "Where the browser goes after success, with `token` in its query: one of the \
         application's registered addresses, whatever its query is.",
    )
    .max_length(Some(LONGEST_ADDRESS));
    object(
        "What the Link page is opened with. What is left out is as the template has it. Members \
         that are not named here are refused.",
    )
    .property(
        "name",
        text("Of the customer's company.").max_length(Some(LONGEST_TEXT)),
    )
    .property(
        "provider",
        text("The one provider to choose from, by its code.").examples(["samsara"]),
    )
    .property(
        "providerHints",
        texts("Codes of providers that stand first in the list.").max_items(Some(MOST_HINTS)),
    )
    .property(
        "externalId",
        text("Your own id for the connection.").max_length(Some(LONGEST_TEXT)),
    )
    .property(
        "tags",
        texts("Tags of the connection.")
            .items(tag)
            .max_items(Some(MOST_TAGS)),
    )
    .property("redirectUrl", address)
    .property("syncMode", like("SyncMode", "Of the connection."))
    .property(
        "backfill",
        like("LinkBackfill", "How much history the first sync reads."),
    )
    .property(
        "template",
        like(
            "TemplateId",
            "How consent is asked for; the template called `default` without it.",
        ),
    )
    .additional_properties(Some(AdditionalProperties::FreeForm(false)))
    .examples([serde_json::json!({"externalId": "customer-7", "backfill": {"days": 30}})])
}
