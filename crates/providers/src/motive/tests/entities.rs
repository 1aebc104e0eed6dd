//! Listings: what becomes of the company, vehicles, users, groups, gateways and assets.

use expect_test::expect;

use super::{asked, check, fixture, read};

#[test]
fn the_company_has_an_iana_zone() {
    check(
        "account",
        None,
        fixture!("companies.json"),
        &expect![[r#"
        AccountFacts {
            source_id: Some(
                "4711",
            ),
            name: Some(
                "Harbour Freight Lines",
            ),
            dot_numbers: [
                "4410021",
                "4410022",
            ],
            zone: Some(
                "America/Chicago",
            ),
        }
        end
    "#]],
    );
}

#[test]
fn a_company_that_says_nothing_usable_is_still_one() {
    check(
        "account",
        None,
        fixture!("companies-unusable.json"),
        &expect![[r#"
            AccountFacts {
                source_id: None,
                name: None,
                dot_numbers: [],
                zone: None,
            }
            provider_source_data_invalid at companies[0].company.time_zone:
              `Lunar Time (Tranquility)` is no known time zone
            provider_source_data_invalid at companies[0].company.dot_ids:
              not a list of what belongs there
            invalid_source_identifier at companies[0].company.id:
              an object, not an id
            end
        "#]],
    );
}

#[test]
fn vehicles_have_neither_empty_texts_nor_the_year_zero() {
    check(
        "vehicles",
        None,
        fixture!("vehicles-1.json"),
        &expect![[r#"
        700101 {
          "createdAt": "2022-03-04T05:06:07.000Z",
          "devices": [
            "dvc_01GV4D0S4DYQSYRAST4D9W0YND"
          ],
          "groups": [
            "group_01GV4D0S4DR47XPZKJ3NE7CFV8",
            "group_01GV4D0S4D7RBP63EV8MTQ8G5N"
          ],
          "id": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB",
          "licensePlate": {
            "number": "TST 101",
            "state": "IL"
          },
          "make": "Volvo",
          "model": "VNL",
          "name": "H-101",
          "provider": "motive",
          "sourceId": "700101",
          "status": "active",
          "updatedAt": "2026-01-02T03:04:05.678Z",
          "vin": "1TESTV1N000000101",
          "year": 2021
        }
        700102 {
          "createdAt": "2022-03-04T05:06:07.000Z",
          "devices": [],
          "groups": [],
          "id": "vcl_01GV4D0S4DP3SZBHMZQFVNRJKN",
          "name": "H-102",
          "provider": "motive",
          "sourceId": "700102",
          "status": "inactive",
          "updatedAt": "2026-01-02T03:04:05.678Z"
        }
        next 2/3
    "#]],
    );
    check(
        "vehicles",
        Some("2/3"),
        fixture!("vehicles-2.json"),
        &expect![[r#"
            700103 {
              "createdAt": "2022-03-04T05:06:07.000Z",
              "devices": [
                "dvc_01GV4D0S4D6AYPTS84J94V7PYK"
              ],
              "groups": [],
              "id": "vcl_01GV4D0S4DC33RMNKH1F93BHXH",
              "make": "Volvo",
              "model": "VNL",
              "name": "H-103",
              "provider": "motive",
              "sourceId": "700103",
              "status": "inactive",
              "vin": "1TESTV1N000000103"
            }
            end
        "#]],
    );
}

#[test]
fn vehicles_that_are_none_are_told() {
    check(
        "vehicles",
        None,
        fixture!("vehicles-unusable.json"),
        &expect![[r#"
            700105 {
              "devices": [],
              "groups": [
                "group_01GV4D0S4D6PVWY1FSQSM59GK2"
              ],
              "id": "vcl_01GV4D0S4DDYXCC79M5TZBWFC8",
              "licensePlate": {
                "number": "TST 105",
                "state": "IL"
              },
              "make": "Volvo",
              "model": "VNL",
              "name": "H-105",
              "provider": "motive",
              "sourceId": "700105",
              "status": "active",
              "updatedAt": "2026-01-02T03:04:05.678Z",
              "vin": "1TESTV1N000000105"
            }
            700107 {
              "createdAt": "2022-03-04T05:06:07.000Z",
              "devices": [
                "dvc_01GV4D0S4DDPJ5XV9V72SGEVEH"
              ],
              "groups": [
                "group_01GV4D0S4DR47XPZKJ3NE7CFV8",
                "group_01GV4D0S4D7RBP63EV8MTQ8G5N"
              ],
              "id": "vcl_01GV4D0S4D2VRVQH63DMGAPX52",
              "licensePlate": {
                "number": "TST 107",
                "state": "IL"
              },
              "make": "Volvo",
              "model": "VNL",
              "name": "H-107",
              "provider": "motive",
              "sourceId": "700107",
              "status": "active",
              "updatedAt": "2026-01-02T03:04:05.678Z",
              "vin": "1TESTV1N000000107"
            }
            provider_source_data_invalid at vehicles[2]:
              lacks its wrapper: not a wrapped `vehicle`
            provider_source_data_invalid at vehicles[3]:
              null, not an object: not a wrapped `vehicle`
            invalid_source_identifier at vehicles[0].vehicle.id:
              missing, not an id: the row is left out
            provider_source_data_invalid at vehicles[1].vehicle.eld_device:
              a text, not an object
            provider_source_data_invalid at vehicles[1].vehicle.status:
              `parked` is no known status; taken for an active one
            provider_source_data_invalid at vehicles[1].vehicle.year:
              not a whole number
            invalid_source_identifier at vehicles[1].vehicle.group_ids[0]:
              a truth value, not an id
            provider_source_data_invalid at vehicles[1].vehicle.created_at:
              not an RFC 3339 time
            provider_source_data_invalid at vehicles[4].vehicle:
              a list, not an object
            invalid_source_identifier at vehicles[5].vehicle.id:
              a number, not an id: the row is left out
            end
        "#]],
    );
}

#[test]
fn drivers_are_the_users_who_drive() {
    check(
        "drivers",
        None,
        fixture!("users-1.json"),
        &expect![[r#"
        88001 {
          "createdAt": "2022-02-03T04:05:06.000Z",
          "email": "rosa@example.org",
          "firstName": "Rosa",
          "groups": [
            "group_01GV4D0S4DR47XPZKJ3NE7CFV8"
          ],
          "id": "drv_01GV4D0S4D8XKSJTPSGRCFXZT3",
          "lastName": "Delgado",
          "license": {
            "number": "D100",
            "state": "TX"
          },
          "phone": "+15125550117",
          "provider": "motive",
          "sourceId": "88001",
          "status": "active",
          "updatedAt": "2026-02-03T04:05:06.500Z",
          "username": "rdelgado"
        }
        88002 {
          "createdAt": "2022-02-03T04:05:06.000Z",
          "firstName": "Ed",
          "groups": [],
          "id": "drv_01GV4D0S4D51ETX3189MTDHMTQ",
          "provider": "motive",
          "sourceId": "88002",
          "status": "inactive",
          "updatedAt": "2026-02-03T04:05:06.500Z"
        }
        zones America/Chicago America/Phoenix
        next 2/4
    "#]],
    );
    check(
        "drivers",
        Some("2/4"),
        fixture!("users-2.json"),
        &expect![[r#"
            88003 {
              "createdAt": "2022-02-03T04:05:06.000Z",
              "firstName": "Rosa",
              "groups": [
                "group_01GV4D0S4DR47XPZKJ3NE7CFV8"
              ],
              "id": "drv_01GV4D0S4DMF5W3CWJPXAX4WP5",
              "lastName": "Delgado",
              "license": {
                "number": "D100",
                "state": "TX"
              },
              "phone": "+15125550118",
              "provider": "motive",
              "sourceId": "88003",
              "status": "active",
              "updatedAt": "2026-02-03T04:05:06.500Z",
              "username": "rdelgado"
            }
            provider_source_data_invalid at users[0].user.time_zone:
              `Moon` is no known time zone
            end
        "#]],
    );
}

#[test]
fn groups_gateways_and_assets() {
    check(
        "groups",
        None,
        fixture!("groups.json"),
        &expect![[r#"
        61 {
          "id": "group_01GV4D0S4DR47XPZKJ3NE7CFV8",
          "name": "Fleet",
          "provider": "motive",
          "sourceId": "61"
        }
        62 {
          "id": "group_01GV4D0S4D7RBP63EV8MTQ8G5N",
          "name": "Night shift",
          "parent": "group_01GV4D0S4DR47XPZKJ3NE7CFV8",
          "provider": "motive",
          "sourceId": "62"
        }
        64 {
          "id": "group_01GV4D0S4D3CSQ3R4DZRRYP8RQ",
          "provider": "motive",
          "sourceId": "64"
        }
        invalid_source_identifier at groups[2].group.id:
          a text, not an id: the row is left out
        provider_source_data_invalid at groups[3].group.name:
          a number, not a text
        invalid_source_identifier at groups[3].group.parent_id:
          a text, not an id
        end
    "#]],
    );
    check(
        "eld_devices",
        None,
        fixture!("eld-devices.json"),
        &expect![[r#"
            9201 {
              "description": "lbb-3.6ca",
              "id": "dvc_01GV4D0S4DYQSYRAST4D9W0YND",
              "provider": "motive",
              "serialNumber": "GW101",
              "sourceId": "9201",
              "type": "tracker",
              "vehicle": "vcl_01GV4D0S4DJNMR8DGXHTTK9SBB"
            }
            9202 {
              "id": "dvc_01GV4D0S4DQJZE27K82PBPJS2E",
              "provider": "motive",
              "serialNumber": "GW900",
              "sourceId": "9202",
              "type": "tracker"
            }
            invalid_source_identifier at eld_devices[2].eld_device.id:
              a list, not an id: the row is left out
            end
        "#]],
    );
    check(
        "assets",
        None,
        fixture!("assets.json"),
        &expect![[r#"
        635 {
          "groups": [
            "group_01GV4D0S4D7RBP63EV8MTQ8G5N"
          ],
          "id": "trl_01GV4D0S4DSMF16VHAZ0SW4G61",
          "licensePlate": {
            "number": "TR 635",
            "state": "TN"
          },
          "make": "Utility",
          "model": "3000R",
          "name": "Reefer 7",
          "provider": "motive",
          "sourceId": "635",
          "status": "active",
          "vin": "1UYTEST0000000635",
          "year": 2019
        }
        636 {
          "groups": [],
          "id": "trl_01GV4D0S4D69Q2ANS5GDQEGHP0",
          "name": "Container",
          "provider": "motive",
          "sourceId": "636",
          "status": "inactive"
        }
        end
    "#]],
    );
}

#[test]
fn listings_are_asked_for_page_by_page() {
    let all = [
        asked("account", None),
        asked("vehicles", None),
        asked("vehicles", Some("2/3")),
        asked("drivers", Some("not one of ours")),
        asked("groups", None),
        asked("eld_devices", None),
        asked("assets", None),
    ];
    expect![[r#"
        /v1/companies
            per_page=100
            page_no=1
        /v1/vehicles
            per_page=100
            page_no=1
        /v1/vehicles
            per_page=100
            page_no=2
        /v1/users
            per_page=100
            page_no=1
            role=driver
        /v1/groups
            per_page=100
            page_no=1
        /v1/eld_devices
            per_page=100
            page_no=1
        /v1/assets
            per_page=100
            page_no=1"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_list_that_changes_under_the_walk_begins_anew() {
    let error = read("vehicles", Some("2/4"), fixture!("vehicles-2.json"));
    assert_eq!(error, Err(provider::ProviderError::PositionExpired));
}

#[test]
fn numbers_of_pages_that_lead_nowhere_are_refused() {
    let body = |pagination: &str| format!(r#"{{"groups":[],{pagination}}}"#);
    for pagination in [
        r#""per_page":25"#,
        r#""pagination":{"per_page":0,"page_no":1,"total":0}"#,
        r#""pagination":{"per_page":25,"page_no":1,"total":-1}"#,
        r#""pagination":{"per_page":25,"page_no":1,"total":26}"#,
        r#""pagination":[]"#,
    ] {
        let error = read("groups", None, body(pagination).as_bytes()).expect_err(pagination);
        let is_unexpected = matches!(error, provider::ProviderError::UnexpectedAnswer { .. });
        assert!(is_unexpected, "{pagination}: {error}");
    }
    // A page past the end is empty, and that is the end; so is a flat pagination.
    for pagination in [
        r#""pagination":{"per_page":5,"page_no":2100,"total":10366}"#,
        r#""per_page":25,"page_no":1,"total":0"#,
    ] {
        let page = read("groups", None, body(pagination).as_bytes()).expect(pagination);
        assert_eq!(page.next, provider::Next::End);
    }
}
