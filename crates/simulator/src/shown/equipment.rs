//! Gateways, wherever they are mounted, and trailers.

use model::Timestamp;

use super::Shown;
use crate::faults::RecordKind;
use crate::fleet::{TrailerFix, TrailerPlan};

/// Gateways in a drawer: one for so many vehicles, and one.
const VEHICLES_FOR_A_SPARE: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountedIn {
    Vehicle(usize),
    Trailer(usize),
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownGateway {
    pub serial: String,
    pub model: &'static str,
    pub mounted_in: MountedIn,
    pub last_connected_at: Option<Timestamp>,
}

/// What of a trailer can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTrailer<'a> {
    pub plan: &'a TrailerPlan,
    pub name: String,
    pub updated_at: Timestamp,
}

impl<'a> Shown<'a> {
    fn is_listed(&self, kind: RecordKind, index: usize) -> bool {
        let begins_at = self.world.config().begins_at;
        let appears = self.faults.record_appears_at(kind, index, begins_at);
        let leaves = self.faults.record_withdrawn_at(kind, index, begins_at);
        appears.is_none_or(|at| self.is_over(at)) && leaves.is_none_or(|at| !self.is_over(at))
    }

    /// By place in [`crate::World::trailers`]; `None` while it is not listed.
    pub fn trailer(&self, index: usize) -> Option<ShownTrailer<'a>> {
        let plan = &self.world.trailers()[index];
        if !self.is_listed(RecordKind::Trailer, index) {
            return None;
        }
        let begins_at = self.world.config().begins_at;
        let edited = self
            .faults
            .record_edited_at(RecordKind::Trailer, index, begins_at)
            .filter(|at| self.is_over(*at));
        Some(ShownTrailer {
            plan,
            name: match edited {
                Some(_) => format!("{} II", plan.name),
                None => plan.name.clone(),
            },
            updated_at: edited.unwrap_or(plan.updated_at),
        })
    }

    /// Where a listed trailer was last seen at `time`.
    pub fn trailer_fix(&self, index: usize, time: Timestamp) -> Option<TrailerFix> {
        self.trailer(index)?;
        self.world.trailer_place(index, time.min(self.now))
    }

    /// One more than the last place at which [`Shown::gateway`] may have one.
    pub fn gateway_places(&self) -> usize {
        let vehicles = self.world.vehicles().len();
        vehicles + self.world.trailers().len() + 1 + vehicles / VEHICLES_FOR_A_SPARE
    }

    /// Gateways of vehicles, then those of trailers, then spare ones.
    pub fn gateway(&self, place: usize) -> Option<ShownGateway> {
        let (vehicles, trailers) = (self.world.vehicles(), self.world.trailers());
        if let Some(plan) = vehicles.get(place) {
            let gateway = plan.gateway.as_ref()?;
            let health = self.world.device_health(place, self.now);
            return Some(ShownGateway {
                serial: gateway.serial.clone(),
                model: gateway.model,
                mounted_in: MountedIn::Vehicle(place),
                last_connected_at: health.map(|health| health.last_connected_at),
            });
        }
        let place = place - vehicles.len();
        if let Some(plan) = trailers.get(place) {
            let gateway = plan.gateway.as_ref()?;
            self.trailer(place)?;
            return Some(ShownGateway {
                serial: gateway.serial.clone(),
                model: gateway.model,
                mounted_in: MountedIn::Trailer(place),
                last_connected_at: self.trailer_fix(place, self.now).map(|fix| fix.time),
            });
        }
        let spare = place - trailers.len();
        self.is_listed(RecordKind::SpareGateway, spare)
            .then(|| ShownGateway {
                serial: format!("GSPA-{:03}-RE{}", 100 + spare, spare % 10),
                model: "VG34",
                mounted_in: MountedIn::Nothing,
                last_connected_at: None,
            })
    }
}
