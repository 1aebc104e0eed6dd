//! Points on their way out: the decoded columns, and which of their rows are served in what order.
//!
//! A page is thousands of points, so none of them becomes an object of its own: a [`PointRow`]
//! borrows from columns that may be shared with the readers of other pages.

use std::sync::Arc;

use model::history::LocationPoint;
use model::{SeriesKind, StatType, Timestamp, Ulid, Values};

use super::columns::StoredPoints;
use super::{HistoryPage, HistoryRow, RowValue};
use crate::pages::RawPointer;

/// The provider's mapping did not say where the row lies.
const OFFSET_UNKNOWN: u32 = u32::MAX;

/// A page of points, ordered by (time, id).
#[derive(Clone, Debug, Default)]
pub struct HistoryPoints {
    columns: Vec<Columns>,
    places: Vec<Place>,
    /// There is more after the last point.
    pub more: bool,
}

#[derive(Clone, Debug)]
struct Columns {
    kind: SeriesKind,
    points: Arc<StoredPoints>,
}

/// Where a served point lies, beside what it is sorted by.
#[derive(Clone, Copy, Debug)]
struct Place {
    time: Timestamp,
    ulid: Ulid,
    columns: u32,
    row: u32,
}

/// One point, as it is served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointRow<'a> {
    pub ulid: Ulid,
    pub time: Timestamp,
    pub source_id: Option<&'a str>,
    pub modified_at: Timestamp,
    pub raw: Option<RawPointer>,
    pub value: PointValue<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointValue<'a> {
    Location(LocationPoint<'a>),
    /// Fixed-point, as `StatType::member` says.
    Stat {
        stat: StatType,
        value: i64,
    },
}

impl HistoryPoints {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = PointRow<'_>> + DoubleEndedIterator {
        self.places.iter().map(|place| self.row(place))
    }

    fn row(&self, place: &Place) -> PointRow<'_> {
        let Columns { kind, points } = &self.columns[place.columns as usize];
        let row = place.row as usize;
        let raw = match points.points.raw_offset[row] {
            OFFSET_UNKNOWN => None,
            offset => Some(RawPointer::Inside {
                page: points.page[row],
                offset,
            }),
        };
        let value = match (&points.points.values, *kind) {
            (Values::Location(columns), _) => PointValue::Location(columns.get(row)),
            (Values::Stat(values), SeriesKind::Stat(stat)) => PointValue::Stat {
                stat,
                value: values[row],
            },
            (Values::Stat(_), SeriesKind::Location) => {
                unreachable!("columns of another shape than their series' are refused")
            }
        };
        PointRow {
            ulid: place.ulid,
            time: place.time,
            source_id: points.points.source_id.get(row),
            modified_at: points.stamp[row],
            raw,
            value,
        }
    }

    /// Columns from which rows will be taken; their shape is that of `kind`. Gives their number.
    pub(super) fn add_columns(&mut self, kind: SeriesKind, points: Arc<StoredPoints>) -> u32 {
        self.columns.push(Columns { kind, points });
        (self.columns.len() - 1) as u32
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.places.reserve(rows);
    }

    pub(super) fn push(&mut self, time: Timestamp, ulid: Ulid, columns: u32, row: usize) {
        self.places.push(Place {
            time,
            ulid,
            columns,
            row: row as u32,
        });
    }

    pub(super) fn sort(&mut self) {
        self.places.sort_by_key(|place| (place.time, place.ulid));
    }

    /// Adds points that all come later than those already there.
    pub(super) fn append(&mut self, later: HistoryPoints) {
        if self.is_empty() {
            *self = later;
            return;
        }
        let before = self.columns.len() as u32;
        self.columns.extend(later.columns);
        self.places.extend(later.places.iter().map(|place| Place {
            columns: place.columns + before,
            ..*place
        }));
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.places.truncate(rows);
    }

    pub(super) fn to_page(&self) -> HistoryPage {
        HistoryPage {
            rows: self.iter().map(PointRow::to_owned).collect(),
            more: self.more,
        }
    }
}

impl PointRow<'_> {
    fn to_owned(self) -> HistoryRow {
        HistoryRow {
            ulid: self.ulid,
            time: self.time,
            source_id: self.source_id.map(Box::from),
            modified_at: self.modified_at,
            raw: self.raw,
            value: match self.value {
                PointValue::Location(point) => RowValue::Location {
                    latitude_e7: point.latitude_e7,
                    longitude_e7: point.longitude_e7,
                    heading_centi: point.heading_centi,
                    speed_centi_kph: point.speed_centi_kph,
                    driver: point.driver.map(Box::from),
                    address: point.address.map(Box::from),
                },
                PointValue::Stat { stat, value } => RowValue::Stat { stat, value },
            },
        }
    }
}
