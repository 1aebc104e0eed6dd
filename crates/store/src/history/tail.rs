//! The tail: small changes of many vehicles and series, one row a commit.
//!
//! A sync every few minutes brings one point or so for each series; were it put into the blocks,
//! each of them would be written a hundred times a day. So such a commit appends one row with all
//! that it changed, and readers lay the rows over the blocks in their order. Before the tail grows
//! past its bounds a commit folds it into the blocks.
//!
//! ```text
//! version 1 | first and last time | series names |
//!         vehicles: 16 bytes and length of section each | sections | check
//! section: groups (series, rank, rows) | columns of locations | columns of stats | rows not live
//! ```
//!
//! A reader decodes the sections of its vehicle only, and only of rows with points of its time: a
//! sync that brings nothing new looks at the last rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::sync::OnceLock;

use bytes::Bytes;
use model::{SeriesKey, Timestamp, Ulid, VehicleId};

use super::bytes::{
    Damage, Reader, put_bytes, put_signed, put_unsigned, seal, unseal, without_check,
};
use super::codec;
use super::columns::{Shape, StoredPoints};
use super::merge::Overlay;
use crate::StoreError;

const VERSION: u8 = 1;
/// All that the tail can speak of.
pub(super) const ALWAYS: RangeInclusive<Timestamp> = Timestamp::MIN..=Timestamp::MAX;
const GROUPS_MAX: usize = 1 << 20;
const TAIL: &str = "tail of points";

/// Changes of one series.
#[derive(Clone, Debug)]
pub(super) struct TailGroup {
    pub(super) vehicle: VehicleId,
    pub(super) series: SeriesKey,
    pub(super) rank: u8,
    pub(super) overlay: Overlay,
}

/// Encodes what one commit changed; the groups are sorted by vehicle.
pub(super) fn encode(groups: &[TailGroup]) -> Vec<u8> {
    let mut names: Vec<&SeriesKey> = groups.iter().map(|group| &group.series).collect();
    names.sort_unstable();
    names.dedup();
    let mut sections = Vec::new();
    let mut body = vec![VERSION];
    let times = || {
        groups
            .iter()
            .flat_map(|group| &group.overlay.points.points.time)
    };
    for bound in [times().min(), times().max()] {
        put_signed(&mut body, bound.map_or(0, |time| time.millis()));
    }
    put_unsigned(&mut body, names.len() as u64);
    for name in &names {
        put_bytes(&mut body, name.to_string().as_bytes());
    }
    let of_vehicles = || groups.chunk_by(|one, other| one.vehicle == other.vehicle);
    put_unsigned(&mut body, of_vehicles().count() as u64);
    for of_vehicle in of_vehicles() {
        let before = sections.len();
        encode_section(&mut sections, of_vehicle, &names);
        let vehicle = of_vehicle[0].vehicle;
        body.extend_from_slice(&vehicle.ulid().to_bits().to_be_bytes());
        put_unsigned(&mut body, (sections.len() - before) as u64);
    }
    body.extend_from_slice(&sections);
    seal(body)
}

fn encode_section(out: &mut Vec<u8>, groups: &[TailGroup], names: &[&SeriesKey]) {
    put_unsigned(out, groups.len() as u64);
    for group in groups {
        let name = names.partition_point(|name| **name < group.series);
        put_unsigned(out, name as u64);
        out.push(group.rank);
        put_unsigned(out, group.overlay.len() as u64);
    }
    let mut not_live = Vec::new();
    let mut row = 0u64;
    for shape in [Shape::Location, Shape::Stat] {
        let mut all = StoredPoints::new(shape);
        for group in groups
            .iter()
            .filter(|group| Shape::of(&group.series) == shape)
        {
            all.push_rows(&group.overlay.points, 0..group.overlay.len());
            for live in &group.overlay.live {
                if !live {
                    not_live.push(row);
                }
                row += 1;
            }
        }
        codec::encode_columns(out, &all, 0..all.len());
    }
    put_unsigned(out, not_live.len() as u64);
    let mut before = 0;
    for row in not_live {
        put_unsigned(out, row - before);
        before = row;
    }
}

/// A row of the tail whose check was right.
#[derive(Debug)]
struct TailRow {
    seq: i64,
    stamp: Timestamp,
    body: Bytes,
    first: Timestamp,
    last: Timestamp,
    /// Read when it is first needed: most rows are of another time.
    directory: OnceLock<Result<Directory, Damage>>,
}

#[derive(Debug)]
struct Directory {
    names: Vec<SeriesKey>,
    /// Where each vehicle's section lies in the body; sorted by vehicle.
    sections: Vec<(VehicleId, Range<usize>)>,
}

impl TailRow {
    fn directory(&self) -> Result<&Directory, StoreError> {
        let read = self.directory.get_or_init(|| read_directory(&self.body));
        read.as_ref().map_err(|damage| damage.of(TAIL))
    }

    fn speaks_of(&self, span: &RangeInclusive<Timestamp>) -> bool {
        self.first <= *span.end() && *span.start() <= self.last
    }
}

/// What a connection's tail changes in one series.
#[derive(Debug)]
pub(super) struct TailSeries {
    pub(super) rank: u8,
    pub(super) overlay: Overlay,
}

/// A connection's whole tail.
#[derive(Debug, Default)]
pub(super) struct Tail {
    rows: Vec<TailRow>,
    points: i64,
    bytes: usize,
}

impl Tail {
    /// Adds the row that follows those already there.
    pub(super) fn push(
        &mut self,
        seq: i64,
        stamp: Timestamp,
        points: i64,
        body: Bytes,
    ) -> Result<(), StoreError> {
        let (first, last) = read_span(&body).map_err(|damage| damage.of(TAIL))?;
        self.points += points;
        self.bytes += body.len();
        self.rows.push(TailRow {
            seq,
            stamp,
            body,
            first,
            last,
            directory: OnceLock::new(),
        });
        Ok(())
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn points(&self) -> i64 {
        self.points
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn last_seq(&self) -> Option<i64> {
        self.rows.last().map(|row| row.seq)
    }

    pub(super) fn vehicles(&self) -> Result<Vec<VehicleId>, StoreError> {
        let mut vehicles = BTreeSet::new();
        for row in &self.rows {
            vehicles.extend(
                row.directory()?
                    .sections
                    .iter()
                    .map(|(vehicle, _)| *vehicle),
            );
        }
        Ok(vehicles.into_iter().collect())
    }

    /// The vehicles of each row, with the row's first and last time.
    pub(super) fn extents(&self) -> Result<Vec<(VehicleId, Timestamp, Timestamp)>, StoreError> {
        let mut extents = Vec::new();
        for row in &self.rows {
            let sections = row.directory()?.sections.iter();
            extents.extend(sections.map(|(vehicle, _)| (*vehicle, row.first, row.last)));
        }
        Ok(extents)
    }

    /// What the tail says of a vehicle, later rows laid over earlier ones. Rows that have no point
    /// in `span` are left out, so what is found outside it may be incomplete.
    pub(super) fn of_vehicle(
        &self,
        vehicle: VehicleId,
        span: &RangeInclusive<Timestamp>,
    ) -> Result<BTreeMap<SeriesKey, TailSeries>, StoreError> {
        let mut layers: BTreeMap<SeriesKey, (u8, Vec<Overlay>)> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.speaks_of(span)) {
            let directory = row.directory()?;
            let sections = &directory.sections;
            let Ok(place) = sections.binary_search_by_key(&vehicle, |(of, _)| *of) else {
                continue;
            };
            let section = sections[place].1.clone();
            let groups = decode_section(&row.body[section], &directory.names, row.stamp)
                .map_err(|damage| damage.of(TAIL))?;
            for (series, rank, overlay) in groups {
                let (latest_rank, overlays) = layers.entry(series).or_default();
                *latest_rank = rank;
                overlays.push(overlay);
            }
        }
        let combined = layers.into_iter().map(|(series, (rank, overlays))| {
            let overlay = Overlay::combine(Shape::of(&series), overlays);
            (series, TailSeries { rank, overlay })
        });
        Ok(combined.collect())
    }
}

/// A reader behind the version.
fn read_version(body: &[u8]) -> Result<Reader<'_>, Damage> {
    let mut reader = Reader::new(body);
    match reader.byte()? {
        VERSION => Ok(reader),
        _ => Err(Damage("it is of an unknown version")),
    }
}

fn read_times(reader: &mut Reader<'_>) -> Result<(Timestamp, Timestamp), Damage> {
    let first = Timestamp::from_millis(reader.signed()?);
    Ok((first, Timestamp::from_millis(reader.signed()?)))
}

/// Checks the body; its first and last time.
fn read_span(body: &[u8]) -> Result<(Timestamp, Timestamp), Damage> {
    read_times(&mut read_version(unseal(body)?)?)
}

/// The check was right when the row was loaded.
fn read_directory(sealed: &[u8]) -> Result<Directory, Damage> {
    let body = without_check(sealed)?;
    let mut reader = read_version(body)?;
    read_times(&mut reader)?;
    let names = (0..reader.count(GROUPS_MAX)?)
        .map(|_| SeriesKey::parse(reader.text()?).ok_or(Damage("a series has an unknown name")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut lengths = Vec::new();
    for _ in 0..reader.count(GROUPS_MAX)? {
        let id: [u8; 16] = reader
            .take(16)?
            .try_into()
            .map_err(|_| Damage("it ends early"))?;
        let vehicle = VehicleId(Ulid::from_bits(u128::from_be_bytes(id)));
        lengths.push((vehicle, reader.count(body.len())?));
    }
    let mut start = body.len() - reader.left();
    let mut sections = Vec::with_capacity(lengths.len());
    for (vehicle, length) in lengths {
        let end = start.saturating_add(length);
        if end > body.len() {
            return Err(Damage("a section ends early"));
        }
        sections.push((vehicle, start..end));
        start = end;
    }
    if !sections.is_sorted_by(|(one, _), (other, _)| one < other) {
        return Err(Damage("its vehicles are out of order"));
    }
    Ok(Directory { names, sections })
}

fn decode_section(
    section: &[u8],
    names: &[SeriesKey],
    stamp: Timestamp,
) -> Result<Vec<(SeriesKey, u8, Overlay)>, Damage> {
    let mut reader = Reader::new(section);
    let mut groups = Vec::new();
    for _ in 0..reader.count(GROUPS_MAX)? {
        let name = reader.count(names.len())?;
        let series = names.get(name).ok_or(Damage("a series has no name"))?;
        groups.push((series.clone(), reader.byte()?, reader.count(GROUPS_MAX)?));
    }
    let (locations, reader) = decode_points(reader, Shape::Location, stamp)?;
    let (stats, mut reader) = decode_points(reader, Shape::Stat, stamp)?;
    let mut live = vec![true; locations.len() + stats.len()];
    let mut row = 0usize;
    for _ in 0..reader.count(live.len())? {
        row = row.saturating_add(reader.count(live.len())?);
        *live.get_mut(row).ok_or(Damage("a row is missing"))? = false;
    }
    let (live_locations, live_stats) = live.split_at(locations.len());
    let (mut location_row, mut stat_row) = (0usize, 0usize);
    let mut decoded = Vec::with_capacity(groups.len());
    for (series, rank, rows) in groups {
        let (points, live, start) = match Shape::of(&series) {
            Shape::Location => (&locations, live_locations, &mut location_row),
            Shape::Stat => (&stats, live_stats, &mut stat_row),
        };
        let end = start.saturating_add(rows);
        if end > points.len() {
            return Err(Damage("rows are missing"));
        }
        let overlay = Overlay {
            points: points.rows(*start..end),
            live: live[*start..end].to_vec(),
        };
        *start = end;
        decoded.push((series, rank, overlay));
    }
    Ok(decoded)
}

fn decode_points(
    reader: Reader<'_>,
    shape: Shape,
    stamp: Timestamp,
) -> Result<(StoredPoints, Reader<'_>), Damage> {
    let opened = codec::open_columns(reader, shape)?;
    let rows = opened.rows();
    let (mut points, reader) = opened.columns(rows)?;
    points.resolve_stamps(stamp);
    Ok((points, reader))
}
