//! A task as the raw log keeps it beside its page: enough to map the page again, and to know what
//! the sync made of it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{Points, Timestamp, VehicleId, Zone};
use provider::{Page, Task};
use serde::{Deserialize, Serialize};
use store::RawPage;

/// Kept as JSON. Members are only ever added, each with a meaning where it is absent.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TaskRecord<'a> {
    #[serde(borrow, default)]
    pub partitions: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<model::Window>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Cow<'a, str>>,
    /// The connection's zone then; UTC where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Cow<'a, str>>,
    /// Of a window's first page: whom it took nothing away from.
    #[serde(default, skip_serializing_if = "FirstFor::is_nobody")]
    pub first_for: FirstFor,
    /// Of a feed's page: what was taken of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// For whom a window was read for the first time, so that what it did not list was not taken for
/// gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstFor {
    #[default]
    Nobody,
    Everybody,
    /// Source ids.
    Some(BTreeSet<String>),
}

/// What a sync took of a feed's page: feeds speak of every vehicle and of any time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Nothing before this.
    from: Timestamp,
    /// None of these vehicles' …
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    without: BTreeSet<VehicleId>,
    /// … or of these only: whichever are fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<BTreeSet<VehicleId>>,
}

impl<'a> TaskRecord<'a> {
    pub fn of(task: &Task<'a>) -> TaskRecord<'a> {
        let partitions = task.partitions.iter();
        TaskRecord {
            partitions: partitions
                .map(|p| Cow::Borrowed(p.source_id.as_str()))
                .collect(),
            window: task.window,
            position: task
                .position
                .map(|position| Cow::Borrowed(position.0.as_str())),
            zone: (*task.zone != Zone::utc()).then(|| Cow::Borrowed(task.zone.name())),
            ..TaskRecord::default()
        }
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and times are always valid JSON")
    }
}

/// Adds to the record of a page that was not committed yet.
pub fn amend(raw: &mut RawPage, change: impl FnOnce(&mut TaskRecord<'_>)) {
    // A page of this process: its record was written a moment ago.
    if let Ok(mut record) = serde_json::from_str::<TaskRecord<'_>>(&raw.task) {
        change(&mut record);
        raw.task = record.text();
    }
}

impl FirstFor {
    /// `new` of `all`, both source ids.
    pub fn some(new: BTreeSet<String>, all: usize) -> FirstFor {
        match new.len() {
            0 => FirstFor::Nobody,
            most if most == all => FirstFor::Everybody,
            _ => FirstFor::Some(new),
        }
    }

    pub fn is_nobody(&self) -> bool {
        *self == FirstFor::Nobody
    }

    pub fn holds(&self, source_id: &str) -> bool {
        match self {
            FirstFor::Nobody => false,
            FirstFor::Everybody => true,
            FirstFor::Some(new) => new.contains(source_id),
        }
    }
}

impl Taken {
    /// What is to be taken of a page: from a time on, and of the vehicles that are read.
    pub fn of(page: &Page, from: Timestamp, is_read: impl Fn(VehicleId) -> bool) -> Taken {
        let of_drafts = page.drafts.iter().filter_map(|draft| draft.vehicle);
        let of_points = page.points.iter().map(|series| series.vehicle);
        let (read, left): (BTreeSet<VehicleId>, BTreeSet<VehicleId>) =
            of_drafts.chain(of_points).partition(|id| is_read(*id));
        match left.len() <= read.len() {
            true => Taken {
                from,
                without: left,
                only: None,
            },
            false => Taken {
                from,
                without: BTreeSet::new(),
                only: Some(read),
            },
        }
    }

    /// Leaves in the page what is taken of it.
    pub fn keep(&self, page: &mut Page) {
        let takes = |vehicle: &VehicleId| match &self.only {
            Some(only) => only.contains(vehicle),
            None => !self.without.contains(vehicle),
        };
        page.drafts.retain(|draft| {
            draft.started_at.is_none_or(|at| at >= self.from)
                && draft.vehicle.as_ref().is_none_or(takes)
        });
        page.points.retain(|series| takes(&series.vehicle));
        for series in &mut page.points {
            let all = std::mem::replace(&mut series.points, Points::new(series.series.kind));
            series.points = all.since(self.from);
        }
        page.points.retain(|series| !series.points.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_means_nothing() {
        let record: TaskRecord<'_> = serde_json::from_str(r#"{"partitions":["1"]}"#).unwrap();
        assert!(record.first_for.is_nobody() && record.taken.is_none());
        assert_eq!(record.text(), r#"{"partitions":["1"]}"#);
        let some = FirstFor::some(BTreeSet::from(["1".to_owned()]), 2);
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"some":["1"]}"#);
        let read: FirstFor = serde_json::from_str(&text).unwrap();
        assert!(read.holds("1") && !read.holds("2"));
        assert_eq!(
            FirstFor::some(BTreeSet::from(["1".to_owned()]), 1),
            FirstFor::Everybody
        );
    }

    #[test]
    fn the_shorter_list_of_vehicles_is_kept() {
        let vehicle = |n| VehicleId(model::Ulid::from_bits(n));
        let series = |n| model::SeriesPoints {
            vehicle: vehicle(n),
            series: model::SeriesKey::new(model::SeriesKind::Location, "gps"),
            rank: 0,
            points: Points::new(model::SeriesKind::Location),
        };
        let page = Page {
            points: (1..=5).map(series).collect(),
            ..Page::default()
        };
        let from = Timestamp::from_millis(7);
        let most = Taken::of(&page, from, |id| id != vehicle(3));
        assert_eq!((most.without.len(), &most.only), (1, &None));
        let few = Taken::of(&page, from, |id| id == vehicle(3));
        assert_eq!(
            (few.without.len(), few.only.map(|only| only.len())),
            (0, Some(1))
        );
    }
}
