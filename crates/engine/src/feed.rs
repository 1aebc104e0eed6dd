//! Feeds and watches: what arrived or changed since they were last read.
//!
//! A feed brings the present; the window stream beside it reads the past and proves what is there.
//! The feed's first position is committed before any window is planned, so nothing falls between
//! them. Where a feed stands is committed with what it gave.
//!
//! A watch gives no rows: what it names is taken out of what counts as read, and read again. For
//! the rest it vouches (and so does a feed that is complete): since it was read to its end the last
//! time, nothing changed there and nothing came, so that time counts as read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::slice;
use std::time::Duration;

use model::{Timestamp, Window};
use provider::{
    Member, News, Next, Page, PartitionBy, Position, ProviderError, Shape, Stream, Task,
};
use serde::{Deserialize, Serialize};
use store::{PositionRow, RawPage};

use crate::ask::AskError;
use crate::coverage::coverage_name;
use crate::disposition::{Disposition, disposition};
use crate::plan::Fed;
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
    /// Of a watch or a complete feed: until when what it did not name counts as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched_until: Option<Timestamp>,
    /// Of a watch: what it named since then, by stream.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub named: BTreeSet<(Cow<'static, str>, Member, Window)>,
}

/// While a watch names nothing, that is noted so seldom: it costs a write for every stream.
const VOUCH_AFTER: Duration = Duration::from_secs(3_600);
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
            vouched_until: None,
            named: BTreeSet::new(),
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
    ) -> Result<BTreeMap<&'static str, Fed>, End> {
        let mut fed = BTreeMap::new();
        let mut any_begun = false;
        for stream in self.streams() {
            if !self.wants_history() {
                continue;
            }
            let begun_before = self.begun_at(stream);
            match &stream.shape {
                Shape::Listing { .. } | Shape::Window(_) => continue,
                Shape::Feed(shape) => {
                    let of = slice::from_ref(&shape.beside);
                    if let Some(head) = self.read_feed(stream, of, round_ends).await? {
                        let by = match shape.is_complete {
                            true => Fed::Whole(self.vouch(stream, of, head)),
                            false => Fed::Rows,
                        };
                        fed.insert(shape.beside, by);
                    }
                }
                Shape::Watch(shape) => {
                    if let Some(head) = self.read_feed(stream, shape.over, round_ends).await? {
                        let until = self.vouch(stream, shape.over, head);
                        let watched = shape.over.iter();
                        fed.extend(watched.map(|name| (*name, Fed::Whole(until))));
                    }
                }
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

    /// When it was asked for the last of what it has; `None` where it was not read to its present.
    /// `of` are the window streams that it speaks of.
    async fn read_feed(
        &mut self,
        stream: &'static Stream,
        of: &[&str],
        round_ends: Timestamp,
    ) -> Result<Option<Timestamp>, End> {
        let ids = self.connection.ids();
        let zone = self.connection.zone();
        let mut restarts = 0;
        while !self.left.contains(stream.name) && of.iter().any(|name| !self.left.contains(name)) {
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
                    return Ok(None);
                }
                Err(error) => return self.trouble(stream, error, None).map(|()| None),
            };
            self.keep_wanted(&mut read.raw, &mut read.page);
            let news = std::mem::take(&mut read.page.news);
            self.forget(&news);
            let next = read.page.next.clone();
            self.take_page(read.raw, read.page);
            let (position, more) = match next {
                Next::Page(position) => (Some(position.0), true),
                Next::Later(position) => (Some(position.0), false),
                Next::End => (None, false),
            };
            let mut place = FeedPlace {
                position,
                polled_at: Some(now),
                ..place
            };
            let named = news.into_iter();
            place
                .named
                .extend(named.map(|news| (Cow::Borrowed(news.stream), news.member, news.window)));
            self.pending.place(place.row(stream.name));
            self.feeds.insert(stream.name.to_owned(), place);
            self.flush_if_due().await?;
            if !more {
                self.advance(LISTING_WEIGHT_MS);
                return Ok(Some(now));
            }
            if self.now() >= round_ends {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// What was read where there are news no longer counts as read.
    fn forget(&mut self, news: &[News]) {
        let zone = self.connection.zone();
        let descriptor = self.asker.provider.descriptor();
        for News {
            stream,
            member,
            window,
        } in news
        {
            if let Some(stream) = descriptor.stream(stream) {
                let kept_as = coverage_name(stream, &zone);
                self.coverage.remove(&kept_as, *member, *window);
            }
        }
    }

    /// The time since this was done last counts as read, for everybody who is read, but for what
    /// the watch named; returns until when. (In a zone that was changed since, and for members who
    /// were not read then, there are gaps before it, and those are read.)
    fn vouch(&mut self, by: &'static Stream, of: &[&str], head: Timestamp) -> Timestamp {
        let Some(place) = self.feeds.get_mut(by.name) else {
            return head;
        };
        let since = place.vouched_until.unwrap_or(place.since);
        let is_news = place.vouched_until.is_none() || !place.named.is_empty();
        let window = Window::new(since, head);
        let Some(window) = window.filter(|_| is_news || head.since(since) >= VOUCH_AFTER) else {
            return since;
        };
        let named = std::mem::take(&mut place.named);
        place.vouched_until = Some(head);
        self.pending.place(place.row(by.name));
        let zone = self.connection.zone();
        let descriptor = self.asker.provider.descriptor();
        for stream in of.iter().filter_map(|name| descriptor.stream(name)) {
            let Shape::Window(watched) = &stream.shape else {
                continue;
            };
            let kept_as = coverage_name(stream, &zone);
            let members = match watched.partition {
                PartitionBy::Vehicle => &self.members.vehicles,
                PartitionBy::Driver => &self.members.drivers,
            };
            for partition in members {
                self.coverage
                    .insert(&kept_as, partition.member, window, head);
            }
            for (of, member, window) in &named {
                if of == stream.name {
                    self.coverage.remove(&kept_as, *member, *window);
                }
            }
        }
        head
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
