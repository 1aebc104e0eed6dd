//! Who took which vehicle over, and when nobody had it any more.

use model::{Timestamp, Window};

use super::database::{Database, Revision, Standing, revisions};
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::faults::{EventKind, RowFault};
use crate::samsara::wire::Json;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChangeRow {
    pub vehicle: usize,
    pub time: Timestamp,
    pub number: u64,
    /// `None`: nobody who is known.
    pub driver: Option<usize>,
}

impl Database<'_> {
    /// The revisions of a vehicle's changes of driver in the window, by time.
    pub fn change_revisions(&self, vehicle: usize, window: Window) -> Vec<Revision<ChangeRow>> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        // A change at the window's start ends an assignment that does not reach into it.
        let wider = Window {
            from: crate::shown::after(window.from, -1),
            ..window
        };
        let mut all = Vec::new();
        for found in self.world.assignments(vehicle, wider) {
            let fault = self
                .faults
                .event_fault(EventKind::Assignment, vehicle, found.from);
            if window.contains(found.from) {
                let row = ChangeRow {
                    vehicle,
                    time: found.from,
                    number: ids::number(found.from, vehicle, 0),
                    driver: Some(found.driver),
                };
                all.extend(match fault {
                    RowFault::Late { at } => revisions(vec![(at, Standing::Live, row)]),
                    // Nobody was known, until somebody claimed the drive.
                    RowFault::Edited { at } => revisions(vec![
                        (
                            found.from,
                            Standing::Live,
                            ChangeRow {
                                driver: None,
                                ..row
                            },
                        ),
                        (at, Standing::Live, row),
                    ]),
                    _ => revisions(vec![(found.from, Standing::Live, row)]),
                });
            }
            if window.contains(found.until) {
                let row = ChangeRow {
                    vehicle,
                    time: found.until,
                    number: ids::number(found.until, vehicle, 1),
                    driver: None,
                };
                all.extend(revisions(vec![(found.until, Standing::Live, row)]));
            }
        }
        all.retain(|revision| revision.at <= self.now);
        all
    }

    /// The changes of the window that are there now, by time.
    pub fn changes(&self, vehicle: usize, window: Window) -> Vec<ChangeRow> {
        let all = self.change_revisions(vehicle, window).into_iter();
        all.filter(|revision| revision.is_live(self.now))
            .map(|revision| revision.row)
            .collect()
    }

    /// The last change not later than `time`.
    pub fn change_before(&self, vehicle: usize, time: Timestamp) -> Option<ChangeRow> {
        self.looking_back(time, |window| self.changes(vehicle, window).pop())
    }

    pub(super) fn change_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = match selection.since {
            Some(since) => self.may_have_changed(since),
            None => selection.window(search)?,
        };
        let driver = selection.driver(search, "userSearch");
        let mut rows = Vec::new();
        for vehicle in selection.vehicles(self.world, search) {
            let mut found = self.change_revisions(vehicle, window);
            if search.flag("includeOverlappedChanges") && selection.since.is_none() {
                let before = crate::shown::after(window.from, -1);
                let last = self.change_before(vehicle, before);
                found.extend(last.into_iter().flat_map(|last| {
                    let at = crate::shown::instant(last.time);
                    let all = self.change_revisions(vehicle, at).into_iter();
                    all.filter(move |revision| revision.row.number == last.number)
                }));
            }
            for revision in found {
                let is_drivers = driver.is_none_or(|wanted| wanted == revision.row.driver);
                if selection.shows(self.now, revision.at, revision.until) && is_drivers {
                    rows.push(change_row(&revision));
                }
            }
        }
        Ok(rows)
    }
}

fn change_row(revision: &Revision<ChangeRow>) -> Row {
    let row = &revision.row;
    let version = ids::number(revision.at, row.vehicle, row.number);
    let mut json = Json::default();
    json.raw("{").time_member("dateTime", row.time);
    json.reference("device", &ids::device_id(row.vehicle));
    json.driver_reference(row.driver, row.number);
    json.text_member("id", &ids::id(row.number));
    json.text_member(
        "type",
        match row.driver {
            Some(_) => "Driver",
            None => "None",
        },
    );
    json.version_member(version).raw("}");
    Row::new(ids::id(row.number), version, row.time, json)
}
