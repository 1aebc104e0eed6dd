//! A small fleet with rows of every model. Everything follows from a row's number.

use model::assignment::DriverAssignment;
use model::coordinates::Coordinates;
use model::device::{Device, DeviceType};
use model::driver::Driver;
use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, MilStatus, ObdiiCode,
};
use model::group::Group;
use model::hos::{HosDailyLog, HosDistances, HosLog, HosRemark, HosStatus, HosStatusDurations};
use model::ifta::IftaVehicleMonth;
use model::safety::{
    CameraMediaFileReference, CameraMediaReference, SafetyEvent, SafetyEventStats, SafetyEventType,
};
use model::trailer::Trailer;
use model::trip::Trip;
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::vehicle::{Licence, Vehicle};
use model::{Date, DriverId, IdSpace, Month, RecordStatus, Timestamp, VehicleId};

use super::Seed;

const PROVIDER: &str = "samsara";
const HOUR_MS: i64 = 3_600_000;

/// The last vehicle and the last driver are inactive; all others are active.
pub const VEHICLES: usize = 4;
pub const DRIVERS: usize = 3;

pub struct Contents {
    pub groups: Vec<Group>,
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub devices: Vec<Device>,
    pub trailers: Vec<Trailer>,
    pub trips: Vec<Trip>,
    pub safety_events: Vec<SafetyEvent>,
    pub fault_code_events: Vec<FaultCodeEvent>,
    pub hos_logs: Vec<HosLog>,
    pub hos_daily_logs: Vec<HosDailyLog>,
    pub utilization: Vec<VehicleUtilizationDay>,
    pub ifta: Vec<IftaVehicleMonth>,
    pub assignments: Vec<DriverAssignment>,
}

impl Contents {
    pub fn new(ids: &IdSpace) -> Contents {
        let rows = Rows { ids };
        Contents {
            groups: (0..2).map(|number| rows.group(number)).collect(),
            vehicles: (0..VEHICLES).map(|number| rows.vehicle(number)).collect(),
            drivers: (0..DRIVERS).map(|number| rows.driver(number)).collect(),
            devices: (0..6).map(|number| rows.device(number)).collect(),
            trailers: (0..3).map(|number| rows.trailer(number)).collect(),
            trips: (0..24).map(|number| rows.trip(number)).collect(),
            safety_events: (0..24).map(|number| rows.safety_event(number)).collect(),
            fault_code_events: (0..16)
                .map(|number| rows.fault_code_event(number))
                .collect(),
            hos_logs: (0..24).map(|number| rows.hos_log(number)).collect(),
            hos_daily_logs: (0..12).map(|number| rows.hos_daily_log(number)).collect(),
            utilization: (0..20).map(|number| rows.utilization(number)).collect(),
            ifta: (0..36).map(|number| rows.ifta(number)).collect(),
            assignments: (0..4).map(|number| rows.assignment(number)).collect(),
        }
    }

    pub fn add_to(&self, seed: &mut Seed) {
        seed.add_all(&self.groups);
        seed.add_all(&self.vehicles);
        seed.add_all(&self.drivers);
        seed.add_all(&self.devices);
        seed.add_all(&self.trailers);
        seed.add_all(&self.trips);
        seed.add_all(&self.safety_events);
        seed.add_all(&self.fault_code_events);
        seed.add_all(&self.hos_logs);
        seed.add_all(&self.hos_daily_logs);
        seed.add_all(&self.utilization);
        seed.add_all(&self.ifta);
        seed.add_all(&self.assignments);
    }
}

/// Noon of 1 March 2026, in UTC.
const FIRST: Timestamp = Timestamp::from_millis(1_772_366_400_000);

/// So many hours later.
fn hour(number: usize) -> Timestamp {
    Timestamp::from_millis(FIRST.millis() + number as i64 * HOUR_MS)
}

fn date(number: usize) -> Date {
    (0..number).fold(Date::parse("2026-03-01").expect("a date"), |date, _| {
        date.next()
    })
}

fn place(number: usize) -> Coordinates {
    Coordinates {
        latitude: 36.0 + number as f64 / 8.0,
        longitude: -86.5 - number as f64 / 16.0,
    }
}

/// Two of three rows have what `value` gives.
fn mostly<T>(number: usize, value: impl FnOnce() -> T) -> Option<T> {
    (number % 3 != 2).then(value)
}

struct Rows<'a> {
    ids: &'a IdSpace,
}

impl Rows<'_> {
    fn vehicle_id(&self, number: usize) -> VehicleId {
        self.ids.vehicle(&format!("v{}", number % VEHICLES))
    }

    fn driver_id(&self, number: usize) -> DriverId {
        self.ids.driver(&format!("d{}", number % DRIVERS))
    }

    fn group(&self, number: usize) -> Group {
        Group {
            id: self.ids.group(&format!("g{number}")),
            name: Some(format!("Group {number}")),
            source_id: format!("g{number}"),
            provider: PROVIDER.to_owned(),
            parent: (number > 0).then(|| self.ids.group("g0")),
            created_at: None,
            updated_at: None,
        }
    }

    fn vehicle(&self, number: usize) -> Vehicle {
        Vehicle {
            id: self.vehicle_id(number),
            name: Some(format!("Unit {number}")),
            status: status(number + 1 < VEHICLES),
            source_id: format!("v{number}"),
            provider: PROVIDER.to_owned(),
            vin: None,
            make: None,
            model: None,
            year: Some(2020),
            groups: vec![self.ids.group("g1")],
            devices: vec![self.ids.device(&format!("dev{number}"))],
            license_plate: None,
            created_at: None,
            updated_at: None,
        }
    }

    fn driver(&self, number: usize) -> Driver {
        Driver {
            id: self.driver_id(number),
            status: status(number + 1 < DRIVERS),
            source_id: format!("d{number}"),
            provider: PROVIDER.to_owned(),
            first_name: Some("Rosa".to_owned()),
            middle_name: None,
            last_name: Some(format!("Delgado {number}")),
            email: None,
            phone: None,
            username: None,
            license: None,
            groups: Vec::new(),
            created_at: None,
            updated_at: None,
        }
    }

    /// One in each vehicle, and two in none.
    fn device(&self, number: usize) -> Device {
        Device {
            id: self.ids.device(&format!("dev{number}")),
            device_type: match number % 2 {
                0 => DeviceType::Tracker,
                _ => DeviceType::Camera,
            },
            source_id: format!("dev{number}"),
            provider: PROVIDER.to_owned(),
            vehicle: (number < VEHICLES).then(|| self.vehicle_id(number)),
            description: mostly(number, || "VG55NA".to_owned()),
            serial_number: mostly(number, || format!("G9RT-{number}")),
            last_connected_at: mostly(number, || hour(number)),
            created_at: mostly(number, || hour(0)),
            updated_at: None,
        }
    }

    fn trailer(&self, number: usize) -> Trailer {
        Trailer {
            id: self.ids.trailer(&format!("t{number}")),
            name: mostly(number, || format!("Reefer {number}")),
            status: status(number != 1),
            source_id: format!("t{number}"),
            provider: PROVIDER.to_owned(),
            vin: mostly(number, || "1UYVS2538GU123456".to_owned()),
            serial_number: mostly(number, || format!("8K2M-{number}")),
            make: mostly(number, || "Utility".to_owned()),
            model: mostly(number, || "3000R".to_owned()),
            year: mostly(number, || 2019),
            groups: (0..number)
                .map(|group| self.ids.group(&format!("g{group}")))
                .collect(),
            license_plate: mostly(number, || Licence {
                state: Some("TN".to_owned()),
                number: Some("7KLM432".to_owned()),
            }),
            created_at: None,
            updated_at: None,
        }
    }

    /// Trips of an hour, one begun each hour, by turns of vehicles; a third has no driver.
    fn trip(&self, number: usize) -> Trip {
        let vehicle = format!("v{}", number % VEHICLES);
        let source_id = format!("{vehicle}-{}", hour(number).millis());
        Trip {
            id: self.ids.trip(&source_id),
            source_id,
            provider: PROVIDER.to_owned(),
            driver: mostly(number, || self.driver_id(number / 3)),
            vehicle: self.vehicle_id(number),
            start_location: mostly(number, || place(number)),
            end_location: mostly(number, || place(number + 1)),
            distance: mostly(number, || 80.25 + number as f64),
            duration: HOUR_MS,
            started_at: hour(number),
            ended_at: hour(number + 1),
        }
    }

    fn safety_event(&self, number: usize) -> SafetyEvent {
        let key = format!("event-{number}");
        let types = [
            SafetyEventType::HarshBrake,
            SafetyEventType::CellPhone,
            SafetyEventType::Crash,
        ];
        SafetyEvent {
            id: self.ids.safety_event(&key),
            event_type: types[number % types.len()],
            source_id: key,
            provider: PROVIDER.to_owned(),
            source_type: mostly(number, || "Braking".to_owned()),
            driver: mostly(number, || self.driver_id(number / 3)),
            vehicle: self.vehicle_id(number),
            start_location: mostly(number, || place(number)),
            end_location: None,
            stats: mostly(number, || SafetyEventStats {
                maximum_speed: Some(118.07),
                heading: Some(92.0),
                g_force_forward_backward: Some(0.46),
                ..SafetyEventStats::default()
            }),
            camera_media: mostly(number, || CameraMediaReference {
                front_facing: Some(CameraMediaFileReference {
                    source_id: Some(format!("film-{number}")),
                    available: true,
                }),
                rear_facing: None,
            }),
            started_at: hour(number),
            ended_at: mostly(number, || hour(number + 1)),
        }
    }

    fn fault_code_event(&self, number: usize) -> FaultCodeEvent {
        let vehicle = self.vehicle_id(number);
        let heavy = number.is_multiple_of(2);
        let code = if heavy { "SPN3226-FMI18" } else { "P0301" };
        let identity = if heavy { "SPN3226-FMI18@61" } else { code };
        FaultCodeEvent {
            id: self
                .ids
                .fault_code_event(&FaultCodeEvent::key(vehicle, hour(number), identity)),
            status: match number % 3 {
                0 => FaultCodeStatus::Pending,
                1 => FaultCodeStatus::Open,
                _ => FaultCodeStatus::Closed,
            },
            provider: PROVIDER.to_owned(),
            vehicle,
            protocol: match heavy {
                true => FaultCodeProtocol::J1939,
                false => FaultCodeProtocol::Obdii,
            },
            code: code.to_owned(),
            description: mostly(number, || "What it means".to_owned()),
            observed_at: hour(number),
            mil_status: mostly(number, || MilStatus::On),
            obdii: (!heavy).then(|| ObdiiCode {
                code: code.to_owned(),
                description: None,
            }),
            j1939: heavy.then(|| J1939Code {
                fmi: Some(18),
                fmi_description: None,
                spn: 3_226,
                spn_description: Some("Outlet NOx".to_owned()),
                occurrence_count: Some(3),
                source_address: Some(61),
            }),
        }
    }

    fn hos_log(&self, number: usize) -> HosLog {
        let status = match number % 2 {
            0 => HosStatus::Driving,
            _ => HosStatus::OffDuty,
        };
        let driver = number % DRIVERS;
        let key = format!("d{driver}:{}:{}", hour(number), status.name());
        HosLog {
            id: self.ids.hos_log(&key),
            status,
            source_id: key,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(driver),
            vehicle: mostly(number / 2, || self.vehicle_id(number)),
            codrivers: match number % 4 {
                0 => vec![self.driver_id(driver + 1), self.driver_id(driver + 2)],
                _ => Vec::new(),
            },
            location: mostly(number, || place(number)),
            remarks: match number % 4 {
                1 => vec![HosRemark {
                    source_id: None,
                    submitted_at: Some(hour(number)),
                    notes: "Pre-trip inspection".to_owned(),
                }],
                _ => Vec::new(),
            },
            started_at: hour(number),
            ended_at: (number < 20).then(|| hour(number + 3)),
        }
    }

    /// Four days of each driver.
    fn hos_daily_log(&self, number: usize) -> HosDailyLog {
        let date = date(number / DRIVERS);
        let key = format!("d{}:{date}", number % DRIVERS);
        HosDailyLog {
            id: self.ids.hos_daily_log(&key),
            source_id: key,
            provider: PROVIDER.to_owned(),
            driver: self.driver_id(number),
            date,
            distances: mostly(number, || HosDistances {
                total: Some(612.48),
                driving: Some(598.11),
                ..HosDistances::default()
            }),
            status_durations: HosStatusDurations {
                on_duty: Some(HOUR_MS),
                driving: Some(8 * HOUR_MS),
                off_duty: Some(15 * HOUR_MS),
                ..HosStatusDurations::default()
            },
        }
    }

    /// Five days of each vehicle, six hours behind UTC.
    fn utilization(&self, number: usize) -> VehicleUtilizationDay {
        let date = date(number / VEHICLES);
        let midnight = date.utc_midnight().millis() + 6 * HOUR_MS;
        VehicleUtilizationDay {
            provider: PROVIDER.to_owned(),
            vehicle: self.vehicle_id(number),
            date,
            start_at: Timestamp::from_millis(midnight),
            end_at: Timestamp::from_millis(midnight + 24 * HOUR_MS),
            fuel_consumed: mostly(number, || 142.31),
            distance: 400.5 + number as f64,
            durations: mostly(number, || UtilizationDurations {
                driving: Some(6 * HOUR_MS),
                idling: None,
            }),
        }
    }

    /// December to February, each vehicle in two states and where there is none.
    fn ifta(&self, number: usize) -> IftaVehicleMonth {
        let vehicle = self.vehicle_id(number);
        let months = ["2025-12", "2026-01", "2026-02"];
        let month = Month::parse(months[number / VEHICLES % 3]).expect("a month");
        let jurisdiction = [Some("TN"), Some("KY"), None][number / VEHICLES / 3];
        let key = IftaVehicleMonth::key(vehicle, month, jurisdiction);
        IftaVehicleMonth {
            id: self.ids.ifta_report(&key),
            provider: PROVIDER.to_owned(),
            vehicle,
            month,
            jurisdiction: jurisdiction.map(str::to_owned),
            distance: (10_007 + number * 1_313) as f64 / 100.0,
        }
    }

    /// The first vehicle's day: one driver, then another, corrected for the hours in between.
    fn assignment(&self, number: usize) -> DriverAssignment {
        let (driver, from, until, assigned) = [
            (0, 0, Some(6), None),
            (1, 6, None, None),
            (2, 4, Some(8), Some(9)),
            (1, 5, Some(6), Some(10)),
        ][number];
        DriverAssignment {
            vehicle: self.vehicle_id(0),
            driver: Some(self.driver_id(driver)),
            started_at: hour(from),
            ended_at: until.map(hour),
            assigned_at: assigned.map(hour),
        }
    }
}

fn status(active: bool) -> RecordStatus {
    match active {
        true => RecordStatus::Active,
        false => RecordStatus::Inactive,
    }
}
