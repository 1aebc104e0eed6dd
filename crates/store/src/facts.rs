//! Facts: what is stored to be joined with other data or derived from, and served by no endpoint.

use model::assignment::DriverAssignment;
use model::fault::FaultReading;
use model::{ConnectionId, Model, RawRange, VehicleId, Window};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

/// A stored reading, and where its row lies in the raw log.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultReadingRow {
    pub reading: FaultReading,
    pub page: i64,
    pub raw: Vec<RawRange>,
}

/// A vehicle's readings in a window, with a neighbour on either side: what changed at each of them
/// is the difference from the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultReadings {
    /// The last one before the window.
    pub before: Option<FaultReadingRow>,
    /// In the order of their times.
    pub within: Vec<FaultReadingRow>,
    /// The first one at or after the window's end.
    pub after: Option<FaultReadingRow>,
}

macro_rules! facts_sql {
    ($rest:literal) => {
        concat!(
            "select body, page, raw from records
             where connection = ?1 and model = ?2 and vehicle = ?3
             and started_at is not null and withdrawn_at is null and deleted_at is null and ",
            $rest
        )
    };
}

const OVERLAPPING: &str =
    facts_sql!("started_at < ?5 and (ended_at is null or ended_at >= ?4) order by started_at, id");
const BEFORE: &str = facts_sql!("started_at < ?4 order by started_at desc, id desc limit 1");
const WITHIN: &str = facts_sql!("started_at >= ?4 and started_at < ?5 order by started_at, id");
const AFTER: &str = facts_sql!("started_at >= ?4 order by started_at, id limit 1");

impl Store {
    /// Who drove this vehicle: assignments that began before the window's end and had not ended
    /// before its start, in the order of their starts.
    pub async fn assignments(
        &self,
        connection: ConnectionId,
        vehicle: VehicleId,
        window: Window,
    ) -> Result<Vec<DriverAssignment>, StoreError> {
        let params = params![
            connection,
            Model::DriverAssignment.name(),
            vehicle.0,
            window.from,
            window.until,
        ];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(OVERLAPPING, &params).await }))
            .await?;
        rows.iter().map(|row| row.json(0)).collect()
    }

    pub async fn fault_readings(
        &self,
        connection: ConnectionId,
        vehicle: VehicleId,
        window: Window,
    ) -> Result<FaultReadings, StoreError> {
        let of = params![
            connection,
            Model::FaultReading.name(),
            vehicle.0,
            window.from,
            window.until,
        ];
        let after = params![
            connection,
            Model::FaultReading.name(),
            vehicle.0,
            window.until
        ];
        let (before, within, after) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((
                        tx.query_first(BEFORE, &of[..4]).await?,
                        tx.query(WITHIN, &of).await?,
                        tx.query_first(AFTER, &after).await?,
                    ))
                })
            })
            .await?;
        Ok(FaultReadings {
            before: before.as_ref().map(reading_of).transpose()?,
            within: within.iter().map(reading_of).collect::<Result<_, _>>()?,
            after: after.as_ref().map(reading_of).transpose()?,
        })
    }
}

fn reading_of(row: &Row) -> Result<FaultReadingRow, StoreError> {
    Ok(FaultReadingRow {
        reading: row.json(0)?,
        page: row.i64(1)?,
        raw: row.json(2)?,
    })
}
