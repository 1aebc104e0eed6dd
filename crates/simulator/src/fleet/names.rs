//! The words that plans are drawn from.

use world::Rng;

use super::plan::Text;

/// Letters and digits of a VIN: neither I, O nor Q.
pub const VIN_LETTERS: &[char] = &[
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'S', 'T', 'U', 'V',
    'W', 'X', 'Y', 'Z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
];

/// Make and model.
pub const TRUCKS: [(&str, &str); 8] = [
    ("FREIGHTLINER", "Cascadia"),
    ("KENWORTH", "T680"),
    ("PETERBILT", "579"),
    ("VOLVO", "VNL 860"),
    ("INTERNATIONAL", "LT Series"),
    ("MACK", "Anthem"),
    ("WESTERN STAR", "49X"),
    ("FORD", "F-550"),
];

/// Make and model.
pub const TRAILERS: [(&str, &str); 5] = [
    ("GREAT DANE", "Champion"),
    ("UTILITY", "3000R"),
    ("WABASH", "DuraPlate"),
    ("HYUNDAI", "Composite"),
    ("STOUGHTON", "Z-Plate"),
];

/// Name, and which of these is the parent.
pub const GROUPS: [(&str, Option<usize>); 12] = [
    ("Operations", None),
    ("Régions", None),
    ("Customers", None),
    ("Linehaul", Some(0)),
    ("Yard  - 03", Some(0)),
    ("East", Some(1)),
    ("Québec et Ontario", Some(1)),
    ("South", Some(1)),
    ("Night shift", Some(3)),
    ("Montréal – Nord", Some(6)),
    ("Acme \"Foods\" & Co", Some(2)),
    ("東京 Imports", Some(2)),
];

pub const STREETS: [&str; 10] = [
    "Main St",
    "Industrial Pkwy",
    "Broadway",
    "Old Mill Rd",
    "Rue Sainte-Catherine",
    "Commerce Dr",
    "Airport Rd",
    "Depot Ave",
    "2nd St NW",
    "Warehouse Way",
];

const FIRST: [&str; 16] = [
    "Mike", "Zoë", "José", "Anna", "Nguyễn", "Bjørn", "Łukasz", "Olga", "Sam", "Tyrone", "李",
    "Aïcha", "Ravi", "Mary", "Kwame", "Élodie",
];
const MIDDLE: [&str; 6] = ["Bryan", "de la", "J.", "Ann", "van der", "Văn"];
const LAST: [&str; 16] = [
    "Miller",
    "O'Brien",
    "García",
    "Kowalski",
    "Smith-Jones",
    "Nuñez",
    "Müller",
    "Singh",
    "Okafor",
    "Tremblay",
    "伟",
    "Johnson",
    "Ng",
    "Brown",
    "Ivanova",
    "Duke",
];

/// Two words mostly; some one, some three or four.
pub fn driver_name(rng: &mut Rng) -> String {
    let first = *rng.pick(&FIRST);
    match rng.below(10) {
        0 => first.to_owned(),
        1 | 2 => format!("{first} {} {}", rng.pick(&MIDDLE), rng.pick(&LAST)),
        _ => format!("{first} {}", rng.pick(&LAST)),
    }
}

/// A telephone number as someone typed it, among them some that are none.
pub fn phone(rng: &mut Rng, index: usize) -> Text {
    let line = 1_000 + index % 9_000;
    let text = match rng.below(10) {
        0 => return None,
        1 => String::new(),
        2 => format!("555-{line}"),
        3 => format!("+1 (416) 555-{line}"),
        4 => format!("1-615-555-{line}"),
        5 => format!("615.555.{line}"),
        6 => format!("+44 20 7946 {line}"),
        7 => format!("+1514555{line}"),
        8 => format!(" 901 555 {line} "),
        _ => format!("(212) 555-{line}"),
    };
    Some(text)
}
