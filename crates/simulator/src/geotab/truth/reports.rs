//! The truth about days of vehicles and months of fuel tax, in the fleet's zone.

use std::collections::BTreeMap;

use jiff::civil;
use model::Window;
use model::ifta::IftaVehicleMonth;
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};

use super::super::database::Standing;
use super::{GeotabTruth, PROVIDER};
use crate::fleet::zone::{local_date, local_day, local_month};
use crate::shown::after;
use crate::truth::arithmetic::decimal;
use crate::truth::words::common_date;

/// What a vehicle did on a day.
#[derive(Clone, Copy, Default)]
struct Used {
    distance_dam: i64,
    driving_ms: i64,
    idling_ms: i64,
    fuel_cl: Option<i64>,
}

impl GeotabTruth {
    /// By date and vehicle: a row for each day with a trip, its fuel or idling after one.
    pub(super) fn true_utilization(&self) -> Vec<VehicleUtilizationDay> {
        let zone = self.scope.world.time_zone();
        let dates = self.scope.dates();
        let mut days: BTreeMap<(civil::Date, usize), Used> = BTreeMap::new();
        for vehicle in 0..self.scope.world.vehicles().len() {
            self.use_of(vehicle, &mut days);
        }
        days.retain(|(date, _), _| dates.contains(date));
        let rows = days.into_iter().filter_map(|((date, vehicle), used)| {
            let day = local_day(&zone, date)?;
            Some(VehicleUtilizationDay {
                provider: PROVIDER.to_owned(),
                vehicle: self.vehicle_id(vehicle),
                date: common_date(date)?,
                start_at: day.from,
                end_at: day.until,
                fuel_consumed: used.fuel_cl.map(decimal),
                distance: decimal(used.distance_dam),
                durations: Some(UtilizationDurations {
                    driving: Some(used.driving_ms),
                    idling: Some(used.idling_ms),
                }),
            })
        });
        rows.collect()
    }

    fn use_of(&self, vehicle: usize, days: &mut BTreeMap<(civil::Date, usize), Used>) {
        let zone = self.scope.world.time_zone();
        let database = self.database();
        // The day on which reading begins is read whole.
        let first = local_day(&zone, local_date(&zone, self.scope.read_from));
        let Some(first) = first else {
            return;
        };
        let whole = Window {
            from: first.from,
            until: after(self.scope.now, 1),
        };
        let revisions = database.trip_revisions(vehicle, whole);
        for revision in &revisions {
            if !revision.is_live(self.scope.now) {
                continue;
            }
            let row = &revision.row;
            // No drive goes over the fleet's midnight.
            let day = days
                .entry((local_date(&zone, row.trip.from), vehicle))
                .or_default();
            day.distance_dam += row.distance_dam();
            day.driving_ms += row.driving_ms();
            let mut from = row.trip.until;
            let until = after(from, row.idle_ms);
            while from < until {
                let date = local_date(&zone, from);
                let Some(day) = local_day(&zone, date) else {
                    break;
                };
                let end = day.until.min(until);
                let used = days.entry((date, vehicle)).or_default();
                used.idling_ms += end.millis() - from.millis();
                from = end;
            }
        }
        for revision in database.fuel_revisions(&revisions) {
            let is_there = revision.standing == Standing::Live;
            if is_there && revision.is_current(self.scope.now) {
                let date = local_date(&zone, revision.row.trip.until);
                let used = days.entry((date, vehicle)).or_default();
                *used.fuel_cl.get_or_insert(0) += revision.row.fuel_cl();
            }
        }
    }

    /// By month and vehicle: a row for each jurisdiction that a stretch lies in.
    pub(super) fn true_ifta(&self) -> Vec<IftaVehicleMonth> {
        let zone = self.scope.world.time_zone();
        let mut firsts: Vec<civil::Date> = self.scope.dates();
        firsts
            .iter_mut()
            .for_each(|date| *date = date.first_of_month());
        firsts.dedup();
        let mut rows = Vec::new();
        for first in firsts {
            let window = local_month(&zone, first.year(), first.month());
            let Some((window, date)) = window.zip(common_date(first)) else {
                continue;
            };
            for plan in self.scope.world.vehicles() {
                let mut driven: BTreeMap<Option<&'static str>, i64> = BTreeMap::new();
                for row in self.database().tax_rows_of(plan.index, window) {
                    let dam = row.exit.odometer_dam - row.enter.odometer_dam;
                    *driven.entry(row.jurisdiction).or_default() += dam;
                }
                let vehicle = self.vehicle_id(plan.index);
                for (name, dam) in driven {
                    let key = IftaVehicleMonth::key(vehicle, date.month(), name);
                    rows.push(IftaVehicleMonth {
                        id: self.scope.ids.ifta_report(&key),
                        provider: PROVIDER.to_owned(),
                        vehicle,
                        month: date.month(),
                        jurisdiction: name.map(str::to_owned),
                        distance: decimal(dam),
                    });
                }
            }
        }
        rows
    }
}
