//! What vehicles and trailers report of themselves.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Scalar};
use crate::scan::Scanner;

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

impl<'a> GpsRow<'a> {
    /// Reads an empty row's members; `None` when they are not as usual: then the row is serde's.
    #[inline(always)]
    pub fn scan(&mut self, json: &mut Scanner<'a>) -> Option<()> {
        json.object(|json| {
            if json.is_key(b"time\"") {
                json.text(&mut self.time)
            } else if json.is_key(b"latitude\"") {
                json.number(&mut self.latitude)
            } else if json.is_key(b"longitude\"") {
                json.number(&mut self.longitude)
            } else if json.is_key(b"headingDegrees\"") {
                json.number(&mut self.heading_degrees)
            } else if json.is_key(b"speedMilesPerHour\"") {
                json.number(&mut self.speed_miles_per_hour)
            } else if json.is_key(b"reverseGeo\"") {
                ReverseGeo::scan(&mut self.reverse_geo, json)
            } else {
                json.skip_member()
            }
        })
    }
}

impl<'a> ReverseGeo<'a> {
    #[inline(always)]
    fn scan(member: &mut Object<ReverseGeo<'a>>, json: &mut Scanner<'a>) -> Option<()> {
        if !matches!(member, Object::Absent) {
            return None;
        }
        let mut geo = ReverseGeo::default();
        json.object(|json| {
            if json.is_key(b"formattedLocation\"") {
                json.text(&mut geo.formatted_location)
            } else {
                json.skip_member()
            }
        })?;
        *member = Object::Present(geo);
        Some(())
    }
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

impl<'a> StatRow<'a> {
    /// As [`GpsRow::scan`].
    #[inline(always)]
    pub fn scan(&mut self, json: &mut Scanner<'a>) -> Option<()> {
        json.object(|json| {
            if json.is_key(b"time\"") {
                json.text(&mut self.time)
            } else if json.is_key(b"value\"") {
                json.text_or_number(&mut self.value)
            } else {
                json.skip_member()
            }
        })
    }
}

/// The last values of a vehicle, or of a trailer.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct SnapshotRow<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    #[serde(borrow)]
    pub gps: Object<GpsRow<'a>>,
    /// `engineStates` where it is asked for and in histories.
    #[serde(borrow)]
    pub engine_state: Object<StatRow<'a>>,
    /// `fuelPercents` where it is asked for and in histories.
    #[serde(borrow)]
    pub fuel_percent: Object<StatRow<'a>>,
    #[serde(borrow)]
    pub obd_odometer_meters: Object<StatRow<'a>>,
    #[serde(borrow)]
    pub gps_odometer_meters: Object<StatRow<'a>>,
    #[serde(borrow)]
    pub obd_engine_seconds: Object<StatRow<'a>>,
}

/// A vehicle's readings of fault codes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultsOfVehicle<'a> {
    #[serde(borrow, default)]
    pub id: Scalar<'a>,
    #[serde(borrow, default)]
    pub fault_codes: Vec<&'a RawValue>,
}

/// All codes that were present at a time.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct FaultsRow<'a> {
    #[serde(borrow)]
    pub time: Scalar<'a>,
    #[serde(borrow)]
    pub j1939: Object<CodesOfBus<'a>>,
    #[serde(borrow)]
    pub obdii: Object<CodesOfBus<'a>>,
    /// Codes of makers, with no form in common.
    #[serde(borrow)]
    pub oem: Object<CodesOfBus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct CodesOfBus<'a> {
    #[serde(borrow)]
    pub diagnostic_trouble_codes: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct J1939Row<'a> {
    #[serde(borrow)]
    pub spn_id: Scalar<'a>,
    #[serde(borrow)]
    pub fmi_id: Scalar<'a>,
    /// Of the control unit that reports it.
    #[serde(borrow)]
    pub tx_id: Scalar<'a>,
    #[serde(borrow)]
    pub spn_description: Scalar<'a>,
    #[serde(borrow)]
    pub fmi_description: Scalar<'a>,
    /// A number; not 0 is on.
    #[serde(borrow)]
    pub mil_status: Scalar<'a>,
    #[serde(borrow)]
    pub occurrence_count: Scalar<'a>,
}

/// What one control unit of a light vehicle reports.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ObdiiRow<'a> {
    /// A truth value.
    #[serde(borrow)]
    pub mil_status: Scalar<'a>,
    #[serde(borrow)]
    pub confirmed_dtcs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub pending_dtcs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub permanent_dtcs: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DtcRow<'a> {
    #[serde(borrow)]
    pub dtc_short_code: Scalar<'a>,
    #[serde(borrow)]
    pub dtc_description: Scalar<'a>,
}
