//! Safety events: what a driver's performance was marked with, and speeding. Two lists, one after
//! the other, whose ids may be the same number: each is prefixed by its list.
//!
//! The contract's types are a closed list. An event whose type is not known is taken by the first
//! of its behaviours that is, and left out with a notice where none is.

use model::coordinates::Coordinates;
use model::issue::IssueCode;
use model::safety::{
    CameraMediaFileReference, CameraMediaReference, SafetyEvent, SafetyEventStats, SafetyEventType,
};
use model::time::SECOND_MS;
use model::units::round2;
use model::{Draft, Timestamp};
use provider::{Answer, Excerpt, Page, ProviderError, Task};
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::place::SafetyList;
use super::super::units::{KPH_PER_SECOND_PER_G, Units};
use super::super::wire::envelope::open;
use super::super::wire::events::{CameraMediaRow, PerformanceRow, SpeedingRow};
use super::super::wire::{Object, Scalar};
use super::{
    Fields, PERFORMANCE_EVENTS, RawRow, SPEEDING_EVENTS, is_asked, map_rows, parse, window,
};

use SafetyEventType as Type;

pub const PERFORMANCE_PREFIX: &str = "performance-";
pub const SPEEDING_PREFIX: &str = "speeding-";
const FRONT: &str = "front_facing";
const DRIVER: &str = "driver_facing";

/// Confirmed are hard_brake, crash, cell_phone, stop_sign_violation, forward_collision_warning,
/// tailgating, unsafe_parking, seat_belt_violation, lane_swerving_event and the obstructions; the
/// others are what such a list would have.
const TYPES: &[(&str, Type)] = &[
    ("crash", Type::Crash),
    ("near_miss", Type::NearCrash),
    ("near_collision", Type::NearCrash),
    ("forward_collision_warning", Type::NearCrash),
    ("hard_brake", Type::HarshBrake),
    ("hard_accel", Type::HarshAcceleration),
    ("harsh_acceleration", Type::HarshAcceleration),
    ("hard_corner", Type::HarshTurn),
    ("hard_cornering", Type::HarshTurn),
    ("harsh_turn", Type::HarshTurn),
    ("speeding", Type::Speeding),
    ("tailgating", Type::Tailgating),
    ("close_following", Type::Tailgating),
    ("cell_phone", Type::CellPhone),
    ("cell_phone_usage", Type::CellPhone),
    ("distraction", Type::Distracted),
    ("inattentive_driving", Type::Distracted),
    ("drowsiness", Type::Drowsiness),
    ("drowsy_driving", Type::Drowsiness),
    ("smoking", Type::Smoking),
    ("seat_belt_violation", Type::SeatBeltViolation),
    ("no_seat_belt", Type::SeatBeltViolation),
    ("stop_sign_violation", Type::StopSignViolation),
    ("red_light_violation", Type::RedLightViolation),
    ("red_light", Type::RedLightViolation),
    ("unsafe_lane_change", Type::UnsafeLaneChange),
    ("lane_swerving", Type::UnsafeLaneChange),
    ("lane_swerving_event", Type::UnsafeLaneChange),
    ("driver_facing_cam_obstruction", Type::CameraObstruction),
    ("road_facing_cam_obstruction", Type::CameraObstruction),
    ("eating", Type::EatingAndDrinking),
    ("drinking", Type::EatingAndDrinking),
    ("eating_drinking", Type::EatingAndDrinking),
    ("eating_and_drinking", Type::EatingAndDrinking),
    ("rolling_stop", Type::RollingStop),
    ("unsafe_parking", Type::UnsafeParking),
];

fn type_of(word: &str) -> Option<Type> {
    let found = TYPES.iter().find(|(known, _)| *known == word.trim());
    found.map(|(_, event_type)| *event_type)
}

pub fn read(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let (list, walk) = SafetyList::of(task);
    let wrapper = match list {
        SafetyList::Performance => PERFORMANCE_EVENTS,
        SafetyList::Speeding => SPEEDING_EVENTS,
    };
    let opened = open(answer, wrapper)?;
    let mut page = Page {
        next: list.next(walk.next(answer, &opened)?),
        ..Page::default()
    };
    let map_row = match list {
        SafetyList::Performance => performance,
        SafetyList::Speeding => speeding,
    };
    map_rows(task, answer, &opened, map_row, &mut page);
    Ok(page)
}

/// When an event began and ended, if the task is about it.
fn span(
    task: &Task<'_>,
    fields: &mut Fields<'_>,
    start: &Scalar<'_>,
    end: &Scalar<'_>,
) -> Option<(Timestamp, Option<Timestamp>)> {
    let started_at = fields.required_time("start_time", start)?;
    if !window(task).contains(started_at) {
        return None;
    }
    Some((started_at, fields.end("end_time", end, started_at)))
}

fn performance(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<PerformanceRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(id) = fields.source_id(&row.id) else {
        return;
    };
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !is_asked(task, &vehicle) {
        return;
    }
    let times = span(task, &mut fields, &row.start_time, &row.end_time);
    let Some((started_at, ended_at)) = times else {
        return;
    };
    let Some((source_type, event_type)) = performance_type(&mut fields, &row) else {
        return;
    };
    let source_id = format!("{PERFORMANCE_PREFIX}{id}");
    let way = Way::of(&mut fields, &row);
    let lasted_ms = ended_at.map_or(0, |end| end.millis().saturating_sub(started_at.millis()));
    let stats = stats(&mut fields, &row, event_type, &way);
    let record = SafetyEvent {
        id: task.ids.safety_event(&source_id),
        event_type,
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        source_type: Some(source_type),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| task.ids.driver(&driver)),
        vehicle: task.ids.vehicle(&vehicle),
        start_location: fields.position(["lat", "lon"], &row.lat, &row.lon),
        end_location: way.end(&row, lasted_ms),
        stats: (!stats.is_empty()).then_some(stats),
        camera_media: camera_media(&mut fields, &row.camera_media),
        started_at,
        ended_at,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// Motive's word and what it is in the contract's.
fn performance_type(fields: &mut Fields<'_>, row: &PerformanceRow<'_>) -> Option<(String, Type)> {
    let word = fields.text("type", &row.event_type).unwrap_or_default();
    let behaviours: Vec<Scalar<'_>> = fields.list("primary_behavior", row.primary_behavior);
    let mut words = vec![word.clone()];
    for behaviour in &behaviours {
        words.extend(fields.text("primary_behavior", behaviour));
    }
    let found = words
        .iter()
        .find_map(|word| Some((word.clone(), type_of(word)?)));
    if let Some((behaviour, event_type)) = found {
        let source_type = if word.is_empty() { behaviour } else { word };
        return Some((source_type, event_type));
    }
    let shown = Excerpt::of(words.join(", ").as_bytes());
    let reason = format!("no type for `{shown}`: the event is left out");
    fields.notice(IssueCode::ProviderCapabilityNotSupported, "type", &reason);
    None
}

/// What was measured once a second around an event.
struct Way {
    kph: Vec<f64>,
    latitudes: Vec<f64>,
    longitudes: Vec<f64>,
}

impl Way {
    fn of(fields: &mut Fields<'_>, row: &PerformanceRow<'_>) -> Way {
        Way {
            kph: numbers(fields, "m_gps_spd", row.m_gps_spd),
            latitudes: numbers(fields, "m_gps_lat", row.m_gps_lat),
            longitudes: numbers(fields, "m_gps_lon", row.m_gps_lon),
        }
    }

    /// The point at which the last speed was measured: as many points after the event's own as it
    /// lasted seconds; where that one has another speed, the first after it that has this one.
    fn end(&self, row: &PerformanceRow<'_>, lasted_ms: i64) -> Option<Coordinates> {
        let end_kph = row.end_speed.number()?;
        let has_speed = |index: &usize| {
            let kph = self.kph.get(*index);
            kph.is_some_and(|kph| (kph - end_kph).abs() < 1e-6)
        };
        let own = (row.lat.number()?, row.lon.number()?);
        let points = self
            .latitudes
            .iter()
            .copied()
            .zip(self.longitudes.iter().copied());
        let start = points.clone().position(|point| point == own).unwrap_or(0);
        let seconds = usize::try_from(lasted_ms / SECOND_MS).unwrap_or(0);
        let index = start
            .checked_add(seconds)
            .filter(has_speed)
            .or_else(|| (start..self.kph.len()).find(has_speed))?;
        let (latitude, longitude) = points.clone().nth(index)?;
        Coordinates::new(latitude, longitude)
    }

    fn most_kph(&self) -> Option<f64> {
        self.kph.iter().copied().reduce(f64::max)
    }

    fn mean_kph(&self) -> Option<f64> {
        let count = self.kph.len() as f64;
        (count > 0.0).then(|| self.kph.iter().sum::<f64>() / count)
    }
}

/// All of a list, or nothing: with one of them missing the others would be of other seconds.
fn numbers(fields: &mut Fields<'_>, member: &str, list: Option<&RawValue>) -> Vec<f64> {
    let list: Vec<Scalar<'_>> = fields.list(member, list);
    let numbers: Option<Vec<f64>> = list.iter().map(Scalar::number).collect();
    numbers.unwrap_or_else(|| {
        fields.invalid(member, "not a list of numbers");
        Vec::new()
    })
}

/// Speeds are km/h whatever was asked for.
fn stats(
    fields: &mut Fields<'_>,
    row: &PerformanceRow<'_>,
    event_type: Type,
    way: &Way,
) -> SafetyEventStats {
    let measured = |kph: Option<f64>| kph.map_or(Scalar::Absent, Scalar::Number);
    let most = match row.max_speed {
        Scalar::Absent => fields.amount("m_gps_spd", &measured(way.most_kph()), |kph| kph),
        ref most => fields.amount("max_speed", most, |kph| kph),
    };
    let force = force(fields, row);
    let across = event_type == Type::HarshTurn;
    let along = match event_type {
        Type::HarshBrake => force.map(|g| -g.abs()),
        Type::HarshAcceleration => force.map(f64::abs),
        Type::Crash => force,
        _ => None,
    };
    SafetyEventStats {
        maximum_speed: most,
        average_speed: fields.amount("m_gps_spd", &measured(way.mean_kph()), |kph| kph),
        road_speed_limit: None,
        g_force_forward_backward: along,
        g_force_side_to_side: force.filter(|_| across).map(f64::abs),
        heading: fields.heading("start_bearing", &row.start_bearing),
    }
}

/// g. The number is one; the text names its unit.
fn force(fields: &mut Fields<'_>, row: &PerformanceRow<'_>) -> Option<f64> {
    if let Some(g) = fields.number("acceleration", &row.acceleration) {
        return Some(g);
    }
    let text = fields.text("intensity", &row.intensity)?;
    let parts = text.trim().split_once(' ');
    let units = match parts.map(|(_, unit)| unit.trim()) {
        Some("kph/s") => Units::Metric,
        Some("mph/s") => Units::Imperial,
        _ => {
            fields.unknown_word("intensity", &text, "intensity");
            return None;
        }
    };
    let number: Option<f64> = parts.and_then(|(number, _)| number.parse().ok());
    let Some(number) = number.filter(|number| number.is_finite()) else {
        fields.unknown_word("intensity", &text, "intensity");
        return None;
    };
    Some(round2(units.km(number) / KPH_PER_SECOND_PER_G))
}

/// Which films there are. Their addresses expire and are asked for when they are wanted.
fn camera_media(
    fields: &mut Fields<'_>,
    media: &Object<CameraMediaRow<'_>>,
) -> Option<CameraMediaReference> {
    let films = films(fields, media)?;
    let reference = |is_taken: bool, url: Option<String>| {
        (is_taken || url.is_some()).then(|| CameraMediaFileReference {
            source_id: films.source_id.clone(),
            available: films.available && url.is_some(),
        })
    };
    let media = CameraMediaReference {
        front_facing: reference(films.has_road, films.road),
        rear_facing: reference(films.has_driver, films.driver),
    };
    (media != CameraMediaReference::default()).then_some(media)
}

/// An event's films, by what the camera looks at.
pub struct Films {
    pub source_id: Option<String>,
    pub available: bool,
    has_road: bool,
    has_driver: bool,
    pub road: Option<String>,
    pub driver: Option<String>,
}

pub fn films(fields: &mut Fields<'_>, media: &Object<CameraMediaRow<'_>>) -> Option<Films> {
    let media = fields.object("camera_media", media)?;
    let positions: Vec<Scalar<'_>> = fields.list("camera_media.cam_positions", media.cam_positions);
    let has = |wanted: &str| {
        let is_it = |at: &Scalar<'_>| matches!(at, Scalar::Text(text) if text == wanted);
        positions.iter().any(is_it)
    };
    let (has_road, has_driver) = (has(FRONT), has(DRIVER));
    let mut films = Films {
        source_id: fields.id("camera_media.id", &media.id),
        available: fields.truth("camera_media.available", &media.available) == Some(true),
        has_road,
        has_driver,
        road: None,
        driver: None,
    };
    const VIDEOS: &str = "camera_media.downloadable_videos";
    if let Some(videos) = fields.object(VIDEOS, &media.downloadable_videos) {
        let mut url =
            |member: &str, value: &Scalar<'_>| fields.text(&format!("{VIDEOS}.{member}"), value);
        films.road = url("front_facing_plain_url", &videos.front_facing_plain_url).or_else(|| {
            url(
                "front_facing_enhanced_url",
                &videos.front_facing_enhanced_url,
            )
        });
        films.driver = url("driver_facing_plain_url", &videos.driver_facing_plain_url);
    }
    Some(films)
}

fn speeding(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<SpeedingRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(id) = fields.source_id(&row.id) else {
        return;
    };
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    // What the fleet's managers found to be no speeding is none.
    let is_invalid = fields.text("status", &row.status).as_deref() == Some("invalid");
    if !is_asked(task, &vehicle) || is_invalid {
        return;
    }
    let times = span(task, &mut fields, &row.start_time, &row.end_time);
    let Some((started_at, ended_at)) = times else {
        return;
    };
    let source_id = format!("{SPEEDING_PREFIX}{id}");
    const LIMIT: &str = "max_posted_speed_limit_in_kph";
    let stats = SafetyEventStats {
        maximum_speed: fields.amount("max_vehicle_speed", &row.max_vehicle_speed, |kph| kph),
        average_speed: fields.amount("avg_vehicle_speed", &row.avg_vehicle_speed, |kph| kph),
        road_speed_limit: fields.amount(LIMIT, &row.max_posted_speed_limit_in_kph, |kph| kph),
        ..SafetyEventStats::default()
    };
    let record = SafetyEvent {
        id: task.ids.safety_event(&source_id),
        event_type: Type::Speeding,
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        source_type: fields.text("type", &row.event_type),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| task.ids.driver(&driver)),
        vehicle: task.ids.vehicle(&vehicle),
        start_location: fields.position(["start_lat", "start_lon"], &row.start_lat, &row.start_lon),
        end_location: fields.position(["end_lat", "end_lon"], &row.end_lat, &row.end_lon),
        stats: (!stats.is_empty()).then_some(stats),
        camera_media: None,
        started_at,
        ended_at,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}
