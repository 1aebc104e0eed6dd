//! Safety events.

use expect_test::expect;

use super::{check, fixture, position_after};

#[test]
fn the_first_page_says_what_is_to_be_asked() {
    check(
        "safety",
        None,
        fixture!("safety"),
        &expect![[r#"
        invalid_source_identifier at result[0][5].id:
          missing, not an id: the row is left out
        invalid_source_identifier at result[0][6].rule:
          nobody: the row is left out
        provider_source_data_invalid at result[0][7].device:
          not asked for: the row is left out
        provider_source_data_invalid at result[0][8].activeFrom:
          a number, not a text
        provider_source_data_invalid at result[0][9].state:
          `ExceptionEventStateNewId` is no known state: left out
        next [{"id":"aEvent1","device":"b1","from_ms":1772352300000,
          "until_ms":1772352304000},{"id":"aEvent2","device":"b1",
          "from_ms":1772353200000,"until_ms":1772353200000},{"id":"aEvent3",
          "device":"b2","from_ms":1772353800000,"until_ms":1772353860000},
          {"id":"aEvent4","device":"b2","from_ms":1772354400000,
          "until_ms":1772354460000}]
    "#]],
    );
}

#[test]
fn the_second_has_all_that_an_event_is_made_of() {
    let position = position_after("safety", fixture!("safety"));
    check(
        "safety",
        Some(&position),
        fixture!("safety-explained"),
        &expect![[r#"
            aEvent1 {
              "driver": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
              "endLocation": {
                "latitude": 30.3,
                "longitude": -97.3
              },
              "endedAt": "2026-03-01T08:05:04.000Z",
              "id": "sft_evt_01GV4D0S4DFHGM1F0WFBCENK13",
              "provider": "geotab",
              "sourceId": "aEvent1",
              "sourceType": "RuleHarshBrakingId",
              "startLocation": {
                "latitude": 30.2,
                "longitude": -97.2
              },
              "startedAt": "2026-03-01T08:05:00.000Z",
              "stats": {
                "averageSpeed": 45.25,
                "gForceForwardBackward": -0.52,
                "gForceSideToSide": 0.2,
                "maximumSpeed": 70.5
              },
              "type": "harsh_brake",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            aEvent2 {
              "id": "sft_evt_01GV4D0S4DSHCQMSR9XHA0NRSC",
              "provider": "geotab",
              "sourceId": "aEvent2",
              "sourceType": "Cell phone (camera)",
              "startedAt": "2026-03-01T08:20:00.000Z",
              "type": "cell_phone",
              "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
            }
            aEvent3 {
              "endLocation": {
                "latitude": 45.2,
                "longitude": -122.2
              },
              "endedAt": "2026-03-01T08:31:00.000Z",
              "id": "sft_evt_01GV4D0S4DNSQC5D67S4BKYTZ2",
              "provider": "geotab",
              "sourceId": "aEvent3",
              "sourceType": "RulePostedSpeedingId",
              "startLocation": {
                "latitude": 45.1,
                "longitude": -122.1
              },
              "startedAt": "2026-03-01T08:30:00.000Z",
              "stats": {
                "averageSpeed": 125.5,
                "maximumSpeed": 131.5,
                "roadSpeedLimit": 104.61
              },
              "type": "speeding",
              "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
            }
            invalid_source_identifier at result[0][5].id:
              missing, not an id: the row is left out
            invalid_source_identifier at result[0][6].rule:
              nobody: the row is left out
            provider_source_data_invalid at result[0][7].device:
              not asked for: the row is left out
            provider_source_data_invalid at result[0][8].activeFrom:
              a number, not a text
            provider_source_data_invalid at result[0][9].state:
              `ExceptionEventStateNewId` is no known state: left out
            provider_capability_not_supported at result:
              no type for the rule `Depot dwell`: its events are left out
            end
        "#]],
    );
}
