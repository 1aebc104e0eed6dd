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
    let scaled = (value * 100.0).round();
    (scaled.is_finite() && scaled.abs() <= 9e15).then_some(scaled as i64)
}

/// The number that `hundredths` made, as it is served.
pub fn from_hundredths(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Rounded to two decimals, as measured values are served.
pub fn round2(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
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
