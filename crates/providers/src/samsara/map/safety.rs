//! Safety events, of the present endpoints and of the legacy one, whose members have other names.
//!
//! An event has several labels that people may change afterwards; the contract has one type, from a
//! closed list. The gravest label that has a type wins and is kept as `sourceType`. An event that
//! has none is left out, with a notice that names its labels, and withdrawn in case it had one
//! before.

use model::issue::IssueCode;
use model::safety::{
    CameraMediaFileReference, CameraMediaReference, SafetyEvent, SafetyEventStats, SafetyEventType,
};
use model::{Draft, Model};
use provider::{Excerpt, Page, Task, Withdrawal};

use super::super::DESCRIPTOR;
use super::super::wire::events::{LabelRow, MediaRow, SafetyRow};
use super::super::wire::{Object, Reference, Scalar};
use super::{Fields, RawRow, parse};

use SafetyEventType as Type;

/// Labels by gravity, the gravest first; those without a type behind them. The legacy endpoint has
/// the same words with a small first letter. `NearCollison` is Samsara's spelling.
const LABELS: &[(&str, Option<Type>)] = &[
    ("Crash", Some(Type::Crash)),
    ("NearCollison", Some(Type::NearCrash)),
    ("NearPedestrianCollision", Some(Type::NearCrash)),
    ("VulnerableRoadUserCollisionWarning", Some(Type::NearCrash)),
    ("ForwardCollisionWarning", Some(Type::NearCrash)),
    ("RearCollisionWarning", Some(Type::NearCrash)),
    ("Drowsy", Some(Type::Drowsiness)),
    ("RanRedLight", Some(Type::RedLightViolation)),
    ("MobileUsage", Some(Type::CellPhone)),
    ("NoSeatbelt", Some(Type::SeatBeltViolation)),
    ("GenericDistraction", Some(Type::Distracted)),
    ("EdgeDistractedDriving", Some(Type::Distracted)),
    ("MaxSpeed", Some(Type::Speeding)),
    ("SevereSpeeding", Some(Type::Speeding)),
    ("HeavySpeeding", Some(Type::Speeding)),
    ("ModerateSpeeding", Some(Type::Speeding)),
    ("LightSpeeding", Some(Type::Speeding)),
    ("Speeding", Some(Type::Speeding)),
    ("FollowingDistanceSevere", Some(Type::Tailgating)),
    ("FollowingDistanceModerate", Some(Type::Tailgating)),
    ("FollowingDistance", Some(Type::Tailgating)),
    ("GenericTailgating", Some(Type::Tailgating)),
    ("Braking", Some(Type::HarshBrake)),
    ("HarshTurn", Some(Type::HarshTurn)),
    ("Acceleration", Some(Type::HarshAcceleration)),
    ("LaneDeparture", Some(Type::UnsafeLaneChange)),
    ("RollingStop", Some(Type::RollingStop)),
    ("ObstructedCamera", Some(Type::CameraObstruction)),
    ("Smoking", Some(Type::Smoking)),
    ("EatingDrinking", Some(Type::EatingAndDrinking)),
    ("Eating", Some(Type::EatingAndDrinking)),
    ("Drinking", Some(Type::EatingAndDrinking)),
    ("UnsafeParking", Some(Type::UnsafeParking)),
    ("AggressiveDriving", None),
    ("BluetoothHeadset", None),
    ("ContextConstructionOrWorkZone", None),
    ("ContextSnowyOrIcy", None),
    ("ContextVulnerableRoadUser", None),
    ("ContextWet", None),
    ("DefensiveDriving", None),
    ("DidNotYield", None),
    ("EdgeRailroadCrossingViolation", None),
    ("HighSpeedSuddenDisconnect", None),
    ("HosViolation", None),
    ("Idling", None),
    ("Invalid", None),
    ("LateResponse", None),
    ("LeftTurn", None),
    ("OperationalEvent", None),
    ("OtherViolation", None),
    ("Passenger", None),
    ("PolicyViolationMask", None),
    ("ProtectiveEquipment", None),
    ("Reversing", None),
    ("RolloverProtection", None),
    ("UTurn", None),
    ("UnsafeManeuver", None),
    ("VehicleInBlindSpotWarning", None),
    ("YawControl", None),
];

/// The inputs that look at the road and at the driver.
const ROAD: &str = "dashcamRoadFacing";
const DRIVER: &str = "dashcamDriverFacing";

pub fn event(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<SafetyRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let (member, asset) = match &row.asset {
        Object::Absent if matches!(row.vehicle, Object::Present(_)) => ("vehicle", &row.vehicle),
        asset => ("asset", asset),
    };
    let Some(vehicle) = fields.required(member, asset) else {
        return;
    };
    if !is_vehicle(&mut fields, asset) || !fields.is_asked(task, member, &vehicle) {
        return;
    }
    let (member, time) = match row.start_ms {
        Scalar::Absent => ("time", &row.time),
        _ => ("startMs", &row.start_ms),
    };
    let Some(started_at) = fields.required_time(member, time) else {
        return;
    };
    let Some(label) = label(&mut fields, &row) else {
        return;
    };
    let Some((source_type, event_type)) = label else {
        let id = task.ids.record(Model::SafetyEvent, &source_id);
        page.withdrawals.push(Withdrawal { id });
        return;
    };
    let stats = stats(&mut fields, &row, event_type);
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
        start_location: fields.coordinates("location", &row.location),
        end_location: None,
        stats: (!stats.is_empty()).then_some(stats),
        camera_media: camera_media(&mut fields, &row),
        started_at,
        ended_at: fields.end("endMs", &row.end_ms, started_at),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The type is there where `includeAsset` was asked for.
fn is_vehicle(fields: &mut Fields<'_>, asset: &Object<Reference<'_>>) -> bool {
    let Object::Present(asset) = asset else {
        return true;
    };
    match fields.text("asset.type", &asset.asset_type).as_deref() {
        Some(kind @ ("trailer" | "equipment" | "unpowered")) => {
            let reason = format!("an event of `{kind}`, not of a vehicle: left out");
            let code = IssueCode::ProviderCapabilityNotSupported;
            fields.notice(code, "asset.type", &reason);
            false
        }
        _ => true,
    }
}

/// The gravest label with a type, as Samsara spells it; `Some(None)` where no label has one. Labels
/// that are not known are reported whatever else there is. `None` where there is no list of them.
fn label(fields: &mut Fields<'_>, row: &SafetyRow<'_>) -> Option<Option<(String, Type)>> {
    const MEMBER: &str = "behaviorLabels";
    let mut gravest: Option<(usize, String, Type)> = None;
    let mut typeless: Vec<&str> = Vec::new();
    let known = fields.count();
    let labels = fields.needed_list::<LabelRow<'_>>(MEMBER, row.behavior_labels)?;
    for (index, label) in labels.iter().enumerate() {
        let member = format!("{MEMBER}[{index}]");
        let Some(label) = fields.needed(&member, label) else {
            continue;
        };
        let member = format!("{member}.label");
        let Some(label) = fields.text(&member, &label.label) else {
            continue;
        };
        let found = LABELS
            .iter()
            .enumerate()
            .find(|(_, (name, _))| name.eq_ignore_ascii_case(&label));
        match found {
            Some((gravity, (_, Some(event_type)))) => {
                if gravest.as_ref().is_none_or(|(most, ..)| gravity < *most) {
                    gravest = Some((gravity, label, *event_type));
                }
            }
            Some((_, (name, None))) => typeless.push(name),
            None => {
                let shown = Excerpt::of(label.as_bytes());
                fields.invalid(&member, &format!("`{shown}` is no known label"));
            }
        }
    }
    if gravest.is_none() && !typeless.is_empty() {
        let reason = format!("no type for {}: the event is left out", typeless.join(", "));
        fields.notice(IssueCode::ProviderCapabilityNotSupported, MEMBER, &reason);
    } else if gravest.is_none() && fields.count() == known {
        fields.invalid(MEMBER, "no label: the event is left out");
    }
    Some(gravest.map(|(_, label, event_type)| (label, event_type)))
}

/// Speeds are in km/h here, unlike everywhere else. Which way the strongest acceleration went is
/// not said, so it counts where the type tells.
fn stats(fields: &mut Fields<'_>, row: &SafetyRow<'_>, event_type: Type) -> SafetyEventStats {
    let force = fields.number("maxAccelerationGForce", &row.max_acceleration_g_force);
    let along = matches!(
        event_type,
        Type::HarshBrake | Type::HarshAcceleration | Type::Crash
    );
    let heading = match &row.location {
        Object::Present(place) => fields.heading("location.headingDegrees", &place.heading_degrees),
        _ => None,
    };
    let mut stats = SafetyEventStats {
        g_force_forward_backward: force.filter(|_| along),
        g_force_side_to_side: force.filter(|_| event_type == Type::HarshTurn),
        heading,
        ..SafetyEventStats::default()
    };
    if let Some(speeding) = fields.object("speedingMetadata", &row.speeding_metadata) {
        let member = "speedingMetadata.maxSpeedKilometersPerHour";
        let speed = &speeding.max_speed_kilometers_per_hour;
        stats.maximum_speed = fields.amount(member, speed, |kph| kph);
        let member = "speedingMetadata.postedSpeedLimitKilometersPerHour";
        let limit = &speeding.posted_speed_limit_kilometers_per_hour;
        stats.road_speed_limit = fields.amount(member, limit, |kph| kph);
    }
    stats
}

/// Which films there are. Their addresses expire and are asked for when they are wanted.
fn camera_media(fields: &mut Fields<'_>, row: &SafetyRow<'_>) -> Option<CameraMediaReference> {
    let films = films(fields, row);
    let reference = |url: Option<String>| {
        url.map(|_| CameraMediaFileReference {
            source_id: None,
            available: true,
        })
    };
    let media = CameraMediaReference {
        front_facing: reference(films.road),
        rear_facing: reference(films.driver),
    };
    (media != CameraMediaReference::default()).then_some(media)
}

/// Addresses of an event's films, by what the camera looks at.
#[derive(Default)]
pub struct Films {
    pub road: Option<String>,
    pub driver: Option<String>,
}

pub fn films(fields: &mut Fields<'_>, row: &SafetyRow<'_>) -> Films {
    let mut films = Films {
        road: fields.text("downloadForwardVideoUrl", &row.download_forward_video_url),
        driver: fields.text("downloadInwardVideoUrl", &row.download_inward_video_url),
    };
    let media = fields.list::<MediaRow<'_>>("media", row.media);
    for (index, film) in media.iter().enumerate() {
        let member = format!("media[{index}]");
        let Some(film) = fields.needed(&member, film) else {
            continue;
        };
        let input = fields.text(&format!("{member}.input"), &film.input);
        let url = fields.text(&format!("{member}.url"), &film.url);
        // Cameras at the sides and in the load have no place in the contract.
        match input.as_deref() {
            Some(ROAD) => films.road = films.road.or(url),
            Some(DRIVER) => films.driver = films.driver.or(url),
            _ => {}
        }
    }
    films
}
