//! Where trailers are: where their own device is, if they have one that knows, else where the
//! device of the vehicle is that they are attached to. All of it is one question of three calls.

use std::collections::{BTreeMap, BTreeSet};

use model::live::LatestTrailerLocation;
use provider::{Answer, LiveAnswer, LiveRow, LiveRows, LiveStep, Notice, ProviderError};
use serde_json::{Value, json};

use super::super::calls::Call;
use super::super::map::{Fields, RawRow, parse};
use super::super::requests::{Paging, TRAILER_GROUP, get, several};
use super::super::streams::VIEW_STATUS;
use super::super::wire::entities::DeviceRow;
use super::super::wire::events::{AttachmentRow, StatusInfoRow};
use super::{Asking, answered, status_infos};

pub fn step(asking: Asking<'_>, answer: Option<&Answer<'_>>) -> Result<LiveStep, ProviderError> {
    let Some(answer) = answer else {
        return Ok(ask());
    };
    let calls = answered(VIEW_STATUS, answer, 3)?;
    let [devices, infos, attachments] = calls.as_slice() else {
        return Err(super::super::errors::unexpected(
            answer,
            "result",
            "three lists",
        ));
    };
    let mut notices = Vec::new();
    let infos: BTreeMap<String, _> = status_infos(answer, infos, &mut notices)
        .into_iter()
        .map(|(device, raw, info)| (device, (raw, info)))
        .collect();
    let own = own_devices(answer, devices, &mut notices);
    let pulled_by = pulled_by(answer, attachments, &mut notices);
    let trailers: BTreeSet<&String> = own.keys().chain(pulled_by.keys()).collect();
    let mut rows = Vec::new();
    for trailer in trailers {
        let devices = [own.get(trailer), pulled_by.get(trailer)];
        let row = devices
            .into_iter()
            .flatten()
            .filter_map(|device| infos.get(device))
            .find_map(|(raw, info)| located(asking, trailer, raw, info, &mut notices));
        rows.extend(row);
    }
    Ok(LiveStep::Done(LiveAnswer {
        rows: LiveRows::TrailerLocations(rows),
        notices,
    }))
}

fn ask() -> LiveStep {
    let trailers = json!({ "groups": [{ "id": TRAILER_GROUP }] });
    let calls = vec![
        get("Device", trailers, Paging::Whole),
        get("DeviceStatusInfo", Value::Null, Paging::Whole),
        get("TrailerAttachment", Value::Null, Paging::Whole),
    ];
    LiveStep::Ask {
        request: several(calls, "Get DeviceStatusInfo"),
        state: None,
    }
}

/// The devices that trailers are, by the id that the trailer goes by.
fn own_devices(
    answer: &Answer<'_>,
    call: &Call<'_>,
    notices: &mut Vec<Notice>,
) -> BTreeMap<String, String> {
    let mut devices = BTreeMap::new();
    for raw in call.raw_rows(answer) {
        let Some(row) = parse::<DeviceRow<'_>>(&raw, notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, notices);
        let Some(id) = fields.source_id("id", &row.id) else {
            continue;
        };
        let stands_for = fields.text("tmpTrailerId", &row.tmp_trailer_id);
        devices.insert(stands_for.unwrap_or_else(|| id.clone()), id);
    }
    devices
}

/// The devices of the vehicles that trailers are attached to now.
fn pulled_by(
    answer: &Answer<'_>,
    call: &Call<'_>,
    notices: &mut Vec<Notice>,
) -> BTreeMap<String, String> {
    let mut open = BTreeMap::new();
    for raw in call.raw_rows(answer) {
        let Some(row) = parse::<AttachmentRow<'_>>(&raw, notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, notices);
        let trailer = fields.required("trailer", &row.trailer);
        let device = fields.required("device", &row.device);
        let began = fields.time("activeFrom", &row.active_from);
        let ended = fields.time("activeTo", &row.active_to);
        let lasts = ended.is_none_or(|ended| ended > answer.received_at);
        if let (Some(trailer), Some(device), true) = (trailer, device, lasts) {
            let known = open.get(&trailer).is_some_and(|(known, _)| *known > began);
            if !known {
                open.insert(trailer, (began, device));
            }
        }
    }
    open.into_iter()
        .map(|(trailer, (_, device))| (trailer, device))
        .collect()
}

fn located(
    asking: Asking<'_>,
    trailer: &str,
    raw: &RawRow<'_>,
    row: &StatusInfoRow<'_>,
    notices: &mut Vec<Notice>,
) -> Option<LiveRow<LatestTrailerLocation>> {
    let mut fields = Fields::of(raw, notices);
    let place = fields.position(("latitude", &row.latitude), ("longitude", &row.longitude))?;
    let row = LatestTrailerLocation {
        provider: asking.provider.to_owned(),
        trailer: asking.call.ids.trailer(trailer),
        located_at: fields.required_time("dateTime", &row.date_time)?,
        location: place,
        address: None,
        heading: fields.bearing("bearing", &row.bearing),
        speed: fields.amount("speed", &row.speed, |kph| kph),
    };
    Some(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    })
}
