//! What a store must hold after reading a simulated provider, in the words of the common model.
//!
//! A truth is computed from the plan and from the simulator's own arithmetic on integers, never
//! from an answer and never with the conversions that connectors use. What a provider has no
//! member for is absent. Each provider has its own truth beside its server
//! ([`crate::samsara::SamsaraTruth`]); this module has what all of them share: the trait
//! ([`Truth`]), the part of the world that was read ([`Scope`]), and conversions of numbers
//! ([`arithmetic`]) and words ([`words`]).
//!
//! A store that began to read in the middle of history is told of by [`Truth::read_from`]: what
//! began earlier is then not expected, but some of it may be there, see [`Truth::may_be_extra`].

pub(crate) mod arithmetic;
mod scope;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use model::assignment::DriverAssignment;
use model::device::Device;
use model::driver::Driver;
use model::fault::FaultCodeEvent;
use model::group::Group;
use model::hos::{HosDailyLog, HosLog};
use model::idle::IdleEvent;
use model::ifta::IftaVehicleMonth;
use model::live::{CameraMedia, HosAvailableTime, LatestTrailerLocation, LatestVehicleLocation};
use model::safety::SafetyEvent;
use model::trailer::Trailer;
use model::trip::Trip;
use model::utilization::VehicleUtilizationDay;
use model::vehicle::Vehicle;
use model::{DriverId, IdSpace, Model, SeriesKey, StatType, Timestamp, VehicleId, Window};

pub(crate) use scope::Scope;

use crate::exchange::ProviderServer;

/// A simulated provider that knows what a store must hold which has read all of it.
pub trait SimulatedProvider: ProviderServer {
    /// As the server's registry names it.
    fn provider(&self) -> &'static str;

    /// What a store must hold that has read everything this server shows at `now`.
    fn truth(&self, ids: &IdSpace, now: Timestamp) -> Box<dyn Truth>;
}

/// The truth of one connection at one instant.
///
/// Lists of records are kept, in the order of the provider's lists; everything that happened is
/// worked out when it is asked for, in order of vehicle (or driver) and time. What a refusal hides
/// ([`crate::FaultPlan::forbid`]) is in none of them, as far as the provider answers whole requests
/// with it; models that a provider cannot supply are empty.
pub trait Truth: Send + Sync {
    fn vehicles(&self) -> &[Vehicle];
    fn drivers(&self) -> &[Driver];
    fn groups(&self) -> &[Group];
    fn devices(&self) -> &[Device];
    fn trailers(&self) -> &[Trailer];

    /// Drivers that have left the list, with when they did. Their hours and assignments go on in
    /// the truth: whether a store goes on to ask for them is its own decision.
    fn departed_drivers(&self) -> &[(DriverId, Timestamp)];

    /// Every vehicle of the fleet, also such as have left the list or never had history.
    fn vehicle_ids(&self) -> Vec<VehicleId>;

    fn trips(&self) -> Vec<Trip>;
    fn safety_events(&self) -> Vec<SafetyEvent>;
    fn assignments(&self) -> Vec<DriverAssignment>;
    fn fault_code_events(&self) -> Vec<FaultCodeEvent>;
    fn hos_logs(&self) -> Vec<HosLog>;
    fn hos_daily_logs(&self) -> Vec<HosDailyLog>;
    fn utilization(&self) -> Vec<VehicleUtilizationDay>;
    fn ifta(&self) -> Vec<IftaVehicleMonth>;

    /// Most providers have none.
    fn idle_events(&self) -> Vec<IdleEvent> {
        Vec::new()
    }

    /// By time. Empty for a vehicle that is not of this fleet.
    fn locations(&self, vehicle: VehicleId, window: Window) -> Vec<TrueLocation>;

    /// What is served: on each UTC day the points of the lowest rank that has any that day (also
    /// outside the window), see [`lowest_ranks`].
    fn served_stats(&self, vehicle: VehicleId, stat: StatType, window: Window) -> Vec<ServedStat>;

    /// The text of the request that is refused with 403, if one is.
    fn forbidden(&self) -> Option<&str>;

    /// Whether the store may hold a live record of `model` that the truth does not list, because
    /// it `began` before reading did and `ended` (`None`: it has not) after that.
    fn may_be_extra(
        &self,
        model: Model,
        began: Option<Timestamp>,
        ended: Option<Timestamp>,
    ) -> bool;

    /// Where every vehicle is that was ever heard of.
    fn latest_vehicle_locations(&self) -> Vec<LatestVehicleLocation>;
    fn latest_trailer_locations(&self) -> Vec<LatestTrailerLocation>;
    /// The hours that every listed driver has left.
    fn available_times(&self) -> Vec<HosAvailableTime>;

    /// The films of a safety event, by its source id and start. `None`: no such event is there.
    fn camera_media(&self, source_id: &str, started_at: Timestamp) -> Option<CameraMedia>;

    /// The truth of a store that read history from `from` on: earlier points are not expected, and
    /// do not decide which signal answers for a day. Days and months that `from` lies in are
    /// expected, and whole.
    fn read_from(self: Box<Self>, from: Timestamp) -> Box<dyn Truth>;
}

/// A point of a vehicle's way; what the provider has no member for is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueLocation {
    pub time: Timestamp,
    pub latitude_e7: i32,
    pub longitude_e7: i32,
    pub heading_centi: Option<i32>,
    pub speed_centi_kph: Option<i32>,
    pub address: Option<String>,
    /// Who drives at the time, as far as a store can know.
    pub driver: Option<DriverId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueStat {
    pub time: Timestamp,
    /// Fixed-point, read as [`StatType::member`] says.
    pub value: i64,
}

/// All points of one series of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueSeries {
    pub series: SeriesKey,
    /// Among the series of one kind, the lowest with points on a UTC day answers for the day.
    pub rank: u8,
    pub points: Vec<TrueStat>,
}

/// A point with the signal that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedStat {
    pub time: Timestamp,
    pub value: i64,
    pub signal: String,
}

/// Of series in order of their rank, on each UTC day the points of the first that has any.
/// The series must reach over whole days, see [`whole_utc_days`].
pub fn lowest_ranks(series: &[TrueSeries], window: Window) -> Vec<ServedStat> {
    let mut days: BTreeMap<i64, (u8, Vec<ServedStat>)> = BTreeMap::new();
    for found in series {
        for point in &found.points {
            let day = days
                .entry(point.time.utc_day())
                .or_insert((found.rank, Vec::new()));
            if day.0 == found.rank {
                day.1.push(ServedStat {
                    time: point.time,
                    value: point.value,
                    signal: found.series.signal.to_string(),
                });
            }
        }
    }
    days.into_values()
        .flat_map(|(_, points)| points)
        .filter(|point| window.contains(point.time))
        .collect()
}

/// The window made wider, to the bounds of UTC days.
pub fn whole_utc_days(window: Window) -> Window {
    const DAY: Duration = Duration::from_secs(86_400);
    Window {
        from: window.from.start_of_utc_day(),
        until: window.until.start_of_utc_day().saturating_add(DAY),
    }
}
