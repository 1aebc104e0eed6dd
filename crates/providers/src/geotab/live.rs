//! What is asked at the moment of a call: positions of vehicles and trailers, and drivers' clocks.
//!
//! A call is one question or several in a row; what was read so far travels as the state. Rows that
//! lack what makes them one become notices.
//!
//! Absent: films (see the folder's module), addresses, and the second tank.

mod clocks;
mod trailers;
mod vehicles;

use provider::{
    Answer, Excerpt, LiveCall, LiveOperation, LiveState, LiveStep, Notice, ProviderError,
};

use super::calls::{self, Call};
use super::map::{Fields, RawRow, parse};
use super::session::live_question;
use super::wire::events::StatusInfoRow;

/// What answers are read with.
#[derive(Clone, Copy)]
struct Asking<'c> {
    provider: &'static str,
    call: &'c LiveCall<'c>,
}

pub fn step(
    provider: &'static str,
    call: &LiveCall<'_>,
    state: LiveState,
    answer: Option<&Answer<'_>>,
) -> Result<LiveStep, ProviderError> {
    let asking = Asking { provider, call };
    match call.operation {
        LiveOperation::VehicleLocations => vehicles::step(asking, answer),
        LiveOperation::TrailerLocations => trailers::step(asking, answer),
        LiveOperation::HosAvailableTime => clocks::step(asking, state, answer),
        LiveOperation::CameraMedia => Err(ProviderError::Refused {
            status: 501,
            excerpt: Excerpt::of(b"films are not read from this provider"),
        }),
    }
}

/// The answers to so many calls.
fn answered<'a>(
    permission: &'static str,
    answer: &Answer<'a>,
    calls: usize,
) -> Result<Vec<Call<'a>>, ProviderError> {
    calls::read(live_question(permission), answer, Some(calls))
}

/// The present of devices, by device.
fn status_infos<'a>(
    answer: &Answer<'a>,
    call: &Call<'a>,
    notices: &mut Vec<Notice>,
) -> Vec<(String, RawRow<'a>, StatusInfoRow<'a>)> {
    let mut found = Vec::new();
    for raw in call.raw_rows(answer) {
        let Some(row) = parse::<StatusInfoRow<'_>>(&raw, notices) else {
            continue;
        };
        let device = Fields::of(&raw, notices).required("device", &row.device);
        found.extend(device.map(|device| (device, raw, row)));
    }
    found
}
