//! Fault codes: rows that change in place.

use expect_test::expect;

use super::{asked, check, fixture};

#[test]
fn a_code_is_opened_and_closed() {
    check(
        "faults",
        None,
        fixture!("faults-1.json"),
        &expect![[r#"
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:05:00.000Z:SPN3226-FMI18@61 {
          "code": "SPN3226-FMI18",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4DN96E67RJF22EXMQH",
          "j1939": {
            "fmi": 18,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "sourceAddress": 61,
            "spn": 3226
          },
          "observedAt": "2026-03-01T08:05:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "open",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:45:00.000Z:SPN3226-FMI18@61 {
          "code": "SPN3226-FMI18",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4D0SGYWQVBCFN507PF",
          "j1939": {
            "fmi": 18,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "sourceAddress": 61,
            "spn": 3226
          },
          "observedAt": "2026-03-01T08:45:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "closed",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:05:00.000Z:SPN94-FMI1 {
          "code": "SPN94-FMI1",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4DXKT8V5W5D2N4WN3X",
          "j1939": {
            "fmi": 1,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "spn": 94
          },
          "observedAt": "2026-03-01T08:05:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "pending",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        next 2/6
    "#]],
    );
    check(
        "faults",
        Some("2/6"),
        fixture!("faults-2.json"),
        &expect![[r#"
            vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:45:00.000Z:P0301 {
              "code": "P0301",
              "description": "Misfire in cylinder 1",
              "id": "fc_evt_01GV4D0S4D22XHZ0N4VWPJBDEV",
              "obdii": {
                "code": "P0301",
                "description": "Misfire in cylinder 1"
              },
              "observedAt": "2026-03-01T08:45:00.000Z",
              "protocol": "obdii",
              "provider": "motive",
              "status": "closed",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:45:00.000Z:SPN110-FMI18@61 {
              "code": "SPN110-FMI18",
              "description": "Outlet NOx: below normal",
              "id": "fc_evt_01GV4D0S4DYXTYN2NV291VYNS7",
              "j1939": {
                "fmi": 18,
                "fmiDescription": "Below normal, moderately severe",
                "occurrenceCount": 3,
                "sourceAddress": 61,
                "spn": 110
              },
              "observedAt": "2026-03-01T08:45:00.000Z",
              "protocol": "j1939",
              "provider": "motive",
              "status": "closed",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            next 3/6
        "#]],
    );
    check(
        "faults",
        Some("3/6"),
        fixture!("faults-3.json"),
        &expect![[r#"
            provider_capability_not_supported at fault_codes[0].fault_code.code:
              a code of J1587, which the contract has no protocol for: left out
            provider_capability_not_supported at fault_codes[1].fault_code.code:
              a code of J1587, which the contract has no protocol for: left out
            end
        "#]],
    );
}

#[test]
fn codes_that_are_none_are_told() {
    check(
        "faults",
        None,
        fixture!("faults-unusable.json"),
        &expect![[r#"
            vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:05:00.000Z:SPN5 {
              "code": "SPN5",
              "description": "Outlet NOx: below normal",
              "id": "fc_evt_01GV4D0S4DEHXXHZMW6TBZ59QZ",
              "j1939": {
                "fmiDescription": "Below normal, moderately severe",
                "occurrenceCount": 3,
                "spn": 5
              },
              "observedAt": "2026-03-01T08:05:00.000Z",
              "protocol": "j1939",
              "provider": "motive",
              "status": "open",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:45:00.000Z:SPN5 {
              "code": "SPN5",
              "description": "Outlet NOx: below normal",
              "id": "fc_evt_01GV4D0S4DJKR8NSQC6VMK7F8T",
              "j1939": {
                "fmiDescription": "Below normal, moderately severe",
                "occurrenceCount": 3,
                "spn": 5
              },
              "observedAt": "2026-03-01T08:45:00.000Z",
              "protocol": "j1939",
              "provider": "motive",
              "status": "closed",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            provider_source_data_invalid at fault_codes[0].fault_code.code:
              missing: the row is left out
            provider_source_data_invalid at fault_codes[1].fault_code.code:
              `C12X` is no known number of J1939; the row is left out
            provider_source_data_invalid at fault_codes[2].fault_code.status:
              `resolved` is no known status; the row is left out
            provider_source_data_invalid at
              fault_codes[3].fault_code.first_observed_at:
              missing: the row is left out
            provider_source_data_invalid at
              fault_codes[4].fault_code.last_observed_at:
              before the first: the row is left out
            provider_source_data_invalid at
              fault_codes[5].fault_code.last_observed_at:
              missing: the row is left out
            missing_vehicle_identifier at fault_codes[6].fault_code.vehicle:
              nobody's: the row is left out
            provider_source_data_invalid at fault_codes[7].fault_code.fmi:
              not a whole number
            provider_source_data_invalid at fault_codes[7].fault_code.source_address:
              not a whole number
            end
        "#]],
    );
}

#[test]
fn a_feed_goes_on_from_before_its_last_reading() {
    check(
        "faults.feed",
        None,
        fixture!("faults-1.json"),
        &expect![[r#"
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:05:00.000Z:SPN3226-FMI18@61 {
          "code": "SPN3226-FMI18",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4DN96E67RJF22EXMQH",
          "j1939": {
            "fmi": 18,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "sourceAddress": 61,
            "spn": 3226
          },
          "observedAt": "2026-03-01T08:05:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "open",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:45:00.000Z:SPN3226-FMI18@61 {
          "code": "SPN3226-FMI18",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4D0SGYWQVBCFN507PF",
          "j1939": {
            "fmi": 18,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "sourceAddress": 61,
            "spn": 3226
          },
          "observedAt": "2026-03-01T08:45:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "closed",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        vcl_01GV4D0S4DJNMR8DGXHTTK9SBB:2026-03-01T08:05:00.000Z:SPN94-FMI1 {
          "code": "SPN94-FMI1",
          "description": "Outlet NOx: below normal",
          "id": "fc_evt_01GV4D0S4DXKT8V5W5D2N4WN3X",
          "j1939": {
            "fmi": 1,
            "fmiDescription": "Below normal, moderately severe",
            "occurrenceCount": 3,
            "spn": 94
          },
          "observedAt": "2026-03-01T08:05:00.000Z",
          "protocol": "j1939",
          "provider": "motive",
          "status": "pending",
          "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
        }
        next 2026-03-01T07:50:00.000Z 2/6 2026-03-01T09:00:30.000Z
    "#]],
    );
    check(
        "faults.feed",
        Some("2026-03-01T07:50:00.000Z 3/6 2026-03-01T08:55:00.000Z"),
        fixture!("faults-3.json"),
        &expect![[r#"
            provider_capability_not_supported at fault_codes[0].fault_code.code:
              a code of J1587, which the contract has no protocol for: left out
            provider_capability_not_supported at fault_codes[1].fault_code.code:
              a code of J1587, which the contract has no protocol for: left out
            later 2026-03-01T08:45:00.000Z
        "#]],
    );
}

#[test]
fn changes_are_asked_for() {
    let all = [
        asked("faults", None),
        asked("faults", Some("2/6")),
        asked("faults.feed", None),
        asked("faults.feed", Some("2026-03-01T08:45:00.000Z")),
        asked(
            "faults.feed",
            Some("2026-03-01T07:50:00.000Z 3/6 2026-03-01T08:55:00.000Z"),
        ),
    ];
    expect![[r#"
        /v1/fault_codes
            per_page=100
            page_no=1
            vehicle_ids[]=700101
            vehicle_ids[]=700102
            vehicle_ids[]=700103
            updated_after=2026-03-01T08:00:00.000Z
        /v1/fault_codes
            per_page=100
            page_no=2
            vehicle_ids[]=700101
            vehicle_ids[]=700102
            vehicle_ids[]=700103
            updated_after=2026-03-01T08:00:00.000Z
        /v1/fault_codes
            per_page=100
            page_no=1
            updated_after=2026-03-01T07:50:00.000Z
        /v1/fault_codes
            per_page=100
            page_no=1
            updated_after=2026-03-01T08:45:00.000Z
        /v1/fault_codes
            per_page=100
            page_no=3
            updated_after=2026-03-01T07:50:00.000Z"#]]
    .assert_eq(&all.join("\n"));
}
