//! `/safety/events`, `/safety/events/{id}`.

use model::safety::SafetyEvent;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, splice, splice_event_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/safety/events",
        tag: "Safety",
        summary: "Lists safety events",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_SAFETY_EVENTS,
            "In the order in which they began when `startedAfter` or `startedBefore` is sent, \
             else in that in which we changed them. Those of a vehicle or driver that the \
             connection's filters hide are left out.",
            ("Safety events.", "SafetyEventPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/safety/events/{id}",
        tag: "Safety",
        summary: "Gets a safety event",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "SafetyEventId",
            refusals: &[404],
            ..Built::read(
                &parameters::GET_SAFETY_EVENT,
                "Those that the connection's filters hide too.",
                ("The event.", "SafetyEvent"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<SafetyEvent>(|event| {
        event.description = Some("Harsh driving, risky behaviour or a crash.".to_owned());
        let vehicle = "The vehicle; whole with `expand=vehicle`.";
        splice(event, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        let driver = "Who drove, where it is known; whole with `expand=driver`.";
        splice(event, "driver", id_or("DriverId", "Driver", driver));
        splice_event_members(event);
    });
    let file = "CameraMediaFileReference";
    schemas.tell(
        "CameraMediaReference",
        "",
        "Which cameras filmed the event.",
    );
    schemas.tell(file, "sourceId", "The provider's own id of the film.");
    schemas.tell(file, "available", "Whether it can be asked for.");
    schemas.add_page("SafetyEvent");
}
