//! How long drivers may still drive. A driver's clocks are a call, and what the driver does now is
//! another, about the moment of the first answer: a question has no clock of its own. Where nobody
//! is named, the drivers are listed first.

use model::Timestamp;
use model::hos::HosStatus;
use model::live::{AvailableTime, HosAvailableTime};
use provider::{Answer, LiveAnswer, LiveRow, LiveRows, LiveState, LiveStep, Notice, ProviderError};
use serde_json::{Value, json};

use super::super::calls::Call;
use super::super::map::{Fields, hos, parse};
use super::super::requests::{Paging, get, several};
use super::super::streams::{MOST_CALLS, VIEW_HOS};
use super::super::wire::Scalar;
use super::super::wire::entities::UserRow;
use super::super::wire::events::{AvailabilityRow, DutyRow};
use super::{Asking, answered};

/// Where a call stands.
#[derive(Default)]
struct Walk {
    asked: Asked,
    /// Who is yet to be asked about, the next at the end.
    drivers: Vec<String>,
    /// Whom the last question was about.
    batch: Vec<String>,
    rows: Vec<LiveRow<HosAvailableTime>>,
    /// The rows of the batch, which lack the status.
    first_of_batch: usize,
    notices: Vec<Notice>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Drivers,
    Clocks,
    Statuses,
}

pub fn step(
    asking: Asking<'_>,
    state: LiveState,
    answer: Option<&Answer<'_>>,
) -> Result<LiveStep, ProviderError> {
    let walk = state.and_then(|state| state.downcast::<Walk>().ok());
    // An answer without the state that went with its question answers nothing: begin.
    let (Some(walk), Some(answer)) = (walk, answer) else {
        return Ok(begin(asking));
    };
    let mut walk = *walk;
    match walk.asked {
        Asked::Drivers => {
            walk.drivers = drivers(answer, &mut walk.notices)?;
            Ok(ask_clocks(walk))
        }
        Asked::Clocks => {
            let calls = answered(VIEW_HOS, answer, walk.batch.len())?;
            walk.first_of_batch = walk.rows.len();
            for call in &calls {
                clocks(asking, answer, call, &mut walk);
            }
            Ok(ask_statuses(walk, answer.received_at))
        }
        Asked::Statuses => {
            let calls = answered(VIEW_HOS, answer, walk.batch.len())?;
            for call in &calls {
                current_status(asking, answer, call, &mut walk);
            }
            Ok(ask_clocks(walk))
        }
    }
}

fn begin(asking: Asking<'_>) -> LiveStep {
    let members = asking.call.members.iter().rev();
    let drivers: Vec<String> = members.map(|member| member.source_id.clone()).collect();
    if drivers.is_empty() {
        let users = get("User", json!({ "isDriver": true }), Paging::Whole);
        return LiveStep::Ask {
            request: several(vec![users], "Get User"),
            state: Some(Box::new(Walk::default())),
        };
    }
    ask_clocks(Walk {
        drivers,
        ..Walk::default()
    })
}

fn drivers(answer: &Answer<'_>, notices: &mut Vec<Notice>) -> Result<Vec<String>, ProviderError> {
    let mut drivers = Vec::new();
    for call in answered(VIEW_HOS, answer, 1)? {
        for raw in call.raw_rows(answer) {
            let Some(row) = parse::<UserRow<'_>>(&raw, notices) else {
                continue;
            };
            let id = Fields::of(&raw, notices).source_id("id", &row.id);
            drivers.extend(id.filter(|_| !matches!(row.is_driver, Scalar::Truth(false))));
        }
    }
    drivers.reverse();
    Ok(drivers)
}

fn ask_clocks(mut walk: Walk) -> LiveStep {
    let rest = walk.drivers.len().saturating_sub(MOST_CALLS);
    walk.batch = walk.drivers.split_off(rest);
    walk.batch.reverse();
    if walk.batch.is_empty() {
        return LiveStep::Done(LiveAnswer {
            rows: LiveRows::HosAvailableTime(walk.rows),
            notices: walk.notices,
        });
    }
    walk.asked = Asked::Clocks;
    ask_each(
        walk,
        "DutyStatusAvailability",
        "Get DutyStatusAvailability",
        |_| {},
    )
}

/// The log that was last begun before the clocks were answered.
fn ask_statuses(mut walk: Walk, now: Timestamp) -> LiveStep {
    walk.asked = Asked::Statuses;
    ask_each(walk, "DutyStatusLog", "Get DutyStatusLog", |search| {
        search["fromDate"] = now.to_string().into();
        search["toDate"] = now.to_string().into();
        search["includeBoundaryLogs"] = true.into();
        search["statuses"] = json!(super::super::requests::DUTY_STATUSES);
    })
}

fn ask_each(
    walk: Walk,
    entity: &str,
    quota: &'static str,
    narrow: impl Fn(&mut Value),
) -> LiveStep {
    let calls = walk.batch.iter().map(|driver| {
        let mut search = json!({ "userSearch": { "id": driver } });
        narrow(&mut search);
        get(entity, search, Paging::Whole)
    });
    LiveStep::Ask {
        request: several(calls.collect(), quota),
        state: Some(Box::new(walk)),
    }
}

/// Spans that are used up are negative: nothing is left.
fn clocks(asking: Asking<'_>, answer: &Answer<'_>, call: &Call<'_>, walk: &mut Walk) {
    for raw in call.raw_rows(answer) {
        let Some(row) = parse::<AvailabilityRow<'_>>(&raw, &mut walk.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut walk.notices);
        let Some(driver) = fields.required("driver", &row.driver) else {
            continue;
        };
        if !walk.batch.contains(&driver) {
            fields.invalid("driver", "not asked for: the row is left out");
            continue;
        }
        let mut left =
            |member: &str, span: &Scalar<'_>| fields.span(member, span).map(|ms| ms.max(0));
        let available_time = AvailableTime {
            cycle: left("cycle", &row.cycle),
            shift: left("workday", &row.workday),
            drive: left("driving", &row.driving),
            until_break: left("rest", &row.rest),
        };
        walk.rows.push(LiveRow {
            row: HosAvailableTime {
                provider: asking.provider.to_owned(),
                driver: asking.call.ids.driver(&driver),
                current_status: None,
                available_time,
            },
            raw: vec![raw.text.to_owned()],
        });
    }
}

/// The last status that began before now.
fn current_status(asking: Asking<'_>, answer: &Answer<'_>, call: &Call<'_>, walk: &mut Walk) {
    let mut last: Option<(Timestamp, String, HosStatus, String)> = None;
    for raw in call.raw_rows(answer) {
        let Some(row) = parse::<DutyRow<'_>>(&raw, &mut walk.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut walk.notices);
        let Some(Some(status)) = hos::status(&mut fields, "status", &row.status) else {
            continue;
        };
        let at = fields.required_time("dateTime", &row.date_time);
        let driver = fields.required("driver", &row.driver);
        if let (Some(at), Some(driver)) = (at.filter(|at| *at <= answer.received_at), driver)
            && last.as_ref().is_none_or(|(known, ..)| at >= *known)
        {
            last = Some((at, driver, status, raw.text.to_owned()));
        }
    }
    let Some((_, driver, status, raw)) = last else {
        return;
    };
    let driver = asking.call.ids.driver(&driver);
    let rows = walk.rows.iter_mut().skip(walk.first_of_batch);
    for row in rows.filter(|row| row.row.driver == driver) {
        row.row.current_status = Some(status);
        row.raw.push(raw.clone());
    }
}
