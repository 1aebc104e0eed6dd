//! `/trailers`.

use model::trailer::Trailer;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, ids_or, splice, splice_record_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/trailers",
    tag: "Trailers",
    summary: "Lists trailers",
    wants: Wants::KeyAndToken,
    answer: Built::read(
        &parameters::LIST_TRAILERS,
        "In the order in which we changed them. What the provider no longer has is left out \
         unless asked for.",
        ("Trailers.", "TrailerPage"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Trailer>(|trailer| {
        trailer.description = Some("A trailer.".to_owned());
        let groups = "Groups that it is a member of.";
        splice(trailer, "groups", ids_or("GroupId", "Group", groups));
        splice_record_members(trailer);
    });
    schemas.tell("Trailer", "serialNumber", "What its maker calls it by.");
    schemas.add_page("Trailer");
}
