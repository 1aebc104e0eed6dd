//! `/vehicles/utilization`, `/ifta/summary`: rows without ids of their own.

use model::Month;
use model::utilization::VehicleUtilizationDay;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, list_of, number, object, splice, text};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/vehicles/utilization",
        tag: "Vehicles",
        summary: "Lists how vehicles were used, day by day",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::GET_VEHICLE_UTILIZATION,
            "One row a vehicle and day of the fleet's time zone, with that day's bounds. In the \
             order of their dates when `startDate` or `endDate` is sent, else in that in which we \
             changed them. Days of vehicles that the connection's filters hide are left out.",
            ("Days.", "VehicleUtilizationDayPage"),
        ),
    },
    Described {
        method: HttpMethod::Get,
        path: "/ifta/summary",
        tag: "Fuel tax",
        summary: "Sums up distances by jurisdiction and month",
        wants: Wants::KeyAndToken,
        answer: Built::read(
            &parameters::GET_IFTA_SUMMARY,
            "Months are those of the fleet's time zone, at most 120 at once. Each page is summed \
             up when it is asked for; providers correct a month for some days after its end. \
             Vehicles that the connection's filters hide do not count.",
            ("Sums.", "IftaSummaryPage"),
        ),
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    let source_rows = "With `raw=true`: the rows it was made of.";
    schemas.add_record::<VehicleUtilizationDay>(|day| {
        day.description = Some("How a vehicle was used on a day.".to_owned());
        let vehicle = "The vehicle; whole with `expand=vehicle`.";
        splice(day, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        splice(day, "raw", list_of("RawRow", source_rows));
    });
    let durations = "UtilizationDurations";
    schemas.tell(durations, "driving", "Spent driving, milliseconds.");
    schemas.tell(
        durations,
        "idling",
        "Spent with the engine idling, milliseconds.",
    );
    schemas.add_page("VehicleUtilizationDay");

    schemas.add_type::<Month>();
    let vehicle = "When rows are grouped by vehicle; whole with `expand=vehicle`.";
    let jurisdiction = OneOfBuilder::new()
        .item(text("Two letters.").examples(["TN"]))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .description(Some(
            "A state or province, when rows are grouped by it; null for what lies in none.",
        ));
    let distance = number("Kilometres, two decimals.")
        .minimum(Some(0))
        .examples([1_204.55]);
    let summary = object("A sum of distances.")
        .property(
            "provider",
            text("The provider's code.").examples(["samsara"]),
        )
        .required("provider")
        .property("vehicle", id_or("VehicleId", "Vehicle", vehicle))
        .property("jurisdiction", jurisdiction)
        .property("distance", distance)
        .required("distance")
        .property("month", Ref::from_schema_name("Month"))
        .property("raw", list_of("RawRow", source_rows));
    schemas.add("IftaSummary", summary);
    schemas.add_page("IftaSummary");
}
