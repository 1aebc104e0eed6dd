//! `/drivers`, `/drivers/{id}`.

use model::driver::Driver;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, ids_or, splice, splice_record_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/drivers",
        tag: "Drivers",
        summary: "Lists drivers",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_DRIVERS,
            "In the order in which we changed them. What the connection's filters hide and what \
             the provider no longer has is left out unless asked for.",
            ("Drivers.", "DriverPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/drivers/{id}",
        tag: "Drivers",
        summary: "Gets a driver",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "DriverId",
            refusals: &[404],
            ..Built::read(
                &parameters::GET_DRIVER,
                "Hidden and deleted ones too; `metadata` tells.",
                ("The driver.", "Driver"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Driver>(|driver| {
        driver.description = Some("A driver.".to_owned());
        let groups = "Groups that the driver is a member of.";
        splice(driver, "groups", ids_or("GroupId", "Group", groups));
        splice_record_members(driver);
    });
    schemas.add_page("Driver");
}
