//! Words of the world to words of the common model.

use jiff::civil;
use model::Timestamp;
use model::hos::HosStatus;
use model::zone::Date;

use crate::faults::{FaultPlan, RecordKind};
use crate::fleet::{DutyStatus, World};

pub(crate) fn common_status(status: DutyStatus) -> HosStatus {
    match status {
        DutyStatus::OffDuty => HosStatus::OffDuty,
        DutyStatus::SleeperBed => HosStatus::SleeperBed,
        DutyStatus::Driving => HosStatus::Driving,
        DutyStatus::OnDuty => HosStatus::OnDuty,
        DutyStatus::YardMove => HosStatus::YardMove,
        DutyStatus::PersonalConveyance => HosStatus::PersonalConveyance,
    }
}

pub(crate) fn common_date(date: civil::Date) -> Option<Date> {
    Date::parse(&date.to_string())
}

/// An empty text says nothing.
pub(crate) fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// First, middle and last name of a name in one piece.
pub(crate) fn split_name(name: &str) -> (Option<String>, Option<String>, Option<String>) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => (None, None, None),
        [only] => (Some((*only).to_owned()), None, None),
        [first, middle @ .., last] => {
            let middle = (!middle.is_empty()).then(|| middle.join(" "));
            (Some((*first).to_owned()), middle, Some((*last).to_owned()))
        }
    }
}

/// Digits after a plus sign; ten digits without a plus are a North American number.
pub(crate) fn phone(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.len() {
        10 if !typed.trim_start().starts_with('+') => format!("1{digits}"),
        _ => digits,
    };
    (10..=14)
        .contains(&digits.len())
        .then(|| format!("+{digits}"))
}

/// The name and the time of the last change at `now`; `None` once withdrawn.
pub(crate) fn current(
    world: &World,
    faults: &FaultPlan,
    record: (RecordKind, usize),
    now: Timestamp,
    name: &str,
    updated_at: Timestamp,
) -> Option<(String, Timestamp)> {
    let (kind, index) = record;
    let begins_at = world.config().begins_at;
    let has_happened = |at: Option<Timestamp>| at.filter(|at| *at <= now);
    if has_happened(faults.record_withdrawn_at(kind, index, begins_at)).is_some() {
        return None;
    }
    Some(
        match has_happened(faults.record_edited_at(kind, index, begins_at)) {
            Some(at) => (format!("{name} II"), at),
            None => (name.to_owned(), updated_at),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_put_in_one_form_or_dropped() {
        for (typed, put) in [
            ("(615) 555-0123", Some("+16155550123")),
            ("1-615-555-0123", Some("+16155550123")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("555-0100", None),
            ("", None),
        ] {
            assert_eq!(phone(typed).as_deref(), put, "{typed}");
        }
    }
}
