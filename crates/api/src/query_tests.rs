use super::*;
use crate::parameters::{
    GET_IFTA_SUMMARY, GET_VEHICLE, LIST_CONNECTIONS, LIST_GROUPS, LIST_HOS_DAILY_LOGS, LIST_ISSUES,
    LIST_LOCATIONS, LIST_STATS, LIST_TRIPS, LIST_VEHICLES, REQUEST_SYNC,
};

fn text(pairs: &[(&str, &str)]) -> QueryText {
    QueryText {
        pairs: pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        accepts_compression: false,
    }
}

const CONTEXT: QueryContext<'static> = QueryContext {
    unknown: UnknownParameters::Refuse,
    owner: "app/conn",
    subject: "",
};

fn read(
    operation: &'static Operation,
    pairs: &[(&str, &str)],
) -> Result<Arguments, Vec<ErrorPathDetail>> {
    Arguments::read(operation, &text(pairs), CONTEXT).map_err(|error| match error {
        ApiError::BadRequest(places) => places,
        other => panic!("{other}"),
    })
}

fn refused(operation: &'static Operation, pairs: &[(&str, &str)]) -> Vec<String> {
    let places = read(operation, pairs).expect_err("refused");
    assert!(places.iter().all(|place| place.suggestion.is_some()));
    places.into_iter().map(|place| place.path).collect()
}

#[test]
fn malformed_values_are_refused_all_at_once() {
    let check = |operation, name: &'static str, value: &str| {
        assert_eq!(
            refused(operation, &[(name, value)]),
            [format!("{{requestQuery}}.{name}")],
            "{name}={value}"
        );
    };
    for limit in ["0", "-1", "1.5", "ten", "", " 5", "0x10"] {
        check(&LIST_VEHICLES, "limit", limit);
    }
    for time in [
        "yesterday",
        "2021-01-06",
        "2021-13-01T00:00:00Z",
        "1609903493",
    ] {
        check(&LIST_VEHICLES, "modifiedAfter", time);
    }
    for flag in ["1", "TRUE", "yes", ""] {
        check(&LIST_VEHICLES, "raw", flag);
    }
    for expand in ["group", "groups,", "groups,groups", "groups, devices", ""] {
        check(&LIST_VEHICLES, "expand", expand);
    }
    check(&LIST_STATS, "types", "odometer,engine_hours");
    check(&LIST_CONNECTIONS, "status", "connect");
    check(&LIST_CONNECTIONS, "order", "down");
    check(
        &LIST_ISSUES,
        "connectionId",
        "vcl_01GV12VR4DJP70GD1ZBK0SDWFH",
    );
    check(&LIST_VEHICLES, "cursor", "nonsense");
    assert_eq!(
        refused(
            &LIST_VEHICLES,
            &[("limit", "0"), ("raw", "1"), ("whatever", "x")]
        )
        .len(),
        3
    );
}

#[test]
fn a_repeated_parameter_is_refused() {
    assert_eq!(
        refused(&LIST_VEHICLES, &[("limit", "5"), ("limit", "5")]),
        ["{requestQuery}.limit"]
    );
    assert_eq!(
        refused(&LIST_CONNECTIONS, &[("tag", "a"), ("tags", "b")]),
        ["{requestQuery}.tag"]
    );
}

#[test]
fn a_parameter_known_elsewhere_is_ignored_with_a_warning() {
    let arguments = read(&LIST_GROUPS, &[("startAt", "nonsense"), ("tags", "x")]).expect("read");
    assert_eq!(arguments.warnings.len(), 2);
    let arguments = read(&LIST_CONNECTIONS, &[("tags", "east")]).expect("read");
    assert_eq!(arguments.text("tag"), Some("east"));
    assert_eq!(arguments.warnings.len(), 1);
}

#[test]
fn an_unknown_parameter_is_refused_with_the_nearest_name() {
    let check = |operation, name: &str, nearest: &str| {
        let places = read(operation, &[(name, "1")]).expect_err("refused");
        let suggestion = places[0].suggestion.as_deref().expect("suggested");
        assert!(suggestion.contains(&format!("'{nearest}'")), "{suggestion}");
    };
    check(&LIST_VEHICLES, "modified_after", "modifiedAfter");
    check(&LIST_VEHICLES, "Limit", "limit");
    check(&LIST_CONNECTIONS, "external_id", "externalId");
    check(&REQUEST_SYNC, "startedafter", "startedAfter");

    let lenient = QueryContext {
        unknown: UnknownParameters::Ignore,
        ..CONTEXT
    };
    let query = text(&[("pa\"ge\r\n", "2")]);
    let arguments = Arguments::read(&LIST_VEHICLES, &query, lenient).expect("ignored");
    assert_eq!(
        arguments.warnings,
        ["'page' is an unknown parameter and was ignored"]
    );
}

#[test]
fn limits_have_defaults_and_are_clamped() {
    let limit = |operation, value: Option<&str>, compressed: bool| {
        let mut query = text(&[]);
        query.accepts_compression = compressed;
        query
            .pairs
            .extend(value.map(|value| ("limit".to_owned(), value.to_owned())));
        Arguments::read(operation, &query, CONTEXT)
            .expect("read")
            .limit()
    };
    assert_eq!(limit(&LIST_VEHICLES, None, true), 100);
    assert_eq!(limit(&LIST_VEHICLES, Some("5000"), true), 1_000);
    assert_eq!(limit(&LIST_LOCATIONS, None, false), 1_000);
    assert_eq!(limit(&LIST_LOCATIONS, Some("50000"), false), 10_000);
    assert_eq!(limit(&LIST_LOCATIONS, Some("50000"), true), 40_000);
    assert_eq!(
        limit(&LIST_LOCATIONS, Some("99999999999999999999999"), false),
        10_000
    );
    assert_eq!(limit(&LIST_LOCATIONS, Some("1"), false), 1);
}

#[test]
fn times_are_read_as_clients_send_them() {
    let time = |value: &str| {
        read(&LIST_ISSUES, &[("lastReportedAfter", value)])
            .expect("read")
            .time("lastReportedAfter")
            .expect("given")
            .to_string()
    };
    assert_eq!(time("2021-01-06T03:24:53.5Z"), "2021-01-06T03:24:53.500Z");
    assert_eq!(
        time("2021-01-06T03:24:53 02:00"),
        "2021-01-06T01:24:53.000Z"
    );
    assert_eq!(time("2021-01-06"), "2021-01-06T00:00:00.000Z");
}

#[test]
fn lists_come_in_any_order() {
    let arguments = read(&GET_VEHICLE, &[("expand", "devices,groups")]).expect("read");
    assert_eq!(arguments.words("expand"), ["groups", "devices"]);
    let arguments =
        read(&LIST_STATS, &[("types", "odometer,engine_state,odometer")]).expect("read");
    assert_eq!(arguments.words("types"), ["engine_state", "odometer"]);
}

#[test]
fn a_cursor_carries_its_query() {
    let first = [
        ("modifiedAfter", "2021-01-06T03:24:53Z"),
        ("deleted", "true"),
        ("limit", "7"),
        ("raw", "true"),
    ];
    let next = read(&LIST_VEHICLES, &first)
        .expect("read")
        .next("here".to_owned());

    let alone = read(&LIST_VEHICLES, &[("cursor", &next)]).expect("read");
    assert!(alone.flag("deleted") && alone.flag("raw") && alone.time("modifiedAfter").is_some());
    assert_eq!(alone.limit(), 7);
    assert_eq!(
        alone.position(|text| Some(text.to_owned())).expect("read"),
        Some("here".to_owned())
    );
    assert!(alone.position(|_| None::<u8>).is_err());

    let repeated = [
        ("modifiedAfter", "2021-01-06T05:24:53.000+02:00"),
        ("hidden", "false"),
        ("limit", "9"),
        ("raw", "false"),
        ("expand", "groups"),
        ("cursor", &next),
    ];
    let same = read(&LIST_VEHICLES, &repeated).expect("it means the same");
    assert_eq!((same.limit(), same.flag("raw")), (9, false));
    assert!(same.expands("groups"));

    let other = [("deleted", "false"), ("hidden", "true"), ("cursor", &next)];
    assert_eq!(
        refused(&LIST_VEHICLES, &other),
        ["{requestQuery}.hidden", "{requestQuery}.deleted"]
    );
    assert_eq!(
        refused(&LIST_GROUPS, &[("cursor", &next)]),
        ["{requestQuery}.cursor"]
    );
}

#[test]
fn a_cursor_belongs_to_its_owner_and_subject() {
    let context = QueryContext {
        subject: "vcl_1",
        ..CONTEXT
    };
    let next = Arguments::read(&LIST_LOCATIONS, &text(&[]), context)
        .expect("read")
        .next("p".to_owned());
    let query = text(&[("cursor", &next)]);
    assert!(Arguments::read(&LIST_LOCATIONS, &query, context).is_ok());
    for wrong in [
        QueryContext {
            subject: "vcl_2",
            ..context
        },
        QueryContext {
            owner: "app/other",
            ..context
        },
    ] {
        assert!(Arguments::read(&LIST_LOCATIONS, &query, wrong).is_err());
    }
}

#[test]
fn descending_order_is_carried_and_ascending_is_nothing() {
    let next = read(&LIST_CONNECTIONS, &[("order", "desc")])
        .expect("read")
        .next("x".to_owned());
    let follow = [("cursor", next.as_str())];
    assert_eq!(
        read(&LIST_CONNECTIONS, &follow)
            .expect("read")
            .words("order"),
        ["desc"]
    );
    assert_eq!(
        refused(&LIST_CONNECTIONS, &[("order", "asc"), ("cursor", &next)]),
        ["{requestQuery}.order"]
    );
}

fn vehicle_ids(count: usize) -> String {
    let ids = (0..count).map(|number| format!("vcl_{number:026}"));
    ids.collect::<Vec<_>>().join(",")
}

#[test]
fn id_lists_have_one_prefix_and_fifty_ids_at_most() {
    let ids = |text: &str| -> Vec<String> {
        let arguments = read(&LIST_TRIPS, &[("vehicleIds", text)]).expect("good ids");
        let ids = arguments.ids("vehicleIds", Model::Vehicle);
        ids.map(|ulid| ulid.to_string()).collect()
    };
    assert_eq!(ids(&vehicle_ids(50)).len(), 50);
    let (one, two) = (
        "vcl_01GV12VR4DJP70GD1ZBK0SDWFH",
        "vcl_01GV12VR4DJP70GD1ZBK0SDWFA",
    );
    assert_eq!(
        ids(&format!("{one},{two},{one}")),
        ["01GV12VR4DJP70GD1ZBK0SDWFA", "01GV12VR4DJP70GD1ZBK0SDWFH"]
    );
    let none = read(&LIST_TRIPS, &[]).expect("nothing is wrong");
    assert_eq!(none.ids("vehicleIds", Model::Vehicle).count(), 0);
    for wrong in [
        "".to_owned(),
        "vcl_1".to_owned(),
        "drv_01GV12VR4DJP70GD1ZBK0SDWFH".to_owned(),
        format!("{one}, {two}"),
        format!("{one},"),
        vehicle_ids(51),
    ] {
        assert_eq!(
            refused(&LIST_TRIPS, &[("vehicleIds", &wrong)]),
            ["{requestQuery}.vehicleIds"],
            "{wrong}"
        );
    }
}

/// The order of ids and their repetition are no difference; another id is.
#[test]
fn a_cursor_carries_id_lists_dates_and_months() {
    let (one, two) = (
        "vcl_01GV12VR4DJP70GD1ZBK0SDWFH",
        "vcl_01GV12VR4DJP70GD1ZBK0SDWFA",
    );
    let both = format!("{one},{two}");
    let first = read(&LIST_TRIPS, &[("vehicleIds", &both)]).expect("good");
    let cursor = first.next("1.x".to_owned());
    let turned = format!("{two},{one},{two}");
    for again in [vec![], vec![("vehicleIds", turned.as_str())]] {
        let pairs = [again, vec![("cursor", cursor.as_str())]].concat();
        let second = read(&LIST_TRIPS, &pairs).expect("they agree");
        assert_eq!(second.ids("vehicleIds", Model::Vehicle).count(), 2);
    }
    assert_eq!(
        refused(&LIST_TRIPS, &[("vehicleIds", one), ("cursor", &cursor)]),
        ["{requestQuery}.vehicleIds"]
    );

    let day = read(&LIST_HOS_DAILY_LOGS, &[("startDate", "2026-03-01")]).expect("good");
    let cursor = day.next("1.x".to_owned());
    let again = read(&LIST_HOS_DAILY_LOGS, &[("cursor", &cursor)]).expect("good");
    assert_eq!(again.date("startDate"), Date::parse("2026-03-01"));
    assert!(again.has("startDate") && !again.has("endDate"));
}

#[test]
fn what_must_be_sent_is_demanded_but_of_who_follows_a_cursor() {
    let months = ["{requestQuery}.startMonth", "{requestQuery}.endMonth"];
    assert_eq!(refused(&GET_IFTA_SUMMARY, &[]), months);
    let pairs = [("startMonth", "2026-01"), ("endMonth", "2026-02")];
    assert_eq!(refused(&GET_IFTA_SUMMARY, &pairs[..1]), months[1..]);
    let first = read(&GET_IFTA_SUMMARY, &pairs).expect("good");
    assert_eq!(first.month("endMonth"), Month::parse("2026-02"));
    let cursor = first.next("-.-.-".to_owned());
    let second = read(&GET_IFTA_SUMMARY, &[("cursor", &cursor)]).expect("the cursor has them");
    assert_eq!(second.month("startMonth"), Month::parse("2026-01"));
    assert_eq!(
        refused(&GET_IFTA_SUMMARY, &[("cursor", "nonsense")]),
        ["{requestQuery}.cursor"]
    );
    // A malformed one is not missing as well.
    let wrong = [("startMonth", "2026-1"), ("endMonth", "2026-02")];
    assert_eq!(refused(&GET_IFTA_SUMMARY, &wrong), months[..1]);
}
