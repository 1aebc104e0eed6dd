//! Idling events, which clients of Samsara's newer reports ask for; our connector does not.

use model::time::{DAY_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::answer::Refusal;
use super::rows::LIST;
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::fleet::Signal;

const MOST_A_PAGE: usize = 200;
const LONGEST_RANGE_MS: i64 = 92 * DAY_MS;
const SHORTEST_MS: i64 = 2 * MINUTE_MS;
/// Value of [`Signal::EngineState`].
const IDLE: i64 = 2;

struct Idling {
    vehicle: usize,
    from: Timestamp,
    until: Timestamp,
}

impl SamsaraServer {
    pub(super) fn idling_events(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let limit = call.parameters.limit(MOST_A_PAGE)?;
        let window = call.parameters.window()?;
        if window.is_some_and(|window| window.length_ms() > LONGEST_RANGE_MS) {
            return Err(Refusal::bad("Total duration must be less than 3 months."));
        }
        let assets = call.parameters.ids("assetIds", usize::MAX)?;
        let cursor = self.cursor(call)?;
        let mut events = Vec::new();
        for plan in self.world.vehicles() {
            let is_wanted = assets
                .as_ref()
                .is_none_or(|ids| ids.contains(&plan.source_id));
            if let (true, Some(window)) = (is_wanted, window) {
                events.extend(self.idling(plan.index, window, cursor.as_of));
            }
        }
        Ok(
            self.page(call, &cursor, LIST, &events, limit, |json, event| {
                self.write_idling(json, event);
            }),
        )
    }

    /// Idling that began in the window and is over at `now`.
    fn idling(&self, vehicle: usize, window: Window, now: Timestamp) -> Vec<Idling> {
        let mut events = Vec::new();
        let mut began: Option<Timestamp> = None;
        let Some(wider) = Window::new(
            window.from,
            Timestamp::from_millis(window.until.millis() + DAY_MS).min(now),
        ) else {
            return events;
        };
        self.world
            .readings(vehicle, Signal::EngineState, wider, |reading| {
                match (reading.value == IDLE, began) {
                    (true, None) => began = Some(reading.time),
                    (false, Some(from)) => {
                        began = None;
                        if reading.time.millis() - from.millis() >= SHORTEST_MS {
                            events.push(Idling {
                                vehicle,
                                from,
                                until: reading.time,
                            });
                        }
                    }
                    _ => {}
                }
            });
        events.retain(|event| window.contains(event.from));
        events
    }

    fn write_idling(&self, json: &mut Json, event: &Idling) {
        let plan = &self.world.vehicles()[event.vehicle];
        let length_ms = event.until.millis() - event.from.millis();
        let moment = self.world.moment(event.vehicle, event.from);
        // Three litres an hour.
        let fuel_ml = length_ms / 1_200;
        json.raw("{").key("asset").raw("{\"id\":");
        json.raw(&plan.source_id).raw("}");
        json.integer_member("durationMilliseconds", length_ms);
        let id = format!(
            "{:08x}-0000-4000-8000-{:012x}",
            event.vehicle,
            event.from.millis()
        );
        json.text_member("eventUuid", &id);
        json.integer_member("fuelConsumedMilliliters", fuel_ml);
        json.key("fuelCost").raw("{");
        let cents = fuel_ml * 103 / 1_000;
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        json.text_member("amount", &amount);
        json.text_member("currency", "usd").raw("}");
        json.integer_member("gaseousFuelConsumedGrams", 0);
        json.key("gaseousFuelCost").raw("{");
        json.text_member("amount", "0.00");
        json.text_member("currency", "usd").raw("}");
        json.place_members(moment.position);
        if let Some(driver) = self.world.driver_at(event.vehicle, event.from) {
            let id = &self.world.drivers()[driver].source_id;
            json.key("operator").raw("{\"id\":").raw(id).raw("}");
        }
        json.text_member("ptoState", "inactive");
        json.time_member("startTime", event.from).raw("}");
    }
}
