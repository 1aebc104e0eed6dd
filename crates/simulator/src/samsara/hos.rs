//! Hours of service: logs, days and clocks.

use jiff::civil::Date;
use model::Timestamp;
use model::time::HOUR_MS;

use super::answer::Refusal;
use super::entities::{wants, write_rulesets};
use super::rows::LIST;
use super::wire::Json;
use super::{Call, MOST_A_PAGE, SamsaraServer};
use crate::fleet::{DriverPlan, DutyClocks, DutySpan, DutyStatus};
use crate::shown::duty::ShownDay;

/// Dates that one request may ask for.
const MOST_DAYS: i64 = 366;

impl SamsaraServer {
    /// Drivers with all of their logs that touch the window.
    pub(super) fn hos_logs(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let window = call.parameters.window_around(call.now)?;
        let wanted = self.wanted_drivers(call)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let logs: Vec<(&DriverPlan, Vec<DutySpan>)> = self
            .world
            .drivers()
            .iter()
            .filter(|plan| wanted(plan))
            .map(|plan| (plan, shown.duty_log(plan.index, window)))
            .filter(|(_, spans)| !spans.is_empty())
            .collect();
        let most = self.rows_a_page();
        Ok(
            self.page(call, &cursor, LIST, &logs, most, |json, (plan, spans)| {
                json.raw("{").key("driver");
                self.write_driver_ref(json, plan.index, cursor.as_of);
                json.key("hosLogs").raw("[");
                for span in spans {
                    self.write_duty_span(json.comma(), plan, span, cursor.as_of);
                }
                json.raw("]}");
            }),
        )
    }

    fn write_duty_span(&self, json: &mut Json, plan: &DriverPlan, span: &DutySpan, now: Timestamp) {
        json.raw("{");
        if let Some(codriver) = span.codriver {
            json.key("codrivers").raw("[");
            self.write_driver_ref(json, codriver, now);
            json.raw("]");
        }
        json.text_member("hosStatusType", status_name(span.status));
        if span.until <= now {
            json.time_member("logEndTime", span.until);
        } else if plan.index % 2 == 1 {
            // A log that is under way lacks its end, or has one that is yet to come.
            let end = Timestamp::from_millis(now.millis() + 24 * HOUR_MS).floor_to(HOUR_MS);
            json.time_member("logEndTime", end);
        }
        // What was so when the device was set up was recorded nowhere.
        if span.from != self.world.config().begins_at {
            json.key("logRecordedLocation").raw("{");
            json.place_members(span.position).raw("}");
        }
        json.time_member("logStartTime", span.from);
        json.optional_member("remark", span.remark);
        if let Some(vehicle) = span.vehicle {
            json.key("vehicle");
            self.write_vehicle_ref(json, vehicle, "ExternalIds", now);
        }
        json.raw("}");
    }

    /// A row for each driver and date.
    pub(super) fn hos_daily_logs(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let (mut date, last) = dates(call)?;
        let choices = ["active", "deactivated"];
        let status = call.parameters.choice("driverActivationStatus", &choices)?;
        let with_vehicles = call.parameters.list("expand").contains(&"vehicle");
        let wanted = self.wanted_drivers(call)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let mut days: Vec<(&DriverPlan, ShownDay)> = Vec::new();
        loop {
            for plan in self.world.drivers() {
                if plan.is_active == (status == "active") && wanted(plan) {
                    let day = shown.daily_log(plan.index, date);
                    days.extend(day.map(|day| (plan, day)));
                }
            }
            match date.tomorrow() {
                Ok(next) if next <= last => date = next,
                _ => break,
            }
        }
        let most = self.rows_a_page();
        Ok(
            self.page(call, &cursor, LIST, &days, most, |json, (plan, day)| {
                self.write_day(json, plan, day, with_vehicles, cursor.as_of);
            }),
        )
    }

    fn write_day(
        &self,
        json: &mut Json,
        plan: &DriverPlan,
        day: &ShownDay,
        with_vehicles: bool,
        now: Timestamp,
    ) {
        json.raw("{").key("distanceTraveled").raw("{");
        json.integer_member("driveDistanceMeters", day.driven_m);
        json.integer_member(
            "personalConveyanceDistanceMeters",
            day.personal_conveyance_m,
        );
        json.integer_member("yardMoveDistanceMeters", day.yard_move_m)
            .raw("}");
        json.key("driver")
            .raw("{")
            .text_member("id", &plan.source_id);
        json.text_member("name", &plan.name);
        json.key("eldSettings");
        write_rulesets(json);
        json.text_member("timezone", plan.zone).raw("}");
        for key in ["dutyStatusDurations", "pendingDutyStatusDurations"] {
            json.key(key);
            write_durations(json, day);
        }
        json.time_member("endTime", day.day.until);
        json.key("logMetaData").raw("{");
        json.flag_member("adverseDrivingClaimed", false);
        json.flag_member("bigDayClaimed", false);
        json.text_member("carrierName", &self.config.organisation);
        json.integer_member("carrierUsDotNumber", 1_234_567);
        json.text_member("homeTerminalName", plan.home_terminal);
        json.flag_member("isCertified", false);
        json.flag_member("isUsShortHaulActive", false);
        json.text_member("shippingDocs", "");
        if with_vehicles {
            json.key("vehicles").raw("[");
            for vehicle in &day.vehicles {
                self.write_vehicle_ref(json.comma(), *vehicle, "externalIds", now);
            }
            json.raw("]");
        }
        json.raw("}");
        json.time_member("startTime", day.day.from).raw("}");
    }

    /// The hours that are left to every driver of the list, whether at work or not.
    pub(super) fn hos_clocks(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let limit = call.parameters.limit(MOST_A_PAGE)?;
        let wanted = self.wanted_drivers(call)?;
        let plans = self.world.drivers();
        self.list_of(call, plans.len(), limit, |json, index| {
            let plan = &plans[index];
            if !wanted(plan) || self.driver_view(plan, call.now).is_none() {
                return false;
            }
            let clocks = self.world.clocks(index, call.now);
            self.write_clocks(json, index, clocks.as_ref(), call.now);
            true
        })
    }

    fn write_clocks(
        &self,
        json: &mut Json,
        driver: usize,
        clocks: Option<&DutyClocks>,
        now: Timestamp,
    ) {
        let rested = RESTED_MS;
        let (until_break, cycle, drive, shift) = clocks.map_or(rested, |clocks| {
            (
                clocks.until_break_ms,
                clocks.cycle_ms,
                clocks.drive_ms,
                clocks.shift_ms,
            )
        });
        json.raw("{").key("clocks").raw("{").key("break").raw("{");
        json.integer_member("timeUntilBreakDurationMs", until_break)
            .raw("}");
        json.key("cycle").raw("{");
        json.integer_member("cycleRemainingDurationMs", cycle);
        if let Some(clocks) = clocks {
            json.time_member("cycleStartedAtTime", clocks.cycle_started_at);
            json.integer_member("cycleTomorrowDurationMs", clocks.cycle_tomorrow_ms);
        }
        json.raw("}").key("drive").raw("{");
        json.integer_member("driveRemainingDurationMs", drive)
            .raw("}");
        json.key("shift").raw("{");
        json.integer_member("shiftRemainingDurationMs", shift)
            .raw("}}");
        // Empty while the driver's app is not connected.
        let status = clocks.map_or("", |clocks| status_name(clocks.status));
        json.key("currentDutyStatus").raw("{");
        json.text_member("hosStatusType", status).raw("}");
        if let Some(vehicle) = clocks.and_then(|clocks| clocks.vehicle) {
            json.key("currentVehicle");
            self.write_vehicle_ref(json, vehicle, "ExternalIds", now);
        }
        json.key("driver");
        self.write_driver_ref(json, driver, now);
        json.key("violations").raw("{");
        json.integer_member("cycleViolationDurationMs", 0);
        json.integer_member("shiftDrivingViolationDurationMs", 0)
            .raw("}}");
    }

    /// Whether a request is about a driver.
    fn wanted_drivers(
        &self,
        call: &Call<'_>,
    ) -> Result<impl Fn(&DriverPlan) -> bool + use<>, Refusal> {
        let ids = call.parameters.ids("driverIds", usize::MAX)?;
        let groups = self.wanted_groups(&call.parameters)?;
        Ok(move |plan: &DriverPlan| {
            ids.as_ref().is_none_or(|ids| ids.contains(&plan.source_id))
                && wants(&groups, &plan.groups)
        })
    }
}

/// Break, cycle, drive and shift of a driver who has not worked for long.
pub(crate) const RESTED_MS: (i64, i64, i64, i64) =
    (8 * HOUR_MS, 70 * HOUR_MS, 11 * HOUR_MS, 14 * HOUR_MS);

fn status_name(status: DutyStatus) -> &'static str {
    match status {
        DutyStatus::OffDuty => "offDuty",
        DutyStatus::SleeperBed => "sleeperBed",
        DutyStatus::Driving => "driving",
        DutyStatus::OnDuty => "onDuty",
        DutyStatus::YardMove => "yardMove",
        DutyStatus::PersonalConveyance => "personalConveyance",
    }
}

/// Personal conveyance is time off duty and is counted in it; driving and yard moves are not
/// counted in `onDuty`. Active, off duty and sleeper make up the day.
fn write_durations(json: &mut Json, day: &ShownDay) {
    let of = |status| day.duration_ms(status);
    let (on_duty, driving) = (of(DutyStatus::OnDuty), of(DutyStatus::Driving));
    let (yard, personal) = (of(DutyStatus::YardMove), of(DutyStatus::PersonalConveyance));
    json.raw("{");
    json.integer_member("activeDurationMs", driving + on_duty + yard);
    json.integer_member("driveDurationMs", driving);
    json.integer_member("offDutyDurationMs", of(DutyStatus::OffDuty) + personal);
    json.integer_member("onDutyDurationMs", on_duty);
    json.integer_member("personalConveyanceDurationMs", personal);
    json.integer_member("sleeperBerthDurationMs", of(DutyStatus::SleeperBed));
    json.integer_member("waitingTimeDurationMs", 0);
    json.integer_member("yardMoveDurationMs", yard).raw("}");
}

/// `startDate` and `endDate`, both required and inclusive.
fn dates(call: &Call<'_>) -> Result<(Date, Date), Refusal> {
    let date = |name: &str| -> Result<Date, Refusal> {
        let text = call
            .parameters
            .one(name)
            .ok_or_else(|| Refusal::bad(format!("Missing parameter: {name}")))?;
        let is_date = text.len() == "2019-06-13".len();
        is_date
            .then(|| text.parse().ok())
            .flatten()
            .ok_or_else(|| Refusal::bad(format!("Invalid value for {name}: '{text}' is no date")))
    };
    let (first, last) = (date("startDate")?, date("endDate")?);
    if last < first {
        return Err(Refusal::bad("endDate must not be before startDate"));
    }
    let days = first
        .until(last)
        .map_or(i64::MAX, |span| span.get_days().into());
    if days > MOST_DAYS {
        return Err(Refusal::bad(format!(
            "Cannot request more than {MOST_DAYS} days but got {days}"
        )));
    }
    Ok((first, last))
}
