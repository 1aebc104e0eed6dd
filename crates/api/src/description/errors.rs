//! Refusals: one response for each of [`ApiError`]'s meanings, with the body that it really has.

use model::envelope::ErrorPathDetail;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, Response, ResponseBuilder};

use super::schema::{Schemas, list_of, object, text};
use crate::error::{ApiError, place};
use crate::rate_limit::Budget;

/// A status, what it means, and an error that has it.
fn meanings() -> [(&'static str, ApiError); 13] {
    let sync = "sync_01GV12VR4DJP70GD1ZBK0SDWFH".parse();
    [
        (
            "Something in the request is malformed; `detail` names each place.",
            ApiError::malformed(
                "{requestQuery}.limit",
                "'limit' must be a whole number from 1",
                "Send 1 or more",
            ),
        ),
        (
            "No key, or one that opens nothing.",
            ApiError::Unauthorized("Send your secret key as Authorization: Bearer sk_…"),
        ),
        (
            "The key is good; the token is missing or belongs to none of its connections.",
            ApiError::Forbidden("Send the connection's token in the header Connection-Token"),
        ),
        (
            "What the path names is not there.",
            ApiError::NotFound("This connection has no such id".to_owned()),
        ),
        (
            "It contradicts what is under way; `detail` says what.",
            ApiError::sync_running(sync.expect("an id of the right form")),
        ),
        ("The body is too large.", ApiError::PayloadTooLarge),
        (
            "The body is not declared as JSON.",
            ApiError::UnsupportedMediaType,
        ),
        (
            "Well-formed, and impossible in the present state. Of calls to the provider: \
             `connection_disconnected` where the connection is not connected, \
             `invalid_credentials` where the provider refuses its credentials, \
             `insufficient_permissions` where they do not suffice.",
            ApiError::Unprocessable {
                message: "The sync cannot be retried".to_owned(),
                places: vec![place("{requestPath}.id", "it is completed", None)],
            },
        ),
        (
            "Requests come faster than the budget allows; `retryAfter` says when to come again.",
            ApiError::TooManyRequests {
                budget: Budget::Connection,
                retry_after_s: 1,
            },
        ),
        (
            "The connection's provider offers nothing of the kind.",
            ApiError::NotOffered,
        ),
        (
            "The provider is down, or what it says makes no sense.",
            ApiError::BadGateway("The provider answered with status 503".to_owned()),
        ),
        (
            "It was not answered within the request deadline.",
            ApiError::GatewayTimeout,
        ),
        (
            "A fault of the server; its log has the cause under the request's id.",
            ApiError::Internal(String::new()),
        ),
    ]
}

/// `bad_request` gives `BadRequest`.
fn name_of(error: &ApiError) -> String {
    super::schema::type_name(error.code())
}

/// The name of the response with a status.
pub(super) fn response_name(status: u16) -> String {
    let meanings = meanings();
    let found = meanings
        .iter()
        .find(|(_, error)| error.status().as_u16() == status);
    let (_, error) = found.expect("every status that an operation names has a meaning");
    name_of(error)
}

pub(super) fn responses() -> impl Iterator<Item = (String, Response)> {
    meanings().into_iter().map(|(text, error)| {
        let schema = match error {
            ApiError::BadRequest(_) | ApiError::Unprocessable { .. } => "ErrorWithPlaces",
            _ => "Error",
        };
        let body = serde_json::to_value(error.body()).expect("texts and lists of texts are JSON");
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(schema)))
            .example(Some(body));
        let response = ResponseBuilder::new()
            .description(text)
            .content("application/json", content.build());
        (name_of(&error), response.build())
    })
}

pub(super) fn describe(schemas: &mut Schemas) {
    let error = |description: &str| {
        object(description)
            .property("code", text("The kind of error, for programs."))
            .required("code")
            .property("message", text("The kind of error, for people."))
            .required("message")
    };
    let retry_after = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(
            "Whole seconds to wait before asking again (429 only).",
        ))
        .minimum(Some(1));
    schemas.add(
        "Error",
        error("An error.")
            .property("detail", text("What exactly it was, in a sentence."))
            .property("retryAfter", retry_after),
    );
    schemas.add_type::<ErrorPathDetail>();
    schemas.add(
        "ErrorWithPlaces",
        error("An error with the places of the request that led to it.").property(
            "detail",
            list_of("ErrorPathDetail", "All that is wrong, each at its place."),
        ),
    );
}
