//! Listings.

use expect_test::expect;

use super::{check, fixture};

#[test]
fn devices_are_vehicles_and_trackers() {
    check(
        "devices",
        None,
        fixture!("devices"),
        &expect![[r#"
        G9A000000001 {
          "description": "GO9",
          "id": "dvc_01GV4D0S4D9CPJN5PQB23N36PQ",
          "provider": "geotab",
          "serialNumber": "G9A000000001",
          "sourceId": "G9A000000001",
          "type": "tracker",
          "vehicle": "vcl_01GV4D0S4DX7308R3F6T214Z30"
        }
        b1 {
          "devices": [
            "dvc_01GV4D0S4D9CPJN5PQB23N36PQ"
          ],
          "groups": [
            "group_01GV4D0S4DMRA11NBW72WG0B3D",
            "group_01GV4D0S4DMP41DC2HCN6CNAF3"
          ],
          "id": "vcl_01GV4D0S4DX7308R3F6T214Z30",
          "licensePlate": {
            "number": "7KLM432",
            "state": "TX"
          },
          "make": "Freightliner",
          "model": "Cascadia",
          "name": "Unit 1",
          "provider": "geotab",
          "sourceId": "b1",
          "status": "active",
          "vin": "1FUJGLDR9CLBP8834",
          "year": 2021
        }
        b2 {
          "description": "GO8",
          "id": "dvc_01GV4D0S4DBJRE2K4NDZF1WWF7",
          "provider": "geotab",
          "sourceId": "b2",
          "type": "tracker",
          "vehicle": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6"
        }
        b2 {
          "devices": [
            "dvc_01GV4D0S4DBJRE2K4NDZF1WWF7"
          ],
          "groups": [],
          "id": "vcl_01GV4D0S4DZM8ANTGEAVBDN1E6",
          "name": "Unit 2",
          "provider": "geotab",
          "sourceId": "b2",
          "status": "inactive",
          "vin": "3AKJHHDR5LSLA1234"
        }
        b3 {
          "devices": [],
          "groups": [
            "group_01GV4D0S4DMRA11NBW72WG0B3D"
          ],
          "id": "vcl_01GV4D0S4D1AS2TMT42YG54CG9",
          "name": "No hardware",
          "provider": "geotab",
          "sourceId": "b3",
          "status": "active"
        }
        GT0000000009 {
          "description": "GO9",
          "id": "dvc_01GV4D0S4D8N0HE00K4M4W7HAF",
          "provider": "geotab",
          "serialNumber": "GT0000000009",
          "sourceId": "GT0000000009",
          "type": "tracker"
        }
        next b9
    "#]],
    );
}

#[test]
fn devices_that_are_not_understood_are_told() {
    check(
        "devices",
        None,
        fixture!("devices-unusable"),
        &expect![[r#"
        b4 {
          "id": "dvc_01GV4D0S4DJB9QF61VB3GW4Y02",
          "provider": "geotab",
          "sourceId": "b4",
          "type": "tracker",
          "vehicle": "vcl_01GV4D0S4DE05FJ9TEB393BRNW"
        }
        b4 {
          "devices": [
            "dvc_01GV4D0S4DJB9QF61VB3GW4Y02"
          ],
          "groups": [],
          "id": "vcl_01GV4D0S4DE05FJ9TEB393BRNW",
          "provider": "geotab",
          "sourceId": "b4",
          "status": "active"
        }
        b5 {
          "id": "dvc_01GV4D0S4D434TJRTRZ3SS1KXK",
          "provider": "geotab",
          "sourceId": "b5",
          "type": "tracker",
          "vehicle": "vcl_01GV4D0S4D473M57DADANH8RQM"
        }
        b5 {
          "devices": [
            "dvc_01GV4D0S4D434TJRTRZ3SS1KXK"
          ],
          "groups": [],
          "id": "vcl_01GV4D0S4D473M57DADANH8RQM",
          "provider": "geotab",
          "sourceId": "b5",
          "status": "active"
        }
        b6 {
          "id": "dvc_01GV4D0S4DQ82CM9TTH7QTVTD1",
          "provider": "geotab",
          "sourceId": "b6",
          "type": "tracker",
          "vehicle": "vcl_01GV4D0S4DTR4NX2MA0NXMXDHN"
        }
        b6 {
          "devices": [
            "dvc_01GV4D0S4DQ82CM9TTH7QTVTD1"
          ],
          "groups": [],
          "id": "vcl_01GV4D0S4DTR4NX2MA0NXMXDHN",
          "name": "Plain",
          "provider": "geotab",
          "sourceId": "b6",
          "status": "active"
        }
        invalid_source_identifier at result[0].id:
          missing, not an id: the row is left out
        invalid_source_identifier at result[1].id:
          a number, not an id: the row is left out
        provider_source_data_invalid at result[2].groups:
          not a list of what belongs there
        provider_source_data_invalid at result[2].productId:
          a text, not a number
        provider_source_data_invalid at result[2].serialNumber:
          a number, not a text
        provider_source_data_invalid at result[2].name:
          a list, not a text
        provider_source_data_invalid at result[2].activeFrom:
          not an RFC 3339 time
        provider_source_data_invalid at result[2].activeTo:
          a number, not a text
        provider_source_data_invalid at result[2].vinInfoYear:
          not a whole number
        provider_source_data_invalid at result[2].groups:
          not a list of what belongs there
        provider_source_data_invalid at result[2].deviceType:
          an object, not a text
        provider_source_data_invalid at result[3].groups[0]:
          an object without an id, neither an id nor an object with one
        provider_source_data_invalid at result[3].groups[1]:
          a number, neither an id nor an object with one
        provider_source_data_invalid at result[3].groups[0]:
          an object without an id, neither an id nor an object with one
        provider_source_data_invalid at result[3].groups[1]:
          a number, neither an id nor an object with one
        next b6
    "#]],
    );
}

#[test]
fn drivers_are_users_who_drive() {
    check(
        "drivers",
        None,
        fixture!("users"),
        &expect![[r#"
        b101 {
          "email": "rosa@example.org",
          "firstName": "Rosa",
          "groups": [
            "group_01GV4D0S4DMRA11NBW72WG0B3D",
            "group_01GV4D0S4DDQYRT77M46YXZCX3"
          ],
          "id": "drv_01GV4D0S4DY0QEE8RB3PHM6GEM",
          "lastName": "Delgado",
          "license": {
            "number": "D123",
            "state": "TX"
          },
          "phone": "+15125550117",
          "provider": "geotab",
          "sourceId": "b101",
          "status": "active",
          "username": "rosa@example.org"
        }
        b102 {
          "groups": [],
          "id": "drv_01GV4D0S4DTQXQHVVXA8A8KK6H",
          "lastName": "Doe",
          "provider": "geotab",
          "sourceId": "b102",
          "status": "inactive",
          "username": "jdoe"
        }
        b104 {
          "groups": [],
          "id": "drv_01GV4D0S4DC4RT7YJAK877VXD3",
          "provider": "geotab",
          "sourceId": "b104",
          "status": "active"
        }
        provider_source_data_invalid at result[1].timeZoneId:
          no time zone that is known here
        invalid_source_identifier at result[3].id:
          missing, not an id: the row is left out
        provider_source_data_invalid at result[4].isDriver:
          a text, not a truth value
        provider_source_data_invalid at result[4].name:
          a number, not a text
        provider_source_data_invalid at result[4].companyGroups:
          not a list of what belongs there
        provider_source_data_invalid at result[4].driverGroups[0]:
          a number, neither an id nor an object with one
        zones America/Chicago
        next b104
    "#]],
    );
}

#[test]
fn groups_find_their_parents() {
    check(
        "groups",
        None,
        fixture!("groups"),
        &expect![[r#"
        GroupCompanyId {
          "id": "group_01GV4D0S4DHQ933SKC50TVWNRJ",
          "name": "Company",
          "provider": "geotab",
          "sourceId": "GroupCompanyId"
        }
        b2A1 {
          "id": "group_01GV4D0S4DMRA11NBW72WG0B3D",
          "name": "West",
          "parent": "group_01GV4D0S4DHQ933SKC50TVWNRJ",
          "provider": "geotab",
          "sourceId": "b2A1"
        }
        b2A2 {
          "id": "group_01GV4D0S4DDQYRT77M46YXZCX3",
          "parent": "group_01GV4D0S4DMRA11NBW72WG0B3D",
          "provider": "geotab",
          "sourceId": "b2A2"
        }
        invalid_source_identifier at result[6].id:
          missing, not an id: the row is left out
        end
    "#]],
    );
}

#[test]
fn trailers_are_devices_and_what_no_device_stands_for() {
    check(
        "trailers",
        None,
        fixture!("trailers"),
        &expect![[r#"
        aTrailerOfOld0000000001 {
          "groups": [
            "group_01GV4D0S4DFB9SVNJHGN3ZW48X"
          ],
          "id": "trl_01GV4D0S4DXP66MQ09FH1N6DRV",
          "licensePlate": {
            "number": "T123",
            "state": "ON"
          },
          "make": "Utility",
          "model": "3000R",
          "name": "Reefer 7",
          "provider": "geotab",
          "sourceId": "aTrailerOfOld0000000001",
          "status": "active",
          "vin": "1UYVS2538GU123456",
          "year": 2019
        }
        bA {
          "groups": [
            "group_01GV4D0S4DFB9SVNJHGN3ZW48X"
          ],
          "id": "trl_01GV4D0S4D39CJNNT4X4EYHSTP",
          "name": "Flat 1",
          "provider": "geotab",
          "serialNumber": "GT10",
          "sourceId": "bA",
          "status": "inactive"
        }
        aTrailerOfOld0000000002 {
          "groups": [
            "group_01GV4D0S4DMRA11NBW72WG0B3D"
          ],
          "id": "trl_01GV4D0S4DFXCVRJKYAW2PKRKW",
          "name": "Dolly",
          "provider": "geotab",
          "sourceId": "aTrailerOfOld0000000002",
          "status": "active"
        }
        invalid_source_identifier at result[1][2].id:
          missing, not an id: the row is left out
        next bA
    "#]],
    );
}

#[test]
fn missing_stock_rules_are_told() {
    check(
        "rules",
        None,
        fixture!("rules"),
        &expect![[r#"
        provider_partially_configured at result:
          no active rule for Harsh Cornering, Collision: such events are not detected
        end
    "#]],
    );
}

#[test]
fn units_that_are_not_converted_from_are_told() {
    check(
        "diagnostics",
        None,
        fixture!("diagnostics"),
        &expect![[r#"
            provider_source_data_invalid at result[9][0].unitOfMeasure:
              `UnitOfMeasureKiloPascalsId` for DiagnosticOilPressureId, not `UnitOfMeasurePascalsId`
            end
        "#]],
    );
}
