//! How long drivers may still drive, and the films of safety events.

use model::live::{AvailableTime, CameraMedia, CameraMediaFile, HosAvailableTime};
use provider::{LiveCall, LiveRow, LiveRows, Notice, Request};

use super::super::map::{Fields, RawRow, hos, parse, safety};
use super::super::wire::events::SafetyRow;
use super::super::wire::reports::{Clock, Clocks, ClocksRow};
use super::super::wire::{Object, Scalar};
use super::super::{DESCRIPTOR, streams};
use super::{Operation, is_asked, of_members};

pub static CLOCKS: Operation<Vec<LiveRow<HosAvailableTime>>> = Operation {
    permission: streams::READ_COMPLIANCE,
    asks: &[|call| of_members(Request::get("/fleet/hos/clocks"), "driverIds", call)],
    row: clocks,
    finish: |_, rows| LiveRows::HosAvailableTime(rows),
};

pub static MEDIA: Operation<Option<LiveRow<CameraMedia>>> = Operation {
    permission: streams::READ_SAFETY,
    asks: &[|call| {
        let event = call.event.map_or("", |event| event.source_id.as_str());
        Request::get("/safety-events")
            .query("safetyEventIds", event)
            .query("includeVgOnlyEvents", "true")
    }],
    row: media,
    finish: |_, row| LiveRows::CameraMedia(row),
};

fn clocks(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    rows: &mut Vec<LiveRow<HosAvailableTime>>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<ClocksRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(driver) = fields.required("driver", &row.driver) else {
        return;
    };
    if !is_asked(call, &mut fields, "driver.id", &driver) {
        return;
    }
    let current_status = match fields.object("currentDutyStatus", &row.current_duty_status) {
        Some(current) => {
            let member = "currentDutyStatus.hosStatusType";
            hos::status(&mut fields, member, &current.hos_status_type)
        }
        None => None,
    };
    let available_time = match fields.object("clocks", &row.clocks) {
        Some(clocks) => available_time(&mut fields, clocks),
        None => AvailableTime::default(),
    };
    let row = HosAvailableTime {
        provider: DESCRIPTOR.code.to_owned(),
        driver: call.ids.driver(&driver),
        current_status,
        available_time,
    };
    rows.push(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    });
}

fn available_time(fields: &mut Fields<'_>, clocks: &Clocks<'_>) -> AvailableTime {
    let mut left = |clock: &str, value: &Object<Clock<'_>>, pick: Pick| {
        let (member, duration) = match fields.object(&format!("clocks.{clock}"), value) {
            Some(value) => pick(value),
            None => return None,
        };
        fields.milliseconds(&format!("clocks.{clock}.{member}"), duration)
    };
    AvailableTime {
        cycle: left("cycle", &clocks.cycle, |clock| {
            (
                "cycleRemainingDurationMs",
                &clock.cycle_remaining_duration_ms,
            )
        }),
        shift: left("shift", &clocks.shift, |clock| {
            (
                "shiftRemainingDurationMs",
                &clock.shift_remaining_duration_ms,
            )
        }),
        drive: left("drive", &clocks.drive, |clock| {
            (
                "driveRemainingDurationMs",
                &clock.drive_remaining_duration_ms,
            )
        }),
        until_break: left("break", &clocks.until_break, |clock| {
            (
                "timeUntilBreakDurationMs",
                &clock.time_until_break_duration_ms,
            )
        }),
    }
}

/// A clock's one member, by name.
type Pick = for<'c, 'a> fn(&'c Clock<'a>) -> (&'static str, &'c Scalar<'a>);

fn media(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    found: &mut Option<LiveRow<CameraMedia>>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<SafetyRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    if call.event.is_none_or(|event| event.source_id != source_id) {
        fields.invalid("id", "not asked for: the row is left out");
        return;
    }
    let films = safety::films(&mut fields, &row);
    let file = |video_url: Option<String>| {
        video_url.map(|video_url| CameraMediaFile {
            source_id: None,
            video_url,
        })
    };
    *found = Some(LiveRow {
        row: CameraMedia {
            front_facing: file(films.road),
            rear_facing: file(films.driver),
        },
        raw: vec![raw.text.to_owned()],
    });
}
