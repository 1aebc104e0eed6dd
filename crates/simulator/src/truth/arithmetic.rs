//! Numbers of the world to numbers of the common model, on integers: no fraction is binary before
//! the last step.

use model::coordinates::Coordinates;

use crate::fleet::{Position, Signal};

/// `numerator / denominator` rounded half away from zero; the denominator is positive.
pub(crate) fn rounded(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2 * numerator.signum();
    ((numerator + half) / denominator) as i64
}

/// A number of hundredths as it is served.
pub(crate) fn decimal(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Kilometres of metres, or litres of millilitres, two decimals.
pub(crate) fn thousandth(number: i64) -> f64 {
    decimal(rounded(i128::from(number), 10))
}

/// 1.609344 km to the mile; both sides in hundredths.
pub(crate) fn centi_kph(centi_mph: i64) -> i64 {
    rounded(i128::from(centi_mph) * 1_609_344, 1_000_000)
}

pub(crate) fn coordinates(place: Position) -> Coordinates {
    Coordinates {
        longitude: f64::from(place.longitude_e7) / 1e7,
        latitude: f64::from(place.latitude_e7) / 1e7,
    }
}

/// A reading of the world in the fixed point of the stat type that it is for, where the provider
/// gives it in a unit that loses nothing.
pub(crate) fn fixed_point(signal: Signal, value: i64) -> i64 {
    match signal {
        Signal::Position => 0,
        Signal::EngineState => value,
        Signal::FuelPercent | Signal::EngineRpm => value * 100,
        // Thousandths to hundredths: metres, millilitres, milli-degrees, millivolts.
        Signal::BusOdometerMetres
        | Signal::GpsOdometerMetres
        | Signal::FuelUsedMillilitres
        | Signal::CoolantMilliCelsius
        | Signal::BatteryMillivolts => rounded(i128::from(value), 10),
        Signal::BusEngineSeconds | Signal::EstimatedEngineSeconds => value * 1_000,
        // 0.1450377377 PSI to the kPa.
        Signal::OilPressureKpa => rounded(i128::from(value) * 1_450_377_377, 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_converted_as_the_units_say() {
        assert_eq!(fixed_point(Signal::OilPressureKpa, 100), 1_450);
        assert_eq!(fixed_point(Signal::CoolantMilliCelsius, -1_236), -124);
        assert_eq!(
            fixed_point(Signal::BusOdometerMetres, 14_010_293),
            1_401_029
        );
        assert_eq!(fixed_point(Signal::BusEngineSeconds, 7), 7_000);
    }
}
