//! `/trips`.

use model::trip::Trip;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, splice, splice_event_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/trips",
    tag: "Trips",
    summary: "Lists trips",
    wants: Wants::KeyAndToken,
    answer: Built::read(
        &parameters::LIST_TRIPS,
        "Trips that are over, in the order in which they began when a bound on their times is \
         sent, else in that in which we changed them. Those of a vehicle or driver that the \
         connection's filters hide are left out.",
        ("Trips.", "TripPage"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Trip>(|trip| {
        trip.description = Some("A stretch of time in which a vehicle moved.".to_owned());
        let vehicle = "The vehicle; whole with `expand=vehicle`.";
        splice(trip, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        let driver = "Who drove, where it is known; whole with `expand=driver`.";
        splice(trip, "driver", id_or("DriverId", "Driver", driver));
        splice_event_members(trip);
    });
    schemas.add_page("Trip");
}
