//! One question to the provider: signed, sent, understood; asked again where that can help.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use model::Timestamp;
use provider::{Answer, Page, Provider, ProviderError, Request, Task};
use store::{PageBody, RawPage};
use tokio::sync::Semaphore;
use world::{Clock, Encoding, HttpAnswer};

use crate::access::{Access, AccessError, Redaction, beyond_help};
use crate::disposition::{Disposition, disposition};
use crate::lease::{Halt, LeaseKeeper};

use crate::task_record::TaskRecord;

/// For one exchange, body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// A quota that wants a longer wait than this is waited for without a worker (a snooze).
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// So often in a row a throttled request is asked again before the sync is snoozed.
const MAX_WAITS: u32 = 8;
/// Pauses between tries while the provider is unavailable; the attempt fails after the last.
const RETRY_PAUSES: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(20),
];
/// An answer that makes no sense may be a truncated one: so often it is asked for again.
const MAX_MISREADINGS: u32 = 3;
/// So often one question signs in anew.
const MAX_RENEWALS: u32 = 2;
/// The version of a request that was not sent.
const UNSIGNED: i64 = 0;
/// Bodies above this are mapped on a thread of their own, so that they do not hold up the others.
const INLINE_BYTES: usize = 256 << 10;

/// What a page gave, and the page itself for the raw log.
pub struct PageRead {
    pub page: Page,
    pub raw: RawPage,
}

#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Halt(#[from] Halt),
    /// Waiting for a quota: the sync is put aside until then.
    #[error("waiting for the provider's quota")]
    Snooze { until: Timestamp },
    /// Asking again did not help, or would not.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// What one answer is expected to take, of the bytes that may be in flight.
const EXPECTED_MIB: u32 = 8;
/// Bytes in flight in this process, all syncs together: 64 MiB.
pub const IN_FLIGHT_MIB: usize = 64;

/// Asks on behalf of one sync.
pub struct Asker {
    pub provider: &'static dyn Provider,
    pub access: Access,
    /// One budget for all syncs, in mebibytes.
    pub in_flight: Arc<Semaphore>,
    pub clock: Arc<dyn Clock>,
    pub keeper: LeaseKeeper,
    /// The number that the next page gets.
    pub next_page: AtomicI64,
}

impl Asker {
    /// The next page of a task.
    pub async fn ask(&self, task: &Task<'_>) -> Result<PageRead, AskError> {
        let request = self.provider.request(task);
        let mut patience = Patience::default();
        loop {
            self.keeper.touch().await?;
            let (error, version) = match self.once(task, &request).await? {
                Ok(read) => return Ok(read),
                Err(failed) => failed,
            };
            tracing::debug!(
                provider.code = self.provider.descriptor().code,
                sync.id = %self.keeper.lease.sync,
                stream = task.stream.name,
                request = %request,
                error = %error,
                "the provider did not answer as hoped"
            );
            let error = match error {
                error @ (ProviderError::SessionEnded { .. } | ProviderError::Moved { .. }) => {
                    let renewed = match patience.renewals < MAX_RENEWALS {
                        true => self.access.renew(error, version).await,
                        false => Err(beyond_help(error).into()),
                    };
                    match renewed {
                        Ok(()) => {
                            // A sign-in that failed has a patience of its own.
                            patience.renewals += 1;
                            continue;
                        }
                        Err(AccessError::Provider(error)) => error,
                        Err(AccessError::Store(error)) => return Err(Halt::Store(error).into()),
                    }
                }
                error => error,
            };
            match patience.after(error, self.clock.now()) {
                Next::Again(pause) => self.keeper.pause(pause).await?,
                Next::Snooze(until) => return Err(AskError::Snooze { until }),
                Next::GiveUp(error) => return Err(error.into()),
            }
        }
    }

    /// What the provider says, or what it refuses and which version of the credentials signed it.
    async fn once(
        &self,
        task: &Task<'_>,
        request: &Request,
    ) -> Result<Result<PageRead, (ProviderError, i64)>, AskError> {
        let signed = match self.access.signed(request).await {
            Ok(signed) => signed,
            Err(AccessError::Provider(error)) => return Ok(Err((error, UNSIGNED))),
            Err(AccessError::Store(error)) => return Err(Halt::Store(error).into()),
        };
        let version = signed.version;
        let redaction = Redaction::of(&signed.auth.secrets);
        // Held until the answer is mapped, never across two answers: holders wait for nobody.
        let _share = self.in_flight.acquire_many(EXPECTED_MIB).await;
        let read = match self.access.send(request, signed, REQUEST_TIMEOUT).await {
            Ok(answer) => {
                let asked = redaction.text(request.to_string());
                self.page_read(task, request, asked, answer).await
            }
            Err(error) => Err(error),
        };
        match &read {
            Ok(_) => self.access.note_good(version),
            Err(ProviderError::Throttled { retry_after }) => {
                self.access.note_throttled(request, *retry_after);
            }
            Err(_) => {}
        }
        Ok(read.map_err(|error| (error, version)))
    }

    async fn page_read(
        &self,
        task: &Task<'_>,
        request: &Request,
        asked: String,
        answer: HttpAnswer,
    ) -> Result<PageRead, ProviderError> {
        let received_at = self.clock.now();
        let quota = self.provider.quota(&Answer {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
            received_at,
        });
        self.access.note_quota(request, quota);
        let page = self.understand(task, &answer, received_at).await?;
        let body = match answer.encoding {
            Encoding::Identity => PageBody::Plain(answer.body),
            Encoding::Gzip => PageBody::gzip(answer.wire_body, &answer.body),
        };
        let number = self.next_page.fetch_add(1, Ordering::SeqCst);
        let raw = RawPage {
            number,
            group: number,
            stream: task.stream.name,
            request: asked,
            task: TaskRecord::of(task).text(),
            received_at,
            status: answer.status,
            body,
        };
        Ok(PageRead { page, raw })
    }

    async fn understand(
        &self,
        task: &Task<'_>,
        answer: &HttpAnswer,
        received_at: Timestamp,
    ) -> Result<Page, ProviderError> {
        if answer.body.len() <= INLINE_BYTES {
            return read(
                self.provider,
                task,
                answer.status,
                &answer.headers,
                &answer.body,
                received_at,
            );
        }
        let (provider, body): (_, Bytes) = (self.provider, answer.body.clone());
        let (status, headers) = (answer.status, answer.headers.clone());
        let (stream, ids, window) = (task.stream, *task.ids, task.window);
        let zone = task.zone.clone();
        let (partitions, position) = (task.partitions.to_vec(), task.position.cloned());
        let reading = tokio::task::spawn_blocking(move || {
            let task = Task {
                stream,
                ids: &ids,
                zone: &zone,
                partitions: &partitions,
                window,
                position: position.as_ref(),
            };
            read(provider, &task, status, &headers, &body, received_at)
        });
        reading.await.unwrap_or_else(|_| {
            // The mapping panicked: a defect of ours, shown as an issue rather than taking the
            // server down.
            Err(ProviderError::UnexpectedAnswer {
                at: "$".to_owned(),
                wanted: "a page that its mapping survives (this is a defect; please report it)",
                excerpt: provider::Excerpt::of(&answer.body),
            })
        })
    }
}

fn read(
    provider: &dyn Provider,
    task: &Task<'_>,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    received_at: Timestamp,
) -> Result<Page, ProviderError> {
    provider.read(
        task,
        &Answer {
            status,
            headers,
            body,
            received_at,
        },
    )
}

enum Next {
    Again(Duration),
    Snooze(Timestamp),
    GiveUp(ProviderError),
}

/// How often one request was asked in vain, by reason.
#[derive(Default)]
struct Patience {
    waits: u32,
    retries: usize,
    misreadings: u32,
    renewals: u32,
}

impl Patience {
    fn after(&mut self, error: ProviderError, now: Timestamp) -> Next {
        match disposition(&error) {
            Disposition::Wait(retry_after) => {
                self.waits += 1;
                let growing = Duration::from_secs(1 << self.waits.min(6));
                let wait = retry_after.unwrap_or(growing);
                if wait > LONGEST_WAIT || self.waits > MAX_WAITS {
                    return Next::Snooze(now.saturating_add(wait.max(growing)));
                }
                Next::Again(wait)
            }
            Disposition::Retry => {
                self.retries += 1;
                match RETRY_PAUSES.get(self.retries - 1) {
                    Some(pause) => Next::Again(*pause),
                    None => Next::GiveUp(error),
                }
            }
            Disposition::Quarantine(model::issue::IssueCode::ProviderSourceDataInvalid) => {
                self.misreadings += 1;
                if self.misreadings >= MAX_MISREADINGS {
                    return Next::GiveUp(error);
                }
                Next::Again(RETRY_PAUSES[0])
            }
            Disposition::Disconnect
            | Disposition::LeaveStream(_)
            | Disposition::Halve
            | Disposition::Clamp(_)
            | Disposition::Restart
            | Disposition::Quarantine(_) => Next::GiveUp(error),
        }
    }
}
