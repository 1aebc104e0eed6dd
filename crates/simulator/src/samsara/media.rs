//! Films of cameras: here only those of safety events.

use model::Timestamp;
use model::time::{DAY_MS, HOUR_MS, SECOND_MS};

use super::answer::Refusal;
use super::rows::Envelope;
use super::safety::{film_inputs, film_url};
use super::wire::Json;
use super::{Call, SamsaraServer};

const MOST_VEHICLES: usize = 20;
const URL_LIFETIME_MS: i64 = 8 * HOUR_MS;
const FILM_MS: i64 = 10 * SECOND_MS;

impl SamsaraServer {
    pub(super) fn camera_media(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let ids = call
            .parameters
            .ids("vehicleIds", MOST_VEHICLES)?
            .ok_or_else(|| Refusal::bad("Missing parameter: vehicleIds"))?;
        let window = call.parameters.window()?;
        if window.is_some_and(|window| window.length_ms() > DAY_MS) {
            return Err(Refusal::bad(
                "endTime cannot be more than 24 hours after startTime",
            ));
        }
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let events =
            window.map_or_else(Vec::new, |window| self.filmed_events(&shown, &ids, window));
        let films: Vec<_> = events
            .iter()
            .flat_map(|found| {
                let plan = &self.world.vehicles()[found.event.vehicle];
                let inputs = film_inputs(plan, found).iter();
                inputs.map(move |input| (plan, found, *input))
            })
            .collect();
        let envelope = Envelope {
            open: "{\"data\":{\"media\":[",
            close: "]}",
        };
        let most = self.rows_a_page();
        Ok(self.page(
            call,
            &cursor,
            envelope,
            &films,
            most,
            |json, (plan, found, input)| {
                let (from, id) = (found.event.from, &found.event.id);
                let later =
                    |time: Timestamp, millis| Timestamp::from_millis(time.millis() + millis);
                json.raw("{")
                    .time_member("availableAtTime", found.created_at);
                json.time_member("endTime", later(from, FILM_MS));
                // This list has other words for the two lenses than the events.
                let lens = match *input {
                    "dashcamDriverFacing" => "dashcamInwardFacing",
                    _ => "dashcamForwardFacing",
                };
                json.text_member("input", lens);
                json.text_member("mediaType", "videoHighRes");
                json.time_member("startTime", from);
                json.text_member("triggerReason", "safetyEvent");
                json.key("urlInfo").raw("{");
                json.text_member("url", &film_url(id, input));
                json.time_member("urlExpiryTime", later(call.now, URL_LIFETIME_MS));
                json.raw("}");
                json.text_member("vehicleId", &plan.source_id).raw("}");
            },
        ))
    }
}
