//! JSON as Motive writes it: units and times by the request's headers, null for what is not there.

use jiff::tz::TimeZone;
use model::Timestamp;

use super::answer::Refusal;
use crate::exchange::SimRequest;
use crate::fleet::Position;
use crate::samsara::wire::Json;

const METRES_PER_MILE: f64 = 1_609.344;
const MILLILITRES_PER_GALLON: f64 = 3_785.411_784;

/// Rails' names of zones, with IANA's.
pub(super) const ZONES: [(&str, &str); 9] = [
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Saskatchewan", "America/Regina"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Arizona", "America/Phoenix"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Alaska", "America/Anchorage"),
];

/// The name under which Motive gives a zone of the world.
pub(crate) fn rails_zone(iana: &str) -> &'static str {
    let known = ZONES.iter().find(|(_, known)| *known == iana);
    known.map_or("UTC", |(rails, _)| rails)
}

/// How a request wants its numbers and times.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub metric: bool,
    /// `None`: UTC, with a `Z`.
    zone: Option<TimeZone>,
}

impl Form {
    /// `X-Metric-Units`, else the company's setting; `X-Time-Zone`, which knows Rails' names alone.
    pub fn of(request: &SimRequest, metric_by_default: bool) -> Result<Form, Refusal> {
        let zone = match request.header("x-time-zone") {
            None | Some("") => None,
            Some(name) => {
                let known = ZONES.iter().find(|(rails, _)| *rails == name);
                let (_, iana) = known.ok_or_else(|| Refusal::bad("time zone is invalid"))?;
                TimeZone::get(iana).ok()
            }
        };
        Ok(Form {
            metric: match request.header("x-metric-units") {
                Some("true") => true,
                Some("false") => false,
                _ => metric_by_default,
            },
            zone,
        })
    }

    pub fn time(&self, json: &mut Json, name: &str, time: Timestamp) {
        let Some(zone) = &self.zone else {
            json.key(name).time_in_seconds(time);
            return;
        };
        json.text_member(name, &local_text(zone, time));
    }

    pub fn time_or_null(&self, json: &mut Json, name: &str, time: Option<Timestamp>) {
        match time {
            Some(time) => self.time(json, name, time),
            None => json.null(name),
        }
    }

    /// Kilometres or miles.
    pub fn distance(&self, json: &mut Json, name: &str, metres: i64) {
        if self.metric {
            json.key(name).decimal(metres, 3);
        } else {
            let miles = metres as f64 / METRES_PER_MILE;
            json.key(name).raw(&miles.to_string());
        }
    }

    /// Litres or gallons.
    pub fn fuel(&self, json: &mut Json, name: &str, millilitres: i64) {
        if self.metric {
            json.key(name).decimal(millilitres, 3);
        } else {
            let gallons = millilitres as f64 / MILLILITRES_PER_GALLON;
            json.key(name).raw(&gallons.to_string());
        }
    }

    /// km/h or mph.
    pub fn speed(&self, json: &mut Json, name: &str, centi_mph: u32) {
        if self.metric {
            json.key(name).decimal(milli_kph(centi_mph), 3);
        } else {
            json.key(name).decimal(centi_mph.into(), 2);
        }
    }

    /// `67.9 km` or `42.2 mi`.
    pub fn distance_text(&self, metres: i64) -> String {
        if self.metric {
            format!("{:.1} km", metres as f64 / 1_000.0)
        } else {
            format!("{:.1} mi", metres as f64 / METRES_PER_MILE)
        }
    }

    /// `-10.3 kph/s` or `-6.4 mph/s`.
    pub fn change_text(&self, milli_g: i32) -> String {
        let tenths = tenths_of_kph_per_s(milli_g);
        if self.metric {
            let sign = if tenths < 0 { "-" } else { "" };
            format!("{sign}{}.{} kph/s", tenths.abs() / 10, tenths.abs() % 10)
        } else {
            format!("{:.1} mph/s", tenths as f64 / 16.093_44)
        }
    }
}

/// With the zone's offset: `2026-01-05T16:42:11-05:00`.
pub(super) fn local_text(zone: &TimeZone, time: Timestamp) -> String {
    let seconds = jiff::Timestamp::from_second(time.millis().div_euclid(1_000));
    let seconds = seconds.unwrap_or_default();
    let local = zone.to_datetime(seconds);
    let minutes = zone.to_offset(seconds).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{local}{sign}{hours:02}:{minutes:02}")
}

/// Thousandths of a km/h, as the wire gives them: none lies halfway between two hundredths.
pub(crate) fn milli_kph(centi_mph: u32) -> i64 {
    let milli = i64::from(centi_mph) * 1_609_344 / 100_000;
    milli + i64::from(milli % 10 == 5)
}

/// 35.30394 km/h each second are one g.
pub(crate) fn tenths_of_kph_per_s(milli_g: i32) -> i64 {
    (f64::from(milli_g) * 0.353_039_4).round() as i64
}

/// Members that have something or null.
pub(super) trait Members {
    fn null(&mut self, name: &str);
    fn nulls(&mut self, names: &[&str]);
    fn flags(&mut self, names: &[&str], flag: bool);
    fn text_or_null(&mut self, name: &str, text: Option<&str>);
    fn integer_or_null(&mut self, name: &str, number: Option<i64>);
    /// `lat` and `lon`, with the names that the member has here.
    fn place(&mut self, names: [&str; 2], place: Position);
    /// Hours with five decimals.
    fn hours(&mut self, name: &str, seconds: i64);
    /// A list of numbers with so many decimals.
    fn decimals(&mut self, name: &str, numbers: &[i64], decimals: u32);
}

impl Members for Json {
    fn null(&mut self, name: &str) {
        self.key(name).raw("null");
    }

    fn nulls(&mut self, names: &[&str]) {
        for name in names {
            self.null(name);
        }
    }

    fn flags(&mut self, names: &[&str], flag: bool) {
        for name in names {
            self.flag_member(name, flag);
        }
    }

    fn text_or_null(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => {
                self.text_member(name, text);
            }
            None => self.null(name),
        }
    }

    fn integer_or_null(&mut self, name: &str, number: Option<i64>) {
        match number {
            Some(number) => {
                self.integer_member(name, number);
            }
            None => self.null(name),
        }
    }

    fn place(&mut self, [latitude, longitude]: [&str; 2], place: Position) {
        self.key(latitude).decimal(place.latitude_e7.into(), 7);
        self.key(longitude).decimal(place.longitude_e7.into(), 7);
    }

    fn hours(&mut self, name: &str, seconds: i64) {
        self.key(name).decimal(hundred_thousandths_of_h(seconds), 5);
    }

    fn decimals(&mut self, name: &str, numbers: &[i64], decimals: u32) {
        self.key(name).raw("[");
        for number in numbers {
            self.comma().decimal(*number, decimals);
        }
        self.raw("]");
    }
}

/// What of seconds the wire can say in hours of five decimals: steps of 36 ms.
pub(crate) fn hundred_thousandths_of_h(seconds: i64) -> i64 {
    seconds * 250 / 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: &Form, write: impl Fn(&Form, &mut Json)) -> String {
        let mut json = Json::default();
        json.raw("{");
        write(form, &mut json);
        String::from_utf8(json.bytes).unwrap()
    }

    #[test]
    fn numbers_follow_the_header() {
        let read = |value: &str| {
            let request = SimRequest::get("/").with_header("X-Metric-Units", value);
            Form::of(&request, false).unwrap()
        };
        let (metric, imperial) = (read("true"), read("false"));
        let distance = |form: &Form, json: &mut Json| form.distance(json, "d", 1_609_344);
        assert_eq!(written(&metric, distance), "{\"d\":1609.344");
        assert_eq!(written(&imperial, distance), "{\"d\":1000");
        let fuel = |form: &Form, json: &mut Json| form.fuel(json, "f", 3_786);
        assert_eq!(written(&metric, fuel), "{\"f\":3.786");
        assert!(written(&imperial, fuel).starts_with("{\"f\":1.000"));
        let speed = |form: &Form, json: &mut Json| form.speed(json, "s", 6_000);
        assert_eq!(written(&metric, speed), "{\"s\":96.56");
        assert_eq!(written(&imperial, speed), "{\"s\":60");
        assert_eq!(metric.change_text(-292), "-10.3 kph/s");
        assert_eq!(imperial.change_text(-292), "-6.4 mph/s");
        assert_eq!(metric.change_text(-7), "-0.2 kph/s");
        assert!(!Form::of(&SimRequest::get("/"), false).unwrap().metric);
        assert!(Form::of(&SimRequest::get("/"), true).unwrap().metric);
    }

    #[test]
    fn zones_have_the_names_of_rails() {
        let read = |zone: &str| {
            let request = SimRequest::get("/").with_header("X-Time-Zone", zone);
            Form::of(&request, false)
        };
        let at = Timestamp::parse("2026-07-14T04:30:01.900Z").unwrap();
        let time = |form: &Form, json: &mut Json| form.time(json, "t", at);
        let central = read("Central Time (US & Canada)").unwrap();
        assert_eq!(
            written(&central, time),
            "{\"t\":\"2026-07-13T23:30:01-05:00\""
        );
        let utc = Form::of(&SimRequest::get("/"), false).unwrap();
        assert_eq!(written(&utc, time), "{\"t\":\"2026-07-14T04:30:01Z\"");
        assert_eq!(read("America/Winnipeg").unwrap_err().status, 400);
        assert_eq!(rails_zone("America/Phoenix"), "Arizona");
    }
}
