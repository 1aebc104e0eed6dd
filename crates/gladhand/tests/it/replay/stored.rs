//! Everything that a store serves of a connection, to be compared.

use std::collections::BTreeMap;

use model::{Model, RecordId, Timestamp, VehicleId};
use store::{HistoryKinds, HistoryRow, RecordOrder, RecordQuery, RowValue, StoredRecord};
use testkit::fleet::Fleet;
use testkit::truth;

/// Bodies and whether they are deleted; times and values.
pub type Plain<'a> = (
    BTreeMap<RecordId, (&'a str, bool)>,
    Vec<Vec<(Timestamp, &'a RowValue)>>,
);

/// Everything that is stored and served.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub records: BTreeMap<RecordId, StoredRecord>,
    pub history: BTreeMap<VehicleId, Vec<HistoryRow>>,
}

impl Stored {
    pub async fn of(fleet: &Fleet) -> Stored {
        let mut records = BTreeMap::new();
        for model in Model::ALL {
            let mut query = RecordQuery::of(model, RecordOrder::Modified, 500);
            query.include_deleted = true;
            loop {
                let listed = fleet
                    .store
                    .list_records(fleet.connection, &query, &|_| true);
                let page = listed.await.expect("the store answers");
                records.extend(page.records.into_iter().map(|record| (record.id, record)));
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        let extents = fleet.store.history_extents(fleet.connection).await;
        let mut history = BTreeMap::new();
        for extent in extents.expect("the store answers") {
            let mut rows = Vec::new();
            for kinds in [HistoryKinds::Locations, HistoryKinds::Stats(Vec::new())] {
                let id = fleet.connection;
                rows.extend(truth::history(&fleet.store, id, extent.vehicle, kinds, 5_000).await);
            }
            history.insert(extent.vehicle, rows);
        }
        Stored { records, history }
    }

    pub fn of_model(&self, model: Model) -> Vec<&StoredRecord> {
        let all = self.records.values();
        all.filter(|record| record.id.model == model).collect()
    }

    /// Without what says when and from where.
    pub fn plain(&self) -> Plain<'_> {
        let records = self.records.iter();
        let records = records.map(|(id, r)| (*id, (r.body.as_str(), r.deleted_at.is_some())));
        let history = self.history.values();
        (
            records.collect(),
            history
                .map(|rows| rows.iter().map(|row| (row.time, &row.value)).collect())
                .collect(),
        )
    }

    pub fn points(&self) -> usize {
        self.history.values().map(Vec::len).sum()
    }
}
