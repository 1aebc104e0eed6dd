//! Fault code events from readings. Pure.
//!
//! A reading names the codes that are there; what came, was confirmed or went is told by the
//! reading before it. So an event depends on two neighbouring readings and on nothing else, and
//! may be derived again over any stretch of time.

use std::collections::BTreeMap;

use model::fault::{FaultCodeEvent, FaultCodeStatus, FaultReading, ReportedCode};
use model::{IdSpace, Timestamp};

/// The changes that `reading` shows against the one before it (or against none).
pub fn changes(
    ids: &IdSpace,
    before: Option<&FaultReading>,
    reading: &FaultReading,
) -> Vec<FaultCodeEvent> {
    let then = before.map(by_identity).unwrap_or_default();
    let now = by_identity(reading);
    let mut events = Vec::new();
    for (identity, code) in &now {
        if then.get(identity).map(|code| code.status) != Some(code.status) {
            events.push(event(ids, reading, identity, code, code.status));
        }
    }
    for (identity, code) in &then {
        if !now.contains_key(identity) {
            let closed = FaultCodeStatus::Closed;
            events.push(event(ids, reading, identity, code, closed));
        }
    }
    events
}

/// A code that is pending in one block and confirmed in another is open.
fn by_identity(reading: &FaultReading) -> BTreeMap<String, &ReportedCode> {
    let mut codes: BTreeMap<String, &ReportedCode> = BTreeMap::new();
    for code in &reading.codes {
        let known = codes.entry(code.identity()).or_insert(code);
        if code.status == FaultCodeStatus::Open && known.status != FaultCodeStatus::Open {
            *known = code;
        }
    }
    codes
}

fn event(
    ids: &IdSpace,
    reading: &FaultReading,
    identity: &str,
    code: &ReportedCode,
    status: FaultCodeStatus,
) -> FaultCodeEvent {
    let key = FaultCodeEvent::key(reading.vehicle, reading.observed_at, identity);
    FaultCodeEvent {
        id: ids.fault_code_event(&key),
        status,
        provider: reading.provider.clone(),
        vehicle: reading.vehicle,
        protocol: code.protocol,
        code: code.code.clone(),
        description: code.description.clone(),
        observed_at: reading.observed_at,
        mil_status: code.mil_status,
        obdii: code.obdii.clone(),
        j1939: code.j1939.clone(),
    }
}

/// Until when events may have changed: the reading after the touched stretch is compared with one
/// in it.
pub fn touched_until(until: Timestamp, after: Option<&FaultReading>) -> Timestamp {
    after.map_or(until, |after| {
        Timestamp::from_millis(after.observed_at.millis() + 1)
    })
}

#[cfg(test)]
mod tests {
    use model::fault::{FaultCodeProtocol, J1939Code};

    use super::*;

    fn ids() -> IdSpace {
        IdSpace {
            connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
            created_at: Timestamp::from_millis(0),
        }
    }

    fn code(spn: i64, address: i64, status: FaultCodeStatus) -> ReportedCode {
        ReportedCode {
            protocol: FaultCodeProtocol::J1939,
            code: format!("SPN{spn}-FMI9"),
            status,
            description: None,
            mil_status: None,
            obdii: None,
            j1939: Some(J1939Code {
                fmi: Some(9),
                fmi_description: None,
                spn,
                spn_description: None,
                occurrence_count: Some(1),
                source_address: Some(address),
            }),
        }
    }

    fn reading(minute: i64, codes: Vec<ReportedCode>) -> FaultReading {
        FaultReading {
            provider: "samsara".to_owned(),
            vehicle: ids().vehicle("1"),
            observed_at: Timestamp::from_millis(minute * 60_000),
            codes,
        }
    }

    fn shown(events: Vec<FaultCodeEvent>) -> Vec<(String, FaultCodeStatus)> {
        let mut shown: Vec<_> = events.into_iter().map(|e| (e.code, e.status)).collect();
        shown.sort();
        shown
    }

    #[test]
    fn codes_come_are_confirmed_and_go() {
        use FaultCodeStatus::{Closed, Open, Pending};
        let readings = [
            reading(0, vec![code(100, 0, Pending)]),
            reading(1, vec![code(100, 0, Pending), code(100, 61, Open)]),
            reading(2, vec![code(100, 0, Open), code(100, 61, Open)]),
            reading(3, vec![]),
        ];
        let at = |index: usize| {
            let before = index.checked_sub(1).map(|before| &readings[before]);
            shown(changes(&ids(), before, &readings[index]))
        };
        let name = || "SPN100-FMI9".to_owned();
        assert_eq!(at(0), [(name(), Pending)]);
        assert_eq!(at(1), [(name(), Open)], "the other unit's");
        assert_eq!(at(2), [(name(), Open)], "confirmed");
        assert_eq!(at(3), [(name(), Closed), (name(), Closed)]);
        assert_eq!(changes(&ids(), Some(&readings[3]), &readings[3]), []);
    }

    #[test]
    fn an_event_is_the_same_whenever_it_is_derived() {
        let (first, second) = (
            reading(0, vec![]),
            reading(5, vec![code(7, 3, FaultCodeStatus::Open)]),
        );
        let once = changes(&ids(), Some(&first), &second);
        assert_eq!(once, changes(&ids(), Some(&first), &second));
        let record: &dyn Fn(&FaultCodeEvent) -> String =
            &|event| model::Record::natural_key(event).into_owned();
        assert_eq!(
            once[0].id.ulid(),
            ids()
                .record(model::Model::FaultCodeEvent, &record(&once[0]))
                .ulid
        );
    }
}
