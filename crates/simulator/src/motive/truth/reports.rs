//! The truth about days of vehicles and months of fuel tax, in the company's zone.

use model::ifta::IftaVehicleMonth;
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::zone::Month;

use super::super::utilization::seconds;
use super::{MotiveTruth, PROVIDER};
use crate::fleet::zone::local_day;
use crate::truth::arithmetic::thousandth;
use crate::truth::words::common_date;

impl MotiveTruth {
    /// By date and vehicle: a row for each listed vehicle and day of which something is known. Of
    /// others Motive says that it knows nothing.
    pub fn utilization(&self) -> Vec<VehicleUtilizationDay> {
        let zone = self.scope.world.time_zone();
        let mut rows = Vec::new();
        if self.is_hidden("/v2/vehicle_utilization") {
            return rows;
        }
        for date in self.scope.dates() {
            let Some((day, date)) = local_day(&zone, date).zip(common_date(date)) else {
                continue;
            };
            for plan in self.scope.world.vehicles() {
                let Some(done) = self.shown().utilization(plan.index, day) else {
                    continue;
                };
                let (idling_s, driving_s) = seconds(&done);
                rows.push(VehicleUtilizationDay {
                    provider: PROVIDER.to_owned(),
                    vehicle: self.vehicle_id(plan.index),
                    date,
                    start_at: day.from,
                    end_at: day.until,
                    fuel_consumed: Some(thousandth(done.fuel_ml)),
                    distance: thousandth(done.metres),
                    durations: Some(UtilizationDurations {
                        driving: Some(driving_s * 1_000),
                        idling: Some(idling_s * 1_000),
                    }),
                });
            }
        }
        rows
    }

    /// By month and vehicle: a row for each jurisdiction that was driven in. The world's are all in
    /// the contract's list.
    pub fn ifta(&self) -> Vec<IftaVehicleMonth> {
        let mut rows = Vec::new();
        if self.is_hidden("/v1/ifta/summary") {
            return rows;
        }
        let dates = self.scope.dates().into_iter().filter_map(common_date);
        let mut months: Vec<Month> = dates.map(|date| date.month()).collect();
        months.dedup();
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
