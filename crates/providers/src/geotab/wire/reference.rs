//! Whom or what a row speaks of: `{"id": "b28"}`, or the bare id. Both forms occur in the same
//! member of the same entity, the bare one mostly for nobody (`"UnknownDriverId"`).

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::json::{A_LIST, A_NUMBER, A_TRUTH_VALUE, Scalar, skip_list};

/// Known ids that stand for nobody and nothing.
const NOBODY: [&str; 10] = [
    "",
    "UnknownDriverId",
    "NoDriverId",
    "NoUserId",
    "NoDeviceId",
    "NoDiagnosticId",
    "NoFailureModeId",
    "NoControllerId",
    "ControllerNoneId",
    "NoTrailerId",
];

#[derive(Debug, Default)]
pub enum Reference<'a> {
    #[default]
    Absent,
    /// Of somebody or of nobody.
    Id(Cow<'a, str>),
    /// Something else, named.
    Odd(&'static str),
}

impl Reference<'_> {
    /// The id of somebody.
    pub fn id(&self) -> Option<&str> {
        match self {
            Reference::Id(id) if !NOBODY.contains(&id.as_ref()) => Some(id),
            _ => None,
        }
    }
}

struct ReferenceVisitor;

impl<'de> Visitor<'de> for ReferenceVisitor {
    type Value = Reference<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an id, or an id")
    }

    fn visit_unit<E>(self) -> Result<Reference<'de>, E> {
        Ok(Reference::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Reference<'de>, E> {
        Ok(Reference::Odd(A_TRUTH_VALUE))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Reference<'de>, E> {
        Ok(Reference::Odd(A_NUMBER))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Reference<'de>, E> {
        Ok(Reference::Odd(A_NUMBER))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Reference<'de>, E> {
        Ok(Reference::Odd(A_NUMBER))
    }

    fn visit_borrowed_str<E>(self, id: &'de str) -> Result<Reference<'de>, E> {
        Ok(Reference::Id(Cow::Borrowed(id)))
    }

    fn visit_str<E>(self, id: &str) -> Result<Reference<'de>, E> {
        Ok(Reference::Id(Cow::Owned(id.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Reference<'de>, A::Error> {
        skip_list(list).map(|()| Reference::Odd(A_LIST))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Reference<'de>, A::Error> {
        let mut id = Scalar::Absent;
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            if key == "id" {
                id = object.next_value()?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(match id {
            Scalar::Text(id) => Reference::Id(id),
            _ => Reference::Odd("an object without an id"),
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Reference<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Reference<'a>, D::Error> {
        deserializer.deserialize_any(ReferenceVisitor)
    }
}
