//! The vehicles and drivers of a connection, and which of them its filters leave to be read.

use std::collections::HashMap;

use model::connection::{ConnectionFilters, EntityFilter, Visibility};
use model::{ConnectionId, DriverId, Model, RecordStatus, VehicleId};
use provider::{Member, Partition};
use store::{KnownMember, Store, StoreError};

#[derive(Debug, Default)]
pub struct Members {
    filters: ConnectionFilters,
    statuses: HashMap<VehicleId, Option<RecordStatus>>,
    /// Of those that are listed and not excluded.
    pub vehicles: Vec<Partition>,
    pub drivers: Vec<Partition>,
}

impl Members {
    pub async fn load(
        store: &Store,
        connection: ConnectionId,
        filters: &ConnectionFilters,
    ) -> Result<Members, StoreError> {
        let vehicles = store.known_members(connection, Model::Vehicle).await?;
        let drivers = store.known_members(connection, Model::Driver).await?;
        Ok(Members::new(filters, &vehicles, &drivers))
    }

    fn new(
        filters: &ConnectionFilters,
        vehicles: &[KnownMember],
        drivers: &[KnownMember],
    ) -> Members {
        let vehicle = |known: &KnownMember| {
            let id = VehicleId(known.id.ulid);
            let read = is_read(filters.vehicles.as_ref(), &id, known.status);
            (read && !known.deleted).then(|| partition(Member::Vehicle(id), known))
        };
        let driver = |known: &KnownMember| {
            let id = DriverId(known.id.ulid);
            let read = is_read(filters.drivers.as_ref(), &id, known.status);
            (read && !known.deleted).then(|| partition(Member::Driver(id), known))
        };
        Members {
            filters: filters.clone(),
            statuses: vehicles
                .iter()
                .map(|known| (VehicleId(known.id.ulid), known.status))
                .collect(),
            vehicles: vehicles.iter().filter_map(vehicle).collect(),
            drivers: drivers.iter().filter_map(driver).collect(),
        }
    }

    /// Whether rows of this vehicle are taken. One that no listing has named yet is judged by its
    /// id alone.
    pub fn is_read(&self, vehicle: VehicleId) -> bool {
        let status = self.statuses.get(&vehicle).copied().flatten();
        is_read(self.filters.vehicles.as_ref(), &vehicle, status)
    }
}

fn is_read<I: PartialEq>(
    filter: Option<&EntityFilter<I>>,
    id: &I,
    status: Option<RecordStatus>,
) -> bool {
    filter.is_none_or(|filter| filter.visibility(id, status) == Visibility::Visible)
}

fn partition(member: Member, known: &KnownMember) -> Partition {
    Partition {
        member,
        source_id: known.source_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use model::{RecordId, Ulid};

    use super::*;

    fn known(n: u128, status: RecordStatus) -> KnownMember {
        KnownMember {
            id: RecordId {
                model: Model::Vehicle,
                ulid: Ulid::from_bits(n),
            },
            source_id: n.to_string(),
            status: Some(status),
            deleted: n == 9,
        }
    }

    #[test]
    fn filters_limit_what_is_read() {
        let vehicle = |n| VehicleId(Ulid::from_bits(n));
        let all = [
            known(1, RecordStatus::Active),
            known(2, RecordStatus::Inactive),
            known(3, RecordStatus::Active),
            known(9, RecordStatus::Active),
        ];
        let read = |filter: EntityFilter<VehicleId>| {
            let filters = ConnectionFilters {
                vehicles: Some(filter),
                drivers: None,
            };
            let members = Members::new(&filters, &all, &[]);
            for partition in &members.vehicles {
                let Member::Vehicle(id) = partition.member else {
                    panic!("a vehicle");
                };
                assert!(members.is_read(id));
            }
            let ids = members.vehicles.into_iter().map(|p| p.source_id);
            ids.collect::<Vec<_>>().join(",")
        };
        let filter = |status, exclude_ids, include_ids| EntityFilter {
            status,
            exclude_ids,
            include_ids,
        };
        assert_eq!(read(filter(None, vec![], vec![])), "1,2,3");
        let active = Some(RecordStatus::Active);
        assert_eq!(read(filter(active, vec![vehicle(3)], vec![])), "1");
        assert_eq!(
            read(filter(active, vec![vehicle(2)], vec![vehicle(2)])),
            "2"
        );
    }
}
