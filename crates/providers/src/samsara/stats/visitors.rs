//! A page by serde: whatever its rows are like, and what is wrong with it where it is refused.

use std::borrow::Cow;
use std::fmt;

use model::{Points, SeriesKind};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::wire::stats::{GpsRow, StatRow};
use super::super::wire::{Object, Pagination, Scalar};
use super::{A_PAGE, Reading, ReadingsOf};

pub fn read<'a>(
    reading: &mut Reading<'_>,
    body: &'a str,
) -> Result<Pagination<'a>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(body);
    let pagination = PageOf(reading).deserialize(&mut json)?;
    json.end()?;
    Ok(pagination)
}

/// The page's object.
struct PageOf<'r, 't>(&'r mut Reading<'t>);

impl<'de> DeserializeSeed<'de> for PageOf<'_, '_> {
    type Value = Pagination<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Pagination<'de>, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageOf<'_, '_> {
    type Value = Pagination<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(A_PAGE)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Pagination<'de>, A::Error> {
        let mut has_data = false;
        let mut pagination = None;
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "data" if has_data => return Err(A::Error::duplicate_field("data")),
                "data" => {
                    object.next_value_seed(Vehicles(self.0))?;
                    has_data = true;
                }
                "pagination" => pagination = Some(object.next_value()?),
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !has_data {
            return Err(A::Error::missing_field("data"));
        }
        pagination.ok_or_else(|| A::Error::missing_field("pagination"))
    }
}

/// The list of vehicles.
struct Vehicles<'r, 't>(&'r mut Reading<'t>);

impl<'de> DeserializeSeed<'de> for Vehicles<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Vehicles<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of vehicles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            let vehicle = VehicleAt {
                reading: &mut *self.0,
                index,
            };
            if list.next_element_seed(vehicle)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }
}

/// One vehicle with the lists of its readings.
struct VehicleAt<'r, 't> {
    reading: &'r mut Reading<'t>,
    index: usize,
}

impl<'de> DeserializeSeed<'de> for VehicleAt<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for VehicleAt<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vehicle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let VehicleAt { reading, index } = self;
        let signals = reading.signals;
        let mut columns: Vec<Points> = signals.iter().map(|s| Points::new(s.kind)).collect();
        let mut id = Scalar::Absent;
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            if key == "id" {
                id = object.next_value()?;
                continue;
            }
            match signals.iter().position(|signal| signal.name == key) {
                Some(signal) => object.next_value_seed(ReadingsOf {
                    reading: &mut *reading,
                    vehicle_index: index,
                    signal: &signals[signal],
                    points: &mut columns[signal],
                })?,
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        reading.finish_vehicle(index, &id, columns);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ReadingsOf<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ReadingsOf<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} readings", self.signal.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        match self.signal.kind {
            SeriesKind::Location => {
                while let Some(row) = list.next_element::<Object<GpsRow<'de>>>()? {
                    self.position_or_odd(index, &row);
                    index += 1;
                }
            }
            SeriesKind::Stat(stat) => {
                while let Some(row) = list.next_element::<Object<StatRow<'de>>>()? {
                    self.stat_or_odd(stat, index, &row);
                    index += 1;
                }
            }
        }
        Ok(())
    }
}
