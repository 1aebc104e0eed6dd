//! What is asked at the moment of a call: positions of vehicles and trailers, drivers' clocks, and
//! the films of a safety event.
//!
//! A call is one question or several in a row, each of which has pages. What was read so far
//! travels as the state. Rows that lack what makes them one become notices; those of vehicles and
//! drivers that were not asked about are left out, as a filter may be without effect.

mod drivers;
mod locations;

use model::issue::IssueCode;
use provider::{
    Answer, LiveAnswer, LiveCall, LiveOperation, LiveRows, LiveState, LiveStep, Notice,
    ProviderError, Request,
};

use self::drivers::{CLOCKS, MEDIA};
use self::locations::{TRAILERS, VEHICLES};
use super::errors::classify;
use super::map::safety::PERFORMANCE_PREFIX;
use super::map::{Fields, RawRow, rows};
use super::place::Walk;
use super::wire::envelope::{Wrapper, open};

pub fn step(
    call: &LiveCall<'_>,
    state: LiveState,
    answer: Option<&Answer<'_>>,
) -> Result<LiveStep, ProviderError> {
    match call.operation {
        LiveOperation::VehicleLocations => VEHICLES.step(call, state, answer),
        LiveOperation::TrailerLocations => TRAILERS.step(call, state, answer),
        LiveOperation::HosAvailableTime => CLOCKS.step(call, state, answer),
        // Speeding is computed from positions: there never is a film of it.
        LiveOperation::CameraMedia if !is_filmed(call) => Ok(LiveStep::Done(LiveAnswer {
            rows: LiveRows::CameraMedia(None),
            notices: Vec::new(),
        })),
        LiveOperation::CameraMedia => MEDIA.step(call, state, answer),
    }
}

fn is_filmed(call: &LiveCall<'_>) -> bool {
    call.event
        .is_some_and(|event| event.source_id.starts_with(PERFORMANCE_PREFIX))
}

/// One question of an operation; `T` is what the operation gathers.
struct Ask<T> {
    permission: &'static str,
    wrapper: Wrapper,
    request: fn(&LiveCall<'_>, Walk) -> Request,
    row: fn(&LiveCall<'_>, &RawRow<'_>, &mut T, &mut Vec<Notice>),
}

/// How an operation asks and reads.
struct Operation<T: 'static> {
    asks: &'static [Ask<T>],
    /// Whether nothing more is needed.
    is_done: fn(&T) -> bool,
    finish: fn(&LiveCall<'_>, T) -> LiveRows,
}

/// Where a call stands.
struct Progress<T> {
    question: usize,
    walk: Walk,
    gathered: T,
    notices: Vec<Notice>,
}

impl<T: Default + Send + 'static> Operation<T> {
    fn step(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        let progress = state.and_then(|state| state.downcast::<Progress<T>>().ok());
        // An answer without the state that went with its question answers nothing: begin.
        let (Some(mut progress), Some(answer)) = (progress, answer) else {
            return Ok(self.ask(
                call,
                Progress {
                    question: 0,
                    walk: Walk::FIRST,
                    gathered: T::default(),
                    notices: Vec::new(),
                },
            ));
        };
        let follows = match self.read(call, &mut progress, answer) {
            // What the first question gave is worth having.
            Err(error @ ProviderError::Forbidden { .. }) if progress.question > 0 => {
                let mut fields = Fields::new("answer", &mut progress.notices);
                fields.notice(IssueCode::PermissionMissing, "", &error.to_string());
                None
            }
            // The list changed between two pages. What moved may be missing or there twice; a
            // snapshot is not worth beginning anew for it.
            Err(ProviderError::PositionExpired) => {
                let mut fields = Fields::new("pagination", &mut progress.notices);
                let reason = "the list changed while it was read: it may lack somebody";
                fields.notice(IssueCode::DataDelayed, "total", reason);
                None
            }
            follows => follows?,
        };
        match follows {
            Some(walk) => progress.walk = walk,
            None => {
                progress.question += 1;
                progress.walk = Walk::FIRST;
            }
        }
        if progress.question < self.asks.len() && !(self.is_done)(&progress.gathered) {
            return Ok(self.ask(call, *progress));
        }
        Ok(LiveStep::Done(LiveAnswer {
            rows: (self.finish)(call, progress.gathered),
            notices: progress.notices,
        }))
    }

    fn ask(&self, call: &LiveCall<'_>, progress: Progress<T>) -> LiveStep {
        LiveStep::Ask {
            request: (self.asks[progress.question].request)(call, progress.walk),
            state: Some(Box::new(progress)),
        }
    }

    /// The next page of the same question.
    fn read(
        &self,
        call: &LiveCall<'_>,
        progress: &mut Progress<T>,
        answer: &Answer<'_>,
    ) -> Result<Option<Walk>, ProviderError> {
        let ask = &self.asks[progress.question];
        if answer.status != 200 {
            return Err(classify(ask.permission, false, answer));
        }
        let opened = open(answer, ask.wrapper)?;
        for row in rows(answer, &opened, &mut progress.notices) {
            (ask.row)(call, &row, &mut progress.gathered, &mut progress.notices);
        }
        match opened.pagination {
            Some(_) => progress.walk.next(answer, &opened),
            // One page where nothing is said of pages.
            None => Ok(None),
        }
    }
}

fn is_asked(call: &LiveCall<'_>, source_id: &str) -> bool {
    let asked = call.members;
    asked.is_empty() || asked.iter().any(|asked| asked.source_id == source_id)
}
