//! Performance events, speeding events, and the films of the former.
//!
//! Days are taken as UTC's (nobody has shown whose they are), and the latest event comes first.
//! Speeds are km/h and accelerations g, whatever was asked for. An event that is judged anew keeps
//! its number; a speeding event may turn out invalid, and is listed still.

use jiff::tz::TimeZone;
use model::Timestamp;
use model::time::SECOND_MS;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::request::Asked;
use super::wire::Members;
use super::{Call, MotiveServer, ids};
use crate::fleet::{Position, SafetyEvent, SafetyKind, VehiclePlan};
use crate::samsara::wire::Json;
use crate::shown::after;
use crate::shown::safety::ShownSafetyEvent;

/// Points of a track, a second apart; the event begins at [`BEGINS_AT`].
const POINTS: usize = 16;
const BEGINS_AT: usize = 8;
/// Of events that are one moment.
const SHORTEST_MS: i64 = 2 * SECOND_MS;

/// What kind of event Motive says it is, and the behaviour that it finds in it. `None`: it is in
/// the other list.
pub(crate) fn label(shown: &ShownSafetyEvent) -> Option<(&'static str, &'static [&'static str])> {
    Some(match (shown.event.kind, shown.is_edited) {
        (SafetyKind::Speeding, _) => return None,
        (SafetyKind::HarshBraking, false) => ("hard_brake", &[]),
        (SafetyKind::HarshAcceleration, _) => ("hard_accel", &[]),
        (SafetyKind::HarshTurn, false) => ("hard_corner", &[]),
        (SafetyKind::Crash, _) => ("crash", &[]),
        (SafetyKind::NearCollision, false) => ("near_miss", &[]),
        (SafetyKind::HarshBraking | SafetyKind::NearCollision, true) => {
            ("forward_collision_warning", &[])
        }
        (SafetyKind::MobileUsage, false) => ("cell_phone", &["cell_phone"]),
        (SafetyKind::MobileUsage, true) => ("distraction", &[]),
        (SafetyKind::Drowsiness, _) => ("drowsiness", &[]),
        (SafetyKind::Tailgating, false) => ("tailgating", &["close_following"]),
        (SafetyKind::Tailgating, true) => ("close_following", &[]),
        (SafetyKind::RollingStop, false) => ("stop_sign_violation", &[]),
        (SafetyKind::RollingStop, true) => ("rolling_stop", &[]),
        (SafetyKind::NoSeatBelt, _) => ("seat_belt_violation", &[]),
        (SafetyKind::DefensiveDriving, true) => ("driver_facing_cam_obstruction", &[]),
        // Nobody but Motive has words for these two.
        (SafetyKind::DefensiveDriving, false) | (SafetyKind::HarshTurn, true) => {
            ("defensive_driving", &[])
        }
        (SafetyKind::Reversing, _) => ("reversing", &["unsafe_parking"]),
    })
}

/// Thousandths of g, without a sign; only of what an accelerometer finds.
pub(crate) fn force_milli_g(shown: &ShownSafetyEvent) -> Option<i64> {
    let (kind, _) = label(shown)?;
    let is_felt = matches!(kind, "hard_brake" | "hard_accel" | "hard_corner" | "crash");
    let force = shown.event.max_milli_g.filter(|_| is_felt)?;
    Some(i64::from(force).abs())
}

/// When the event is said to end.
pub(crate) fn ends_at(event: &SafetyEvent) -> Timestamp {
    event.until.unwrap_or(after(event.from, SHORTEST_MS))
}

/// Speeds of the track in thousandths of a km/h, no two the same, the highest where the event
/// begins.
pub(crate) fn speeds(event: &SafetyEvent) -> [i64; POINTS] {
    let highest = (i64::from(event.speed_centi_kmh) * 10).max(6_000);
    std::array::from_fn(|point| match point.checked_sub(BEGINS_AT) {
        Some(after) => highest - 731 * after as i64,
        None => highest - 510 * (BEGINS_AT - point) as i64,
    })
}

/// Places of the track; the event's own where it begins.
pub(crate) fn track(event: &SafetyEvent) -> [Position; POINTS] {
    std::array::from_fn(|point| {
        let steps = point as i32 - BEGINS_AT as i32;
        Position {
            latitude_e7: event.position.latitude_e7 + 1_503 * steps,
            longitude_e7: event.position.longitude_e7 + 1_907 * steps,
        }
    })
}

/// The point of the track at which the event ends, or the track does.
pub(crate) fn last_point(event: &SafetyEvent) -> usize {
    let seconds = (ends_at(event).millis() - event.from.millis()) / SECOND_MS;
    (BEGINS_AT + seconds as usize).min(POINTS - 1)
}

/// Whether the event was speeding after all.
pub(crate) fn is_valid(shown: &ShownSafetyEvent) -> bool {
    !shown.is_edited
}

/// The mean speed of speeding, hundredths of a km/h.
pub(crate) fn mean_centi_kmh(event: &SafetyEvent) -> i64 {
    i64::from(event.speed_centi_kmh) * 97 / 100
}

pub(super) fn camera_type(plan: &VehiclePlan) -> &'static str {
    if films_driver(plan) { "dc54" } else { "dc53" }
}

/// Whether the camera has a second lens.
pub(crate) fn films_driver(plan: &VehiclePlan) -> bool {
    plan.index % 3 != 2
}

/// Hard brakes are filmed, and their films not brought into a form to be played.
pub(crate) fn is_transcoded(event: &SafetyEvent) -> bool {
    event.kind != SafetyKind::HarshBraking
}

/// Signed for some hours, like real ones.
pub(crate) fn film_url(event: i64, position: &str) -> String {
    format!("https://media.example.com/{event}/{position}_plain.mp4?signature=synthetic")
}

impl MotiveServer {
    /// Published events of a list that began in the window, the latest first.
    fn found_events(
        &self,
        call: &Call,
        asked: &Asked,
        is_of_list: impl Fn(&ShownSafetyEvent) -> bool,
    ) -> Vec<ShownSafetyEvent> {
        let shown = self.shown(call.now);
        let drivers = call.parameters.many("driver_ids");
        let changed = call.parameters.time("updated_after");
        let vehicles = 0..self.world.vehicles().len();
        let mut events: Vec<ShownSafetyEvent> = vehicles
            .flat_map(|vehicle| shown.safety_events(vehicle, asked.window))
            .filter(|found| {
                let driver = found.event.driver;
                is_of_list(found)
                    && changed.is_none_or(|after| found.updated_at > after)
                    && drivers.as_ref().is_none_or(|wanted| {
                        driver.is_some_and(|index| wanted.contains(ids::driver(&self.world, index)))
                    })
            })
            .collect();
        events.sort_by_key(|found| std::cmp::Reverse((found.event.from, found.event.vehicle)));
        events
    }

    pub(super) fn performance_events(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&TimeZone::UTC, call.now)?;
        let wanted = call.parameters.one("event_type");
        let events = self.found_events(call, &asked, |found| {
            label(found).is_some_and(|(kind, _)| wanted.is_none_or(|wanted| wanted == kind))
        });
        let wrapper = Wrapper::of("driver_performance_events", "driver_performance_event");
        let wrapper = match call.version {
            1 => wrapper.flat(),
            _ => wrapper,
        };
        Ok(self.page(call, wrapper, &events, |json, found| {
            self.write_performance(json, found, call);
        }))
    }

    fn write_performance(&self, json: &mut Json, found: &ShownSafetyEvent, call: &Call) {
        let (event, form) = (&found.event, &call.form);
        let (kind, primary) = label(found).unwrap_or(("", &[]));
        let (speeds, track) = (speeds(event), track(event));
        json.raw("{")
            .integer_member("id", ids::event(event.vehicle, event.from));
        json.text_member("type", kind);
        match force_milli_g(found) {
            Some(force) => {
                json.key("acceleration").decimal(force, 3);
                let sign = if kind == "hard_brake" { -1 } else { 1 };
                json.text_member("intensity", &form.change_text(sign * force as i32));
            }
            None => json.nulls(&["acceleration", "intensity"]),
        }
        self.write_times(json, event.from, ends_at(event), call);
        json.key("start_speed").decimal(speeds[BEGINS_AT], 3);
        json.key("end_speed").decimal(speeds[last_point(event)], 3);
        json.integer_member("start_bearing", event.heading_degrees.into());
        json.integer_member("end_bearing", event.heading_degrees.into());
        json.place(["lat", "lon"], event.position);
        let city = event.position.nearest_city();
        let place = form.distance_text(5_600);
        json.text_member(
            "location",
            &format!("{place} E of {}, {}", city.name, city.state),
        );
        let coaching = if found.is_edited {
            "coached"
        } else {
            "pending_review"
        };
        json.text_member("coaching_status", coaching);
        let of = |part: fn(&Position) -> i32| track.map(|place| i64::from(part(&place)));
        json.decimals("m_gps_lat", &of(|place| place.latitude_e7), 7);
        json.decimals("m_gps_lon", &of(|place| place.longitude_e7), 7);
        json.decimals("m_gps_heading", &[event.heading_degrees.into(); POINTS], 0);
        json.decimals("m_gps_spd", &speeds, 3);
        json.decimals("m_veh_spd", &speeds.map(|speed| speed / 1_000), 0);
        json.null("m_veh_odo");
        if call.version > 1 {
            self.write_second_version(json, found, primary, call);
        }
        self.write_whose(json, event, call);
    }

    fn write_second_version(
        &self,
        json: &mut Json,
        found: &ShownSafetyEvent,
        primary: &[&str],
        call: &Call,
    ) {
        let event = &found.event;
        let speeds = speeds(event);
        json.null("coached_at");
        for (name, behaviors) in [
            ("coachable_behaviors", &[][..]),
            ("coached_behaviors", &[]),
            ("primary_behavior", primary),
            ("secondary_behaviors", unconfirmed(found)),
        ] {
            json.key(name).raw("[");
            for behavior in behaviors {
                json.comma().text(behavior);
            }
            json.raw("]");
        }
        let highest = speeds.iter().max().copied().unwrap_or_default();
        let lowest = speeds.iter().min().copied().unwrap_or_default();
        json.key("max_speed").decimal(highest, 3);
        json.key("min_speed").decimal(lowest, 3);
        json.null("event_intensity");
        json.flag_member("edited_by_fm", found.is_edited);
        json.key("camera_media");
        self.write_media(json, event, call);
        json.key("metadata").raw("{");
        json.text_member("severity", "medium");
        json.nulls(&["trigger", "additional_context"]);
        json.key("annotation_tags").raw("[]").raw("}");
        json.flag_member("aggregated", false);
        json.null("sub_event_metadata");
    }

    fn write_media(&self, json: &mut Json, event: &SafetyEvent, call: &Call) {
        if !event.has_media {
            json.raw("null");
            return;
        }
        let plan = &self.world.vehicles()[event.vehicle];
        let id = ids::event(event.vehicle, event.from);
        let both = films_driver(plan);
        let has_films = is_transcoded(event) && call.parameters.flag("media_required");
        json.raw("{").integer_member("id", ids::media(id));
        json.flag_member("available", true);
        json.key("cam_positions").raw(match both {
            true => "[\"front_facing\",\"driver_facing\"]",
            false => "[\"front_facing\"]",
        });
        json.text_member("cam_type", camera_type(plan));
        call.form.time(json, "uploaded_at", ends_at(event));
        call.form.time(json, "start_time", event.from);
        json.integer_member("duration", POINTS as i64);
        let transcoded = if is_transcoded(event) {
            "completed"
        } else {
            "not_started"
        };
        json.text_member("auto_transcode_status", transcoded);
        json.key("downloadable_videos").raw("{");
        for (name, position, is_there) in [
            ("front_facing_plain_url", "front_facing", has_films),
            (
                "driver_facing_plain_url",
                "driver_facing",
                has_films && both,
            ),
        ] {
            let url = is_there.then(|| film_url(id, position));
            json.text_or_null(name, url.as_deref());
        }
        json.nulls(&[
            "front_facing_enhanced_url",
            "front_facing_enhanced_ai_viz_url",
            "dual_facing_enhanced_url",
            "dual_facing_enhanced_ai_viz_url",
        ]);
        json.raw("}").key("downloadable_images").raw("{");
        json.nulls(&["front_facing_jpg_url", "driver_facing_jpg_url"]);
        json.raw("}}");
    }

    fn write_times(&self, json: &mut Json, from: Timestamp, until: Timestamp, call: &Call) {
        let second = |time: Timestamp| time.millis().div_euclid(SECOND_MS);
        json.integer_member("duration", second(until) - second(from));
        call.form.time(json, "start_time", from);
        call.form.time(json, "end_time", until);
    }

    /// Driver, vehicle and gateway, and the object's end.
    fn write_whose(&self, json: &mut Json, event: &SafetyEvent, call: &Call) {
        json.key("driver");
        self.write_driver_or_null(json, event.driver, call);
        json.key("vehicle");
        self.write_vehicle_ref(json, event.vehicle, call);
        json.key("eld_device");
        self.write_eld_or_null(json, event.vehicle);
        json.raw("}");
    }

    pub(super) fn speeding_events(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&TimeZone::UTC, call.now)?;
        let events = self.found_events(call, &asked, |found| {
            found.event.kind == SafetyKind::Speeding
        });
        let wrapper = Wrapper::of("speeding_events", "speeding_event");
        Ok(self.page(call, wrapper, &events, |json, found| {
            self.write_speeding(json, found, call);
        }))
    }

    fn write_speeding(&self, json: &mut Json, found: &ShownSafetyEvent, call: &Call) {
        let event = &found.event;
        let until = ends_at(event);
        let limit = i64::from(event.limit_centi_kmh.unwrap_or_default());
        let (highest, mean) = (i64::from(event.speed_centi_kmh), mean_centi_kmh(event));
        let end = self.world.moment(event.vehicle, until).position;
        json.raw("{")
            .integer_member("id", ids::event(event.vehicle, event.from));
        json.text_member("type", "posted");
        let status = if is_valid(found) { "valid" } else { "invalid" };
        json.text_member("status", status);
        self.write_times(json, event.from, until, call);
        json.place(["start_lat", "start_lon"], event.position);
        json.place(["end_lat", "end_lon"], end);
        let metres = mean * (until.millis() - event.from.millis()) / 360_000;
        json.key("speeding_distance_in_km").decimal(metres, 3);
        for (name, centi) in [
            ("max_over_speed_in_kph", highest - limit),
            ("avg_over_speed_in_kph", mean - limit),
            ("min_posted_speed_limit_in_kph", limit),
            ("max_posted_speed_limit_in_kph", limit),
            ("avg_vehicle_speed", mean),
            ("min_vehicle_speed", mean * 9 / 10),
            ("max_vehicle_speed", highest),
        ] {
            json.key(name).decimal(centi, 2);
        }
        json.text_member("coaching_status", "pending_review");
        json.key("metadata").raw("{");
        json.text_member("severity", "high").null("trigger");
        json.flag_member("is_manually_changed", found.is_edited)
            .raw("}");
        self.write_whose(json, event, call);
    }
}

/// A crash is one that nobody has confirmed yet.
fn unconfirmed(found: &ShownSafetyEvent) -> &'static [&'static str] {
    match (found.event.kind, found.is_edited) {
        (SafetyKind::Crash, false) => &["in_progress"],
        _ => &[],
    }
}
