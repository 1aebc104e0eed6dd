//! Which rules are about safety, and which type each is.
//!
//! The platform's own rules are told by their ids, whose spellings are irregular; those of its own
//! that are not named here are about something else. Rules that customers and camera partners wrote
//! have ids that say nothing, so there the name decides, word by word.

use model::safety::SafetyEventType as Type;

const STOCK: &[(&str, Type)] = &[
    ("RuleHarshBrakingId", Type::HarshBrake),
    ("RuleHarshGpsBrakingId", Type::HarshBrake),
    ("RuleJackrabbitStartsId", Type::HarshAcceleration),
    ("RuleHarshGpsAccelerationId", Type::HarshAcceleration),
    ("RuleHarshCorneringId", Type::HarshTurn),
    ("RuleHarshGpsCorneringId", Type::HarshTurn),
    ("RulePostedSpeedingId", Type::Speeding),
    ("RuleSeatbeltId", Type::SeatBeltViolation),
    ("RuleEnhancedMajorCollisionId", Type::Crash),
    ("RuleEnhancedMinorCollisionId", Type::Crash),
    ("RuleAccidentId", Type::Crash),
];

/// Words of a name, all of which must be there; the first line that fits counts, so what is graver
/// or more exact stands first.
const NAMES: &[(&[&str], Type)] = &[
    (&["near", "collision"], Type::NearCrash),
    (&["near", "crash"], Type::NearCrash),
    (&["near", "miss"], Type::NearCrash),
    (&["forward", "collision"], Type::NearCrash),
    (&["collision"], Type::Crash),
    (&["crash"], Type::Crash),
    (&["accident"], Type::Crash),
    (&["drows"], Type::Drowsiness),
    (&["fatigue"], Type::Drowsiness),
    (&["yawn"], Type::Drowsiness),
    (&["phone"], Type::CellPhone),
    (&["mobile", "us"], Type::CellPhone),
    (&["distract"], Type::Distracted),
    (&["tailgat"], Type::Tailgating),
    (&["following", "distance"], Type::Tailgating),
    (&["smok"], Type::Smoking),
    (&["eating"], Type::EatingAndDrinking),
    (&["drinking"], Type::EatingAndDrinking),
    (&["seat", "belt"], Type::SeatBeltViolation),
    (&["seatbelt"], Type::SeatBeltViolation),
    (&["rolling", "stop"], Type::RollingStop),
    (&["stop", "sign"], Type::StopSignViolation),
    (&["red", "light"], Type::RedLightViolation),
    (&["lane"], Type::UnsafeLaneChange),
    (&["camera", "obstruct"], Type::CameraObstruction),
    (&["camera", "cover"], Type::CameraObstruction),
    (&["unsafe", "parking"], Type::UnsafeParking),
    (&["harsh", "brak"], Type::HarshBrake),
    (&["hard", "brak"], Type::HarshBrake),
    (&["harsh", "corner"], Type::HarshTurn),
    (&["hard", "corner"], Type::HarshTurn),
    (&["harsh", "turn"], Type::HarshTurn),
    (&["harsh", "accel"], Type::HarshAcceleration),
    (&["hard", "accel"], Type::HarshAcceleration),
    (&["speeding"], Type::Speeding),
    (&["max", "speed"], Type::Speeding),
    (&["overspeed"], Type::Speeding),
];

/// What is known of a rule by its id alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ById {
    Safety(Type),
    /// One of the platform's own, about something else.
    Other,
    /// A customer's: its name tells.
    Custom,
}

pub fn by_id(id: &str) -> ById {
    let stock = STOCK.iter().find(|(known, _)| *known == id);
    match stock {
        Some((_, event_type)) => ById::Safety(*event_type),
        None if id.starts_with("Rule") && id.ends_with("Id") => ById::Other,
        None => ById::Custom,
    }
}

/// Each of the words begins a word of the name.
pub fn by_name(name: &str) -> Option<Type> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |stem: &&str| words.iter().any(|word| word.starts_with(*stem));
    let fits = |(stems, _): &&(&[&str], Type)| stems.iter().all(has);
    NAMES.iter().find(fits).map(|(_, event_type)| *event_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_custom_rules_are_read_word_by_word() {
        for (name, wanted) in [
            ("Cell phone use (camera)", Some(Type::CellPhone)),
            ("SC - Tailgating", Some(Type::Tailgating)),
            ("Near-Collision", Some(Type::NearCrash)),
            ("Max Speed 75", Some(Type::Speeding)),
            ("Distracted driver", Some(Type::Distracted)),
            ("Seat-Belt", Some(Type::SeatBeltViolation)),
            ("Ran STOP sign", Some(Type::StopSignViolation)),
            ("Rolling stop", Some(Type::RollingStop)),
            ("Depot dwell", None),
            ("Plane parking", None),
        ] {
            assert_eq!(by_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn stock_rules_are_known_by_id() {
        assert_eq!(
            by_id("RuleJackrabbitStartsId"),
            ById::Safety(Type::HarshAcceleration)
        );
        assert_eq!(by_id("RuleIdlingId"), ById::Other);
        assert_eq!(by_id("aVvwIBkjCTk-5tv6s384rUw"), ById::Custom);
    }
}
