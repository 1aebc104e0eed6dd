//! Where every device is now, and what its gauges say.

use model::Timestamp;

use super::database::{Database, Log, Status};
use super::gauges::Gauge;
use super::ids;
use super::readings::write_status;
use super::records::{TRAILER_GROUP, TrailerForm, VEHICLE_GROUP, trailer_form, write_ids};
use super::rows::Row;
use super::rpc::Search;
use crate::fleet::TrailerFix;
use crate::samsara::wire::Json;

/// Whole kilometres an hour from hundredths.
pub(crate) fn whole_kmh(centi_kmh: u32) -> i64 {
    (i64::from(centi_kmh) + 50) / 100
}

impl Database<'_> {
    /// Whole degrees: known for the present alone.
    pub fn bearing(&self, vehicle: usize, time: Timestamp) -> i64 {
        self.world.moment(vehicle, time).heading_degrees.into()
    }

    pub(super) fn status_info_rows(&self, search: Search<'_>) -> Vec<Row> {
        let device = search.id_in("deviceSearch");
        let gauges: Vec<Gauge> = search
            .ids_in("diagnostics")
            .unwrap_or_default()
            .into_iter()
            .filter_map(Gauge::from_id)
            .collect();
        let mut rows = Vec::new();
        for plan in self.world.vehicles() {
            let id = ids::device_id(plan.index);
            let is_asked_for = device.is_none_or(|device| device == id);
            if !is_asked_for || self.vehicle_name(plan).is_none() {
                continue;
            }
            if let Some(log) = self.last_log(plan.index, self.now) {
                let statuses = gauges
                    .iter()
                    .filter_map(|gauge| self.last_status(plan.index, *gauge, self.now))
                    .collect();
                rows.push(self.vehicle_info_row(&id, plan.index, &log, statuses));
            }
        }
        for index in 0..self.world.trailers().len() {
            let id = ids::trailer_device_id(index);
            let shown = self.shown(self.now);
            let Some(trailer) = shown.trailer(index) else {
                continue;
            };
            let is_device = trailer_form(&trailer) != TrailerForm::Entity;
            if !is_device || device.is_some_and(|device| device != id) {
                continue;
            }
            if let Some(fix) = shown.trailer_fix(index, self.now) {
                rows.push(self.trailer_info_row(&id, &trailer.plan.groups, &fix));
            }
        }
        rows
    }

    fn vehicle_info_row(&self, id: &str, vehicle: usize, log: &Log, statuses: Vec<Status>) -> Row {
        let number = ids::number(log.time, vehicle, 0);
        let driver = self
            .change_before(vehicle, self.now)
            .and_then(|change| change.driver);
        let mut json = Json::default();
        json.raw("{")
            .integer_member("bearing", self.bearing(vehicle, log.time));
        json.span_member(
            "currentStateDuration",
            self.now.millis() - log.time.millis(),
        );
        json.time_member("dateTime", log.time);
        json.reference("device", id);
        json.driver_reference(driver, number);
        json.key("exceptionEvents").raw("[]");
        let plan = &self.world.vehicles()[vehicle];
        let groups = self.group_ids(&plan.groups, Some(VEHICLE_GROUP));
        write_ids(json.key("groups"), &groups);
        json.flag_member("isDeviceCommunicating", true);
        json.flag_member("isDriving", log.speed_kmh > 0);
        json.decimal_member("latitude", log.position.latitude_e7.into(), 7);
        json.decimal_member("longitude", log.position.longitude_e7.into(), 7);
        json.integer_member("speed", log.speed_kmh);
        if !statuses.is_empty() {
            json.key("statusData").raw("[");
            for status in &statuses {
                write_status(json.comma(), id, status, vehicle);
            }
            json.raw("]");
        }
        json.raw("}");
        Row::new(id.to_owned(), number, log.time, json)
    }

    fn trailer_info_row(&self, id: &str, groups: &[usize], fix: &TrailerFix) -> Row {
        let number = ids::number(fix.time, 0, 0);
        let mut json = Json::default();
        json.raw("{")
            .integer_member("bearing", fix.heading_degrees.into());
        json.time_member("dateTime", fix.time);
        json.reference("device", id);
        json.no_reference("driver", ids::NO_DRIVER, number);
        json.key("exceptionEvents").raw("[]");
        let groups = self.group_ids(groups, Some(TRAILER_GROUP));
        write_ids(json.key("groups"), &groups);
        json.flag_member("isDeviceCommunicating", true);
        json.flag_member("isDriving", fix.speed_centi_kmh > 0);
        json.decimal_member("latitude", fix.position.latitude_e7.into(), 7);
        json.decimal_member("longitude", fix.position.longitude_e7.into(), 7);
        json.integer_member("speed", whole_kmh(fix.speed_centi_kmh));
        json.raw("}");
        Row::new(id.to_owned(), number, fix.time, json)
    }
}
