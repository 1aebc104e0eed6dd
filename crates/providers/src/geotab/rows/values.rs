//! Measurements in the fixed point of their stat, from the units that `diagnostics` checks.

use std::borrow::Cow;

use model::history::EngineState;
use model::units::{hundredths, km_from_metres, psi_from_kpa};
use model::{SeriesKind, StatType};
use provider::SignalDescriptor;

use super::super::wire::Scalar;
use super::Wrong;

/// Nothing is colder.
const ABSOLUTE_ZERO_CELSIUS: f64 = -273.15;
const PASCALS_PER_KPA: f64 = 1_000.0;

#[inline]
pub fn fixed_point(
    signal: &SignalDescriptor,
    value: &Scalar<'_>,
) -> Result<i64, Cow<'static, str>> {
    let number = match value {
        Scalar::Number(number) => *number,
        other => return Err(format!("{}, not a number", other.kind()).into()),
    };
    let fixed = match signal.kind {
        SeriesKind::Stat(stat) => of_stat(stat, number),
        SeriesKind::Location => None,
    };
    fixed.ok_or_else(|| format!("{number} is out of range for {}", signal.kind.name()).into())
}

#[inline]
fn of_stat(stat: StatType, number: f64) -> Option<i64> {
    let not_negative = |number: f64| Some(number).filter(|number| *number >= 0.0);
    match stat {
        StatType::Odometer => not_negative(number).and_then(|m| hundredths(km_from_metres(m))),
        StatType::EngineRuntime => milliseconds(number),
        StatType::TotalFuelConsumption | StatType::EngineRpm | StatType::BatteryVoltage => {
            not_negative(number).and_then(hundredths)
        }
        // Gauges overshoot: a little more than full is full.
        StatType::FuelLevel | StatType::EngineOilPercentage | StatType::CoolantPercentage => {
            hundredths(number.clamp(0.0, 100.0))
        }
        StatType::EngineCoolantTemperature | StatType::EngineOilTemperature => Some(number)
            .filter(|celsius| *celsius >= ABSOLUTE_ZERO_CELSIUS)
            .and_then(hundredths),
        StatType::EngineOilPressure => {
            not_negative(number).and_then(|pa| hundredths(psi_from_kpa(pa / PASCALS_PER_KPA)))
        }
        // Ignition: whether it idles or drives is not said.
        StatType::EngineState => match number {
            0.0 => Some(EngineState::Off as i64),
            1.0 => Some(EngineState::On as i64),
            _ => None,
        },
    }
}

/// From seconds.
pub fn milliseconds(seconds: f64) -> Option<i64> {
    let milliseconds = (seconds * 1_000.0).round();
    (0.0..=9e15)
        .contains(&milliseconds)
        .then_some(milliseconds as i64)
}

/// Speeds that are not known come as the text `NaN`.
#[inline]
pub fn speed_centi_kph(value: &Scalar<'_>) -> Result<Option<i32>, Wrong> {
    const MEMBER: &str = "speed";
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) if text == "NaN" => Ok(None),
        Scalar::Number(kph) => hundredths(*kph)
            .and_then(|centi| i32::try_from(centi).ok())
            .filter(|centi| *centi >= 0)
            .map(Some)
            .ok_or((MEMBER, "not a speed".into())),
        other => Err((MEMBER, format!("{}, not a number", other.kind()).into())),
    }
}
