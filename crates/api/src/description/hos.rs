//! `/hos/logs`, `/hos/daily-logs`.

use model::hos::{HosDailyLog, HosLog};
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, ids_or, splice, splice_event_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/hos/logs",
        tag: "Hours of service",
        summary: "Lists changes of drivers' duty status",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_HOS_LOGS,
            "In the order in which they began when `startedAfter` or `startedBefore` is sent, \
             else in that in which we changed them. Drivers and carriers may edit logs for days: \
             look back over eight days, or follow `modifiedAfter`. What is of a driver or vehicle \
             that the connection's filters hide is left out.",
            ("Logs.", "HosLogPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/hos/daily-logs",
        tag: "Hours of service",
        summary: "Lists drivers' days",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::LIST_HOS_DAILY_LOGS,
            "In the order of their dates when `startDate` or `endDate` is sent, else in that in \
             which we changed them. Days of drivers that the connection's filters hide are left \
             out.",
            ("Days.", "HosDailyLogPage"),
        ),
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<HosLog>(|log| {
        log.description = Some("A duty status of a driver, and how long it lasted.".to_owned());
        let driver = "The driver; whole with `expand=driver`.";
        splice(log, "driver", id_or("DriverId", "Driver", driver));
        let vehicle = "The vehicle, where it is known; whole with `expand=vehicle`.";
        splice(log, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        let codrivers = "Who drove along; whole with `expand=codrivers`.";
        splice(log, "codrivers", ids_or("DriverId", "Driver", codrivers));
        log.required.push("remarks".to_owned());
        splice_event_members(log);
    });
    schemas.tell("HosLog", "remarks", "What was noted beside it.");
    schemas.tell("HosStatus", "", "A duty status.");
    schemas.tell("HosRemark", "sourceId", "The provider's own id of it.");
    schemas.tell("HosRemark", "notes", "The note.");
    schemas.add_page("HosLog");
    schemas.add_record::<HosDailyLog>(|day| {
        day.description = Some("A driver's day.".to_owned());
        let driver = "The driver; whole with `expand=driver`.";
        splice(day, "driver", id_or("DriverId", "Driver", driver));
        splice_event_members(day);
    });
    for (member, text) in [
        ("total", "All of it, kilometres."),
        ("driving", "While driving, kilometres."),
        (
            "personalConveyance",
            "While under way privately, kilometres.",
        ),
        ("yardMove", "Within yards, kilometres."),
    ] {
        schemas.tell("HosDistances", member, text);
    }
    for (member, text) in [
        ("onDuty", "On duty and not driving, milliseconds."),
        ("offDuty", "Off duty, milliseconds."),
        ("driving", "Driving, milliseconds."),
        ("waiting", "Waiting at a well site, milliseconds."),
        ("sleeperBed", "In the sleeper berth, milliseconds."),
        ("personalConveyance", "Under way privately, milliseconds."),
        ("yardMove", "Moving within yards, milliseconds."),
    ] {
        schemas.tell("HosStatusDurations", member, text);
    }
    schemas.add_page("HosDailyLog");
}
