//! The windows of a plan, a few at once, and what each of them gave.

use std::collections::VecDeque;
use std::sync::Arc;

use model::issue::IssueCode;
use model::time::DAY_MS;
use model::{RecordId, Timestamp, Ulid, Window, Zone};
use provider::{Grain, Member, Partition, Shape, Stream, WindowShape};
use store::WindowEnd;
use tokio::task::JoinSet;

use crate::ask::AskError;
use crate::coverage::coverage_name;
use crate::derive::feeds_derivation;
use crate::disposition::{Disposition, disposition};
use crate::plan::WindowTask;
use crate::run::{End, SyncRun};
use crate::task_record::{FirstFor, amend};
use crate::window::{WindowRead, read_window, read_window_of};

impl SyncRun {
    /// Reads windows, a few at once, until all are done (true) or `round_ends` has passed.
    pub(crate) async fn read_windows_until(
        &mut self,
        round_ends: Timestamp,
        mut queue: VecDeque<WindowTask>,
    ) -> Result<bool, End> {
        let descriptor = self.asker.provider.descriptor();
        let ids = self.connection.ids();
        let zone = self.connection.zone();
        let mut under_way: JoinSet<(WindowTask, Result<WindowRead, AskError>)> = JoinSet::new();
        loop {
            while under_way.len() < descriptor.concurrency && self.now() < round_ends {
                let Some(task) = queue.pop_front() else { break };
                let Some(stream) = descriptor.stream(task.stream) else {
                    continue;
                };
                if self.left.contains(stream.name) {
                    self.advance(task.weight_ms());
                    continue;
                }
                let asker = Arc::clone(&self.asker);
                under_way.spawn(read_window(asker, ids, zone.clone(), stream, task));
            }
            let Some(joined) = under_way.join_next().await else {
                break;
            };
            let (task, result) = joined.map_err(|_| End::AttemptFailed {
                reason: "reading a window panicked: a defect in this program".to_owned(),
            })?;
            let Some(stream) = descriptor.stream(task.stream) else {
                continue;
            };
            let Shape::Window(shape) = &stream.shape else {
                continue;
            };
            match result {
                Ok(read) => self.take_window(stream, shape, &zone, &task, read),
                Err(error) => {
                    if let Some(parts) = self.window_failed(stream, shape, task, error)? {
                        parts
                            .into_iter()
                            .rev()
                            .for_each(|part| queue.push_front(part));
                    }
                }
            }
            self.flush_if_due().await?;
        }
        Ok(queue.is_empty())
    }

    fn take_window(
        &mut self,
        stream: &'static Stream,
        shape: &'static WindowShape,
        zone: &Zone,
        task: &WindowTask,
        mut read: WindowRead,
    ) {
        let plain = |(raw, _): &(store::RawPage, _)| raw.body.plain_bytes();
        let bytes = read.pages.iter().map(plain).sum();
        self.sizes.note(stream.name, bytes, task.weight_ms());
        let group = read.pages[0].0.number;
        let drafts = read.pages.iter().flat_map(|(_, page)| &page.drafts);
        let seen: Vec<(RecordId, Option<RecordId>)> = drafts
            .map(|draft| {
                let vehicle = draft.vehicle.map(RecordId::from);
                let driver = draft.driver.map(RecordId::from);
                let member = match shape.partition {
                    provider::PartitionBy::Vehicle => vehicle,
                    provider::PartitionBy::Driver => driver,
                };
                (draft.id, member)
            })
            .collect();
        let kept_as = coverage_name(stream, zone).into_owned();
        // Only a second reading can find that rows are gone; for those of the last, not yet settled
        // moments the schedule brings it. A feed beside it counts as a first one, a watch over it
        // has windows read once more just because of that, and in another zone days and months
        // were read under another name.
        let is_fed = self.asker.provider.descriptor().is_followed(stream);
        let new = |partition: &&Partition| {
            !self
                .coverage
                .was_read(&kept_as, partition.member, task.window)
                && !is_fed
                && shape.grain == Grain::Instant
        };
        let new = task.partitions.iter().filter(new);
        let new = new.map(|partition| partition.source_id.clone()).collect();
        let first_for = FirstFor::some(new, task.partitions.len());
        amend(&mut read.pages[0].0, |record| {
            record.first_for = first_for.clone();
        });
        for (raw, page) in read.pages {
            self.take_page(raw, page);
        }
        // Rows of the last moments may still be on their way: they are kept, and read again.
        let until = read.read_at.saturating_sub(shape.settle);
        let settled = Window::new(task.window.from, task.window.until.min(until));
        for partition in &task.partitions {
            let member = partition.member;
            let may_hold_more = !first_for.holds(&partition.source_id);
            let own = |(_, of): &&(RecordId, Option<RecordId>)| *of == Some(member.record());
            let listed: Vec<Ulid> = seen.iter().filter(own).map(|(id, _)| id.ulid).collect();
            if feeds_derivation(stream) && (may_hold_more || !listed.is_empty()) {
                self.mark(member, task.window);
            }
            if may_hold_more {
                self.prove_absence(stream, shape, zone, member, task.window, (listed, group));
            }
            if let Some(settled) = settled {
                self.coverage
                    .insert(&kept_as, member, settled, read.read_at);
            }
        }
        self.advance(task.weight_ms());
    }

    /// That what this partition's window did not list is gone.
    fn prove_absence(
        &mut self,
        stream: &'static Stream,
        shape: &'static WindowShape,
        zone: &Zone,
        member: Member,
        window: Window,
        (seen, group): (Vec<Ulid>, i64),
    ) {
        if let Member::Vehicle(vehicle) = member {
            self.pending
                .read
                .extend(read_window_of(shape, vehicle, window, group));
        }
        if shape.proves_absence && !shape.owns.is_empty() {
            let anchors = anchors(shape.grain, window, zone);
            self.pending.windows.push(WindowEnd {
                stream: stream.name,
                models: shape.owns,
                member: member.record(),
                from: anchors.from,
                until: anchors.until,
                seen,
                group,
            });
        }
    }

    /// What to ask instead, if anything: halves of a window that was too much, the younger part of
    /// one that reached back too far.
    fn window_failed(
        &mut self,
        stream: &'static Stream,
        shape: &WindowShape,
        task: WindowTask,
        error: AskError,
    ) -> Result<Option<Vec<WindowTask>>, End> {
        if let AskError::Provider(error) = &error {
            match disposition(error) {
                Disposition::Halve => {
                    if let Some((first, second)) = task.halve(shape.grain) {
                        return Ok(Some(vec![first, second]));
                    }
                }
                Disposition::Clamp(Some(earliest))
                    if shape.grain == Grain::Instant && task.window.contains(earliest) =>
                {
                    self.issue(
                        stream.name,
                        IssueCode::RetentionWindowExceeded,
                        format!("the provider keeps nothing before {earliest}"),
                    );
                    let window = Window {
                        from: earliest,
                        until: task.window.until,
                    };
                    return Ok(Some(vec![WindowTask { window, ..task }]));
                }
                _ => {}
            }
        }
        self.advance(task.weight_ms());
        self.trouble(stream, error, Some(task.window))?;
        Ok(None)
    }
}

/// Where the rows of a window are kept: by their time, or by the UTC midnight of their date or
/// month.
pub(crate) fn anchors(grain: Grain, window: Window, zone: &Zone) -> Window {
    let last = Timestamp::from_millis(window.until.millis() - 1);
    let (first, last) = (zone.date_of(window.from), zone.date_of(last));
    match grain {
        Grain::Instant => window,
        Grain::Day => Window {
            from: first.utc_midnight(),
            until: Timestamp::from_millis(last.utc_midnight().millis() + DAY_MS),
        },
        Grain::Month => Window {
            from: first.month().utc_midnight(),
            until: last.month().next().utc_midnight(),
        },
    }
}
