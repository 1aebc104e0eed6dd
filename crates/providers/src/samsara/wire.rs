//! What Samsara sends, borrowed from the page.
//!
//! Every leaf is a [`Scalar`] and every nested object an [`Object`]: a member of the wrong type
//! costs one field or one row, which is reported, and not the page. Members that are not named here
//! are skipped unread.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A leaf of any type.
#[derive(Debug, Default)]
pub enum Scalar<'a> {
    /// Not there, or null (which Samsara has never been seen to send).
    #[default]
    Absent,
    Number(f64),
    Text(Cow<'a, str>),
    /// Of a type that no leaf here has, named.
    Odd(&'static str),
}

impl Scalar<'_> {
    /// What it is, for notices.
    pub fn kind(&self) -> &'static str {
        match self {
            Scalar::Absent => "missing",
            Scalar::Number(_) => "a number",
            Scalar::Text(_) => "a text",
            Scalar::Odd(kind) => kind,
        }
    }
}

/// A nested object, or a row.
#[derive(Debug, Default)]
pub enum Object<T> {
    #[default]
    Absent,
    Present(T),
    /// Something else, named.
    Odd(&'static str),
}

const A_TRUTH_VALUE: &str = "a truth value";
const A_LIST: &str = "a list";
const AN_OBJECT: &str = "an object";

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Odd(A_TRUTH_VALUE))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Scalar<'de>, A::Error> {
        skip_list(list).map(|()| Scalar::Odd(A_LIST))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Scalar<'de>, A::Error> {
        skip_object(object).map(|()| Scalar::Odd(AN_OBJECT))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar<'a>, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Object<T>, E> {
        Ok(Object::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Object<T>, E> {
        Ok(Object::Odd(A_TRUTH_VALUE))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Object<T>, E> {
        Ok(Object::Odd("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Object<T>, E> {
        Ok(Object::Odd("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Object<T>, E> {
        Ok(Object::Odd("a number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Object<T>, E> {
        Ok(Object::Odd("a text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Object<T>, A::Error> {
        skip_list(list).map(|()| Object::Odd(A_LIST))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Object::Present)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

/// The envelope of every list.
#[derive(Deserialize)]
pub struct List<'a> {
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub pagination: Pagination<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination<'a> {
    /// Empty on the last page of a list, set on the last page of a feed.
    #[serde(borrow, default)]
    pub end_cursor: Cow<'a, str>,
    pub has_next_page: bool,
}

/// The envelope of `/me`.
#[derive(Deserialize)]
pub struct One<'a> {
    #[serde(borrow)]
    pub data: Organisation<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct Organisation<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub carrier_settings: Object<CarrierSettings<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct CarrierSettings<'a> {
    #[serde(borrow)]
    pub dot_number: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct VehicleRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub vin: Scalar<'a>,
    #[serde(borrow)]
    pub make: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
    /// A text of digits.
    #[serde(borrow)]
    pub year: Scalar<'a>,
    #[serde(borrow)]
    pub license_plate: Scalar<'a>,
    #[serde(borrow)]
    pub gateway: Object<GatewayRow<'a>>,
    #[serde(borrow)]
    pub camera_serial: Scalar<'a>,
    #[serde(borrow)]
    pub tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at_time: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GatewayRow<'a> {
    #[serde(borrow)]
    pub serial: Scalar<'a>,
    #[serde(borrow)]
    pub model: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DriverRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub username: Scalar<'a>,
    #[serde(borrow)]
    pub email: Scalar<'a>,
    /// As typed by somebody.
    #[serde(borrow)]
    pub phone: Scalar<'a>,
    /// A country (`us`), seldom there.
    #[serde(borrow)]
    pub locale: Scalar<'a>,
    #[serde(borrow)]
    pub license_number: Scalar<'a>,
    #[serde(borrow)]
    pub license_state: Scalar<'a>,
    #[serde(borrow)]
    pub driver_activation_status: Scalar<'a>,
    #[serde(borrow)]
    pub tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_at_time: Scalar<'a>,
    #[serde(borrow)]
    pub updated_at_time: Scalar<'a>,
}

/// A row of `/tags`, and a tag inside a vehicle or driver.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TagRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub name: Scalar<'a>,
    #[serde(borrow)]
    pub parent_tag_id: Scalar<'a>,
}

/// A position. `decorations` and the address-book match (`address`) are skipped.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct GpsRow<'a> {
    #[serde(borrow)]
    pub time: Scalar<'a>,
    #[serde(borrow)]
    pub latitude: Scalar<'a>,
    #[serde(borrow)]
    pub longitude: Scalar<'a>,
    #[serde(borrow)]
    pub heading_degrees: Scalar<'a>,
    #[serde(borrow)]
    pub speed_miles_per_hour: Scalar<'a>,
    #[serde(borrow)]
    pub reverse_geo: Object<ReverseGeo<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ReverseGeo<'a> {
    #[serde(borrow)]
    pub formatted_location: Scalar<'a>,
}

/// A reading of every stat but `gps`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StatRow<'a> {
    #[serde(borrow)]
    pub time: Scalar<'a>,
    #[serde(borrow)]
    pub value: Scalar<'a>,
}
