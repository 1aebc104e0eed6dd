//! Which stored pages may have points of whom, and of which days: found while all pages are mapped
//! once for their records, so that afterwards each day of history asks only for the pages it needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use model::time::DAY_MS;
use model::{SeriesPoints, VehicleId, Window};
use provider::Stream;

/// One reading: all pages of a window, or one page of a feed.
#[derive(Debug)]
pub struct Reading {
    /// The number of its first page: readings are in this order.
    pub group: i64,
    /// Empty where not all of them can be mapped: then what is stored of the window is spared.
    pub pages: Box<[i64]>,
    pub stream: &'static Stream,
    pub window: Option<Window>,
    /// Whom it was asked about, and of whom there are points; sorted places in [`Vehicles`].
    pub vehicles: Box<[u32]>,
    /// Those of whom it lists everything there is.
    pub proven: Box<[u32]>,
    days: Box<[i64]>,
}

/// What a reading touches, while its pages are being mapped.
#[derive(Debug, Default)]
pub struct Footprint {
    pub vehicles: BTreeSet<u32>,
    pub days: BTreeSet<i64>,
}

/// Vehicles in the order in which they were met, which is that of the batches they were asked in.
#[derive(Debug, Default)]
pub struct Vehicles {
    ids: Vec<VehicleId>,
    places: HashMap<VehicleId, u32>,
}

#[derive(Debug, Default)]
pub struct Readings {
    all: Vec<Reading>,
    mapped: Vec<i64>,
    pub vehicles: Vehicles,
}

impl Vehicles {
    pub fn place(&mut self, id: VehicleId) -> u32 {
        let next = self.ids.len() as u32;
        let ids = &mut self.ids;
        *self.places.entry(id).or_insert_with(|| {
            ids.push(id);
            next
        })
    }

    pub fn len(&self) -> u32 {
        self.ids.len() as u32
    }

    pub fn id(&self, place: u32) -> VehicleId {
        self.ids[place as usize]
    }
}

impl Footprint {
    pub fn add_window(&mut self, window: Window) {
        let last_ms = window.until.millis().saturating_sub(1);
        self.days
            .extend(window.from.utc_day()..=last_ms.div_euclid(DAY_MS));
    }

    pub fn add_points(&mut self, vehicles: &mut Vehicles, points: &[SeriesPoints]) {
        for series in points {
            self.vehicles.insert(vehicles.place(series.vehicle));
            self.days
                .extend(series.points.time.iter().map(|time| time.utc_day()));
        }
    }
}

impl Reading {
    pub fn new(
        group: i64,
        pages: Vec<i64>,
        stream: &'static Stream,
        window: Option<Window>,
        footprint: Footprint,
        proven: BTreeSet<u32>,
    ) -> Reading {
        Reading {
            group,
            pages: pages.into(),
            stream,
            window,
            vehicles: footprint.vehicles.into_iter().collect(),
            proven: proven.into_iter().collect(),
            days: footprint.days.into_iter().collect(),
        }
    }

    pub fn touches(&self, chunk: &Range<u32>) -> bool {
        within(&self.vehicles, chunk).next().is_some()
    }
}

/// The places that lie in the chunk; `places` are sorted.
pub fn within(places: &[u32], chunk: &Range<u32>) -> impl Iterator<Item = u32> {
    let from = places.partition_point(|place| *place < chunk.start);
    let end = chunk.end;
    let rest = places[from..].iter().copied();
    rest.take_while(move |place| *place < end)
}

impl Readings {
    pub fn push(&mut self, reading: Reading) {
        self.all.push(reading);
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What these pages give now is all that they give, be it nothing.
    pub fn mapped(&mut self, pages: &[i64]) {
        self.mapped.extend_from_slice(pages);
    }

    /// Once all are there.
    pub fn sort(&mut self) {
        self.all.sort_by_key(|reading| reading.group);
    }

    /// Every page whose points are settled by what it gives now; sorted.
    pub fn pages(&self) -> Arc<[i64]> {
        let pages: BTreeSet<i64> = self.mapped.iter().copied().collect();
        pages.into_iter().collect()
    }

    /// The readings of each day, in their order.
    pub fn by_day(&self) -> BTreeMap<i64, Vec<&Reading>> {
        let mut days: BTreeMap<i64, Vec<&Reading>> = BTreeMap::new();
        for reading in &self.all {
            for day in &reading.days {
                days.entry(*day).or_default().push(reading);
            }
        }
        days
    }
}
