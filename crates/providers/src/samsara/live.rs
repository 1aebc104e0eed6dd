//! What is asked at the moment of a call: positions of vehicles and trailers, drivers' clocks, and
//! the films of a safety event.
//!
//! A call is one question or several in a row, each of which has pages. What was read so far
//! travels as the state. Rows that lack what makes them one become notices.
//!
//! Absent: who drives (no snapshot says it) and the second tank.

mod drivers;
mod locations;

use model::issue::IssueCode;
use provider::{
    Answer, LiveAnswer, LiveCall, LiveOperation, LiveRows, LiveState, LiveStep, Notice,
    ProviderError, Request,
};

use self::drivers::{CLOCKS, MEDIA};
use self::locations::{TRAILERS, VEHICLES};
use super::errors::{Question, classify, text, unreadable};
use super::map::{Fields, RawRow};
use super::place::cursor_after;
use super::requests::source_ids;
use super::wire::List;

const A_LIST: &str = "an object with `data`, a list, and `pagination`";

pub fn step(
    call: &LiveCall<'_>,
    state: LiveState,
    answer: Option<&Answer<'_>>,
) -> Result<LiveStep, ProviderError> {
    match call.operation {
        LiveOperation::VehicleLocations => VEHICLES.step(call, state, answer),
        LiveOperation::TrailerLocations => TRAILERS.step(call, state, answer),
        LiveOperation::HosAvailableTime => CLOCKS.step(call, state, answer),
        LiveOperation::CameraMedia => match answer {
            // Nobody knows the event any more.
            Some(answer) if answer.status == 404 => Ok(LiveStep::Done(LiveAnswer {
                rows: LiveRows::CameraMedia(None),
                notices: Vec::new(),
            })),
            answer => MEDIA.step(call, state, answer),
        },
    }
}

/// How an operation asks and reads; `T` is what it gathers.
struct Operation<T> {
    permission: &'static str,
    /// The questions, in order.
    asks: &'static [fn(&LiveCall<'_>) -> Request],
    row: fn(&LiveCall<'_>, &RawRow<'_>, &mut T, &mut Vec<Notice>),
    finish: fn(&LiveCall<'_>, T) -> LiveRows,
}

/// Where a call stands.
#[derive(Default)]
struct Walk<T> {
    question: usize,
    /// Empty before the question's first page.
    cursor: String,
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
        let walk = state.and_then(|state| state.downcast::<Walk<T>>().ok());
        // An answer without the state that went with its question answers nothing: begin.
        let (Some(mut walk), Some(answer)) = (walk, answer) else {
            return Ok(self.ask(call, Walk::default()));
        };
        let follows = match self.read(call, &mut walk, answer) {
            // What the first question gave is worth having: some licences have positions and no
            // diagnostics.
            Err(error @ (ProviderError::Forbidden { .. } | ProviderError::NotEntitled { .. }))
                if walk.question > 0 =>
            {
                let mut fields = Fields::new("answer", &mut walk.notices);
                fields.notice(IssueCode::PermissionMissing, "", &error.to_string());
                None
            }
            follows => follows?,
        };
        if let Some(cursor) = follows {
            walk.cursor = cursor;
        } else {
            walk.question += 1;
            walk.cursor.clear();
        }
        if walk.question < self.asks.len() {
            return Ok(self.ask(call, *walk));
        }
        Ok(LiveStep::Done(LiveAnswer {
            rows: (self.finish)(call, walk.gathered),
            notices: walk.notices,
        }))
    }

    fn ask(&self, call: &LiveCall<'_>, walk: Walk<T>) -> LiveStep {
        let mut request = (self.asks[walk.question])(call);
        if !walk.cursor.is_empty() {
            request = request.query("after", walk.cursor.clone());
        }
        LiveStep::Ask {
            request,
            state: Some(Box::new(walk)),
        }
    }

    /// The cursor of the next page of the same question.
    fn read(
        &self,
        call: &LiveCall<'_>,
        walk: &mut Walk<T>,
        answer: &Answer<'_>,
    ) -> Result<Option<String>, ProviderError> {
        if answer.status != 200 {
            let question = Question {
                permission: self.permission,
                has_cursor: !walk.cursor.is_empty(),
                is_feed: false,
                is_divisible: false,
            };
            return Err(classify(&question, answer));
        }
        let body = text(answer, A_LIST)?;
        let list: List<'_> =
            serde_json::from_str(body).map_err(|error| unreadable(answer, &error, A_LIST))?;
        for (index, row) in list.data.iter().enumerate() {
            let row = RawRow::new(format!("data[{index}]"), answer, row);
            (self.row)(call, &row, &mut walk.gathered, &mut walk.notices);
        }
        let cursor = cursor_after(answer, &list.pagination, &walk.cursor)?;
        Ok(cursor.map(str::to_owned))
    }
}

fn of_members(request: Request, parameter: &'static str, call: &LiveCall<'_>) -> Request {
    match call.members {
        [] => request,
        members => request.query(parameter, source_ids(members)),
    }
}

/// Whether the row's subject was asked for; if not, that is noticed.
fn is_asked(call: &LiveCall<'_>, fields: &mut Fields<'_>, member: &str, source_id: &str) -> bool {
    let asked = call.members;
    let known = asked.is_empty() || asked.iter().any(|asked| asked.source_id == source_id);
    if !known {
        fields.invalid(member, "not asked for: the row is left out");
    }
    known
}
