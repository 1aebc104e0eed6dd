//! What the store holds of the connection, counted by reading it.

use std::time::Duration;

use model::{Model, RecordId, Timestamp, VehicleId, Window};
use store::{HistoryKinds, HistoryQuery, RecordOrder, RecordQuery, Store};
use world::{Clock, SystemClock};

use crate::error::CommandError;
use crate::instance::Instance;

use super::tenant::Tenant;

const RECORDS_A_PAGE: usize = 1_000;
const POINTS_A_PAGE: usize = 20_000;
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, Default)]
pub struct Counts {
    vehicles: usize,
    drivers: usize,
    groups: usize,
    locations: usize,
    stats: usize,
    /// One with locations, to try things on.
    pub some_vehicle: Option<String>,
}

impl Counts {
    pub fn lines(&self) -> [(&'static str, usize); 5] {
        [
            ("vehicles", self.vehicles),
            ("drivers", self.drivers),
            ("groups", self.groups),
            ("locations", self.locations),
            ("stats", self.stats),
        ]
    }
}

pub async fn count(
    instance: &Instance,
    tenant: &Tenant,
    begins_at: Timestamp,
) -> Result<Counts, CommandError> {
    let counting = Counting {
        store: instance.engine.store(),
        tenant,
        window: Window {
            from: begins_at.saturating_sub(DAY),
            until: SystemClock.now().saturating_add(DAY),
        },
    };
    let vehicles = counting.records(Model::Vehicle).await?;
    let mut counts = Counts {
        vehicles: vehicles.len(),
        drivers: counting.records(Model::Driver).await?.len(),
        groups: counting.records(Model::Group).await?.len(),
        ..Counts::default()
    };
    for id in vehicles {
        let vehicle = VehicleId(id.ulid);
        let locations = counting.points(vehicle, HistoryKinds::Locations).await?;
        let stats = HistoryKinds::Stats(Vec::new());
        counts.stats += counting.points(vehicle, stats).await?;
        counts.locations += locations;
        if locations > 0 && counts.some_vehicle.is_none() {
            counts.some_vehicle = Some(vehicle.to_string());
        }
    }
    Ok(counts)
}

struct Counting<'a> {
    store: &'a Store,
    tenant: &'a Tenant,
    window: Window,
}

impl Counting<'_> {
    async fn records(&self, model: Model) -> Result<Vec<RecordId>, CommandError> {
        let mut query = RecordQuery {
            model,
            order: RecordOrder::Modified,
            modified_after: None,
            modified_before: None,
            include_deleted: false,
            after: None,
            limit: RECORDS_A_PAGE,
        };
        let mut ids = Vec::new();
        loop {
            let connection = self.tenant.connection.id;
            let page = self
                .store
                .list_records(connection, &query, &|_| true)
                .await?;
            ids.extend(page.records.iter().map(|record| record.id));
            match page.next {
                Some(place) => query.after = Some(place),
                None => return Ok(ids),
            }
        }
    }

    async fn points(&self, vehicle: VehicleId, kinds: HistoryKinds) -> Result<usize, CommandError> {
        let mut query = HistoryQuery {
            vehicle,
            kinds,
            window: self.window,
            after: None,
            limit: POINTS_A_PAGE,
        };
        let mut count = 0;
        loop {
            let connection = self.tenant.connection.id;
            let page = self.store.read_history(connection, &query).await?;
            count += page.rows.len();
            match page.rows.last() {
                Some(row) if page.more => {
                    query.after = Some(store::PointPosition {
                        time: row.time,
                        ulid: row.ulid,
                    });
                }
                _ => return Ok(count),
            }
        }
    }
}
