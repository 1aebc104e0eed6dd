//! Fault codes. A row is one code of one vehicle and changes in place: it says when the code was
//! seen first and last, and whether it is closed.
//!
//! So a row is up to two events: opened when it was seen first, closed when it was seen last. The
//! question is for rows that changed since the window began, which has all whose events lie in the
//! window, whatever Motive means by the dates of this endpoint.

use model::Draft;
use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, ObdiiCode, ReportedCode,
};
use model::issue::IssueCode;
use provider::{Answer, Page, ProviderError, Shape, Task};

use super::super::DESCRIPTOR;
use super::super::place::FeedPlace;
use super::super::wire::Scalar;
use super::super::wire::envelope::open;
use super::super::wire::events::FaultRow;
use super::{FAULT_CODES, Fields, RawRow, is_asked, map_rows, parse, window};

pub fn feed(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let opened = open(answer, FAULT_CODES)?;
    let place = FeedPlace::of(task);
    let walk = place.walk.next(answer, &opened)?;
    let mut page = Page {
        next: place.next(answer.received_at, walk),
        ..Page::default()
    };
    map_rows(task, answer, &opened, code, &mut page);
    Ok(page)
}

pub fn code(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<FaultRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !is_asked(task, &vehicle) {
        return;
    }
    let Some(reported) = reported(&mut fields, &row) else {
        return;
    };
    let Some(opened_at) = fields.required_time("first_observed_at", &row.first_observed_at) else {
        return;
    };
    let Some(is_closed) = is_closed(&mut fields, &row.status) else {
        return;
    };
    let mut events = vec![(opened_at, reported.status)];
    if is_closed {
        let closed_at = fields.required_time("last_observed_at", &row.last_observed_at);
        let Some(closed_at) = closed_at else {
            return;
        };
        if closed_at < opened_at {
            fields.invalid("last_observed_at", "before the first: the row is left out");
            return;
        }
        // Seen once and closed by then: a code changes at most once at one time.
        if closed_at == opened_at {
            events.clear();
        }
        events.push((closed_at, FaultCodeStatus::Closed));
    }
    // A feed gives what changed, whatever its time.
    let is_feed = matches!(task.stream.shape, Shape::Feed(_));
    let vehicle = task.ids.vehicle(&vehicle);
    for (observed_at, status) in events {
        if !is_feed && !window(task).contains(observed_at) {
            continue;
        }
        let key = FaultCodeEvent::key(vehicle, observed_at, &reported.identity());
        let record = FaultCodeEvent {
            id: task.ids.fault_code_event(&key),
            status,
            provider: DESCRIPTOR.code.to_owned(),
            vehicle,
            protocol: reported.protocol,
            code: reported.code.clone(),
            description: reported.description.clone(),
            observed_at,
            mil_status: None,
            obdii: reported.obdii.clone(),
            j1939: reported.j1939.clone(),
        };
        page.drafts
            .push(Draft::new(task.ids, &record, vec![raw.range]));
    }
}

fn is_closed(fields: &mut Fields<'_>, status: &Scalar<'_>) -> Option<bool> {
    match fields.text("status", status).as_deref() {
        Some("open") => Some(false),
        Some("closed") => Some(true),
        other => {
            let word = other.unwrap_or_default();
            fields.unknown_word("status", word, "status; the row is left out");
            None
        }
    }
}

/// The code in the contract's words, with the status that it opened with.
fn reported(fields: &mut Fields<'_>, row: &FaultRow<'_>) -> Option<ReportedCode> {
    let code = match &row.code {
        number @ Scalar::Number(_) => number.id().unwrap_or_default().into_owned(),
        other => fields.text("code", other).unwrap_or_default(),
    };
    let code = code.trim();
    if code.is_empty() {
        fields.invalid("code", "missing: the row is left out");
        return None;
    }
    let description = fields.text("code_description", &row.code_description);
    let network = fields.text("network", &row.network).unwrap_or_default();
    let network = network.to_ascii_lowercase();
    let is_sid = fields.truth("is_sid", &row.is_sid) == Some(true);
    if is_sid || network.contains("1587") || network.contains("1708") {
        let reason = "a code of J1587, which the contract has no protocol for: left out";
        fields.notice(IssueCode::ProviderCapabilityNotSupported, "code", reason);
        return None;
    }
    let is_pending = fields
        .text("dtc_status", &row.dtc_status)
        .is_some_and(|status| status.eq_ignore_ascii_case("pending"));
    let status = match is_pending {
        true => FaultCodeStatus::Pending,
        false => FaultCodeStatus::Open,
    };
    if network.starts_with("obd") {
        return Some(ReportedCode {
            protocol: FaultCodeProtocol::Obdii,
            code: code.to_owned(),
            status,
            description: description.clone(),
            mil_status: None,
            obdii: Some(ObdiiCode {
                code: code.to_owned(),
                description,
            }),
            j1939: None,
        });
    }
    let j1939 = j1939(fields, row, code)?;
    Some(ReportedCode {
        protocol: FaultCodeProtocol::J1939,
        code: match j1939.fmi {
            Some(fmi) => format!("SPN{}-FMI{fmi}", j1939.spn),
            None => format!("SPN{}", j1939.spn),
        },
        status,
        description,
        mil_status: None,
        obdii: None,
        j1939: Some(j1939),
    })
}

/// The number is written bare or behind `SPN`.
fn j1939(fields: &mut Fields<'_>, row: &FaultRow<'_>, code: &str) -> Option<J1939Code> {
    let digits = code.trim_start_matches(|c: char| !c.is_ascii_digit());
    let Ok(spn) = digits.parse::<i64>() else {
        fields.unknown_word("code", code, "number of J1939; the row is left out");
        return None;
    };
    Some(J1939Code {
        fmi: fields.whole_number("fmi", &row.fmi),
        fmi_description: fields.text("fmi_description", &row.fmi_description),
        spn,
        spn_description: None,
        occurrence_count: fields.whole_number("occurrence_count", &row.occurrence_count),
        source_address: fields.whole_number("source_address", &row.source_address),
    })
}
