//! Reports: distance and fuel by vehicle or driver, and fuel tax.

use jiff::civil::Date;
use model::time::{DAY_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::answer::Refusal;
use super::entities::wants;
use super::rows::Envelope;
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::fleet::{MetresByJurisdiction, Utilization};
use crate::shown::Shown;

/// Rows on a page, whatever `limit` says.
const A_PAGE: usize = 100;
/// What Samsara would call a place outside every jurisdiction is not known.
const NOWHERE: &str = "ZZ";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl SamsaraServer {
    pub(super) fn vehicle_fuel(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let window = days(call)?;
        let ids = call.parameters.ids("vehicleIds", usize::MAX)?;
        let energy = call
            .parameters
            .choice("energyType", &["fuel", "hybrid", "electric"])?;
        let groups = self.wanted_groups(&call.parameters)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let rows: Vec<(usize, Utilization)> = self
            .world
            .vehicles()
            .iter()
            .filter(|plan| energy == "fuel" && wants(&groups, &plan.groups))
            .filter(|plan| ids.as_ref().is_none_or(|ids| ids.contains(&plan.source_id)))
            .filter_map(|plan| Some((plan.index, shown.utilization(plan.index, window)?)))
            .collect();
        let envelope = Envelope {
            open: "{\"data\":{\"vehicleReports\":[",
            close: "]}",
        };
        let write = |json: &mut Json, (vehicle, done): &(usize, Utilization)| {
            let plan = &self.world.vehicles()[*vehicle];
            json.raw("{").key("vehicle").raw("{");
            json.text_member("energyType", "fuel");
            self.write_external_ids(json, plan, "externalIds");
            json.text_member("id", &plan.source_id);
            json.text_member("name", &self.vehicle_name(plan, cursor.as_of))
                .raw("}");
            write_utilization(json, done);
        };
        Ok(self.page(call, &cursor, envelope, &rows, A_PAGE, write))
    }

    pub(super) fn driver_fuel(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let window = days(call)?;
        let ids = call.parameters.ids("driverIds", usize::MAX)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let mut done = vec![Utilization::default(); self.world.drivers().len()];
        for vehicle in 0..self.world.vehicles().len() {
            for assignment in shown.assignments(vehicle, window) {
                let from = assignment.from.max(window.from);
                let until = assignment.until.min(window.until).min(cursor.as_of);
                let span = Window::new(from, until);
                if let Some(part) = span.and_then(|span| shown.utilization(vehicle, span)) {
                    let sum = &mut done[assignment.driver];
                    sum.metres += part.metres;
                    sum.fuel_ml += part.fuel_ml;
                    sum.engine_run_ms += part.engine_run_ms;
                    sum.idle_ms += part.idle_ms;
                }
            }
        }
        let rows: Vec<(usize, Utilization)> = done
            .into_iter()
            .enumerate()
            .filter(|(_, done)| *done != Utilization::default())
            .filter(|(driver, _)| {
                let id = &self.world.drivers()[*driver].source_id;
                ids.as_ref().is_none_or(|ids| ids.contains(id))
            })
            .collect();
        let envelope = Envelope {
            open: "{\"data\":{\"driverReports\":[",
            close: "]}",
        };
        let write = |json: &mut Json, (driver, done): &(usize, Utilization)| {
            json.raw("{").key("driver");
            self.write_driver_ref(json, *driver, cursor.as_of);
            write_utilization(json, done);
        };
        Ok(self.page(call, &cursor, envelope, &rows, A_PAGE, write))
    }

    pub(super) fn ifta_vehicles(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let period = Period::read(call)?;
        let ids = call.parameters.ids("vehicleIds", usize::MAX)?;
        let jurisdictions = call.parameters.ids("jurisdictions", usize::MAX)?;
        let groups = self.wanted_groups(&call.parameters)?;
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let mut rows: Vec<(usize, MetresByJurisdiction)> = self
            .world
            .vehicles()
            .iter()
            .filter(|plan| wants(&groups, &plan.groups))
            .filter(|plan| ids.as_ref().is_none_or(|ids| ids.contains(&plan.source_id)))
            .map(|plan| (plan.index, period.metres(&shown, plan.index)))
            .collect();
        for (_, metres) in &mut rows {
            metres.retain(|name, _| {
                jurisdictions
                    .as_ref()
                    .is_none_or(|wanted| wanted.contains(name.unwrap_or(NOWHERE)))
            });
        }
        rows.retain(|(_, metres)| !metres.is_empty());
        let envelope = Envelope {
            open: "{\"data\":{\"vehicleReports\":[",
            close: "]",
        };
        let mut json = self.page(call, &cursor, envelope, &rows, A_PAGE, |json, row| {
            self.write_ifta_row(json, row, cursor.as_of);
        });
        period.close_data(&mut json);
        Ok(json)
    }

    fn write_ifta_row(
        &self,
        json: &mut Json,
        (vehicle, metres): &(usize, MetresByJurisdiction),
        now: Timestamp,
    ) {
        json.raw("{").key("jurisdictions").raw("[");
        for (name, metres) in metres {
            json.comma().raw("{");
            json.text_member("jurisdiction", name.unwrap_or(NOWHERE));
            json.integer_member("taxPaidLiters", 0);
            // A part of the way is on private roads.
            json.integer_member("taxableMeters", metres - metres / 200);
            json.integer_member("totalMeters", *metres).raw("}");
        }
        json.raw("]").key("vehicle");
        self.write_vehicle_ref(json, *vehicle, "externalIds", now);
        json.raw("}");
    }
}

/// The rest of a row after the vehicle or driver, in integers of hundredths.
fn write_utilization(json: &mut Json, done: &Utilization) {
    json.integer_member("distanceTraveledMeters", done.metres);
    // Miles of 1609.344 m to gallons of 3785.41 ml.
    let centi_mpg = match i128::from(done.fuel_ml) * 1_609_344 {
        0 => 0,
        fuel => i128::from(done.metres) * 378_541_000 / fuel,
    };
    json.key("efficiencyMpge")
        .decimal(i64::try_from(centi_mpg).unwrap_or_default(), 2);
    json.integer_member("energyUsedKwh", 0);
    json.integer_member("engineIdleTimeDurationMs", done.idle_ms);
    json.integer_member("engineRunTimeDurationMs", done.engine_run_ms);
    // 2.68 kg of carbon dioxide and 1.03 dollars a litre.
    json.key("estCarbonEmissionsKg")
        .decimal(done.fuel_ml * 268 / 1_000, 2);
    json.key("estFuelEnergyCost").raw("{").key("amount");
    json.decimal(done.fuel_ml * 103 / 1_000, 2);
    json.text_member("currencyCode", "USD").raw("}");
    json.integer_member("fuelConsumedMl", done.fuel_ml).raw("}");
}

/// From the beginning of `startDate` to the end of `endDate`, each in the offset that it carries:
/// a day on which clocks change is as long as its two offsets make it.
fn days(call: &Call<'_>) -> Result<Window, Refusal> {
    let from = midnight(call, "startDate")?;
    let last = midnight(call, "endDate")?;
    let until = Timestamp::from_millis(last.millis().saturating_add(DAY_MS));
    Window::new(from, until)
        .filter(|_| from.millis() < until.millis() - DAY_MS / 2)
        .ok_or_else(|| Refusal::bad("endDate must not be before startDate"))
}

/// Everything but the date and the offset is ignored.
fn midnight(call: &Call<'_>, name: &str) -> Result<Timestamp, Refusal> {
    let text = call
        .parameters
        .one(name)
        .ok_or_else(|| Refusal::bad(format!("Missing parameter: {name}")))?;
    read_midnight(text).ok_or_else(|| {
        Refusal::bad(format!(
            "Invalid value for {name}: '{text}' is not an RFC 3339 time"
        ))
    })
}

fn read_midnight(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked("2026-01-01".len())?;
    let date: Date = date.parse().ok()?;
    let offset_minutes = match rest.rfind(['+', '-']) {
        Some(at) => {
            Timestamp::parse(text)?;
            let (hours, minutes) = rest[at + 1..].split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if rest[at..].starts_with('-') {
                -minutes
            } else {
                minutes
            }
        }
        None if rest.is_empty() => 0,
        None => Timestamp::parse(text).map(|_| 0)?,
    };
    let utc = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let millis = utc.timestamp().as_millisecond();
    Some(Timestamp::from_millis(millis - offset_minutes * MINUTE_MS))
}

/// A month or a quarter.
struct Period {
    year: i16,
    /// 1 to 12.
    first_month: i8,
    months: i8,
}

impl Period {
    fn read(call: &Call<'_>) -> Result<Period, Refusal> {
        let parameters = &call.parameters;
        let year = parameters
            .one("year")
            .ok_or_else(|| Refusal::bad("Missing parameter: year"))?;
        let year = year
            .parse()
            .ok()
            .filter(|year| (2015..=2100).contains(year))
            .ok_or_else(|| Refusal::bad(format!("Invalid value for year: {year}")))?;
        let (first_month, months) = match (parameters.one("month"), parameters.one("quarter")) {
            (Some(month), None) => {
                let found = (1..).zip(MONTHS).find(|(_, name)| *name == month);
                let wrong = || Refusal::bad(format!("Invalid value for month: {month}"));
                (found.ok_or_else(wrong)?.0, 1)
            }
            (None, Some(quarter)) => {
                let found = (0..).zip(["Q1", "Q2", "Q3", "Q4"]);
                let found = found.into_iter().find(|(_, name)| *name == quarter);
                let wrong = || Refusal::bad(format!("Invalid value for quarter: {quarter}"));
                (found.ok_or_else(wrong)?.0 * 3 + 1, 3)
            }
            _ => return Err(Refusal::bad("Must provide either month or quarter")),
        };
        Ok(Period {
            year,
            first_month,
            months,
        })
    }

    fn metres(&self, shown: &Shown<'_>, vehicle: usize) -> MetresByJurisdiction {
        let mut sum = MetresByJurisdiction::new();
        for month in self.first_month..self.first_month + self.months {
            for (name, metres) in shown.ifta_month(vehicle, self.year, month) {
                *sum.entry(name).or_default() += metres;
            }
        }
        sum
    }

    /// Puts the members that stand beside the rows between them and the pagination.
    fn close_data(&self, json: &mut Json) {
        let mark = json
            .bytes
            .windows(PAGINATION.len())
            .rposition(|bytes| bytes == PAGINATION);
        let tail = mark.map(|mark| json.bytes.split_off(mark));
        let month = usize::try_from(self.first_month - 1).unwrap_or_default();
        if self.months == 1 {
            json.text_member("month", MONTHS[month]);
        } else {
            json.text_member("quarter", &format!("Q{}", month / 3 + 1));
        }
        json.key("troubleshooting").raw("{");
        json.flag_member("noPurchasesFound", true);
        json.integer_member("unassignedFuelTypePurchases", 0);
        json.integer_member("unassignedFuelTypeVehicles", 0);
        json.integer_member("unassignedVehiclePurchases", 0)
            .raw("}");
        json.integer_member("year", self.year.into()).raw("}");
        json.bytes.extend(tail.unwrap_or_default());
    }
}

/// Where [`super::paging::write_pagination`] begins.
const PAGINATION: &[u8] = b",\"pagination\":{";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_of_the_offset_they_carry() {
        let at = |text: &str| Timestamp::parse(text);
        for (text, begins) in [
            ("2026-03-02T15:04:05Z", "2026-03-02T00:00:00Z"),
            ("2026-03-02", "2026-03-02T00:00:00Z"),
            ("2026-03-02T00:00:00-06:00", "2026-03-02T06:00:00Z"),
            ("2026-03-02T23:59:59.5+05:30", "2026-03-01T18:30:00Z"),
        ] {
            assert_eq!(read_midnight(text), at(begins), "{text}");
        }
        for text in ["", "2026-13-01", "2026-03-02T00:00:00-6", "yesterday"] {
            assert_eq!(read_midnight(text), None, "{text}");
        }
    }
}
