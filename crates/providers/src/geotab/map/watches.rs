//! Feeds that are watched: what a row says here is only whose it is and when, so that there is read
//! again. Rounded outwards, so that many members share a window.
//!
//! A feed also has rows that were edited, recalculated, dismissed or deleted, under the times that
//! they had.

use std::collections::BTreeSet;

use model::time::{DAY_MS, HOUR_MS};
use model::{Timestamp, Window};
use provider::{Member, News, Page, ProviderError};
use serde::Deserialize;

use super::super::Reading;
use super::super::errors::{self, Question, unreadable};
use super::super::place::after_feed;
use super::super::streams;
use super::super::wire::envelope::Feed;
use super::super::wire::events::TripRow;
use super::super::wire::{Reference, Scalar};
use super::safety_rules::{ById, by_id};
use super::{Fields, RawRow, parse};

const A_FEED: &str = "an object with `result.data`, a list of rows, and `result.toVersion`";
/// How far an edited duty status reaches at most: drivers and carriers edit the current cycle.
const EDIT_REACH_MS: i64 = 8 * DAY_MS;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let result = errors::result(Question::of(reading.task), reading.answer)?;
    let feed: Feed<'_> = serde_json::from_str(result.get())
        .map_err(|error| unreadable(reading.answer, &error, A_FEED))?;
    let mut page = Page {
        next: after_feed(reading, feed.data.len(), &feed.to_version)?,
        ..Page::default()
    };
    let mut news = BTreeSet::new();
    for (index, row) in feed.data.iter().enumerate() {
        let raw = RawRow::new(format!("result.data[{index}]"), reading.answer, row);
        match reading.task.stream.name {
            streams::TRIPS_FEED => of_trip(reading, &raw, &mut news, &mut page),
            streams::HOS_FEED => of_duty(reading, &raw, &mut news, &mut page),
            _ => of_moment(reading, &raw, &mut news, &mut page),
        };
    }
    page.news = news.into_iter().collect();
    Ok(page)
}

/// What the rows of the other feeds have of: whose, when, and of which rule.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct MomentRow<'a> {
    #[serde(borrow)]
    device: Reference<'a>,
    #[serde(borrow)]
    driver: Reference<'a>,
    #[serde(borrow)]
    date_time: Scalar<'a>,
    #[serde(borrow)]
    active_from: Scalar<'a>,
    #[serde(borrow)]
    rule: Reference<'a>,
}

/// The slots from the one with `from` to the one with `last`.
fn slots(from: Timestamp, last: Timestamp, slot_ms: i64) -> Option<Window> {
    let until = last.max(from).floor_to(slot_ms).millis() + slot_ms;
    Window::new(from.floor_to(slot_ms), Timestamp::from_millis(until))
}

fn tell(news: &mut BTreeSet<News>, stream: &'static str, member: Member, window: Option<Window>) {
    news.extend(window.map(|window| News {
        stream,
        member,
        window,
    }));
}

/// A trip has to do with the days that it touches, and with where the next one begins.
fn of_trip(
    reading: &Reading<'_>,
    raw: &RawRow<'_>,
    news: &mut BTreeSet<News>,
    page: &mut Page,
) -> Option<()> {
    let row = parse::<TripRow<'_>>(raw, &mut page.notices)?;
    let mut fields = Fields::of(raw, &mut page.notices);
    let device = fields.required("device", &row.device)?;
    let member = Member::Vehicle(reading.task.ids.vehicle(&device));
    let started_at = fields.required_time("start", &row.start)?;
    let stopped_at = fields.time("stop", &row.stop).unwrap_or(started_at);
    let next = fields.time("nextTripStart", &row.next_trip_start);
    let idling = fields.duration("idlingDuration", &row.idling_duration);
    let idled_until = stopped_at
        .millis()
        .saturating_add(idling.unwrap_or_default());
    let now = reading.answer.received_at;
    let until = |at: Timestamp| at.min(now);
    let driven = slots(started_at, until(stopped_at), DAY_MS);
    tell(news, streams::TRIPS, member, driven);
    if let Some(next) = next.filter(|next| *next > stopped_at && *next <= now) {
        tell(news, streams::TRIPS, member, slots(next, next, DAY_MS));
    }
    let idled_until = until(Timestamp::from_millis(idled_until));
    let used = slots(started_at, idled_until, DAY_MS);
    tell(news, streams::UTILIZATION, member, used);
    Some(())
}

/// A status lasts until the next, so a day that has none of its own may have changed too.
fn of_duty(
    reading: &Reading<'_>,
    raw: &RawRow<'_>,
    news: &mut BTreeSet<News>,
    page: &mut Page,
) -> Option<()> {
    let row = parse::<MomentRow<'_>>(raw, &mut page.notices)?;
    let mut fields = Fields::of(raw, &mut page.notices);
    let at = fields.required_time("dateTime", &row.date_time)?;
    // Logs that nobody has claimed yet are of no driver.
    let known = fields.count();
    let driver = fields.reference("driver", &row.driver);
    let Some(driver) = driver else {
        if fields.count() == known && matches!(row.driver, Reference::Absent) {
            fields.invalid("driver", "missing: the row is left out");
        }
        return None;
    };
    let member = Member::Driver(reading.task.ids.driver(&driver));
    tell(news, streams::HOS_LOGS, member, slots(at, at, DAY_MS));
    let reach = Timestamp::from_millis(at.millis().saturating_add(EDIT_REACH_MS));
    let last = reach.min(reading.answer.received_at);
    tell(news, streams::HOS_DAILY, member, slots(at, last, DAY_MS));
    Some(())
}

/// Exceptions, faults and changes of drivers.
fn of_moment(
    reading: &Reading<'_>,
    raw: &RawRow<'_>,
    news: &mut BTreeSet<News>,
    page: &mut Page,
) -> Option<()> {
    let row = parse::<MomentRow<'_>>(raw, &mut page.notices)?;
    let mut fields = Fields::of(raw, &mut page.notices);
    let (stream, slot_ms) = match reading.task.stream.name {
        streams::SAFETY_FEED => (streams::SAFETY, HOUR_MS),
        streams::FAULTS_FEED => (streams::FAULTS, HOUR_MS),
        _ => (streams::ASSIGNMENTS, DAY_MS),
    };
    let at = match stream {
        streams::SAFETY => fields.required_time("activeFrom", &row.active_from)?,
        _ => fields.required_time("dateTime", &row.date_time)?,
    };
    let device = fields.required("device", &row.device)?;
    // What the platform's own rules say of other things is no safety event before or after.
    if stream == streams::SAFETY && row.rule.id().is_some_and(|rule| by_id(rule) == ById::Other) {
        return None;
    }
    let member = Member::Vehicle(reading.task.ids.vehicle(&device));
    tell(news, stream, member, slots(at, at, slot_ms));
    Some(())
}
