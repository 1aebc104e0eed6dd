//! `/fault-codes/events`.

use model::fault::FaultCodeEvent;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, splice, splice_event_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/fault-codes/events",
    tag: "Fault codes",
    summary: "Lists when fault codes came and went",
    wants: Wants::KeyAndToken,
    answer: Built::read(
        &parameters::LIST_FAULT_CODE_EVENTS,
        "One event each time that a code appears, is confirmed or is no longer reported. In the \
         order in which they were observed when `startAt` or `endAt` is sent, else in that in \
         which we changed them. Those of vehicles that the connection's filters hide are left out.",
        ("Fault code events.", "FaultCodeEventPage"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<FaultCodeEvent>(|event| {
        event.description = Some("A change of one fault code of a vehicle.".to_owned());
        let vehicle = "The vehicle; whole with `expand=vehicle`.";
        splice(event, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        splice_event_members(event);
    });
    schemas.tell(
        "FaultCodeEvent",
        "code",
        "The code, in its protocol's usual form.",
    );
    schemas.tell("FaultCodeEvent", "description", "The code in words.");
    schemas.tell("FaultCodeProtocol", "", "Which family of codes it is of.");
    schemas.tell("ObdiiCode", "", "A code of a light vehicle.");
    schemas.tell("ObdiiCode", "code", "Five characters.");
    schemas.tell("ObdiiCode", "description", "The code in words.");
    schemas.tell("J1939Code", "", "A code of a heavy vehicle.");
    schemas.tell("J1939Code", "fmiDescription", "How it fails, in words.");
    schemas.tell("J1939Code", "spnDescription", "What fails, in words.");
    schemas.tell("J1939Code", "occurrenceCount", "How often it was counted.");
    schemas.add_page("FaultCodeEvent");
}
