//! Which records a connection's filters show: computed when asked, never stored.
//!
//! A vehicle or driver is judged by its own record ([`of`]). What names one (a trip, a day, a live
//! position) is judged by [`Hidden`], which must know who is hidden without their records at hand.

use std::collections::HashSet;

use model::connection::{ConnectionFilters, EntityFilter, Visibility};
use model::{DriverId, Model, RecordStatus, Ulid, VehicleId};
use serde::Deserialize;
use store::StoredRecord;

use crate::error::ApiError;
use crate::extract::Scope;

/// A record's visibility under a connection's filters. `None` for models that have none.
pub(crate) fn of(filters: &ConnectionFilters, record: &StoredRecord) -> Option<Visibility> {
    let filtered = by_filters(filters, record)?;
    Some(match record.deleted_at {
        Some(_) => Visibility::Deleted,
        None => filtered,
    })
}

fn by_filters(filters: &ConnectionFilters, record: &StoredRecord) -> Option<Visibility> {
    fn under<I: PartialEq>(
        filter: Option<&EntityFilter<I>>,
        id: &I,
        record: &StoredRecord,
    ) -> Visibility {
        filter.map_or(Visibility::Visible, |filter| {
            filter.visibility(id, record.status)
        })
    }
    match record.id.model {
        Model::Vehicle => {
            let id = VehicleId(record.id.ulid);
            Some(under(filters.vehicles.as_ref(), &id, record))
        }
        Model::Driver => {
            let id = DriverId(record.id.ulid);
            Some(under(filters.drivers.as_ref(), &id, record))
        }
        _ => None,
    }
}

/// Whether a list shows the record. The filters hold for deleted records as well, which are listed
/// only on request anyhow.
pub(crate) fn listed(filters: &ConnectionFilters, record: &StoredRecord, hidden: bool) -> bool {
    hidden
        || matches!(
            by_filters(filters, record),
            None | Some(Visibility::Visible)
        )
}

/// The vehicles and drivers that a connection's filters hide, for judging what names them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden {
    vehicles: HiddenMembers,
    drivers: HiddenMembers,
}

/// What of a record's body says whom it is about.
#[derive(Deserialize)]
struct Subjects {
    vehicle: Option<VehicleId>,
    driver: Option<DriverId>,
}

impl Hidden {
    /// Asks the store only for members that a filter judges by their status.
    pub(crate) async fn load(scope: &Scope) -> Result<Hidden, ApiError> {
        let filters = &scope.connection.filters;
        Ok(Hidden {
            vehicles: match &filters.vehicles {
                Some(filter) => members(scope, Model::Vehicle, filter, |id| id.0).await?,
                None => HiddenMembers::None,
            },
            drivers: match &filters.drivers {
                Some(filter) => members(scope, Model::Driver, filter, |id| id.0).await?,
                None => HiddenMembers::None,
            },
        })
    }

    pub(crate) fn nobody(&self) -> bool {
        matches!(
            (&self.vehicles, &self.drivers),
            (HiddenMembers::None, HiddenMembers::None)
        )
    }

    pub(crate) fn vehicle(&self, id: VehicleId) -> bool {
        self.vehicles.contains(id.0)
    }

    pub(crate) fn driver(&self, id: DriverId) -> bool {
        self.drivers.contains(id.0)
    }

    /// Whether the record is about a hidden vehicle or driver. A body that cannot be read is
    /// shown: serving it says what is wrong with it.
    pub(crate) fn subject_of(&self, record: &StoredRecord) -> bool {
        if self.nobody() {
            return false;
        }
        match serde_json::from_str::<Subjects>(&record.body) {
            Ok(subjects) => {
                subjects.vehicle.is_some_and(|id| self.vehicle(id))
                    || subjects.driver.is_some_and(|id| self.driver(id))
            }
            Err(_) => false,
        }
    }
}

/// A filter turned into what it hides. An id that no record has yet is hidden only by name: its
/// status is not known, and dropping data in silence is the worse mistake.
#[derive(Clone, Debug, Default)]
enum HiddenMembers {
    #[default]
    None,
    AllBut(HashSet<Ulid>),
    These(HashSet<Ulid>),
}

impl HiddenMembers {
    fn of<I>(
        filter: &EntityFilter<I>,
        known: impl IntoIterator<Item = (Ulid, Option<RecordStatus>)>,
        ulid: impl Fn(&I) -> Ulid,
    ) -> HiddenMembers {
        if !filter.include_ids.is_empty() {
            return HiddenMembers::AllBut(filter.include_ids.iter().map(ulid).collect());
        }
        let by_status = known
            .into_iter()
            .filter(|(_, status)| filter.status.is_some() && filter.status != *status)
            .map(|(id, _)| id);
        let hidden: HashSet<Ulid> = by_status
            .chain(filter.exclude_ids.iter().map(&ulid))
            .collect();
        match hidden.is_empty() {
            true => HiddenMembers::None,
            false => HiddenMembers::These(hidden),
        }
    }

    fn contains(&self, id: Ulid) -> bool {
        match self {
            HiddenMembers::None => false,
            HiddenMembers::AllBut(shown) => !shown.contains(&id),
            HiddenMembers::These(hidden) => hidden.contains(&id),
        }
    }
}

async fn members<I>(
    scope: &Scope,
    model: Model,
    filter: &EntityFilter<I>,
    ulid: impl Fn(&I) -> Ulid,
) -> Result<HiddenMembers, ApiError> {
    let by_status = filter.include_ids.is_empty() && filter.status.is_some();
    let known = match by_status {
        true => {
            let known = scope.store().known_members(scope.connection.id, model);
            known.await?
        }
        false => Vec::new(),
    };
    let known = known.iter().map(|member| (member.id.ulid, member.status));
    Ok(HiddenMembers::of(filter, known, ulid))
}

pub(crate) fn name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Visible => "visible",
        Visibility::HiddenByIncludeList => "hidden_by_include_list",
        Visibility::HiddenByExcludeList => "hidden_by_exclude_list",
        Visibility::HiddenByStatus => "hidden_by_status",
        Visibility::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{RecordId, Timestamp};

    fn vehicle(ulid: &str, deleted: bool) -> StoredRecord {
        let time = Timestamp::from_millis(0);
        StoredRecord {
            id: RecordId::parse(Model::Vehicle, &format!("vcl_{ulid}")).expect("an id"),
            status: Some(RecordStatus::Active),
            body: "{}".to_owned(),
            added_at: time,
            modified_at: time,
            deleted_at: deleted.then_some(time),
            raw: Vec::new(),
        }
    }

    #[test]
    fn filters_hide_and_deletion_is_told_first() {
        let shown = vehicle("01GV12VR4DJP70GD1ZBK0SDWFH", false);
        let hidden = vehicle("01GV12VR4DJP70GD1ZBK0SDWFJ", false);
        let gone = vehicle("01GV12VR4DJP70GD1ZBK0SDWFJ", true);
        let filters = ConnectionFilters {
            vehicles: Some(EntityFilter {
                status: None,
                exclude_ids: vec![VehicleId(hidden.id.ulid)],
                include_ids: Vec::new(),
            }),
            drivers: None,
        };
        assert_eq!(of(&filters, &shown), Some(Visibility::Visible));
        assert_eq!(of(&filters, &hidden), Some(Visibility::HiddenByExcludeList));
        assert_eq!(of(&filters, &gone), Some(Visibility::Deleted));
        assert!(listed(&filters, &shown, false));
        assert!(!listed(&filters, &hidden, false) && listed(&filters, &hidden, true));
        assert!(!listed(&filters, &gone, false));
    }

    #[test]
    fn what_names_a_hidden_vehicle_or_driver_is_hidden_with_it() {
        let id = |last: char| -> Ulid {
            format!("01GV12VR4DJP70GD1ZBK0SDWF{last}")
                .parse()
                .expect("a ULID")
        };
        let (one, other, stranger) = (id('A'), id('B'), id('C'));
        let known = [
            (one, Some(RecordStatus::Active)),
            (other, Some(RecordStatus::Inactive)),
        ];
        let filter = |status, exclude: &[Ulid], include: &[Ulid]| EntityFilter {
            status,
            exclude_ids: exclude.to_vec(),
            include_ids: include.to_vec(),
        };
        let hidden = |filter: &EntityFilter<Ulid>| {
            let hidden = HiddenMembers::of(filter, known, |id| *id);
            [one, other, stranger].map(|id| hidden.contains(id))
        };
        let active = Some(RecordStatus::Active);
        assert_eq!(hidden(&filter(None, &[], &[])), [false; 3]);
        assert_eq!(hidden(&filter(active, &[], &[])), [false, true, false]);
        assert_eq!(hidden(&filter(active, &[one], &[])), [true, true, false]);
        assert_eq!(
            hidden(&filter(None, &[stranger], &[])),
            [false, false, true]
        );
        let included = filter(active, &[other], &[other]);
        assert_eq!(hidden(&included), [true, false, true], "it beats all");

        let hidden = Hidden {
            vehicles: HiddenMembers::These(HashSet::from([one])),
            drivers: HiddenMembers::AllBut(HashSet::from([other])),
        };
        let names = |body: String| {
            let mut record = vehicle("01GV12VR4DJP70GD1ZBK0SDWFH", false);
            record.body = body;
            hidden.subject_of(&record)
        };
        assert!(names(format!(r#"{{"vehicle":"vcl_{one}"}}"#)));
        assert!(!names(format!(r#"{{"vehicle":"vcl_{other}"}}"#)));
        assert!(names(format!(
            r#"{{"vehicle":"vcl_{other}","driver":"drv_{one}","x":[1]}}"#
        )));
        assert!(!names(r#"{"id":"dvc_1"}"#.to_owned()));
    }
}
