//! How long drivers may still drive, and the films of safety events.

use model::live::{AvailableTime, CameraMedia, CameraMediaFile, HosAvailableTime};
use provider::{LiveCall, LiveRow, LiveRows, Notice};

use super::super::map::safety::{PERFORMANCE_PREFIX, films};
use super::super::map::{Fields, PERFORMANCE_EVENTS, RawRow, USERS, hos, parse};
use super::super::requests::{days_around, of_each, paged, performance_events};
use super::super::wire::Scalar;
use super::super::wire::events::PerformanceRow;
use super::super::wire::reports::ClocksRow;
use super::super::{DESCRIPTOR, streams};
use super::{Ask, Operation, is_asked};

pub static CLOCKS: Operation<Vec<LiveRow<HosAvailableTime>>> = Operation {
    asks: &[Ask {
        permission: streams::READ_AVAILABLE_TIME,
        wrapper: USERS,
        request: |call, walk| {
            of_each(
                paged("/v1/available_time", walk),
                "driver_ids[]",
                call.members,
            )
        },
        row: clocks,
    }],
    is_done: |_| false,
    finish: |_, rows| LiveRows::HosAvailableTime(rows),
};

/// No endpoint gives one event by its id: its days are listed again until it is found.
pub static MEDIA: Operation<Option<LiveRow<CameraMedia>>> = Operation {
    asks: &[Ask {
        permission: streams::READ_PERFORMANCE,
        wrapper: PERFORMANCE_EVENTS,
        request: |call, walk| {
            let request = performance_events(walk);
            match call.event {
                Some(event) => days_around(request, event.started_at),
                None => request,
            }
        },
        row: media,
    }],
    is_done: Option::is_some,
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
    let Some(driver) = fields.source_id(&row.id) else {
        return;
    };
    if !is_asked(call, &driver) {
        return;
    }
    let available_time = match fields.object("available_time", &row.available_time) {
        Some(left) => AvailableTime {
            cycle: fields.seconds("available_time.cycle", &left.cycle),
            shift: fields.seconds("available_time.shift", &left.shift),
            drive: fields.seconds("available_time.drive", &left.drive),
            until_break: fields.seconds("available_time.break", &left.until_break),
        },
        None => AvailableTime::default(),
    };
    let row = HosAvailableTime {
        provider: DESCRIPTOR.code.to_owned(),
        driver: call.ids.driver(&driver),
        current_status: hos::status(
            &mut fields,
            "duty_status",
            &row.duty_status,
            &Scalar::Absent,
        ),
        available_time,
    };
    rows.push(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    });
}

fn media(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    found: &mut Option<LiveRow<CameraMedia>>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<PerformanceRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(id) = fields.source_id(&row.id) else {
        return;
    };
    let wanted = call.event.map(|event| event.source_id.as_str());
    if wanted.and_then(|wanted| wanted.strip_prefix(PERFORMANCE_PREFIX)) != Some(&id) {
        return;
    }
    let media = match films(&mut fields, &row.camera_media) {
        Some(films) if films.available => {
            let file = |url: Option<String>| {
                url.map(|video_url| CameraMediaFile {
                    source_id: films.source_id.clone(),
                    video_url,
                })
            };
            CameraMedia {
                front_facing: file(films.road),
                rear_facing: file(films.driver),
            }
        }
        _ => CameraMedia::default(),
    };
    *found = Some(LiveRow {
        row: media,
        raw: vec![raw.text.to_owned()],
    });
}
