//! Motive's names of time zones, which are those of Rails.

use model::Zone;

/// The first nine are those that Motive documents; the others are Rails' own for the rest of the
/// continent.
const NAMES: &[(&str, &str)] = &[
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Saskatchewan", "America/Regina"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Arizona", "America/Phoenix"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Alaska", "America/Anchorage"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Newfoundland", "America/St_Johns"),
    ("Puerto Rico", "America/Puerto_Rico"),
    ("Mexico City", "America/Mexico_City"),
    ("Guadalajara", "America/Mexico_City"),
    ("Monterrey", "America/Monterrey"),
    ("Chihuahua", "America/Chihuahua"),
    ("Mazatlan", "America/Mazatlan"),
    ("Tijuana", "America/Tijuana"),
    ("UTC", "Etc/UTC"),
];

/// The IANA name; also where somebody sends one of those already.
pub fn iana(name: &str) -> Option<&str> {
    let name = name.trim();
    let known = NAMES.iter().find(|(rails, _)| *rails == name);
    known
        .map(|(_, iana)| *iana)
        .or_else(|| Zone::named(name).map(|_| name))
}
