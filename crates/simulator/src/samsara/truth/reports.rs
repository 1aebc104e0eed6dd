//! The truth about days of vehicles and months of fuel tax, in the fleet's zone.

use model::ifta::IftaVehicleMonth;
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::zone::Month;

use super::{PROVIDER, SamsaraTruth};
use crate::fleet::zone::local_day;
use crate::truth::arithmetic::thousandth;
use crate::truth::words::common_date;

impl SamsaraTruth {
    /// By date and vehicle: a row for each vehicle with a gateway and day that history touches.
    pub(super) fn true_utilization(&self) -> Vec<VehicleUtilizationDay> {
        let zone = self.scope.world.time_zone();
        let mut rows = Vec::new();
        for date in self.scope.dates() {
            let Some((day, date)) = local_day(&zone, date).zip(common_date(date)) else {
                continue;
            };
            for plan in self.scope.world.vehicles() {
                let Some(done) = self.shown().utilization(plan.index, day) else {
                    continue;
                };
                rows.push(VehicleUtilizationDay {
                    provider: PROVIDER.to_owned(),
                    vehicle: self.vehicle_id(plan.index),
                    date,
                    start_at: day.from,
                    end_at: day.until,
                    fuel_consumed: Some(thousandth(done.fuel_ml)),
                    distance: thousandth(done.metres),
                    durations: Some(UtilizationDurations {
                        driving: Some(done.engine_run_ms - done.idle_ms),
                        idling: Some(done.idle_ms),
                    }),
                });
            }
        }
        rows
    }

    /// By month and vehicle: a row for each jurisdiction that was driven in. The world's are all in
    /// the contract's list; places outside every one have none.
    pub(super) fn true_ifta(&self) -> Vec<IftaVehicleMonth> {
        let mut months: Vec<Month> = Vec::new();
        for date in self.scope.dates() {
            months.extend(common_date(date).map(|date| date.month()));
        }
        months.dedup();
        let mut rows = Vec::new();
        for month in months {
            for plan in self.scope.world.vehicles() {
                let vehicle = self.vehicle_id(plan.index);
                let shown = self.shown();
                for (name, metres) in shown.ifta_month(plan.index, month.year(), month.number()) {
                    let key = IftaVehicleMonth::key(vehicle, month, name);
                    rows.push(IftaVehicleMonth {
                        id: self.scope.ids.ifta_report(&key),
                        provider: PROVIDER.to_owned(),
                        vehicle,
                        month,
                        jurisdiction: name.map(str::to_owned),
                        distance: thousandth(metres),
                    });
                }
            }
        }
        rows
    }
}
