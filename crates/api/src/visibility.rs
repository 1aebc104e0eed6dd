//! Which records a connection's filters show: computed when asked, never stored.

use model::connection::{ConnectionFilters, EntityFilter, Visibility};
use model::{DriverId, Model, VehicleId};
use store::StoredRecord;

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
        Model::Group | Model::Device => None,
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
    use model::{RecordId, RecordStatus, Timestamp};

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
}
