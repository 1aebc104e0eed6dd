//! `/vehicles`, `/vehicles/{id}`, and what all records are served with.

use model::connection::Visibility;
use model::vehicle::Vehicle;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, ids_or, like, object, splice, splice_record_members, text};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/vehicles",
        tag: "Vehicles",
        summary: "Lists vehicles",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_VEHICLES,
            "In the order in which we changed them. What the connection's filters hide and what \
             the provider no longer has is left out unless asked for.",
            ("Vehicles.", "VehiclePage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/vehicles/{id}",
        tag: "Vehicles",
        summary: "Gets a vehicle",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "VehicleId",
            refusals: &[404],
            ..Built::read(
                &parameters::GET_VEHICLE,
                "Hidden and deleted ones too; `metadata` tells.",
                ("The vehicle.", "Vehicle"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Vehicle>(|vehicle| {
        vehicle.description = Some("A vehicle.".to_owned());
        let groups = "Groups that it is a member of.";
        splice(vehicle, "groups", ids_or("GroupId", "Group", groups));
        let devices = "Devices that are mounted in it.";
        splice(vehicle, "devices", ids_or("DeviceId", "Device", devices));
        splice_record_members(vehicle);
    });
    schemas.add_page("Vehicle");
    describe_record_members(schemas);
}

fn describe_record_members(schemas: &mut Schemas) {
    schemas.add_type::<Visibility>();
    let times = |description: &str| {
        object(description)
            .property("addedAt", like("Timestamp", "When we first saved it."))
            .required("addedAt")
            .property(
                "modifiedAt",
                like(
                    "Timestamp",
                    "When we last saved a change of it: what `modifiedAfter` looks at.",
                ),
            )
            .required("modifiedAt")
    };
    schemas.add(
        "EventMetadata",
        times("What we know of an event or a day, by our clock."),
    );
    let metadata = times("What we know of a record, by our clock.")
        .property(
            "deletedAt",
            like(
                "Timestamp",
                "When we saw that the provider has it no more; absent while it has.",
            ),
        )
        .property(
            "visibility",
            like(
                "Visibility",
                "Whether the connection's filters show it; vehicles and drivers have it.",
            ),
        );
    schemas.add("RecordMetadata", metadata);
    let raw = object("A row of the provider, as it came.")
        .property(
            "provider",
            text("The provider's code.").examples(["samsara"]),
        )
        .required("provider")
        .property(
            "schema",
            text("The stream that it came in.").examples(["vehicles"]),
        )
        .required("schema")
        .property(
            "extractedAt",
            like("Timestamp", "When we received it, by our clock."),
        )
        .required("extractedAt")
        .property(
            "data",
            object("The row itself, in the provider's form.").additional_properties(Some(
                utoipa::openapi::schema::AdditionalProperties::FreeForm(true),
            )),
        )
        .required("data");
    schemas.add("RawRow", raw);
}
