//! Fuel tax details: from where to where the odometer counted in which jurisdiction.

use std::time::Duration;

use model::time::HOUR_MS;
use model::{Timestamp, Window};

use super::database::Database;
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::fleet::{Position, Trip};
use crate::samsara::wire::Json;
use crate::truth::arithmetic::rounded;

/// A stretch within one jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaxRow {
    pub vehicle: usize,
    pub number: u64,
    /// When the detail was worked out.
    pub at: Timestamp,
    pub jurisdiction: Option<&'static str>,
    pub driver: Option<usize>,
    pub enter: TaxPoint,
    pub exit: TaxPoint,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaxPoint {
    pub time: Timestamp,
    pub position: Position,
    /// Hundredths of a kilometre, as it is written.
    pub odometer_dam: i64,
}

impl Database<'_> {
    /// The stretches of a vehicle that touch the window and are worked out by now, by time.
    pub fn tax_rows_of(&self, vehicle: usize, window: Window) -> Vec<TaxRow> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let lag = self.faults.report_lag(vehicle);
        let drives = self.world.trips(vehicle, window).into_iter();
        drives
            .map(|drive| tax_row(&drive, lag))
            .filter(|row| row.at <= self.now)
            .collect()
    }

    /// The part of a stretch in the window, cut there by what the odometer read then.
    fn cut(&self, row: TaxRow, window: Window) -> TaxRow {
        let at = |time: Timestamp| {
            let moment = self.world.moment(row.vehicle, time);
            TaxPoint {
                time,
                position: moment.position,
                odometer_dam: rounded(moment.odometer_m.into(), 10),
            }
        };
        let (mut enter, mut exit) = (row.enter, row.exit);
        if enter.time < window.from {
            enter = at(window.from);
        }
        if exit.time > window.until {
            exit = at(window.until);
        }
        TaxRow { enter, exit, ..row }
    }

    pub(super) fn tax_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = match selection.since {
            Some(since) => self.may_have_changed(since),
            None => whole_hours(selection.window(search)?),
        };
        let is_cut = selection.since.is_none() && !search.flag_or_true("includeBoundaries");
        let with_hours = selection.since.is_some() || search.flag_or_true("includeHourlyData");
        let mut rows = Vec::new();
        for vehicle in selection.vehicles(self.world, search) {
            for row in self.tax_rows_of(vehicle, window) {
                if !selection.shows(self.now, row.at, None) {
                    continue;
                }
                let row = if is_cut { self.cut(row, window) } else { row };
                rows.push(written(&row, with_hours));
            }
        }
        Ok(rows)
    }
}

/// Searches reach outward to the hour.
fn whole_hours(window: Window) -> Window {
    let until = window.until.millis().saturating_sub(1);
    Window {
        from: window.from.floor_to(HOUR_MS),
        until: match until.checked_add(HOUR_MS - 1) {
            Some(next) => Timestamp::from_millis(next).floor_to(HOUR_MS),
            None => Timestamp::MAX,
        },
    }
}

fn tax_row(drive: &Trip, lag: Duration) -> TaxRow {
    let point = |time, position, metres: i64| TaxPoint {
        time,
        position,
        odometer_dam: rounded(metres.into(), 10),
    };
    TaxRow {
        vehicle: drive.vehicle,
        number: ids::number(drive.from, drive.vehicle, 0),
        at: drive.until.saturating_add(lag),
        jurisdiction: drive.jurisdiction,
        driver: drive.driver,
        enter: point(drive.from, drive.start, drive.odometer_start_m),
        exit: point(drive.until, drive.end, drive.odometer_end_m),
    }
}

fn written(row: &TaxRow, with_hours: bool) -> Row {
    let id = ids::id(row.number);
    let version = ids::number(row.at, row.vehicle, 0);
    let mut json = Json::default();
    json.raw("{").text_member("authority", "None");
    json.reference("device", &ids::device_id(row.vehicle));
    json.driver_reference(row.driver, row.number);
    let points = [("enter", &row.enter), ("exit", &row.exit)];
    for (side, point) in points {
        // The receiver's odometer counts a little differently.
        let gps_dam = point.odometer_dam - 120;
        json.decimal_member(&format!("{side}GpsOdometer"), gps_dam, 2);
        let place = point.position;
        json.decimal_member(&format!("{side}Latitude"), place.latitude_e7.into(), 7);
        json.decimal_member(&format!("{side}Longitude"), place.longitude_e7.into(), 7);
        json.decimal_member(&format!("{side}Odometer"), point.odometer_dam, 2);
        json.time_member(&format!("{side}Time"), point.time);
    }
    json.flag_member("hasHourlyData", with_hours);
    let mut list = |name: &str, each: &dyn Fn(&mut Json, &TaxPoint)| {
        json.key(name).raw("[");
        for (_, point) in points.iter().filter(|_| with_hours) {
            each(json.comma(), point);
        }
        json.raw("]");
    };
    list("hourlyGpsOdometer", &|json, point| {
        json.decimal(point.odometer_dam - 120, 2);
    });
    list("hourlyIsOdometerInterpolated", &|json, _| {
        json.raw("false");
    });
    list("hourlyLatitude", &|json, point| {
        json.decimal(point.position.latitude_e7.into(), 7);
    });
    list("hourlyLongitude", &|json, point| {
        json.decimal(point.position.longitude_e7.into(), 7);
    });
    list("hourlyOdometer", &|json, point| {
        json.decimal(point.odometer_dam, 2);
    });
    json.text_member("id", &id);
    json.flag_member("isClusterOdometer", false);
    json.flag_member("isEnterOdometerInterpolated", false);
    json.flag_member("isExitOdometerInterpolated", false);
    json.flag_member(
        "isNegligible",
        row.enter.odometer_dam == row.exit.odometer_dam,
    );
    json.text_member("jurisdiction", row.jurisdiction.unwrap_or(""));
    json.key("versions").raw("[");
    json.text(&ids::version(version)).raw("]}");
    Row {
        begins_at: row.enter.time,
        ..Row::new(id, version, row.exit.time, json)
    }
}
