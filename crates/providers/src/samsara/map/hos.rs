//! Hours of service: duty statuses and drivers' days. Neither has an id of its own.
//!
//! Every status that touches the window is listed, whenever it began. It has an end while it lasts
//! too (the moment of the question), which is left away.

use model::coordinates::Coordinates;
use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatus, HosStatusDurations};
use model::units::km_from_metres;
use model::{Draft, DriverId, Zone};
use provider::{Answer, Excerpt, Page, ProviderError, Task};
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::errors::{text, unreadable};
use super::super::place::next;
use super::super::requests::dates;
use super::super::wire::events::{HosLogRow, LogsOfDriver};
use super::super::wire::reports::{DailyDistances, DailyDriver, DailyDurations, DailyLogRow};
use super::super::wire::{Envelope, Object, Reference, Scalar};
use super::{Fields, RawRow, parse, window};

const LOGS: &str = "an object with `data`, drivers with a list of `hosLogs`";

pub fn logs(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, LOGS)?;
    let answered: Envelope<'_, Vec<LogsOfDriver<'_>>> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, LOGS))?;
    let mut page = Page {
        next: next(task, answer, &answered.pagination)?,
        ..Page::default()
    };
    for (index, driver) in answered.data.iter().enumerate() {
        let place = format!("data[{index}]");
        let mut fields = Fields::new(place.clone(), &mut page.notices);
        let Some(source_id) = fields.required("driver", &driver.driver) else {
            continue;
        };
        if !fields.is_asked(task, "driver.id", &source_id) {
            continue;
        }
        for (index, row) in driver.hos_logs.iter().enumerate() {
            let row = RawRow::new(format!("{place}.hosLogs[{index}]"), answer, row);
            log(task, &source_id, &row, &mut page);
        }
    }
    Ok(page)
}

fn log(task: &Task<'_>, driver: &str, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<HosLogRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(started_at) = fields.required_time("logStartTime", &row.log_start_time) else {
        return;
    };
    let Some(status) = status(&mut fields, "hosStatusType", &row.hos_status_type) else {
        if matches!(&row.hos_status_type, Scalar::Absent)
            || matches!(&row.hos_status_type, Scalar::Text(text) if text.trim().is_empty())
        {
            fields.invalid("hosStatusType", "missing: the row is left out");
        }
        return;
    };
    if started_at >= window(task).until {
        return;
    }
    // Two statuses may begin at one time.
    let source_id = format!("{driver}:{started_at}:{}", status.name());
    let record = HosLog {
        id: task.ids.hos_log(&source_id),
        status,
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        driver: task.ids.driver(driver),
        vehicle: fields
            .reference("vehicle", &row.vehicle)
            .map(|vehicle| task.ids.vehicle(&vehicle)),
        codrivers: codrivers(task, &mut fields, row.codrivers),
        location: location(&mut fields, &row),
        remarks: fields
            .text("remark", &row.remark)
            .map(|notes| HosRemark {
                source_id: None,
                submitted_at: None,
                notes,
            })
            .into_iter()
            .collect(),
        started_at,
        ended_at: fields
            .end("logEndTime", &row.log_end_time, started_at)
            .filter(|ended_at| *ended_at <= raw.received_at),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

fn location(fields: &mut Fields<'_>, row: &HosLogRow<'_>) -> Option<Coordinates> {
    fields.coordinates("logRecordedLocation", &row.log_recorded_location)
}

fn codrivers(
    task: &Task<'_>,
    fields: &mut Fields<'_>,
    codrivers: Option<&RawValue>,
) -> Vec<DriverId> {
    let rows = fields.list::<Reference<'_>>("codrivers", codrivers);
    let mut drivers = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let driver = fields.reference(&format!("codrivers[{index}]"), row);
        drivers.extend(driver.map(|driver| task.ids.driver(&driver)));
    }
    drivers
}

/// Nothing, without a notice, where it is absent or empty: that is how clocks of a driver whose app
/// is not connected look.
pub fn status(fields: &mut Fields<'_>, member: &str, value: &Scalar<'_>) -> Option<HosStatus> {
    let name = fields.text(member, value)?;
    let status = match name.as_str() {
        "offDuty" => HosStatus::OffDuty,
        "sleeperBed" => HosStatus::SleeperBed,
        "driving" => HosStatus::Driving,
        "onDuty" => HosStatus::OnDuty,
        "yardMove" => HosStatus::YardMove,
        "personalConveyance" => HosStatus::PersonalConveyance,
        other => {
            let shown = Excerpt::of(other.as_bytes());
            fields.invalid(member, &format!("`{shown}` is no known duty status"));
            return None;
        }
    };
    Some(status)
}

/// A driver's day. It may begin at noon, by a setting of the driver; its date is that of its
/// beginning where the driver lives.
pub fn daily_log(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<DailyLogRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(driver) = fields.needed("driver", &row.driver) else {
        return;
    };
    let Some(source_id) = fields.source_id("driver.id", &driver.id) else {
        return;
    };
    let Some(started_at) = fields.required_time("startTime", &row.start_time) else {
        return;
    };
    if !fields.is_asked(task, "driver.id", &source_id) {
        return;
    }
    let date = zone(task, &mut fields, driver).date_of(started_at);
    let (first, last) = dates(task.zone, window(task));
    if !(first..=last).contains(&date) {
        return;
    }
    let key = format!("{source_id}:{date}");
    let distances = distances(&mut fields, &row.distance_traveled);
    let record = HosDailyLog {
        id: task.ids.hos_daily_log(&key),
        source_id: key,
        provider: DESCRIPTOR.code.to_owned(),
        driver: task.ids.driver(&source_id),
        date,
        distances: (distances != HosDistances::default()).then_some(distances),
        status_durations: durations(&mut fields, &row.duty_status_durations),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The driver's; where the row names none, the one that the connection's days are in.
fn zone(task: &Task<'_>, fields: &mut Fields<'_>, driver: &DailyDriver<'_>) -> Zone {
    let Some(name) = fields.text("driver.timezone", &driver.timezone) else {
        return task.zone.clone();
    };
    Zone::named(&name).unwrap_or_else(|| {
        fields.invalid("driver.timezone", "no time zone that is known here");
        task.zone.clone()
    })
}

/// Samsara has no total.
fn distances(fields: &mut Fields<'_>, row: &Object<DailyDistances<'_>>) -> HosDistances {
    const OF: &str = "distanceTraveled";
    let Some(row) = fields.object(OF, row) else {
        return HosDistances::default();
    };
    let mut km = |member: &str, value: &Scalar<'_>| {
        fields.amount(&format!("{OF}.{member}"), value, km_from_metres)
    };
    HosDistances {
        total: None,
        driving: km("driveDistanceMeters", &row.drive_distance_meters),
        personal_conveyance: km(
            "personalConveyanceDistanceMeters",
            &row.personal_conveyance_distance_meters,
        ),
        yard_move: km("yardMoveDistanceMeters", &row.yard_move_distance_meters),
    }
}

fn durations(fields: &mut Fields<'_>, row: &Object<DailyDurations<'_>>) -> HosStatusDurations {
    const OF: &str = "dutyStatusDurations";
    let Some(row) = fields.object(OF, row) else {
        return HosStatusDurations::default();
    };
    let mut ms =
        |member: &str, value: &Scalar<'_>| fields.milliseconds(&format!("{OF}.{member}"), value);
    HosStatusDurations {
        on_duty: ms("onDutyDurationMs", &row.on_duty_duration_ms),
        off_duty: ms("offDutyDurationMs", &row.off_duty_duration_ms),
        driving: ms("driveDurationMs", &row.drive_duration_ms),
        waiting: ms("waitingTimeDurationMs", &row.waiting_time_duration_ms),
        sleeper_bed: ms("sleeperBerthDurationMs", &row.sleeper_berth_duration_ms),
        personal_conveyance: ms(
            "personalConveyanceDurationMs",
            &row.personal_conveyance_duration_ms,
        ),
        yard_move: ms("yardMoveDurationMs", &row.yard_move_duration_ms),
    }
}
