//! `/vehicles/locations`, `/trailers/locations`, `/hos/available-time`,
//! `/safety/events/{id}/camera-media`: what is asked of the provider at the moment of the call.

use model::live::{CameraMedia, HosAvailableTime, LatestTrailerLocation, LatestVehicleLocation};
use utoipa::openapi::HttpMethod;
use utoipa::openapi::schema::Object;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, list_of, splice};
use crate::parameters;

/// What the provider's own state can lead to.
const REFUSALS: &[u16] = &[422, 501, 502];

const fn list(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    built: Built,
) -> Described {
    Described {
        method: HttpMethod::Get,
        path,
        tag,
        summary,
        wants: Wants::KeyAndToken,
        answer: built,
    }
}

pub(super) static OPERATIONS: &[Described] = &[
    list(
        "/vehicles/locations",
        "Vehicles",
        "Lists where vehicles are now",
        Built {
            refusals: REFUSALS,
            ..Built::read(
                &parameters::LIST_LATEST_VEHICLE_LOCATIONS,
                "Asks the provider when it is called; equal calls within seconds share its answer. \
                 In the order of the vehicles' ids. Vehicles without a known position are absent, \
                 and so are those that the connection's filters hide and those that the provider \
                 no longer lists. Where the provider does not say who drives, the assignments \
                 of the last sync do; a driver that the filters hide is left out of the row.",
                ("Positions.", "LatestVehicleLocationPage"),
            )
        },
    ),
    list(
        "/trailers/locations",
        "Trailers",
        "Lists where trailers are now",
        Built {
            refusals: REFUSALS,
            ..Built::read(
                &parameters::LIST_LATEST_TRAILER_LOCATIONS,
                "Asks the provider when it is called; equal calls within seconds share its answer. \
                 In the order of the trailers' ids. Trailers without a known position are absent.",
                ("Positions.", "LatestTrailerLocationPage"),
            )
        },
    ),
    list(
        "/hos/available-time",
        "Hours of service",
        "Lists how long drivers may still drive",
        Built {
            refusals: REFUSALS,
            ..Built::read(
                &parameters::LIST_HOS_AVAILABLE_TIME,
                "Asks the provider when it is called; equal calls within seconds share its answer. \
                 In the order of the drivers' ids, without those that the connection's filters \
                 hide.",
                ("Times.", "HosAvailableTimePage"),
            )
        },
    ),
    list(
        "/safety/events/{id}/camera-media",
        "Safety",
        "Gets the films of a safety event",
        Built {
            path_id: "SafetyEventId",
            refusals: &[404, 422, 501, 502],
            ..Built::read(
                &parameters::GET_EVENT_CAMERA_MEDIA,
                "Asks the provider when it is called. The addresses are signed by it and go bad \
                 after some hours: fetch the films, do not keep the links. A camera without a \
                 film is absent.",
                ("The films.", "CameraMedia"),
            )
        },
    ),
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<LatestVehicleLocation>(|row| {
        let vehicle = "The vehicle; whole with `expand=vehicle`.";
        splice(row, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        let driver = "Who drives, where it is known; whole with `expand=driver`.";
        splice(row, "driver", id_or("DriverId", "Driver", driver));
        splice_raw(row);
    });
    schemas.add_page("LatestVehicleLocation");
    schemas.add_record::<LatestTrailerLocation>(|row| {
        let trailer = "The trailer; whole with `expand=trailer`.";
        splice(row, "trailer", id_or("TrailerId", "Trailer", trailer));
        splice_raw(row);
    });
    schemas.add_page("LatestTrailerLocation");
    schemas.add_record::<HosAvailableTime>(|row| {
        let driver = "The driver; whole with `expand=driver`.";
        splice(row, "driver", id_or("DriverId", "Driver", driver));
        splice_raw(row);
    });
    schemas.add_page("HosAvailableTime");
    schemas.add_record::<CameraMedia>(splice_raw);
    schemas.tell(
        "CameraMediaFile",
        "sourceId",
        "The provider's own id of the film.",
    );
    schemas.tell("FormattedAddress", "formatted", "One line.");
    schemas.tell(
        "EngineState",
        "",
        "What the engine does; `idle` is running without moving.",
    );
    schemas.tell(
        "FuelTanks",
        "secondaryPercentage",
        "Of the second tank, percent of what it holds.",
    );
    schemas.tell(
        "FuelTanks",
        "primaryPercentage",
        "Percent of what the tank holds.",
    );
}

fn splice_raw(row: &mut Object) {
    splice(
        row,
        "raw",
        list_of("RawRow", "With `raw=true`: the rows it was made of."),
    );
}
