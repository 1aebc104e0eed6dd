//! Hours of service: drivers' days. Their statuses are [`super::duty`]'s.

use model::Draft;
use model::hos::{HosDailyLog, HosDistances, HosStatus, HosStatusDurations};
use model::zone::Date;
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::requests::dates;
use super::super::units::Units;
use super::super::wire::Scalar;
use super::super::wire::reports::{DutyRow, LogRow};
use super::{Fields, RawRow, is_asked, parse, window};

/// Of live clocks as well, where nothing is said of drivers whose app is not signed in.
pub fn status(
    fields: &mut Fields<'_>,
    member: &str,
    duty_type: &Scalar<'_>,
    sds_type: &Scalar<'_>,
) -> Option<HosStatus> {
    let status = match fields.text(member, duty_type)?.as_str() {
        "off_duty" => HosStatus::OffDuty,
        "sleeper" | "sleeper_berth" => HosStatus::SleeperBed,
        "driving" => HosStatus::Driving,
        "on_duty" => HosStatus::OnDuty,
        "waiting" => HosStatus::WaitingTime,
        other => {
            fields.unknown_word(member, other, "duty status");
            return None;
        }
    };
    match fields.text("sds_type", sds_type).as_deref() {
        Some("pc") => Some(HosStatus::PersonalConveyance),
        Some("ym") => Some(HosStatus::YardMove),
        Some(other) => {
            fields.unknown_word("sds_type", other, "special driving");
            Some(status)
        }
        None => Some(status),
    }
}

/// The date of a log, without which it is no day.
pub fn log_date(fields: &mut Fields<'_>, date: &Scalar<'_>) -> Option<Date> {
    let text = fields.text("date", date).unwrap_or_default();
    let date = Date::parse(text.trim());
    if date.is_none() {
        fields.invalid("date", "not a date: the row is left out");
    }
    date
}

pub fn daily_log(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<LogRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let Some(driver) = fields.required("driver", &row.driver) else {
        return;
    };
    let Some(date) = log_date(&mut fields, &row.date) else {
        return;
    };
    let (first, last) = dates(task.zone, window(task));
    if !is_asked(task, &driver) || !(first..=last).contains(&date) {
        return;
    }
    let units = Units::of(&row.metric_units);
    let total = fields.amount("total_miles", &row.total_miles, |n| units.km(n));
    let record = HosDailyLog {
        id: task.ids.hos_daily_log(&source_id),
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        driver: task.ids.driver(&driver),
        date,
        distances: total.map(|total| HosDistances {
            total: Some(total),
            ..HosDistances::default()
        }),
        status_durations: durations(&mut fields, &row, raw),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// Sums as Motive makes them; special driving, of which it makes none, from the day's events.
fn durations(fields: &mut Fields<'_>, row: &LogRow<'_>, raw: &RawRow<'_>) -> HosStatusDurations {
    let special = special_ms(fields, row, raw);
    HosStatusDurations {
        on_duty: fields.seconds("on_duty_duration", &row.on_duty_duration),
        off_duty: fields.seconds("off_duty_duration", &row.off_duty_duration),
        driving: fields.seconds("driving_duration", &row.driving_duration),
        waiting: fields.seconds("waiting_duration", &row.waiting_duration),
        sleeper_bed: fields.seconds("sleeper_duration", &row.sleeper_duration),
        personal_conveyance: special.map(|(conveyance, _)| conveyance),
        yard_move: special.map(|(_, yard_move)| yard_move),
    }
}

/// Personal conveyance and yard moves; nothing where the events do not tell.
fn special_ms(fields: &mut Fields<'_>, row: &LogRow<'_>, raw: &RawRow<'_>) -> Option<(i64, i64)> {
    row.events?;
    let wrapped: Vec<WrappedDuty<'_>> = fields.needed_list("events", row.events)?;
    let (mut conveyance, mut yard_move) = (0i64, 0i64);
    for (index, event) in wrapped.iter().enumerate() {
        let at = |member: &str| format!("events[{index}].event.{member}");
        let of_kind = match fields
            .text(&at("sds_type"), &event.event.sds_type)
            .as_deref()
        {
            Some("pc") => &mut conveyance,
            Some("ym") => &mut yard_move,
            _ => continue,
        };
        let started_at = fields.time(&at("start_time"), &event.event.start_time)?;
        let ended_at = fields.time(&at("end_time"), &event.event.end_time);
        // What lasts has lasted until the answer was made.
        let ended_at = ended_at.unwrap_or(raw.received_at);
        let lasted = ended_at.millis().saturating_sub(started_at.millis());
        *of_kind = of_kind.saturating_add(lasted.max(0));
    }
    Some((conveyance, yard_move))
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct WrappedDuty<'a> {
    #[serde(borrow)]
    event: DutyRow<'a>,
}
