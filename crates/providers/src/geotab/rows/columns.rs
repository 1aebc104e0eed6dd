//! The columns of a page, found by device and signal. Rows come in runs of one series, in windows
//! always and in feeds often, so the series of the last row is tried first.

use std::collections::HashMap;

use model::history::LocationPoint;
use model::{LocationColumns, Points, SeriesKey, SeriesPoints, Timestamp, Values};
use provider::{SignalDescriptor, Task};

use super::super::streams::{LOG_RECORD, MEASUREMENTS};

pub struct Columns {
    signals: &'static [SignalDescriptor],
    /// Place of a device in `devices`.
    by_device: HashMap<String, usize>,
    devices: Vec<Device>,
    last: usize,
}

struct Device {
    source_id: String,
    /// A place for each signal.
    series: Vec<Option<SeriesPoints>>,
}

impl Columns {
    pub fn new(is_of_positions: bool) -> Columns {
        Columns {
            signals: match is_of_positions {
                true => LOG_RECORD,
                false => MEASUREMENTS,
            },
            by_device: HashMap::new(),
            devices: Vec::new(),
            last: usize::MAX,
        }
    }

    /// Whether the row before was of this device.
    #[inline]
    pub fn was_last(&self, device: &str) -> bool {
        let last = self.devices.get(self.last);
        last.is_some_and(|last| last.source_id == device)
    }

    #[inline]
    pub fn positions(&mut self, task: &Task<'_>, device: &str) -> Pushing<'_> {
        self.measurements(task, device, 0)
    }

    #[inline]
    pub fn measurements(&mut self, task: &Task<'_>, device: &str, signal: usize) -> Pushing<'_> {
        if !self.was_last(device) {
            self.last = self.place(device);
        }
        let descriptor = &self.signals[signal];
        let series = self.devices[self.last].series[signal].get_or_insert_with(|| SeriesPoints {
            vehicle: task.ids.vehicle(device),
            series: SeriesKey::new(descriptor.kind, descriptor.name),
            rank: descriptor.rank,
            points: Points::new(descriptor.kind),
        });
        Pushing(&mut series.points)
    }

    fn place(&mut self, device: &str) -> usize {
        if let Some(place) = self.by_device.get(device) {
            return *place;
        }
        let place = self.devices.len();
        self.by_device.insert(device.to_owned(), place);
        self.devices.push(Device {
            source_id: device.to_owned(),
            series: self.signals.iter().map(|_| None).collect(),
        });
        place
    }

    /// In the order in which devices were met, and signals are declared.
    pub fn into_points(self) -> Vec<SeriesPoints> {
        let series = self.devices.into_iter().flat_map(|device| device.series);
        series.flatten().collect()
    }
}

/// The points of one series, to which a row is added: its value, then its key.
pub struct Pushing<'p>(&'p mut Points);

impl Pushing<'_> {
    #[inline]
    pub fn push_position(
        &mut self,
        (latitude_e7, longitude_e7): (i32, i32),
        speed_centi_kph: Option<i32>,
    ) {
        if let Values::Location(columns) = &mut self.0.values {
            LocationColumns::push(
                columns,
                LocationPoint {
                    latitude_e7,
                    longitude_e7,
                    heading_centi: None,
                    speed_centi_kph,
                    driver: None,
                    address: None,
                },
            );
        }
    }

    #[inline]
    pub fn push_value(&mut self, value: i64) {
        if let Values::Stat(values) = &mut self.0.values {
            values.push(value);
        }
    }

    #[inline]
    pub fn push_key(&mut self, time: Timestamp, id: &str, raw_offset: u32) {
        self.0.time.push(time);
        self.0.source_id.push(Some(id));
        self.0.raw_offset.push(raw_offset);
    }
}
