//! Fault codes.

use expect_test::expect;

use super::{check, fixture, position_after};

#[test]
fn the_first_page_says_which_codes_are_to_be_explained() {
    check(
        "faults",
        None,
        fixture!("faults"),
        &expect![[r#"
        invalid_source_identifier at result[1][1].diagnostic:
          nobody: the row is left out
        invalid_source_identifier at result[1][2].diagnostic:
          nobody: the row is left out
        next [["DiagnosticDeviceHasBeenUnpluggedId",null],["bGone",null],["bP0301",null],
          ["bSpn3226","bFmi18"],["bU0100",null]]
    "#]],
    );
}

#[test]
fn the_second_explains_them() {
    let position = position_after("faults", fixture!("faults"));
    check(
        "faults",
        Some(&position),
        fixture!("faults-explained"),
        &expect![[r#"
            vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03-01T08:05:00.000Z:SPN3226-FMI18@61 {
              "code": "SPN3226-FMI18",
              "description": "Outlet NOx: Below normal, moderately severe",
              "id": "fc_evt_01GV4D0S4DD2AXDW46KDE3NEYT",
              "j1939": {
                "fmi": 18,
                "fmiDescription": "Below normal, moderately severe",
                "occurrenceCount": 3,
                "sourceAddress": 61,
                "spn": 3226,
                "spnDescription": "Outlet NOx"
              },
              "milStatus": "on",
              "observedAt": "2026-03-01T08:05:00.000Z",
              "protocol": "j1939",
              "provider": "geotab",
              "status": "open",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03-01T08:45:00.000Z:SPN3226-FMI18@61 {
              "code": "SPN3226-FMI18",
              "description": "Outlet NOx: Below normal, moderately severe",
              "id": "fc_evt_01GV4D0S4D4TM2KJVRMM1D8Q03",
              "j1939": {
                "fmi": 18,
                "fmiDescription": "Below normal, moderately severe",
                "occurrenceCount": 3,
                "sourceAddress": 61,
                "spn": 3226,
                "spnDescription": "Outlet NOx"
              },
              "milStatus": "off",
              "observedAt": "2026-03-01T08:45:00.000Z",
              "protocol": "j1939",
              "provider": "geotab",
              "status": "closed",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            vcl_01GV4D0S4DX7308R3F6T214Z30:2026-03-01T08:06:00.000Z:P0301 {
              "code": "P0301",
              "description": "Misfire in cylinder 1",
              "id": "fc_evt_01GV4D0S4DYM58PKWDVF2GVX2W",
              "milStatus": "on",
              "obdii": {
                "code": "P0301",
                "description": "Misfire in cylinder 1"
              },
              "observedAt": "2026-03-01T08:06:00.000Z",
              "protocol": "obdii",
              "provider": "geotab",
              "status": "pending",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            vcl_01GV4D0S4DZM8ANTGEAVBDN1E6:2026-03-01T08:10:00.000Z:U0100 {
              "code": "U0100",
              "description": "Lost communication",
              "id": "fc_evt_01GV4D0S4DYA8DRXBXRWWPNK54",
              "milStatus": "on",
              "obdii": {
                "code": "U0100",
                "description": "Lost communication"
              },
              "observedAt": "2026-03-01T08:10:00.000Z",
              "protocol": "obdii",
              "provider": "geotab",
              "status": "closed",
              "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
            }
            invalid_source_identifier at result[1][1].diagnostic:
              nobody: the row is left out
            invalid_source_identifier at result[1][2].diagnostic:
              nobody: the row is left out
            provider_source_data_invalid at result[1][3].faultState:
              `Odd` is no known state: left out
            provider_source_data_invalid at result[1][4].controller:
              not one of OBD-II: the code has no letter
            provider_source_data_invalid at result[1][5].diagnostic:
              not a diagnostic that the account lists: left out
            provider_capability_not_supported at result[0][3]:
              neither J1939 nor OBD-II, 1 in all: left out
            end
        "#]],
    );
}
