//! The API's description in OpenAPI 3.1, made from our own code.
//!
//! Query parameters come from the tables that the parser reads ([`crate::parameters`]), entities
//! from the structs that are stored, errors from [`crate::ApiError`]. What handlers splice by hand
//! (metadata, source rows, points, pages) is described here beside it, one file a resource, and
//! held against real answers by tests.
//!
//! Absent here: the admin API, which is no part of the contract and may change with any version,
//! and the answers of operations that are not built.

mod connections;
mod devices;
mod drivers;
mod errors;
mod fault_codes;
mod groups;
mod history;
mod hos;
mod issues;
mod link;
mod live;
mod operation;
mod parameter;
mod passthrough;
mod providers;
mod reports;
mod safety;
mod schema;
mod syncs;
mod trailers;
mod trips;
mod vehicles;

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server};

use operation::Described;
use schema::Schemas;

const ABOUT: &str = "Fleet telematics of many providers in one model. Errors are objects with \
    `code`, `message` and mostly `detail`. Every answer carries `X-Request-Id`; an answer to a \
    query of which something was ignored carries `Warning` headers. Members that a provider does \
    not give are absent, never null, and new members may come with any version. Answers are \
    compressed with gzip or zstd where `Accept-Encoding` asks for it.";

/// Every operation of the contract.
fn operations() -> impl Iterator<Item = &'static Described> {
    [
        connections::OPERATIONS,
        link::OPERATIONS,
        providers::OPERATIONS,
        syncs::OPERATIONS,
        issues::OPERATIONS,
        vehicles::OPERATIONS,
        history::OPERATIONS,
        drivers::OPERATIONS,
        groups::OPERATIONS,
        devices::OPERATIONS,
        trailers::OPERATIONS,
        trips::OPERATIONS,
        safety::OPERATIONS,
        fault_codes::OPERATIONS,
        hos::OPERATIONS,
        reports::OPERATIONS,
        live::OPERATIONS,
        passthrough::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// The description. Its paths lie below its one server, `/tsp/v1` of whatever host serves it.
pub fn description() -> OpenApi {
    let mut paths = Paths::new();
    for described in operations() {
        let item = PathItem::new(described.method.clone(), described.operation());
        let known = paths.paths.entry(described.path.to_owned()).or_default();
        known.merge_operations(item);
    }
    let info = InfoBuilder::new()
        .title("Gladhand")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/tsp/v1")]))
        .paths(paths)
        .components(Some(components()))
        .build()
}

fn components() -> Components {
    let mut schemas = Schemas::default();
    connections::describe(&mut schemas);
    link::describe(&mut schemas);
    providers::describe(&mut schemas);
    syncs::describe(&mut schemas);
    issues::describe(&mut schemas);
    vehicles::describe(&mut schemas);
    history::describe(&mut schemas);
    drivers::describe(&mut schemas);
    groups::describe(&mut schemas);
    devices::describe(&mut schemas);
    trailers::describe(&mut schemas);
    trips::describe(&mut schemas);
    safety::describe(&mut schemas);
    fault_codes::describe(&mut schemas);
    hos::describe(&mut schemas);
    reports::describe(&mut schemas);
    live::describe(&mut schemas);
    passthrough::describe(&mut schemas);
    errors::describe(&mut schemas);
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A secret key (`sk_…`): whose connections they are."))
        .build();
    let token = ApiKeyValue::with_description(
        operation::TOKEN_HEADER,
        "A connection's token (`con_tkn_…`): which connection is meant.",
    );
    ComponentsBuilder::new()
        .schemas_from_iter(schemas.into_all())
        .responses_from_iter(errors::responses())
        .parameter(operation::TOKEN_PARAMETER, parameter::token())
        .security_scheme(operation::KEY, SecurityScheme::Http(key))
        .security_scheme(
            operation::TOKEN,
            SecurityScheme::ApiKey(ApiKey::Header(token)),
        )
        .build()
}

/// Answers the description, to everybody. It is the same for all and made once.
pub(crate) async fn serve() -> Response {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| {
        let text = serde_json::to_vec(&description());
        Bytes::from(text.expect("a description is made of texts, numbers and lists"))
    });
    ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
}

#[cfg(test)]
mod tests;
