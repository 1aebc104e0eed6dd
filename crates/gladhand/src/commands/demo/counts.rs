//! What the store holds of a connection, counted by reading it.

use std::time::Duration;

use model::{ConnectionId, Model, RecordId, Timestamp, VehicleId, Window};
use store::{HistoryKinds, HistoryQuery, RecordOrder, RecordQuery, Store};
use world::{Clock, SystemClock};

use crate::error::CommandError;
use crate::instance::Instance;

const RECORDS_A_PAGE: usize = 1_000;
const POINTS_A_PAGE: usize = 20_000;
const DAY: Duration = Duration::from_secs(86_400);

/// What is counted, by the words of the API's paths.
const MODELS: [(Model, &str); 12] = [
    (Model::Vehicle, "vehicles"),
    (Model::Driver, "drivers"),
    (Model::Group, "groups"),
    (Model::Device, "devices"),
    (Model::Trailer, "trailers"),
    (Model::Trip, "trips"),
    (Model::SafetyEvent, "safety events"),
    (Model::FaultCodeEvent, "fault code events"),
    (Model::HosLog, "duty logs"),
    (Model::HosDailyLog, "drivers' days"),
    (Model::VehicleUtilizationDay, "vehicle days"),
    (Model::IftaVehicleMonth, "fuel tax rows"),
];

#[derive(Debug, Default)]
pub struct Counts {
    pub lines: Vec<(&'static str, usize)>,
    /// One with locations, to try things on.
    pub some_vehicle: Option<String>,
}

pub async fn count(
    instance: &Instance,
    connection: ConnectionId,
    begins_at: Timestamp,
) -> Result<Counts, CommandError> {
    let counting = Counting {
        store: instance.engine.store(),
        connection,
        window: Window {
            from: begins_at.saturating_sub(DAY),
            until: SystemClock.now().saturating_add(DAY),
        },
    };
    let mut counts = Counts::default();
    for (model, name) in MODELS {
        counts
            .lines
            .push((name, counting.records(model).await?.len()));
    }
    let (mut locations, mut stats) = (0, 0);
    for id in counting.records(Model::Vehicle).await? {
        let vehicle = VehicleId(id.ulid);
        let here = counting.points(vehicle, HistoryKinds::Locations).await?;
        let measured = HistoryKinds::Stats(Vec::new());
        stats += counting.points(vehicle, measured).await?;
        locations += here;
        if here > 0 && counts.some_vehicle.is_none() {
            counts.some_vehicle = Some(vehicle.to_string());
        }
    }
    counts.lines.push(("locations", locations));
    counts.lines.push(("stats", stats));
    Ok(counts)
}

struct Counting<'a> {
    store: &'a Store,
    connection: ConnectionId,
    window: Window,
}

impl Counting<'_> {
    async fn records(&self, model: Model) -> Result<Vec<RecordId>, CommandError> {
        let mut query = RecordQuery::of(model, RecordOrder::Modified, RECORDS_A_PAGE);
        let mut ids = Vec::new();
        loop {
            let page = self
                .store
                .list_records(self.connection, &query, &|_| true)
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
            let page = self.store.read_history(self.connection, &query).await?;
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
