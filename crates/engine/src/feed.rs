//! Feeds: what arrived or changed since they were last read.
//!
//! A feed brings the present; the window stream beside it reads the past and proves what is there.
//! The feed's first position is committed before any window is planned, so nothing falls between
//! them. Where a feed stands is committed with what it gave.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Timestamp, Window};
use provider::{FeedShape, Next, Page, Position, ProviderError, Shape, Stream, Task};
use serde::{Deserialize, Serialize};
use store::{PositionRow, RawPage};

use crate::ask::AskError;
use crate::disposition::{Disposition, disposition};
use crate::run::{End, LISTING_WEIGHT_MS, MAX_RESTARTS, SyncRun};
use crate::task_record::{Taken, amend};

/// Where a feed stands between syncs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedPlace {
    pub position: Option<String>,
    /// From when on it gives changes: part of its question for some providers.
    pub since: Timestamp,
    /// When it was last read.
    #[serde(default)]
    pub polled_at: Option<Timestamp>,
}

/// How far before its last reading a feed whose position expired begins anew.
const OVERLAP: Duration = Duration::from_secs(3_600);

impl FeedPlace {
    /// The slot of feeds in the positions table.
    pub const SLOT: &'static str = "feed";

    fn begun(now: Timestamp) -> FeedPlace {
        FeedPlace {
            position: None,
            since: now,
            polled_at: None,
        }
    }

    /// After its position expired. Changes are asked for again from the last reading on; a provider
    /// that cannot be asked so has its rows in hours that the window stream has yet to read.
    fn anew(&self) -> FeedPlace {
        let since = self
            .polled_at
            .map_or(self.since, |at| at.saturating_sub(OVERLAP));
        FeedPlace {
            position: None,
            since,
            ..self.clone()
        }
    }

    fn row(&self, stream: &str) -> PositionRow {
        PositionRow {
            stream: stream.to_owned(),
            slot: Self::SLOT.to_owned(),
            body: serde_json::to_vec(self).expect("texts and times are always valid JSON"),
        }
    }
}

impl SyncRun {
    /// Reads every feed up to now. Returns the window streams whose present was brought that way.
    pub(crate) async fn read_feeds(
        &mut self,
        round_ends: Timestamp,
    ) -> Result<BTreeSet<&'static str>, End> {
        let mut fed = BTreeSet::new();
        let mut any_begun = false;
        for stream in self.streams() {
            let Shape::Feed(shape) = &stream.shape else {
                continue;
            };
            if !self.wants_history() {
                continue;
            }
            let begun_before = self.begun_at(stream);
            if self.read_feed(stream, shape, round_ends).await? {
                fed.insert(shape.beside);
            }
            any_begun |= self.begun_at(stream) != begun_before;
        }
        // A feed that goes on may wait for the next checkpoint. One that was just begun may not:
        // the past is read up to where it stands.
        if any_begun {
            self.flush().await?;
        }
        Ok(fed)
    }

    fn begun_at(&self, stream: &Stream) -> Option<Timestamp> {
        self.feeds.get(stream.name).map(|place| place.since)
    }

    /// Whether it was read to its present.
    async fn read_feed(
        &mut self,
        stream: &'static Stream,
        shape: &FeedShape,
        round_ends: Timestamp,
    ) -> Result<bool, End> {
        let ids = self.connection.ids();
        let zone = self.connection.zone();
        let mut restarts = 0;
        while !self.left.contains(stream.name) && !self.left.contains(shape.beside) {
            let now = self.now();
            let place = self
                .feeds
                .get(stream.name)
                .cloned()
                .unwrap_or_else(|| FeedPlace::begun(now));
            let position = place.position.clone().map(Position);
            let until = now.max(Timestamp::from_millis(place.since.millis() + 1));
            let task = Task {
                stream,
                ids: &ids,
                zone: &zone,
                partitions: &[],
                window: Window::new(place.since, until),
                position: position.as_ref(),
            };
            let mut read = match self.asker.ask(&task).await {
                Ok(read) => read,
                Err(AskError::Provider(ProviderError::PositionExpired))
                    if restarts < MAX_RESTARTS =>
                {
                    restarts += 1;
                    self.feeds.insert(stream.name.to_owned(), place.anew());
                    continue;
                }
                Err(AskError::Provider(error))
                    if matches!(disposition(&error), Disposition::LeaveStream(_)) =>
                {
                    // The stream beside it is now read up to the present, and will say so.
                    self.left.insert(stream.name);
                    return Ok(false);
                }
                Err(error) => return self.trouble(stream, error, None).map(|()| false),
            };
            self.keep_wanted(&mut read.raw, &mut read.page);
            let next = read.page.next.clone();
            self.take_page(read.raw, read.page);
            let (position, more) = match next {
                Next::Page(position) => (Some(position.0), true),
                Next::Later(position) => (Some(position.0), false),
                Next::End => (None, false),
            };
            let place = FeedPlace {
                position,
                polled_at: Some(now),
                ..place
            };
            self.pending.place(place.row(stream.name));
            self.feeds.insert(stream.name.to_owned(), place);
            self.flush_if_due().await?;
            if !more {
                self.advance(LISTING_WEIGHT_MS);
                return Ok(true);
            }
            if self.now() >= round_ends {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Feeds speak of every vehicle and of any time: what the filters exclude, and what lies before
    /// anything that was asked for, is not taken.
    fn keep_wanted(&self, raw: &mut RawPage, page: &mut Page) {
        let Some(from) = self.history_from() else {
            return;
        };
        let taken = Taken::of(page, from, |id| self.members.is_read(id));
        taken.keep(page);
        amend(raw, |record| record.taken = Some(taken));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_feed_begins_anew_where_it_was_last_read() {
        let hour = |hours: i64| Timestamp::from_millis(hours * model::time::HOUR_MS);
        let never_read = FeedPlace::begun(hour(5));
        assert_eq!(never_read.anew().since, hour(5));
        let read = FeedPlace {
            position: Some("cursor".to_owned()),
            polled_at: Some(hour(90)),
            ..never_read
        };
        let anew = read.anew();
        assert_eq!((anew.position, anew.since), (None, hour(89)));
        // Places that were kept before this was known have no such time.
        let kept = r#"{"position":"c","since":"1970-01-01T05:00:00.000Z"}"#;
        let kept: FeedPlace = serde_json::from_str(kept).expect("it is read");
        assert_eq!(kept.anew().since, hour(5));
    }
}
