//! The walk over a page of positions.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::wire::Object;
use super::super::wire::events::LocationRow;
use super::{A_PAGE, Reading};

const ROWS: &str = "vehicle_locations";

/// How many rows there are; what they say goes into `reading`.
pub fn read(reading: &mut Reading<'_>, body: &str) -> Result<usize, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(body);
    let count = PageOf(reading).deserialize(&mut json)?;
    json.end()?;
    Ok(count)
}

/// The page's object.
struct PageOf<'r, 't>(&'r mut Reading<'t>);

impl<'de> DeserializeSeed<'de> for PageOf<'_, '_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<usize, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageOf<'_, '_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(A_PAGE)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<usize, A::Error> {
        let mut count = None;
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                ROWS if count.is_some() => return Err(A::Error::duplicate_field(ROWS)),
                ROWS => count = Some(object.next_value_seed(Rows(self.0))?),
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        count.ok_or_else(|| A::Error::missing_field(ROWS))
    }
}

struct Rows<'r, 't>(&'r mut Reading<'t>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<usize, D::Error> {
        json.deserialize_seq(self)
    }
}

/// The one-key object around a row.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrapped<'a> {
    #[serde(borrow)]
    vehicle_location: Object<LocationRow<'a>>,
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of positions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut index = 0;
        while let Some(row) = list.next_element::<Object<Wrapped<'de>>>()? {
            match row {
                Object::Present(row) => self.0.row_or_odd(index, &row.vehicle_location),
                Object::Absent => self.0.row_or_odd(index, &Object::Absent),
                Object::Odd(kind) => self.0.row_or_odd(index, &Object::Odd(kind)),
            }
            index += 1;
        }
        Ok(index)
    }
}
