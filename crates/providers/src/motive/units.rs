//! In which system a number is.
//!
//! Every call asks for metric units, and most numbers follow. Where an answer names another system
//! the answer is believed: it did happen that a request for metric units was answered in imperial
//! ones, and nobody can tell a gallon from a litre by looking.

use model::units::KM_PER_MILE;

use super::wire::{Object, Reference, Scalar};

/// km/h a second that one g is.
pub const KPH_PER_SECOND_PER_G: f64 = 35.303_94;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    Metric,
    Imperial,
}

impl Units {
    /// By a `metric_units` of the answer; what was asked for where there is none.
    pub fn of(flag: &Scalar<'_>) -> Units {
        match flag {
            Scalar::Truth(false) => Units::Imperial,
            _ => Units::Metric,
        }
    }

    pub fn of_vehicle(vehicle: &Object<Reference<'_>>) -> Units {
        match vehicle {
            Object::Present(vehicle) => Units::of(&vehicle.metric_units),
            Object::Absent | Object::Odd(_) => Units::Metric,
        }
    }

    /// Of miles or kilometres; of mph or km/h as well.
    pub fn km(self, number: f64) -> f64 {
        match self {
            Units::Metric => number,
            Units::Imperial => number * KM_PER_MILE,
        }
    }
}
