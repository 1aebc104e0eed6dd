//! What no single page can tell, made from facts that are stored: fault code events.
//!
//! A commit that touched facts notes where, in the same transaction ([`Marks`]); deriving reads
//! the facts back, and its results and the cleared note are one commit again. A crash in between
//! leaves the note, and the next sync begins with it. Deriving twice changes nothing.

use std::collections::BTreeMap;

use model::{Draft, Model, VehicleId, Window};
use provider::{Member, Shape, Stream};
use store::{Connection, FaultReadingRow, PageDraft, PositionRow, Store, StoreError, WindowEnd};

use crate::faults::{changes, touched_until};
use crate::run::{End, SyncRun};

/// The stream that owns fault code events.
pub const FAULT_EVENTS: &str = "derived.fault_events";
/// The slot of marks in the positions table.
const SLOT: &str = "derive";

/// Where facts changed and nothing was derived yet.
#[derive(Debug, Default)]
pub struct Marks(BTreeMap<VehicleId, Window>);

impl Marks {
    /// What an earlier run left. A row that cannot be read is refused: forgetting it would leave
    /// events wrong for good.
    pub fn load(rows: &[PositionRow]) -> Result<Marks, serde_json::Error> {
        let mut marks = Marks::default();
        for row in rows.iter().filter(|row| row.slot == SLOT) {
            let pairs: Vec<(VehicleId, Window)> = serde_json::from_slice(&row.body)?;
            for (vehicle, window) in pairs {
                marks.add(vehicle, window);
            }
        }
        Ok(marks)
    }

    /// The hull of both: deriving between them as well costs little and changes nothing.
    pub fn add(&mut self, vehicle: VehicleId, window: Window) {
        let hull = self.0.entry(vehicle).or_insert(window);
        hull.from = hull.from.min(window.from);
        hull.until = hull.until.max(window.until);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they are kept; nothing marked is an empty body.
    pub fn row(&self) -> PositionRow {
        let body = match self.is_empty() {
            true => Vec::new(),
            false => {
                let pairs: Vec<(&VehicleId, &Window)> = self.0.iter().collect();
                serde_json::to_vec(&pairs).expect("ids and times are always valid JSON")
            }
        };
        PositionRow {
            stream: FAULT_EVENTS.to_owned(),
            slot: SLOT.to_owned(),
            body,
        }
    }
}

/// Whether events are derived from what the stream owns.
pub fn feeds_derivation(stream: &Stream) -> bool {
    matches!(&stream.shape, Shape::Window(shape) if shape.owns.contains(&Model::FaultReading))
}

impl SyncRun {
    /// Marks where the stream's facts may have changed; the checkpoint that holds them keeps it.
    pub(crate) fn mark(&mut self, member: Member, window: Window) {
        if let Member::Vehicle(vehicle) = member {
            self.marks.add(vehicle, window);
        }
    }

    /// Derives over all marks. What is marked must have been committed.
    pub(crate) async fn derive(&mut self) -> Result<(), End> {
        let marks = std::mem::take(&mut self.marks);
        let (drafts, windows) = derived(&self.store, &self.connection, &marks).await?;
        self.pending.drafts.extend(drafts);
        self.pending.windows.extend(windows);
        self.pending.place(self.marks.row());
        Ok(())
    }
}

/// What the facts that are stored say where they are marked.
pub async fn derived(
    store: &Store,
    connection: &Connection,
    marks: &Marks,
) -> Result<(Vec<PageDraft>, Vec<WindowEnd>), StoreError> {
    let ids = connection.ids();
    let (mut drafts, mut windows) = (Vec::new(), Vec::new());
    for (vehicle, window) in &marks.0 {
        let readings = store
            .fault_readings(connection.id, *vehicle, *window)
            .await?;
        let mut before = readings.before.as_ref().map(|row| &row.reading);
        let mut seen = Vec::new();
        for row in readings.within.iter().chain(&readings.after) {
            for event in changes(&ids, before, &row.reading) {
                let draft = Draft::new(&ids, &event, row.raw.clone());
                seen.push(draft.id.ulid);
                drafts.push(drafted(row, draft));
            }
            before = Some(&row.reading);
        }
        let after = readings.after.as_ref().map(|row| &row.reading);
        windows.push(WindowEnd {
            stream: FAULT_EVENTS,
            models: &[Model::FaultCodeEvent],
            member: (*vehicle).into(),
            from: window.from,
            until: touched_until(window.until, after),
            seen,
            group: i64::MAX,
        });
    }
    Ok((drafts, windows))
}

fn drafted(row: &FaultReadingRow, draft: Draft) -> PageDraft {
    PageDraft {
        page: row.page,
        stream: FAULT_EVENTS,
        draft,
    }
}
