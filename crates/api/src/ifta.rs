//! `GET /ifta/summary`: distances of vehicles' months, summed at each reading.
//!
//! What is kept is one row a vehicle, month and jurisdiction; the four groupings are sums of those.
//! Distances are added as whole hundredths of a kilometre, so that a sum has two decimals too.
//! The order is that of vehicle, jurisdiction (null first) and month, as far as a row has them, and
//! a page goes on behind the last row of the one before it: rows that change meanwhile neither
//! repeat nor hide others.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use model::ifta::IftaVehicleMonth;
use model::{Model, Month, VehicleId, units};
use store::{RawPointer, RawRow, RecordOrder, RecordQuery, StoredRecord};

use crate::error::ApiError;
use crate::expand::Expansion;
use crate::extract::Scope;
use crate::json::{self, Page, push_fixed, push_id, push_text};
use crate::parameters;
use crate::query::{Arguments, QueryText};
use crate::reply::Reply;
use crate::visibility::Hidden;

/// A page ends with this many rows, or, with `raw=true`, with the row that has so many source rows
/// before it.
const PAGE_ROWS: usize = 1_000;
const PAGE_SOURCE_ROWS: usize = 2_000;
/// Ten years: each page sums up the whole span again.
const MOST_MONTHS: i32 = 120;
/// Rows read at once.
const BATCH_ROWS: usize = 1_000;

/// What a row is the sum of: members that it is not grouped by are `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    vehicle: Option<VehicleId>,
    /// `None` also for what lies outside the jurisdictions of the contract.
    jurisdiction: Option<String>,
    month: Option<Month>,
}

#[derive(Debug, Default)]
struct Sum {
    hundredths: i64,
    raw: Vec<RawPointer>,
}

/// The members that `groupBy` names.
#[derive(Clone, Copy, Debug)]
struct Grouping {
    vehicle: bool,
    jurisdiction: bool,
    month: bool,
}

impl Grouping {
    fn of(arguments: &Arguments) -> Grouping {
        let named = arguments.word("groupBy").unwrap_or("vehicle,jurisdiction");
        let has = |name: &str| named.split(',').any(|part| part == name);
        Grouping {
            vehicle: has("vehicle"),
            jurisdiction: has("jurisdiction"),
            month: has("month"),
        }
    }

    fn group(self, row: IftaVehicleMonth) -> Group {
        Group {
            vehicle: self.vehicle.then_some(row.vehicle),
            jurisdiction: row.jurisdiction.filter(|_| self.jurisdiction),
            month: self.month.then_some(row.month),
        }
    }
}

/// How a cursor names a group: `vcl_….TN.2026-01`, with a hyphen for what there is not.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.vehicle {
            Some(vehicle) => write!(f, "{vehicle}")?,
            None => f.write_str("-")?,
        }
        write!(f, ".{}.", self.jurisdiction.as_deref().unwrap_or("-"))?;
        match self.month {
            Some(month) => write!(f, "{month}"),
            None => f.write_str("-"),
        }
    }
}

fn read_group(text: &str) -> Option<Group> {
    let mut parts = text.splitn(3, '.');
    let mut part = || Some(Some(parts.next()?).filter(|part| *part != "-"));
    let (vehicle, jurisdiction, month) = (part()?, part()?, part()?);
    Some(Group {
        vehicle: vehicle
            .map(|text| text.parse().ok())
            .map_or(Some(None), |id| id.map(Some))?,
        jurisdiction: jurisdiction.map(str::to_owned),
        month: month
            .map(Month::parse)
            .map_or(Some(None), |month| month.map(Some))?,
    })
}

pub(crate) async fn summary(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::GET_IFTA_SUMMARY, &query)?;
    let months = months(&arguments)?;
    let grouping = Grouping::of(&arguments);
    let after = arguments.position(read_group)?;
    let with_raw = arguments.flag("raw");
    let mut sums = sum_up(&scope, months, grouping, with_raw).await?;

    let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rows: Vec<(Group, Sum)> = Vec::new();
    let (mut sources, mut more) = (0, false);
    for (group, sum) in sums.range_mut((begin, Bound::Unbounded)) {
        more = rows.len() == PAGE_ROWS || sources >= PAGE_SOURCE_ROWS;
        if more {
            break;
        }
        sources += sum.raw.len();
        rows.push((group.clone(), std::mem::take(sum)));
    }
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(group, _)| arguments.next(group.to_string()));
    let page = write_page(&scope, &arguments, grouping, &rows).await?;
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

/// The first and the last month, both of them counted.
fn months(arguments: &Arguments) -> Result<(Month, Month), ApiError> {
    let wrong = |message: &str, suggestion: &str| {
        ApiError::malformed("{requestQuery}.endMonth", message, suggestion)
    };
    let (Some(first), Some(last)) = (arguments.month("startMonth"), arguments.month("endMonth"))
    else {
        // The parser has seen to it, so this is a cursor that nobody here made.
        return Err(wrong("'endMonth' must be sent", "Send it like 2021-01"));
    };
    if last < first {
        return Err(wrong(
            "'endMonth' must not be before 'startMonth'",
            "Send the same month twice for that month alone",
        ));
    }
    let number = |month: Month| i32::from(month.year()) * 12 + i32::from(month.number());
    if number(last) - number(first) >= MOST_MONTHS {
        return Err(wrong(
            "'startMonth' and 'endMonth' are too far apart",
            "Ask at most 120 months at once",
        ));
    }
    Ok((first, last))
}

async fn sum_up(
    scope: &Scope,
    (first, last): (Month, Month),
    grouping: Grouping,
    with_raw: bool,
) -> Result<BTreeMap<Group, Sum>, ApiError> {
    let hidden = Hidden::load(scope).await?;
    let keep = |record: &StoredRecord| !hidden.subject_of(record);
    let mut query = RecordQuery {
        started_after: Some(first.utc_midnight()),
        started_before: Some(last.next().utc_midnight()),
        ..RecordQuery::of(Model::IftaVehicleMonth, RecordOrder::Started, BATCH_ROWS)
    };
    let mut sums: BTreeMap<Group, Sum> = BTreeMap::new();
    loop {
        let found = scope
            .store()
            .list_records(scope.connection.id, &query, &keep)
            .await?;
        for record in found.records {
            let row: IftaVehicleMonth =
                serde_json::from_str(&record.body).map_err(ApiError::internal)?;
            let distance = units::hundredths(row.distance)
                .ok_or_else(|| ApiError::internal(format_args!("the distance of {}", row.id)))?;
            let sum = sums.entry(grouping.group(row)).or_default();
            sum.hundredths = sum.hundredths.saturating_add(distance);
            if with_raw {
                sum.raw.extend(record.raw);
            }
        }
        query.after = found.next;
        if query.after.is_none() {
            return Ok(sums);
        }
    }
}

async fn write_page(
    scope: &Scope,
    arguments: &Arguments,
    grouping: Grouping,
    rows: &[(Group, Sum)],
) -> Result<Page, ApiError> {
    let provider = scope.connection.provider.as_str();
    let bodies: Vec<String> = rows
        .iter()
        .map(|(group, sum)| body(provider, grouping, group, sum))
        .collect();
    let named = bodies.iter().map(String::as_str);
    let expansion = Expansion::load(scope, named, arguments.words("expand")).await?;
    let mut raw = match arguments.flag("raw") {
        true => Some(raw_rows(scope, rows).await?.into_iter()),
        false => None,
    };
    let mut page = Page::new(bodies.iter().map(|body| body.len() + 1).sum());
    for (body, (_, sum)) in bodies.iter().zip(rows) {
        let own: Option<Vec<Option<RawRow>>> = raw
            .as_mut()
            .map(|raw| raw.by_ref().take(sum.raw.len()).collect());
        let own = own.as_ref().map(|rows| (provider, rows.iter().flatten()));
        json::push_plain(page.row(), &expansion.apply(body)?, own)?;
    }
    Ok(page)
}

/// The source rows of all these sums, one after another.
async fn raw_rows(scope: &Scope, rows: &[(Group, Sum)]) -> Result<Vec<Option<RawRow>>, ApiError> {
    let pointers: Vec<RawPointer> = rows
        .iter()
        .flat_map(|(_, sum)| sum.raw.iter().copied())
        .collect();
    let found = scope.store().raw_rows(scope.connection.id, &pointers);
    Ok(found.await?)
}

fn body(provider: &str, grouping: Grouping, group: &Group, sum: &Sum) -> String {
    let mut bytes = b"{\"provider\":".to_vec();
    push_text(&mut bytes, provider);
    if let Some(vehicle) = group.vehicle {
        bytes.extend_from_slice(b",\"vehicle\":");
        push_id(&mut bytes, VehicleId::PREFIX, vehicle.ulid());
    }
    if grouping.jurisdiction {
        bytes.extend_from_slice(b",\"jurisdiction\":");
        match &group.jurisdiction {
            Some(jurisdiction) => push_text(&mut bytes, jurisdiction),
            None => bytes.extend_from_slice(b"null"),
        }
    }
    bytes.extend_from_slice(b",\"distance\":");
    push_fixed::<2>(&mut bytes, sum.hundredths);
    if let Some(month) = group.month {
        bytes.extend_from_slice(b",\"month\":");
        push_text(&mut bytes, &month.to_string());
    }
    bytes.push(b'}');
    String::from_utf8(bytes).expect("made of texts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Ulid;

    fn group(vehicle: Option<u128>, jurisdiction: Option<&str>, month: Option<&str>) -> Group {
        Group {
            vehicle: vehicle.map(|number| VehicleId(Ulid::from_bits(number))),
            jurisdiction: jurisdiction.map(str::to_owned),
            month: month.map(|text| text.parse().expect("a month")),
        }
    }

    #[test]
    fn a_cursor_names_a_group_and_nothing_else() {
        let groups = [
            group(Some(5), Some("TN"), Some("2026-01")),
            group(Some(5), None, None),
            group(None, Some("TN"), None),
            group(None, None, None),
        ];
        for group in groups {
            assert_eq!(read_group(&group.to_string()), Some(group));
        }
        for wrong in ["", "-", "-.-", "vcl_1.-.-", "-.TN.2026-13", "-.-.-.-"] {
            assert_eq!(read_group(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rows_have_what_they_are_grouped_by() {
        let all = Grouping {
            vehicle: true,
            jurisdiction: true,
            month: true,
        };
        let sum = Sum {
            hundredths: 120_455,
            raw: Vec::new(),
        };
        let served = |grouping, group| -> serde_json::Value {
            serde_json::from_str(&body("samsara", grouping, &group, &sum)).expect("JSON")
        };
        assert_eq!(
            served(all, group(Some(5), None, Some("2026-01"))),
            serde_json::json!({
                "provider": "samsara",
                "vehicle": "vcl_00000000000000000000000005",
                "jurisdiction": null,
                "distance": 1204.55,
                "month": "2026-01",
            })
        );
        let by_vehicle = Grouping {
            jurisdiction: false,
            month: false,
            ..all
        };
        let row = served(by_vehicle, group(Some(5), None, None));
        assert_eq!(row.get("jurisdiction"), None);
        assert_eq!(row.get("month"), None);
    }
}
