//! Diagnostics that come as status data: what of this fleet's signals each gives, in whose unit.

use crate::fleet::{SafetyEvent, SafetyKind, Signal, VehiclePlan};

/// A number over a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub number: i64,
    pub decimals: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Gauge {
    Odometer,
    RawOdometer,
    EngineHours,
    TotalFuelUsed,
    DeviceTotalFuel,
    FuelLevel,
    EngineSpeed,
    CoolantTemperature,
    OilPressure,
    DeviceVoltage,
    Ignition,
    AccelerationForwardBraking,
    AccelerationSideToSide,
    // What no vehicle of this fleet reports.
    OilTemperature,
    OilLevel,
    CoolantLevel,
}

impl Gauge {
    pub const ALL: [Gauge; 16] = [
        Gauge::Odometer,
        Gauge::RawOdometer,
        Gauge::EngineHours,
        Gauge::TotalFuelUsed,
        Gauge::DeviceTotalFuel,
        Gauge::FuelLevel,
        Gauge::EngineSpeed,
        Gauge::CoolantTemperature,
        Gauge::OilPressure,
        Gauge::DeviceVoltage,
        Gauge::Ignition,
        Gauge::AccelerationForwardBraking,
        Gauge::AccelerationSideToSide,
        Gauge::OilTemperature,
        Gauge::OilLevel,
        Gauge::CoolantLevel,
    ];

    /// Spelled as irregularly as MyGeotab does.
    pub fn id(self) -> &'static str {
        match self {
            Gauge::Odometer => "DiagnosticOdometerId",
            Gauge::RawOdometer => "DiagnosticRawOdometerId",
            Gauge::EngineHours => "DiagnosticEngineHoursId",
            Gauge::TotalFuelUsed => "DiagnosticTotalFuelUsedId",
            Gauge::DeviceTotalFuel => "DiagnosticDeviceTotalFuelId",
            Gauge::FuelLevel => "DiagnosticFuelLevelId",
            Gauge::EngineSpeed => "DiagnosticEngineSpeedId",
            Gauge::CoolantTemperature => "DiagnosticEngineCoolantTemperatureId",
            Gauge::OilPressure => "DiagnosticOilPressureId",
            Gauge::DeviceVoltage => "DiagnosticGoDeviceVoltageId",
            Gauge::Ignition => "DiagnosticIgnitionId",
            Gauge::AccelerationForwardBraking => "DiagnosticAccelerationForwardBrakingId",
            Gauge::AccelerationSideToSide => "DiagnosticAccelerationSideToSideId",
            Gauge::OilTemperature => "DiagnosticEngineOilTemperatureID",
            Gauge::OilLevel => "DiagnosticEngineOilLevelId",
            Gauge::CoolantLevel => "DiagnosticCoolantLevelId",
        }
    }

    pub fn from_id(id: &str) -> Option<Gauge> {
        Gauge::ALL.into_iter().find(|gauge| gauge.id() == id)
    }

    pub fn name(self) -> &'static str {
        match self {
            Gauge::Odometer => "Odometer",
            Gauge::RawOdometer => "Raw odometer",
            Gauge::EngineHours => "Engine hours",
            Gauge::TotalFuelUsed => "Total fuel used",
            Gauge::DeviceTotalFuel => "Total fuel used (since telematics device install)",
            Gauge::FuelLevel => "Fuel level (percentage)",
            Gauge::EngineSpeed => "Engine speed",
            Gauge::CoolantTemperature => "Engine coolant temperature",
            Gauge::OilPressure => "Engine oil pressure",
            Gauge::DeviceVoltage => "Telematics device voltage",
            Gauge::Ignition => "Ignition",
            Gauge::AccelerationForwardBraking => "Acceleration forward or braking",
            Gauge::AccelerationSideToSide => "Acceleration side to side",
            Gauge::OilTemperature => "Engine oil temperature",
            Gauge::OilLevel => "Engine oil level",
            Gauge::CoolantLevel => "Coolant level",
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Gauge::Odometer | Gauge::RawOdometer => "UnitOfMeasureMetersId",
            Gauge::EngineHours => "UnitOfMeasureSecondsId",
            Gauge::TotalFuelUsed | Gauge::DeviceTotalFuel => "UnitOfMeasureLitersId",
            Gauge::FuelLevel | Gauge::OilLevel | Gauge::CoolantLevel => "UnitOfMeasurePercentageId",
            Gauge::EngineSpeed => "UnitOfMeasureRevolutionsPerMinuteId",
            Gauge::CoolantTemperature | Gauge::OilTemperature => "UnitOfMeasureDegreesCelsiusId",
            Gauge::OilPressure => "UnitOfMeasurePascalsId",
            Gauge::DeviceVoltage => "UnitOfMeasureVoltsId",
            Gauge::Ignition => "UnitOfMeasureNoneId",
            Gauge::AccelerationForwardBraking | Gauge::AccelerationSideToSide => {
                "UnitOfMeasureMetersPerSecondSquaredId"
            }
        }
    }

    /// The signal that the vehicle's device gives under this name; `None`: none, or no signal.
    pub fn signal(self, plan: &VehiclePlan) -> Option<Signal> {
        let signal = match self {
            Gauge::Odometer => Signal::BusOdometerMetres,
            Gauge::RawOdometer => Signal::GpsOdometerMetres,
            // One name for both, of which the bus is the better.
            Gauge::EngineHours if plan.reports(Signal::BusEngineSeconds) => {
                Signal::BusEngineSeconds
            }
            Gauge::EngineHours => Signal::EstimatedEngineSeconds,
            // Of three vehicles one has both, one the engine's and one the device's count alone.
            Gauge::TotalFuelUsed if plan.index % 3 != 1 => Signal::FuelUsedMillilitres,
            Gauge::DeviceTotalFuel if plan.index % 3 != 2 => Signal::FuelUsedMillilitres,
            Gauge::FuelLevel => Signal::FuelPercent,
            Gauge::EngineSpeed => Signal::EngineRpm,
            Gauge::CoolantTemperature => Signal::CoolantMilliCelsius,
            Gauge::OilPressure => Signal::OilPressureKpa,
            Gauge::DeviceVoltage => Signal::BatteryMillivolts,
            Gauge::Ignition => Signal::EngineState,
            _ => return None,
        };
        plan.reports(signal).then_some(signal)
    }

    /// A reading of the signal in this diagnostic's unit.
    pub fn value(self, reading: i64) -> Value {
        let (number, decimals) = match self {
            Gauge::TotalFuelUsed
            | Gauge::DeviceTotalFuel
            | Gauge::CoolantTemperature
            | Gauge::DeviceVoltage => (reading, 3),
            Gauge::OilPressure => (reading * 1_000, 0),
            // Idling and driving are the same to an ignition.
            Gauge::Ignition => (i64::from(reading != 0), 0),
            _ => (reading, 0),
        };
        Value { number, decimals }
    }

    /// What an accelerometer gave at the beginning of an event; 9.80665 m/s² to the g.
    pub fn of_event(self, event: &SafetyEvent) -> Option<Value> {
        let is_across = event.kind == SafetyKind::HarshTurn;
        let is_its = match self {
            Gauge::AccelerationForwardBraking => !is_across,
            Gauge::AccelerationSideToSide => is_across,
            _ => false,
        };
        let milli_g = event.max_milli_g.filter(|_| is_its)?;
        Some(Value {
            number: i64::from(milli_g) * 980_665,
            decimals: 8,
        })
    }
}
