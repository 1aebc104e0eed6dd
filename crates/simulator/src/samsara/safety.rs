//! Safety events: the stream, events by id, and the endpoint that the stream replaced.

use std::collections::HashSet;

use model::{Timestamp, Window};

use super::answer::Refusal;
use super::entities::wants;
use super::rows::LIST;
use super::trips::write_place;
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::faults::LONGEST_DELAY;
use crate::fleet::{SafetyKind, VehiclePlan};
use crate::shown::Shown;
use crate::shown::safety::ShownSafetyEvent;

const MOST_IDS: usize = 2_000;
/// What the oldest endpoint has words for.
const LEGACY_LABELS: [&str; 27] = [
    "genericTailgating",
    "genericDistraction",
    "defensiveDriving",
    "rollingStop",
    "nearCollison",
    "speeding",
    "obstructedCamera",
    "didNotYield",
    "noSeatbelt",
    "mobileUsage",
    "drowsy",
    "laneDeparture",
    "followingDistanceSevere",
    "followingDistanceModerate",
    "lateResponse",
    "acceleration",
    "braking",
    "harshTurn",
    "crash",
    "rolloverProtection",
    "yawControl",
    "ranRedLight",
    "forwardCollisionWarning",
    "eatingDrinking",
    "smoking",
    "followingDistance",
    "edgeDistractedDriving",
];

/// The labels of an event in Samsara's spelling, the gravest first. Who judges an event anew may
/// find another word for it, or add one.
pub(crate) fn labels(shown: &ShownSafetyEvent) -> &'static [&'static str] {
    match (shown.event.kind, shown.is_edited) {
        (SafetyKind::HarshBraking, false) => &["Braking"],
        (SafetyKind::HarshBraking, true) => &["NearCollison"],
        (SafetyKind::HarshAcceleration, false) => &["Acceleration"],
        (SafetyKind::HarshAcceleration, true) => &["Acceleration", "ContextWet"],
        (SafetyKind::HarshTurn, false) => &["HarshTurn"],
        (SafetyKind::HarshTurn, true) => &["DefensiveDriving", "ContextWet"],
        (SafetyKind::Speeding, false) => &["Speeding"],
        (SafetyKind::Speeding, true) => &["SevereSpeeding"],
        (SafetyKind::Crash, false) => &["Crash"],
        (SafetyKind::Crash, true) => &["Crash", "Braking"],
        (SafetyKind::NearCollision, false) => &["NearCollison"],
        (SafetyKind::NearCollision, true) => &["ForwardCollisionWarning"],
        (SafetyKind::MobileUsage, false) => &["MobileUsage"],
        (SafetyKind::MobileUsage, true) => &["EdgeDistractedDriving"],
        (SafetyKind::Drowsiness, false) => &["Drowsy"],
        (SafetyKind::Drowsiness, true) => &["Drowsy", "DefensiveDriving"],
        (SafetyKind::Tailgating, false) => &["GenericTailgating"],
        (SafetyKind::Tailgating, true) => &["FollowingDistanceSevere"],
        (SafetyKind::RollingStop, false) => &["RollingStop"],
        (SafetyKind::RollingStop, true) => &["RollingStop", "ContextConstructionOrWorkZone"],
        (SafetyKind::NoSeatBelt, _) => &["NoSeatbelt"],
        (SafetyKind::DefensiveDriving, false) => &["DefensiveDriving"],
        (SafetyKind::DefensiveDriving, true) => &["NearPedestrianCollision"],
        (SafetyKind::Reversing, _) => &["Reversing"],
    }
}

/// The cameras that filmed an event, as the stream names them: every vehicle's second film is of
/// the driver, and some cameras have no second lens.
pub(crate) fn film_inputs(plan: &VehiclePlan, shown: &ShownSafetyEvent) -> &'static [&'static str] {
    match (shown.event.has_media, plan.index % 3) {
        (false, _) => &[],
        (true, 2) => &["dashcamRoadFacing"],
        (true, _) => &["dashcamRoadFacing", "dashcamDriverFacing"],
    }
}

/// Where a film is said to lie. Signed for some hours, like real ones.
pub(crate) fn film_url(id: &str, input: &str) -> String {
    format!("https://media.example.com/{id}/{input}.mp4?signature=synthetic")
}

/// Whole kilometres an hour, rounded half up.
pub(crate) fn whole_kmh(centi_kmh: u32) -> i64 {
    (i64::from(centi_kmh) + 50) / 100
}

struct Parts {
    asset: bool,
    driver: bool,
    vehicles_without_camera: bool,
}

impl Parts {
    fn read(call: &Call<'_>) -> Result<Parts, Refusal> {
        Ok(Parts {
            asset: call.parameters.flag("includeAsset")?,
            driver: call.parameters.flag("includeDriver")?,
            vehicles_without_camera: call.parameters.flag("includeVgOnlyEvents")?,
        })
    }

    fn show(&self, plan: &VehiclePlan) -> bool {
        self.vehicles_without_camera || plan.camera_serial.is_some()
    }
}

impl SamsaraServer {
    pub(super) fn safety_stream(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let parameters = &call.parameters;
        let field = parameters.choice("queryByTimeField", &["updatedAtTime", "createdAtTime"])?;
        let by_update = field == "updatedAtTime";
        let start = parameters.required_time("startTime")?;
        let end = parameters.time("endTime")?;
        let parts = Parts::read(call)?;
        let assets = parameters.ids("assetIds", MOST_IDS)?;
        let drivers = parameters.ids("driverIds", MOST_IDS)?;
        let groups = self.wanted_groups(parameters)?;
        // Only the stream of changes has no end.
        let end = end.or((!by_update).then_some(Timestamp::MAX));
        let sweep = self.sweep(call, start, end)?;
        let time: fn(&ShownSafetyEvent) -> Timestamp = if by_update {
            |shown| shown.updated_at
        } else {
            |shown| shown.created_at
        };
        let shown = self.shown_to(&sweep.cursor);
        let mut events = Vec::new();
        for plan in self.world.vehicles() {
            let is_wanted = assets
                .as_ref()
                .is_none_or(|ids| ids.contains(&plan.source_id));
            if let (true, Some(window)) = (is_wanted && parts.show(plan), sweep.window)
                && wants(&groups, &plan.groups)
            {
                events.extend(shown.safety_events_by(time, plan.index, window));
            }
        }
        events.retain(|found| {
            drivers
                .as_ref()
                .is_none_or(|ids| ids.contains(self.driver_id(found)))
        });
        events.sort_by(|a, b| (time(a), &a.event.id).cmp(&(time(b), &b.event.id)));
        let most = self.rows_a_page();
        Ok(
            self.sweep_page(call, &sweep, LIST, &events, most, |json, event| {
                self.write_safety_event(json, event, &parts, sweep.as_of());
            }),
        )
    }

    /// Events by id, in the order of their vehicles; ids that are not known are left out.
    pub(super) fn safety_events(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let ids = call
            .parameters
            .ids("safetyEventIds", MOST_IDS)?
            .ok_or_else(|| Refusal::bad("Missing parameter: safetyEventIds"))?;
        let parts = Parts::read(call)?;
        let cursor = self.cursor(call)?;
        let events: Vec<ShownSafetyEvent> = self
            .all_safety_events(&self.shown_to(&cursor), &parts)
            .filter(|found| ids.contains(&found.event.id))
            .collect();
        let most = self.rows_a_page();
        Ok(
            self.page(call, &cursor, LIST, &events, most, |json, event| {
                self.write_safety_event(json, event, &parts, cursor.as_of);
            }),
        )
    }

    fn all_safety_events<'a>(
        &'a self,
        shown: &Shown<'a>,
        parts: &Parts,
    ) -> impl Iterator<Item = ShownSafetyEvent> {
        let ever = Window {
            from: self.world.config().begins_at,
            until: Timestamp::MAX,
        };
        let plans = self.world.vehicles().iter();
        let wanted: Vec<usize> = plans
            .filter(|plan| parts.show(plan))
            .map(|plan| plan.index)
            .collect();
        let shown = *shown;
        wanted
            .into_iter()
            .flat_map(move |vehicle| shown.safety_events(vehicle, ever))
    }

    /// Empty when nobody is known to have driven.
    fn driver_id(&self, shown: &ShownSafetyEvent) -> &str {
        shown
            .event
            .driver
            .map_or("", |driver| self.world.drivers()[driver].source_id.as_str())
    }

    fn write_safety_event(
        &self,
        json: &mut Json,
        shown: &ShownSafetyEvent,
        parts: &Parts,
        now: Timestamp,
    ) {
        let event = &shown.event;
        let plan = &self.world.vehicles()[event.vehicle];
        json.raw("{").key("asset").raw("{");
        json.text_member("id", &plan.source_id);
        if parts.asset {
            self.write_external_ids(json, plan, "externalIds");
            json.text_member("name", &self.vehicle_name(plan, now));
            json.text_member("type", "vehicle");
            json.optional_member("vin", plan.vin.as_deref());
        }
        json.raw("}").key("behaviorLabels").raw("[");
        for label in labels(shown) {
            json.comma().raw("{").text_member("label", label);
            let source = if shown.is_edited {
                "userGenerated"
            } else {
                "automated"
            };
            json.text_member("source", source).raw("}");
        }
        json.raw("]").key("contextLabels").raw("[]");
        json.time_member("createdAtTime", shown.created_at);
        json.key("driver").raw("{");
        json.text_member("id", self.driver_id(shown));
        if let (true, Some(driver)) = (parts.driver, event.driver) {
            json.text_member("name", &self.world.drivers()[driver].name);
        }
        json.raw("}");
        json.time_member("endMs", event.until.unwrap_or(event.from));
        json.text_member("eventState", event_state(shown));
        json.text_member("id", &event.id);
        let page = format!("https://cloud.example.com/safety/{}", event.id);
        json.text_member("inboxEventUrl", &page);
        json.text_member("incidentReportUrl", &page).key("location");
        let heading = i64::from(event.heading_degrees);
        write_place(json, event.position, event.position.address(), heading);
        // Required also of events that no accelerometer saw.
        json.key("maxAccelerationGForce")
            .decimal(event.max_milli_g.unwrap_or_default().into(), 3);
        let inputs = film_inputs(plan, shown);
        if !inputs.is_empty() {
            json.key("media").raw("[");
            for input in inputs {
                json.comma().raw("{").text_member("input", input);
                json.text_member("url", &film_url(&event.id, input))
                    .raw("}");
            }
            json.raw("]");
        }
        if let Some(limit) = event.limit_centi_kmh {
            json.key("speedingMetadata").raw("{");
            let fastest = whole_kmh(event.speed_centi_kmh);
            json.integer_member("maxSpeedKilometersPerHour", fastest);
            json.integer_member("postedSpeedLimitKilometersPerHour", whole_kmh(limit));
            json.raw("}");
        }
        json.time_member("startMs", event.from);
        json.time_member("updatedAtTime", shown.updated_at).raw("}");
    }

    /// Events of which at least one label has a word in the old list.
    pub(super) fn legacy_safety_events(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let window = call.parameters.window()?;
        let vehicles = call.parameters.ids("vehicleIds", usize::MAX)?;
        let groups = self.wanted_groups(&call.parameters)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let mut events: Vec<(ShownSafetyEvent, Vec<String>)> = Vec::new();
        for plan in self.world.vehicles() {
            let is_wanted = vehicles
                .as_ref()
                .is_none_or(|ids| ids.contains(&plan.source_id));
            if let (true, Some(window)) = (is_wanted && wants(&groups, &plan.groups), window) {
                let found = shown.safety_events(plan.index, window).into_iter();
                events.extend(found.map(|event| {
                    let labels = legacy_labels(&event);
                    (event, labels)
                }));
            }
        }
        events.retain(|(_, labels)| !labels.is_empty());
        events.sort_by(|(a, _), (b, _)| {
            (a.event.from, &a.event.id).cmp(&(b.event.from, &b.event.id))
        });
        let most = self.rows_a_page();
        Ok(self.page(
            call,
            &cursor,
            LIST,
            &events,
            most,
            |json, (event, labels)| {
                self.write_legacy_event(json, event, labels, cursor.as_of);
            },
        ))
    }

    fn write_legacy_event(
        &self,
        json: &mut Json,
        shown: &ShownSafetyEvent,
        labels: &[String],
        now: Timestamp,
    ) {
        let event = &shown.event;
        let plan = &self.world.vehicles()[event.vehicle];
        json.raw("{").key("behaviorLabels").raw("[");
        for label in labels {
            json.comma().raw("{").text_member("label", label);
            json.text_member("name", label);
            json.text_member("source", "automated").raw("}");
        }
        json.raw("]")
            .text_member("coachingState", event_state(shown));
        for (input, key) in [
            ("dashcamRoadFacing", "downloadForwardVideoUrl"),
            ("dashcamDriverFacing", "downloadInwardVideoUrl"),
        ] {
            if film_inputs(plan, shown).contains(&input) {
                json.text_member(key, &film_url(&event.id, input));
            }
        }
        if let Some(driver) = event.driver {
            json.key("driver");
            self.write_driver_ref(json, driver, now);
        }
        let id = format!("{}-{}", plan.source_id, event.from.millis());
        json.text_member("id", &id).key("location").raw("{");
        json.place_members(event.position).raw("}");
        json.key("maxAccelerationGForce")
            .decimal(event.max_milli_g.unwrap_or_default().into(), 3);
        json.time_member("time", event.from).key("vehicle");
        self.write_vehicle_ref(json, event.vehicle, "ExternalIds", now);
        json.raw("}");
    }

    /// Published events of a vehicle that began in the window, for other endpoints.
    pub(super) fn filmed_events(
        &self,
        shown: &Shown<'_>,
        ids: &HashSet<String>,
        window: Window,
    ) -> Vec<ShownSafetyEvent> {
        let plans = self.world.vehicles().iter();
        let earlier = Window {
            from: window.from.saturating_sub(LONGEST_DELAY),
            until: window.until,
        };
        plans
            .filter(|plan| ids.contains(&plan.source_id))
            .flat_map(|plan| shown.safety_events(plan.index, earlier))
            .filter(|found| found.event.has_media && window.contains(found.event.from))
            .collect()
    }
}

fn event_state(shown: &ShownSafetyEvent) -> &'static str {
    match (shown.is_edited, shown.event.from.millis() % 2) {
        (false, _) => "needsReview",
        (true, 0) => "coached",
        (true, _) => "dismissed",
    }
}

fn legacy_labels(shown: &ShownSafetyEvent) -> Vec<String> {
    let camel_case = |label: &&str| {
        let (first, rest) = label.split_at(1);
        format!("{}{rest}", first.to_ascii_lowercase())
    };
    let labels = labels(shown).iter().map(camel_case);
    labels
        .filter(|label| LEGACY_LABELS.contains(&label.as_str()))
        .collect()
}
