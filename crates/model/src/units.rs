//! Conversions to the units of the common model, and its roundings.
//!
//! The common model speaks kilometres, km/h, litres, degrees Celsius, PSI, volts, rpm, percent and
//! milliseconds, measured values rounded to two decimals. Providers convert with these functions
//! and no others, so that the same mile is the same kilometre everywhere.

pub const KM_PER_MILE: f64 = 1.609_344;
pub const PSI_PER_KPA: f64 = 0.145_037_737_7;

/// Hundredths of `value`, rounded half away from zero: the fixed-point form that history keeps.
/// `None` when it is not a finite number or lies beyond ±9·10¹⁵ (where hundredths stop being
/// exact).
pub fn hundredths(value: f64) -> Option<i64> {
    let scaled = rounded(value * 100.0);
    (scaled.is_finite() && scaled.abs() <= 9e15).then_some(scaled as i64)
}

/// The number that `hundredths` made, as it is served.
pub fn from_hundredths(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Rounded to two decimals, as measured values are served.
pub fn round2(value: f64) -> f64 {
    rounded(value * 100.0) / 100.0
}

/// To a whole number, half away from zero. What two or three operations left just below a half was
/// one: 1,005 metres are 1.01 kilometres, though 1.005 times 100 is a little less than 100.5.
fn rounded(scaled: f64) -> f64 {
    const LOST_IN_SCALING: f64 = 4.0 * f64::EPSILON;
    (scaled * (1.0 + LOST_IN_SCALING)).round()
}

pub fn kph_from_mph(mph: f64) -> f64 {
    mph * KM_PER_MILE
}

pub fn kph_from_metres_per_second(metres_per_second: f64) -> f64 {
    metres_per_second * 3.6
}

pub fn km_from_metres(metres: f64) -> f64 {
    metres / 1_000.0
}

pub fn psi_from_kpa(kpa: f64) -> f64 {
    kpa * PSI_PER_KPA
}

/// Degrees to the 1e-7 fixed point that history keeps (about one centimetre). `None` outside
/// ±180, where no coordinate can lie.
pub fn degrees_e7(degrees: f64) -> Option<i32> {
    (degrees.abs() <= 180.0).then(|| (degrees * 1e7).round() as i32)
}

pub fn from_degrees_e7(degrees_e7: i32) -> f64 {
    f64::from(degrees_e7) / 1e7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_whole_metres_go_away_from_zero() {
        for metres in (5..2_000_000i64).step_by(10).chain([987_654_321_005]) {
            let wanted = (metres + 5) / 10;
            let km = km_from_metres(metres as f64);
            assert_eq!(hundredths(km), Some(wanted), "{metres}");
            assert_eq!(hundredths(-km), Some(-wanted), "{metres}");
            assert_eq!(hundredths(round2(km)), Some(wanted), "{metres}");
            let below = km_from_metres((metres - 1) as f64);
            assert_eq!(hundredths(below), Some((metres - 1) / 10), "{metres}");
        }
        assert_eq!(hundredths(f64::NAN), None);
        assert_eq!(hundredths(1e14), None);
    }
}
