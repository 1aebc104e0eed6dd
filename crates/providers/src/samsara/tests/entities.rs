//! Listings: what becomes of vehicles, drivers, tags and the account.

use expect_test::expect;

use super::{asked, check, fixture};

#[test]
fn the_account_names_the_organisation() {
    check(
        "account",
        None,
        fixture!("me.json"),
        &expect![[r#"
            AccountFacts {
                source_id: Some(
                    "9001",
                ),
                name: Some(
                    "Harbour Freight Lines",
                ),
                dot_numbers: [
                    "4410021",
                ],
                zone: None,
            }
            end
        "#]],
    );
}

#[test]
fn vehicles_have_devices_groups_and_no_empty_texts() {
    check(
        "vehicles",
        None,
        fixture!("vehicles-1.json"),
        &expect![[r#"
            550000000000101 {
              "createdAt": "2022-03-04T05:06:07.000Z",
              "devices": [
                "dvc_01GV4D0S4DGA0C6HF282MNJ8HQ",
                "dvc_01GV4D0S4DWWBAD3BJRTS49M56"
              ],
              "groups": [
                "group_01GV4D0S4D8E849YEJEQ920TQ0",
                "group_01GV4D0S4D893Z57QB7FA4F1FB"
              ],
              "id": "vcl_01GV4D0S4D514NBX0YS981N34Y",
              "licensePlate": {
                "number": "TST 101"
              },
              "make": "VOLVO",
              "model": "VNL",
              "name": "H-101 (Tractor)",
              "provider": "samsara",
              "sourceId": "550000000000101",
              "status": "active",
              "updatedAt": "2026-01-02T03:04:05.678Z",
              "vin": "1TESTV1N000000101",
              "year": 2021
            }
            CTST-101-BBB {
              "id": "dvc_01GV4D0S4DWWBAD3BJRTS49M56",
              "provider": "samsara",
              "serialNumber": "CTST-101-BBB",
              "sourceId": "CTST-101-BBB",
              "type": "camera",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            550000000000102 {
              "createdAt": "2020-01-01T00:00:00.000Z",
              "devices": [],
              "groups": [],
              "id": "vcl_01GV4D0S4DYVT7V0FMWX84TN96",
              "name": "GTST-102-AAA",
              "provider": "samsara",
              "sourceId": "550000000000102",
              "status": "inactive",
              "updatedAt": "2020-01-01T00:00:00.000Z"
            }
            next vehicles-cursor-1
        "#]],
    );
}

#[test]
fn an_empty_page_with_more_to_come_goes_on() {
    let page = fixture!("vehicles-2.json");
    check(
        "vehicles",
        Some("vehicles-cursor-1"),
        page,
        &expect![[r#"
        next vehicles-cursor-2
    "#]],
    );
}

#[test]
fn a_maker_s_data_makes_a_vehicle_active_and_a_number_is_a_year_too() {
    let page = fixture!("vehicles-3.json");
    check(
        "vehicles",
        Some("vehicles-cursor-2"),
        page,
        &expect![[r#"
        550000000000103 {
          "createdAt": "2024-05-06T12:08:09.000Z",
          "devices": [],
          "groups": [],
          "id": "vcl_01GV4D0S4DJH4JV7SV2F6R75KV",
          "name": "Café van",
          "provider": "samsara",
          "sourceId": "550000000000103",
          "status": "active",
          "year": 2019
        }
        end
    "#]],
    );
}

#[test]
fn unusable_vehicle_rows_and_members_are_reported() {
    check(
        "vehicles",
        None,
        fixture!("vehicles-unusable.json"),
        &expect![[r#"
            550000000000106 {
              "devices": [],
              "groups": [
                "group_01GV4D0S4DBG3SVQM6JZ8MK9H5"
              ],
              "id": "vcl_01GV4D0S4DWXKKCQP2YM74G8TD",
              "provider": "samsara",
              "sourceId": "550000000000106",
              "status": "inactive"
            }
            550000000000107 {
              "devices": [],
              "groups": [],
              "id": "vcl_01GV4D0S4DPB9RVYY1ENTTGJBH",
              "provider": "samsara",
              "sourceId": "550000000000107",
              "status": "inactive"
            }
            invalid_source_identifier at data[0].id:
              missing, not an id: the row is left out
            invalid_source_identifier at data[1].id:
              a number, not an id: the row is left out
            provider_source_data_invalid at data[2]:
              null, not an object
            provider_source_data_invalid at data[3]:
              a text, not an object
            provider_source_data_invalid at data[4]:
              duplicate field `id` at line 1 column 30
            provider_source_data_invalid at data[5].gateway:
              a text, not an object
            provider_source_data_invalid at data[5].name:
              a list, not a text
            provider_source_data_invalid at data[5].year:
              not a whole number
            provider_source_data_invalid at data[5].tags[0]:
              not a tag with an id
            provider_source_data_invalid at data[5].tags[1]:
              not a tag with an id
            provider_source_data_invalid at data[5].createdAtTime:
              not an RFC 3339 time
            provider_source_data_invalid at data[5].updatedAtTime:
              a number, not a text
            provider_source_data_invalid at data[6].tags:
              not a list of tags
            end
        "#]],
    );
}

#[test]
fn the_end_of_the_active_drivers_is_the_start_of_the_deactivated() {
    check(
        "drivers",
        None,
        fixture!("drivers-active.json"),
        &expect![[r#"
            88001 {
              "createdAt": "2023-01-02T03:04:05.006Z",
              "email": "ada@harbour.example",
              "firstName": "Ada",
              "groups": [
                "group_01GV4D0S4D8E849YEJEQ920TQ0"
              ],
              "id": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
              "lastName": "Test",
              "license": {
                "number": "T0000001",
                "state": "TX"
              },
              "middleName": "Maria de la",
              "phone": "+15550140001",
              "provider": "samsara",
              "sourceId": "88001",
              "status": "active",
              "updatedAt": "2026-02-03T04:05:06.007Z",
              "username": "ada.test"
            }
            88002 {
              "firstName": "Bo",
              "groups": [],
              "id": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
              "phone": "+442079460000",
              "provider": "samsara",
              "sourceId": "88002",
              "status": "active"
            }
            zones America/Chicago
            next deactivated:
        "#]],
    );
}

#[test]
fn a_driver_cursor_may_hold_colons() {
    let page = fixture!("drivers-deactivated-1.json");
    check(
        "drivers",
        Some("deactivated:"),
        page,
        &expect![[r#"
        88003 {
          "firstName": "Cy",
          "groups": [],
          "id": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
          "lastName": "Test",
          "phone": "5550140003",
          "provider": "samsara",
          "sourceId": "88003",
          "status": "inactive"
        }
        next deactivated:drivers:cursor:1
    "#]],
    );
}

#[test]
fn a_driver_without_a_known_status_has_that_of_its_sweep() {
    let page = fixture!("drivers-deactivated-2.json");
    check(
        "drivers",
        Some("deactivated:drivers:cursor:1"),
        page,
        &expect![[r#"
            88004 {
              "groups": [],
              "id": "drv_01GV4D0S4D56JQWTDGCVCPP7WF",
              "provider": "samsara",
              "sourceId": "88004",
              "status": "inactive"
            }
            88005 {
              "firstName": "Di",
              "groups": [],
              "id": "drv_01GV4D0S4DM8JCQXNM91QSABPG",
              "lastName": "Test",
              "provider": "samsara",
              "sourceId": "88005",
              "status": "inactive"
            }
            provider_source_data_invalid at data[0].driverActivationStatus:
              neither `active` nor `deactivated`; the listing that was asked for decides
            end
        "#]],
    );
}

#[test]
fn tags_are_a_tree() {
    check(
        "groups",
        None,
        fixture!("tags.json"),
        &expect![[r#"
        77000 {
          "id": "group_01GV4D0S4DFMRT6QKD7DHAYK40",
          "name": "All",
          "provider": "samsara",
          "sourceId": "77000"
        }
        77001 {
          "id": "group_01GV4D0S4D8E849YEJEQ920TQ0",
          "name": "North",
          "parent": "group_01GV4D0S4DFMRT6QKD7DHAYK40",
          "provider": "samsara",
          "sourceId": "77001"
        }
        end
    "#]],
    );
}

#[test]
fn gateways_are_devices_and_those_of_trailers_have_no_vehicle() {
    check(
        "gateways",
        None,
        fixture!("gateways-1.json"),
        &expect![[r#"
            GTST-101-AAA {
              "description": "VG54NA",
              "id": "dvc_01GV4D0S4DGA0C6HF282MNJ8HQ",
              "lastConnectedAt": "2026-03-01T08:59:00.250Z",
              "provider": "samsara",
              "serialNumber": "GTST-101-AAA",
              "sourceId": "GTST-101-AAA",
              "type": "tracker",
              "vehicle": "vcl_01GV4D0S4D514NBX0YS981N34Y"
            }
            GTST-901-AAA {
              "description": "AG26",
              "id": "dvc_01GV4D0S4DR3XBPJ63YAG51P93",
              "provider": "samsara",
              "serialNumber": "GTST-901-AAA",
              "sourceId": "GTST-901-AAA",
              "type": "tracker"
            }
            CTST-102-BBB {
              "description": "CM31",
              "id": "dvc_01GV4D0S4DQSGP1NGSRJM641H7",
              "provider": "samsara",
              "serialNumber": "CTST-102-BBB",
              "sourceId": "CTST-102-BBB",
              "type": "camera",
              "vehicle": "vcl_01GV4D0S4DYVT7V0FMWX84TN96"
            }
            next gateways-1
        "#]],
    );
    check(
        "gateways",
        Some("gateways-1"),
        fixture!("gateways-unusable.json"),
        &expect![[r#"
            GTST-103-AAA {
              "id": "dvc_01GV4D0S4DEBCRTZZDMGZQ72D9",
              "provider": "samsara",
              "serialNumber": "GTST-103-AAA",
              "sourceId": "GTST-103-AAA",
              "type": "tracker"
            }
            GTST-104-AAA {
              "description": "VG34",
              "id": "dvc_01GV4D0S4DZ4ZWNQ248BJF1S40",
              "provider": "samsara",
              "serialNumber": "GTST-104-AAA",
              "sourceId": "GTST-104-AAA",
              "type": "tracker"
            }
            invalid_source_identifier at data[0].serial:
              missing, not an id: the row is left out
            invalid_source_identifier at data[1].serial:
              a number, not an id: the row is left out
            provider_source_data_invalid at data[2].model:
              an object, not a text
            provider_source_data_invalid at data[2].asset:
              a text, not an object
            provider_source_data_invalid at data[2].connectionStatus.lastConnected:
              not an RFC 3339 time
            provider_source_data_invalid at data[3].asset.id:
              a number, not a text
            provider_source_data_invalid at data[4]:
              a list, not an object
            end
        "#]],
    );
}

#[test]
fn trailers_are_assets() {
    check(
        "trailers",
        None,
        fixture!("trailers.json"),
        &expect![[r#"
            660000000000901 {
              "createdAt": "2021-02-03T04:05:06.000Z",
              "groups": [
                "group_01GV4D0S4D893Z57QB7FA4F1FB"
              ],
              "id": "trl_01GV4D0S4D6RQXX6RJ1HF051Z1",
              "licensePlate": {
                "number": "TRL 901"
              },
              "make": "Utility",
              "model": "3000R",
              "name": "Reefer 7",
              "provider": "samsara",
              "serialNumber": "8K2M-55Q",
              "sourceId": "660000000000901",
              "status": "active",
              "updatedAt": "2026-01-02T03:04:05.000Z",
              "vin": "1TESTTRL000000901",
              "year": 2019
            }
            660000000000902 {
              "createdAt": "2021-02-03T04:05:06.000Z",
              "groups": [],
              "id": "trl_01GV4D0S4DSN2SJ457S7A9M381",
              "provider": "samsara",
              "sourceId": "660000000000902",
              "status": "active",
              "updatedAt": "2021-02-03T04:05:06.000Z"
            }
            provider_source_data_invalid at data[1].year:
              not a year
            invalid_source_identifier at data[2].id:
              a text, not an id: the row is left out
            end
        "#]],
    );
}

#[test]
fn requests_of_listings() {
    let all = [
        asked("account", None),
        asked("vehicles", None),
        asked("vehicles", Some("a/b=")),
        asked("drivers", None),
        asked("drivers", Some("active:x")),
        asked("drivers", Some("deactivated:")),
        asked("drivers", Some("deactivated:drivers:cursor:1")),
        asked("groups", None),
        asked("gateways", None),
        asked("trailers", None),
        asked("trailers", Some("a")),
    ];
    expect![[r#"
        /me
        /fleet/vehicles
            limit=512
        /fleet/vehicles
            limit=512
            after=a%2Fb%3D
        /fleet/drivers
            driverActivationStatus=active
            limit=512
        /fleet/drivers
            driverActivationStatus=active
            limit=512
            after=x
        /fleet/drivers
            driverActivationStatus=deactivated
            limit=512
        /fleet/drivers
            driverActivationStatus=deactivated
            limit=512
            after=drivers:cursor:1
        /tags
            limit=512
        /gateways
        /assets
            type=trailer
            includeTags=true
            includeExternalIds=true
        /assets
            type=trailer
            includeTags=true
            includeExternalIds=true
            after=a"#]]
    .assert_eq(&all.join("\n"));
}
