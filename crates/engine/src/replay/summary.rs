//! What a replay did, or in a dry run would do, by stream and model.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;
use store::{PointCounts, RecordCounts};

/// So many pages that the mapping refuses are told one by one.
const REFUSALS_TOLD: usize = 10;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplaySummary {
    pub streams: BTreeMap<String, StreamSummary>,
    /// Pages of streams that the provider no longer has: passed over.
    pub pages_of_unknown_streams: u64,
    /// The first pages that the mapping refuses, a sentence each.
    pub refusals: Vec<String>,
    /// What the figures do not say.
    pub notes: Vec<&'static str>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamSummary {
    pub pages: PageSummary,
    /// By model.
    pub records: BTreeMap<&'static str, RecordSummary>,
    /// By what they measure.
    pub points: BTreeMap<&'static str, PointSummary>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageSummary {
    pub mapped: u64,
    /// They changed nothing when they came, or are older than the retention.
    pub without_body: u64,
    /// The mapping no longer understands them; what they gave stays.
    pub refused: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordSummary {
    pub added: u64,
    pub changed: u64,
    pub withdrawn: u64,
    pub unchanged: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PointSummary {
    pub added: u64,
    pub modified: u64,
    pub removed: u64,
    pub unchanged: u64,
}

impl ReplaySummary {
    pub(super) fn stream(&mut self, name: &str) -> &mut StreamSummary {
        self.streams.entry(name.to_owned()).or_default()
    }

    pub(super) fn refused(&mut self, stream: &str, sentence: String) {
        self.stream(stream).pages.refused += 1;
        if self.refusals.len() < REFUSALS_TOLD {
            self.refusals.push(sentence);
        }
    }

    /// Of all streams and models.
    pub fn records(&self) -> RecordSummary {
        let streams = self.streams.values();
        sum(streams.flat_map(|stream| stream.records.values()))
    }

    /// Of all streams.
    pub fn points(&self) -> PointSummary {
        let streams = self.streams.values();
        sum(streams.flat_map(|stream| stream.points.values()))
    }

    pub fn pages(&self) -> PageSummary {
        sum(self.streams.values().map(|stream| &stream.pages))
    }

    /// Nothing that is stored is, or would be, other than before.
    pub fn changes_nothing(&self) -> bool {
        let (records, points) = (self.records(), self.points());
        records.added + records.changed + records.withdrawn == 0
            && points.added + points.modified + points.removed == 0
    }
}

fn sum<'a, T: AddAssign + Copy + Default + 'a>(all: impl Iterator<Item = &'a T>) -> T {
    all.fold(T::default(), |mut total, one| {
        total += *one;
        total
    })
}

impl AddAssign for PageSummary {
    fn add_assign(&mut self, other: PageSummary) {
        self.mapped += other.mapped;
        self.without_body += other.without_body;
        self.refused += other.refused;
    }
}

impl AddAssign for RecordSummary {
    fn add_assign(&mut self, other: RecordSummary) {
        self.added += other.added;
        self.changed += other.changed;
        self.withdrawn += other.withdrawn;
        self.unchanged += other.unchanged;
    }
}

impl AddAssign for PointSummary {
    fn add_assign(&mut self, other: PointSummary) {
        self.added += other.added;
        self.modified += other.modified;
        self.removed += other.removed;
        self.unchanged += other.unchanged;
    }
}

impl From<RecordCounts> for RecordSummary {
    fn from(counts: RecordCounts) -> RecordSummary {
        RecordSummary {
            added: counts.added,
            changed: counts.changed,
            withdrawn: counts.withdrawn,
            unchanged: counts.unchanged,
        }
    }
}

impl From<PointCounts> for PointSummary {
    fn from(counts: PointCounts) -> PointSummary {
        PointSummary {
            added: counts.added,
            modified: counts.modified,
            removed: counts.removed,
            unchanged: counts.unchanged,
        }
    }
}
