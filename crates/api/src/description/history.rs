//! `/vehicles/{vehicleId}/locations`, `/vehicles/{vehicleId}/stats/historical`.

use model::StatType;
use model::history::EngineState;
use model::{StatLogId, VehicleLocationId};
use utoipa::openapi::schema::{
    AllOfBuilder, Discriminator, ObjectBuilder, OneOfBuilder, Schema, Type,
};
use utoipa::openapi::{HttpMethod, Ref, RefOr};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, like, list_of, number, object, text, type_name};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/vehicles/{vehicleId}/locations",
        tag: "Vehicles",
        summary: "Lists where a vehicle was",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "VehicleId",
            refusals: &[404],
            ..Built::read(
                &parameters::LIST_LOCATIONS,
                "Oldest first.",
                ("Locations.", "VehicleLocationPage"),
            )
        },
    },
    Described {
        method: HttpMethod::Get,
        path: "/vehicles/{vehicleId}/stats/historical",
        tag: "Vehicles",
        summary: "Lists what a vehicle's sensors said",
        wants: Wants::KeyAndToken,
        answer: Built {
            path_id: "VehicleId",
            refusals: &[404],
            ..Built::read(
                &parameters::LIST_STATS,
                "Oldest first, all types mixed.",
                ("Stats.", "VehicleStatLogPage"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_type::<VehicleLocationId>();
    schemas.add_type::<StatLogId>();
    let modified = like(
        "Timestamp",
        "When we last saved a change of it, by our clock.",
    );
    let metadata = object("What we know of a point.")
        .property("modifiedAt", modified)
        .required("modifiedAt");
    schemas.add("PointMetadata", metadata);
    schemas.add("VehicleLocation", location());
    schemas.add_page("VehicleLocation");
    let states = [EngineState::Off, EngineState::On, EngineState::Idle].map(EngineState::name);
    let state = text("What the engine does; `idle` is running without moving.");
    schemas.add("EngineState", state.enum_values(Some(states)));
    schemas.add("VehicleStatLogBase", stat_base());
    for stat in StatType::ALL {
        schemas.add(&variant_name(stat), stat_variant(stat));
    }
    schemas.add("VehicleStatLog", any_stat());
    schemas.add_page("VehicleStatLog");
}

/// What locations and stats share.
fn point(description: &str, id: &str) -> ObjectBuilder {
    let source = "The provider's own id of the point, where points have one.";
    object(description)
        .property("id", Ref::from_schema_name(id))
        .required("id")
        .property(
            "provider",
            text("The provider's code.").examples(["samsara"]),
        )
        .required("provider")
        .property("sourceId", text(source))
        .property(
            "metadata",
            like("PointMetadata", "What we know of the point itself."),
        )
        .required("metadata")
        .property(
            "raw",
            list_of("RawRow", "With `raw=true`: the row it was made of."),
        )
}

fn location() -> ObjectBuilder {
    let degrees = |text: &str, most: i32, example: f64| {
        number(text)
            .minimum(Some(-most))
            .maximum(Some(most))
            .examples([example])
    };
    let latitude = degrees("Degrees north of the equator, −90 to 90.", 90, 32.7766642);
    let longitude = degrees("Degrees east of Greenwich, −180 to 180.", 180, -96.7969879);
    let coordinates = object("A place on earth (WGS 84), to 1e-7 degrees.")
        .property("latitude", latitude)
        .required("latitude")
        .property("longitude", longitude)
        .required("longitude");
    let formatted = text("One line.").examples(["2200 Ross Ave, Dallas, TX"]);
    let address = object("The address of the place, where the provider gives it.")
        .property("formatted", formatted);
    let heading = number("Degrees clockwise from north, two decimals, 0 to 360.").examples([90.5]);
    let speed = number("Kilometres per hour, two decimals.").examples([88.51]);
    point("Where a vehicle was at a moment.", "VehicleLocationId")
        .property("vehicle", like("VehicleId", "The vehicle."))
        .required("vehicle")
        .property("driver", like("DriverId", "Who drove, where it is known."))
        .property(
            "locatedAt",
            like("Timestamp", "The moment, by the provider's clock."),
        )
        .required("locatedAt")
        .property("location", coordinates)
        .required("location")
        .property("address", address)
        .property("heading", heading)
        .property("speed", speed)
}

fn stat_base() -> ObjectBuilder {
    let vehicle = "The vehicle; whole with `expand=vehicle`.";
    point("What all stats have.", "StatLogId")
        .property("vehicle", id_or("VehicleId", "Vehicle", vehicle))
        .required("vehicle")
        .property(
            "timestamp",
            like("Timestamp", "The moment, by the provider's clock."),
        )
        .required("timestamp")
}

fn variant_name(stat: StatType) -> String {
    format!("{}Log", type_name(stat.name()))
}

fn stat_variant(stat: StatType) -> AllOfBuilder {
    let kind = text("What was measured.").enum_values(Some([stat.name()]));
    let (member, _) = stat.member();
    let own = object("The measured value.")
        .property("type", kind)
        .required("type")
        .property(member, value(stat))
        .required(member);
    AllOfBuilder::new()
        .item(Ref::from_schema_name("VehicleStatLogBase"))
        .item(own)
        .description(Some(format!("A stat of the type `{}`.", stat.name())))
}

/// The member that carries the value, with unit and range.
fn value(stat: StatType) -> RefOr<Schema> {
    let percent = |text: &str| {
        number(text)
            .minimum(Some(0))
            .maximum(Some(100))
            .examples([62.5])
    };
    let number = match stat {
        StatType::EngineState => return like("EngineState", "What the engine did.").into(),
        StatType::Odometer => {
            number("Kilometres since the vehicle was made, two decimals.").examples([214_310.42])
        }
        StatType::TotalFuelConsumption => {
            number("Litres burnt since the vehicle was made, two decimals.").examples([80_214.5])
        }
        StatType::FuelLevel => percent("Percent of the tank that is full, two decimals, 0 to 100."),
        StatType::EngineRuntime => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some(
                "Whole milliseconds that the engine has run since it was made.",
            ))
            .examples([5_400_000]),
        StatType::EngineOilPercentage => percent("Percent of oil left, two decimals, 0 to 100."),
        StatType::EngineOilPressure => {
            number("Pressure of the oil in PSI, two decimals.").examples([41.3])
        }
        StatType::EngineOilTemperature => {
            number("Temperature of the oil in degrees Celsius, two decimals.").examples([93.5])
        }
        StatType::EngineCoolantTemperature => {
            number("Temperature of the coolant in degrees Celsius, two decimals.").examples([86.0])
        }
        StatType::CoolantPercentage => percent("Percent of coolant left, two decimals, 0 to 100."),
        StatType::EngineRpm => {
            number("Revolutions of the engine per minute, two decimals.").examples([1_350.0])
        }
        StatType::BatteryVoltage => {
            number("Volts of the vehicle's battery, two decimals.").examples([13.8])
        }
    };
    number.into()
}

fn any_stat() -> OneOfBuilder {
    let place = |stat| format!("#/components/schemas/{}", variant_name(stat));
    let mapping = StatType::ALL.map(|stat| (stat.name(), place(stat)));
    let variants = StatType::ALL.into_iter().map(variant_name);
    variants
        .fold(OneOfBuilder::new(), |one_of, name| {
            one_of.item(Ref::from_schema_name(name))
        })
        .discriminator(Some(Discriminator::with_mapping("type", mapping)))
        .description(Some("What a sensor of a vehicle said at a moment."))
}
