//! `/passthrough`, `/passthrough/raw`.

use utoipa::openapi::HttpMethod;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, object, text};
use crate::parameters;

/// What the connection's and the provider's state can lead to.
const REFUSALS: &[u16] = &[422, 501, 502];

const WHAT_MAY_BE_SENT: &str = "The request goes to the provider's base URL and nowhere else: \
    `path` begins with one slash, is percent-encoded, and has no segments `.` and `..`. Redirects \
    are not followed. Headers that sign a request or belong to one connection of two machines \
    (`Authorization`, `Cookie`, `Host`, `Content-Length`, `Accept-Encoding`, `Connection` and \
    their like) are refused; a body without `Content-Type` is sent as JSON. The provider's answer \
    is not judged: its 401, 429 or 500 is in `statusCode`. An answer may have 16 MiB and take 25 \
    seconds; nothing is sent twice.";

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Post,
        path: "/passthrough",
        tag: "Passthrough",
        summary: "Asks the provider something in its own terms",
        wants: Wants::KeyAndToken,
        answer: Built {
            body: Some("PassthroughInput"),
            body_required: true,
            refusals: REFUSALS,
            ..Built::read(
                &parameters::PASSTHROUGH,
                WHAT_MAY_BE_SENT,
                ("What the provider answered.", "PassthroughOutput"),
            )
        },
    },
    Described {
        method: HttpMethod::Post,
        path: "/passthrough/raw",
        tag: "Passthrough",
        summary: "Asks the provider something and gives its answer unread",
        wants: Wants::KeyAndToken,
        answer: Built {
            body: Some("PassthroughInput"),
            body_required: true,
            any_bytes: true,
            refusals: REFUSALS,
            ..Built::read(
                &parameters::RAW_PASSTHROUGH,
                "Like `/passthrough`. Where the provider succeeds, its bytes, status and \
                 `Content-Type` are the answer; where it does not, the answer is 200 with the \
                 object of `/passthrough`.",
                (
                    "The provider's own bytes, or what it refused with.",
                    "PassthroughOutput",
                ),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    let method = || {
        text("The method, upper case.").enum_values(Some(["GET", "POST", "PUT", "PATCH", "DELETE"]))
    };
    let path = || text("Path and query below the provider's base URL.");
    let body = text("The body, as text: JSON is sent as a string that holds it.");
    let input = object("A request to the provider.")
        .property("method", method())
        .required("method")
        .property("path", path().examples(["/fleet/vehicles?limit=10"]))
        .required("path")
        .property(
            "headers",
            texts_by_name("Headers to send beside the server's own."),
        )
        .property("body", body.examples([r#"{"name":"Truck 7"}"#]));
    let input = input.additional_properties(Some(AdditionalProperties::FreeForm(false)));
    schemas.add("PassthroughInput", input);
    let status = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The provider's status."))
        .examples([200]);
    let headers = "The provider's headers, lower-case; of one name with commas between. Cookies \
         and what belongs to the connection between two machines are left out.";
    let output = object("What the provider answered.")
        .property("method", method())
        .required("method")
        .property("path", path())
        .required("path")
        .property("statusCode", status)
        .required("statusCode")
        .property("headers", texts_by_name(headers))
        .required("headers")
        .property("response", any_value())
        .required("response");
    schemas.add("PassthroughOutput", output);
}

fn texts_by_name(description: &str) -> ObjectBuilder {
    object(description).additional_properties(Some(AdditionalProperties::FreeForm(true)))
}

fn any_value() -> OneOfBuilder {
    let of = |kind: Type| ObjectBuilder::new().schema_type(kind);
    let free = Some(AdditionalProperties::FreeForm(true));
    OneOfBuilder::new()
        .item(of(Type::Object).additional_properties(free))
        .item(of(Type::Array))
        .item(of(Type::String))
        .item(of(Type::Number))
        .item(of(Type::Boolean))
        .description(Some(
            "The body: JSON as JSON (but `null` as text), other text as a string, anything else in \
             base64, which a `Warning` header tells.",
        ))
}
