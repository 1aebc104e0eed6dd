//! Sums that the provider makes in its own time: their latest figures still grow.

use model::{Timestamp, Window};

use super::{Shown, clear_of_halves};
use crate::fleet::{MetresByJurisdiction, Utilization};

impl Shown<'_> {
    /// Up to when the vehicle's data has gone into reports.
    fn reported_until(&self, vehicle: usize) -> Timestamp {
        self.now.saturating_sub(self.faults.report_lag(vehicle))
    }

    /// What the vehicle did in the window, as far as it is in the reports. `None` without a gateway
    /// and for spans that history has not touched by now.
    pub fn utilization(&self, vehicle: usize, window: Window) -> Option<Utilization> {
        self.world.vehicles()[vehicle].gateway.as_ref()?;
        let so_far = Window::new(window.from, window.until.min(self.now))?;
        self.world.within_history(so_far)?;
        let until = so_far.until.min(self.reported_until(vehicle));
        let done = match Window::new(so_far.from, until) {
            Some(window) => self.world.utilization(vehicle, window.from, window.until),
            None => Utilization::default(),
        };
        Some(Utilization {
            metres: clear_of_halves(done.metres),
            fuel_ml: clear_of_halves(done.fuel_ml),
            ..done
        })
    }

    /// Metres of a month of the fleet's zone; no entry is zero.
    pub fn ifta_month(&self, vehicle: usize, year: i16, month: i8) -> MetresByJurisdiction {
        let until = self.reported_until(vehicle);
        let mut metres = self.world.ifta_month(vehicle, year, month, until);
        metres.retain(|_, metres| *metres > 0);
        metres
            .values_mut()
            .for_each(|metres| *metres = clear_of_halves(*metres));
        metres
    }
}
