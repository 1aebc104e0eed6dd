//! `/groups`.

use model::group::Group;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, splice, splice_record_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/groups",
    tag: "Groups",
    summary: "Lists groups",
    wants: Wants::KeyAndToken,
    answer: Built::read(
        &parameters::LIST_GROUPS,
        "In the order in which we changed them. Members name their groups, not the reverse.",
        ("Groups.", "GroupPage"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Group>(|group| {
        group.description = Some("A group of vehicles and drivers.".to_owned());
        let parent = "The group that this one lies in; absent at the top.";
        splice(group, "parent", id_or("GroupId", "Group", parent));
        splice_record_members(group);
    });
    schemas.add_page("Group");
}
