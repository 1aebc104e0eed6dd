//! Fault codes: what one reading shows, and readings that are not understood whole.

use expect_test::expect;
use provider::ProviderError;

use super::{asked, check, fixture, read};

#[test]
fn a_reading_has_all_codes_of_both_buses_in_order() {
    check(
        "faults",
        None,
        fixture!("faults.json"),
        &expect![[r#"
        vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03-01T08:00:00.000Z {
          "codes": [
            {
              "code": "SPN190-FMI2",
              "j1939": {
                "fmi": 2,
                "occurrenceCount": 1,
                "sourceAddress": 0,
                "spn": 190
              },
              "milStatus": "off",
              "protocol": "j1939",
              "status": "open"
            },
            {
              "code": "SPN3226-FMI18",
              "description": "Outlet NOx",
              "j1939": {
                "fmi": 18,
                "occurrenceCount": 1,
                "sourceAddress": 0,
                "spn": 3226,
                "spnDescription": "Outlet NOx"
              },
              "milStatus": "off",
              "protocol": "j1939",
              "status": "open"
            },
            {
              "code": "SPN3226-FMI18",
              "description": "Outlet NOx: Below normal",
              "j1939": {
                "fmi": 18,
                "fmiDescription": "Below normal",
                "occurrenceCount": 3,
                "sourceAddress": 61,
                "spn": 3226,
                "spnDescription": "Outlet NOx"
              },
              "milStatus": "on",
              "protocol": "j1939",
              "status": "open"
            }
          ],
          "observedAt": "2026-03-01T08:00:00.000Z",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03-01T08:30:00.250Z {
          "codes": [],
          "observedAt": "2026-03-01T08:30:00.250Z",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
        }
        vcl_01GV4D0S4DYVT7V0FMWX84TN96:2026-03-01T08:10:00.000Z {
          "codes": [
            {
              "code": "P0087",
              "description": "Rail pressure",
              "milStatus": "on",
              "obdii": {
                "code": "P0087",
                "description": "Rail pressure"
              },
              "protocol": "obdii",
              "status": "open"
            },
            {
              "code": "P0301",
              "description": "Misfire in cylinder 1",
              "milStatus": "on",
              "obdii": {
                "code": "P0301",
                "description": "Misfire in cylinder 1"
              },
              "protocol": "obdii",
              "status": "open"
            },
            {
              "code": "P0420",
              "milStatus": "off",
              "obdii": {
                "code": "P0420"
              },
              "protocol": "obdii",
              "status": "pending"
            }
          ],
          "observedAt": "2026-03-01T08:10:00.000Z",
          "provider": "samsara",
          "vehicle": "vcl_01GV4D0S4DYVT7V0FMWX84TN96"
        }
        provider_capability_not_supported at data[0].faultCodes[0].oem:
          3 codes of the maker's own, which have no common form: left out
        provider_capability_not_supported at
          data[1].faultCodes[0].obdii.diagnosticTroubleCodes[1].confirmedDtcs[1]:
          1 OBD-II codes without a `dtcShortCode`: left out
        next faults-1
    "#]],
    );
}

#[test]
fn a_reading_that_is_not_understood_is_left_out_whole() {
    check(
        "faults",
        Some("faults-1"),
        fixture!("faults-unusable.json"),
        &expect![[r#"
            vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03-01T08:09:00.000Z {
              "codes": [
                {
                  "code": "SPN5-FMI1",
                  "j1939": {
                    "fmi": 1,
                    "spn": 5
                  },
                  "protocol": "j1939",
                  "status": "open"
                }
              ],
              "observedAt": "2026-03-01T08:09:00.000Z",
              "provider": "samsara",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            vcl_01GV4D0S4D514NBX0YS981N34Y:2026-03-01T08:10:00.000Z {
              "codes": [
                {
                  "code": "P1",
                  "obdii": {
                    "code": "P1"
                  },
                  "protocol": "obdii",
                  "status": "pending"
                }
              ],
              "observedAt": "2026-03-01T08:10:00.000Z",
              "provider": "samsara",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            invalid_source_identifier at data[0].id:
              missing, not an id: the row is left out
            provider_source_data_invalid at data[1].id:
              not asked for: the row is left out
            provider_source_data_invalid at data[2].faultCodes[0].time:
              missing: the row is left out
            provider_source_data_invalid at
              data[2].faultCodes[1].j1939.diagnosticTroubleCodes[0].spnId:
              missing
            provider_source_data_invalid at
              data[2].faultCodes[2].j1939.diagnosticTroubleCodes[0].spnId:
              not a whole number
            provider_source_data_invalid at
              data[2].faultCodes[3].j1939.diagnosticTroubleCodes[0]:
              missing, not an object
            provider_source_data_invalid at
              data[2].faultCodes[4].j1939.diagnosticTroubleCodes:
              not a list of what belongs there
            provider_source_data_invalid at data[2].faultCodes[5].j1939:
              a list, not an object
            provider_source_data_invalid at
              data[2].faultCodes[6].obdii.diagnosticTroubleCodes[0].confirmedDtcs:
              not a list of what belongs there
            provider_source_data_invalid at
              data[2].faultCodes[7].obdii.diagnosticTroubleCodes[0].confirmedDtcs[0].dtcShortCode:
              a number, not a code
            provider_source_data_invalid at
              data[2].faultCodes[8].oem.diagnosticTroubleCodes:
              not a list of what belongs there
            provider_source_data_invalid at
              data[2].faultCodes[9].j1939.diagnosticTroubleCodes[0].milStatus:
              not a whole number
            provider_source_data_invalid at
              data[2].faultCodes[9].j1939.diagnosticTroubleCodes[0].txId:
              not a whole number
            provider_source_data_invalid at
              data[2].faultCodes[10].obdii.diagnosticTroubleCodes[0].milStatus:
              a number, not a truth value
            provider_source_data_invalid at data[2].faultCodes[11]:
              a number, not an object
            end
        "#]],
    );
}

#[test]
fn readings_that_are_no_list_are_refused() {
    let body = br#"{"data":[{"id":"550000000000101","faultCodes":{"time":"2026-03-01T08:00:00Z"}}],
        "pagination":{"endCursor":"","hasNextPage":false}}"#;
    let error = read("faults", None, body).expect_err("a snapshot");
    assert!(matches!(error, ProviderError::UnexpectedAnswer { .. }));
}

#[test]
fn requests_of_fault_codes() {
    let all = [asked("faults", None), asked("faults", Some("faults-1"))];
    expect![[r#"
        /fleet/vehicles/stats/history
            types=faultCodes
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
        /fleet/vehicles/stats/history
            types=faultCodes
            vehicleIds=550000000000101,550000000000102,550000000000103
            startTime=2026-03-01T08:00:00.000Z
            endTime=2026-03-01T09:00:00.000Z
            limit=512
            after=faults-1"#]]
    .assert_eq(&all.join("\n"));
}
