//! One live call: the provider says what to ask, this sends it, until the provider has understood.
//!
//! Somebody waits for it, so it is bounded in requests, bytes and time, and waits out a quota only
//! where that is short. What the provider's code understood so far is its own and goes with each
//! question; after an error that it reports the call begins anew.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::issue::IssueCode;
use model::{IdSpace, Timestamp};
use provider::{
    Answer, Excerpt, LiveAnswer, LiveCall, LiveEvent, LiveOperation, LiveRow, LiveRows, LiveState,
    LiveStep, Partition, Provider, ProviderError, Request, Unavailability,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use world::{Clock, HttpAnswer, Transport};

use crate::access::Access;
use crate::disposition::{Disposition, disposition};
use crate::live::{Live, LiveError};

/// For a whole call, repeats and waits included: below the 30 s in which the API answers.
pub(crate) const DEADLINE: Duration = Duration::from_secs(25);
/// Requests of one call, repeats included: 12,000 vehicles at two pages for each 512.
const MOST_REQUESTS: u32 = 50;
/// Of all answers of one call together, decompressed.
const MOST_BYTES: usize = 64 << 20;
/// A quota that wants a longer wait than this is the caller's to wait for.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
const MOST_WAITS: u32 = 2;
/// Where the provider does not say how long its quota is used up.
const USUAL_WAIT: Duration = Duration::from_secs(2);
/// Before asking again what was not answered, or not understood; that is done once.
const REPEAT_PAUSE: Duration = Duration::from_millis(250);
/// Answers above this are mapped on a thread of their own, so that they do not hold up the others.
const INLINE_BYTES: usize = 256 << 10;

/// What is asked, for as long as the asking takes.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub operation: LiveOperation,
    pub ids: IdSpace,
    pub members: Vec<Partition>,
    pub event: Option<LiveEvent>,
}

/// The way to a provider with one connection's credentials.
pub(crate) struct Line {
    pub provider: &'static dyn Provider,
    pub access: Access,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    /// Live calls of this process that are with a provider at once.
    pub places: Arc<Semaphore>,
}

/// What a call may still take.
struct Budget {
    ends_at: Timestamp,
    requests: u32,
    bytes: usize,
    waits: u32,
    repeats: u32,
    renewals: u32,
}

struct Received {
    answer: HttpAnswer,
    at: Timestamp,
    /// Of the credentials that signed the question.
    version: i64,
}

impl Line {
    pub(crate) async fn ask(&self, question: Question) -> Result<Live, LiveError> {
        // In real time whatever clock the engine has: a client waits in no other.
        tokio::time::timeout(DEADLINE, self.ask_in_time(&Arc::new(question)))
            .await
            .unwrap_or(Err(LiveError::TooSlow))
    }

    async fn ask_in_time(&self, question: &Arc<Question>) -> Result<Live, LiveError> {
        let _place = self.place().await?;
        let mut budget = Budget {
            ends_at: self.clock.now().saturating_add(DEADLINE),
            requests: MOST_REQUESTS,
            bytes: MOST_BYTES,
            waits: MOST_WAITS,
            repeats: 1,
            renewals: 2,
        };
        let (mut state, mut received) = (None, None);
        let mut received_at = self.clock.now();
        loop {
            let version = received
                .as_ref()
                .map(|received: &Received| received.version);
            match self
                .understand(question, state.take(), received.take())
                .await
            {
                Ok(LiveStep::Done(mut answer)) => {
                    tell_notices(self.provider, question.operation, &answer);
                    put_in_order(&mut answer.rows);
                    return Ok(Live {
                        answer,
                        received_at,
                    });
                }
                Ok(LiveStep::Ask {
                    request,
                    state: so_far,
                }) => {
                    let answer = self.answered(&request, &mut budget).await?;
                    received_at = answer.at;
                    (state, received) = (so_far, Some(answer));
                }
                Err(error) => {
                    let pause = self.mend(error, version, &mut budget).await?;
                    self.clock.sleep(pause).await;
                }
            }
        }
    }

    /// How long to wait before asking again; a session that has ended is renewed first.
    async fn mend(
        &self,
        error: ProviderError,
        version: Option<i64>,
        budget: &mut Budget,
    ) -> Result<Duration, LiveError> {
        match (&error, version) {
            (ProviderError::SessionEnded { .. } | ProviderError::Moved { .. }, Some(version)) => {
                budget.renewals = match budget.renewals.checked_sub(1) {
                    Some(fewer) => fewer,
                    None => return Err(refused(error)),
                };
                self.access.renew(error, version).await?;
                Ok(Duration::ZERO)
            }
            _ => budget.pause_after(error, self.clock.now()),
        }
    }

    pub(crate) async fn place(&self) -> Result<SemaphorePermit<'_>, LiveError> {
        self.places.acquire().await.map_err(|_| LiveError::BrokeOff)
    }

    /// Sends a request until there is an answer, whatever it says.
    async fn answered(
        &self,
        request: &Request,
        budget: &mut Budget,
    ) -> Result<Received, LiveError> {
        loop {
            let timeout = budget.take_request(self.clock.now())?;
            let signed = self.access.signed(request).await?;
            let version = signed.version;
            let error = match self.access.send(request, signed, timeout).await {
                Ok(answer) => {
                    budget.take_bytes(answer.body.len())?;
                    let at = self.clock.now();
                    return Ok(Received {
                        answer,
                        at,
                        version,
                    });
                }
                Err(error) => error,
            };
            tracing::debug!(
                provider.code = self.provider.descriptor().code, request = %request,
                error = %error, "a live request was not answered"
            );
            let pause = budget.pause_after(error, self.clock.now())?;
            self.clock.sleep(pause).await;
        }
    }

    async fn understand(
        &self,
        question: &Arc<Question>,
        state: LiveState,
        received: Option<Received>,
    ) -> Result<LiveStep, ProviderError> {
        let bytes = received.as_ref().map_or(0, |r| r.answer.body.len());
        if bytes <= INLINE_BYTES {
            return step(self.provider, question, state, received.as_ref());
        }
        let (provider, question) = (self.provider, Arc::clone(question));
        let body = received
            .as_ref()
            .map_or(Bytes::new(), |r| r.answer.body.clone());
        let mapping = tokio::task::spawn_blocking(move || {
            step(provider, &question, state, received.as_ref())
        });
        mapping.await.unwrap_or_else(|_| {
            // The mapping panicked: a defect of ours that must not take the server down.
            Err(ProviderError::UnexpectedAnswer {
                at: "$".to_owned(),
                wanted: "an answer that its mapping survives (this is a defect; please report it)",
                excerpt: Excerpt::of(&body),
            })
        })
    }
}

fn step(
    provider: &dyn Provider,
    question: &Question,
    state: LiveState,
    received: Option<&Received>,
) -> Result<LiveStep, ProviderError> {
    let call = LiveCall {
        operation: question.operation,
        ids: &question.ids,
        members: &question.members,
        event: question.event.as_ref(),
    };
    let answer = received.map(|received| Answer {
        status: received.answer.status,
        headers: &received.answer.headers,
        body: &received.answer.body,
        received_at: received.at,
    });
    provider.live(&call, state, answer.as_ref())
}

impl Budget {
    /// Until the call must be over.
    fn left(&self, now: Timestamp) -> Result<Duration, LiveError> {
        match self.ends_at.since(now) {
            Duration::ZERO => Err(LiveError::TooSlow),
            left => Ok(left),
        }
    }

    /// One request more; how long it may take.
    fn take_request(&mut self, now: Timestamp) -> Result<Duration, LiveError> {
        self.requests = self.requests.checked_sub(1).ok_or(LiveError::TooMuch)?;
        self.left(now)
    }

    fn take_bytes(&mut self, bytes: usize) -> Result<(), LiveError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(LiveError::TooMuch)?;
        Ok(())
    }

    /// How long to wait before asking again; the error where that would not help.
    fn pause_after(&mut self, error: ProviderError, now: Timestamp) -> Result<Duration, LiveError> {
        // Somebody waits who may have waited the whole time already.
        if matches!(refused(error.clone()), LiveError::TooSlow) {
            return Err(LiveError::TooSlow);
        }
        let (budget, pause) = match disposition(&error) {
            Disposition::Wait(retry_after) => (&mut self.waits, retry_after.unwrap_or(USUAL_WAIT)),
            // An answer that makes no sense may be a truncated one.
            Disposition::Retry
            | Disposition::Restart
            | Disposition::Quarantine(IssueCode::ProviderSourceDataInvalid) => {
                (&mut self.repeats, REPEAT_PAUSE)
            }
            Disposition::Disconnect
            | Disposition::LeaveStream(_)
            | Disposition::Halve
            | Disposition::Clamp(_)
            | Disposition::Quarantine(_) => return Err(refused(error)),
        };
        match budget.checked_sub(1) {
            Some(fewer) if pause <= LONGEST_WAIT => *budget = fewer,
            _ => return Err(refused(error)),
        }
        // Nothing can be answered in no time.
        if pause >= self.left(now)? {
            return Err(refused(error));
        }
        Ok(pause)
    }
}

/// What an error that asking again does not help against means for the caller.
pub(crate) fn refused(error: ProviderError) -> LiveError {
    match error {
        ProviderError::Throttled { retry_after } => LiveError::Throttled {
            after: retry_after.unwrap_or(USUAL_WAIT),
        },
        ProviderError::CredentialsRejected { .. } | ProviderError::SessionEnded { .. } => {
            LiveError::CredentialsRejected
        }
        ProviderError::Forbidden { scope } => LiveError::NotPermitted { what: scope },
        ProviderError::NotEntitled { what } => LiveError::NotPermitted { what },
        ProviderError::Unavailable {
            cause: Unavailability::TimedOut,
        } => LiveError::TooSlow,
        ProviderError::TooLarge => LiveError::TooMuch,
        ProviderError::Unavailable {
            cause: Unavailability::Status(status),
        }
        | ProviderError::Refused {
            status: status @ 1..,
            ..
        } => LiveError::Answered { status, error },
        ProviderError::Unavailable {
            cause: Unavailability::Unreachable | Unavailability::Moved,
        }
        | ProviderError::Moved { .. }
        | ProviderError::Refused { status: 0, .. } => LiveError::Unreachable { error },
        ProviderError::TooOld { .. }
        | ProviderError::PositionExpired
        | ProviderError::UnexpectedAnswer { .. } => LiveError::NotUnderstood { error },
    }
}

fn tell_notices(provider: &dyn Provider, operation: LiveOperation, answer: &LiveAnswer) {
    if let Some(first) = answer.notices.first() {
        tracing::warn!(
            provider.code = provider.descriptor().code, operation = ?operation,
            unusable_rows = answer.notices.len(), place = first.place, reason = first.reason,
            "rows of a live answer could not be used; the first is named"
        );
    }
}

/// By the ids of their subjects, one row each: the first of several.
fn put_in_order(rows: &mut LiveRows) {
    fn order<T, I: Ord + Copy>(rows: &mut Vec<LiveRow<T>>, subject: impl Fn(&T) -> I) {
        rows.sort_by_key(|row| subject(&row.row));
        rows.dedup_by_key(|row| subject(&row.row));
    }
    match rows {
        LiveRows::VehicleLocations(rows) => order(rows, |row| row.vehicle),
        LiveRows::TrailerLocations(rows) => order(rows, |row| row.trailer),
        LiveRows::HosAvailableTime(rows) => order(rows, |row| row.driver),
        LiveRows::CameraMedia(_) => {}
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
