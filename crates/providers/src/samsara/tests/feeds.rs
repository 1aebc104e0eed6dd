//! Feeds: what they are asked, how they go on, and that their cursors may die.

use expect_test::expect;
use provider::{Next, Position, Provider, ProviderError};

use super::{Samsara, answer, asked, check, fixture, read, with_task};

const FEEDS: [&str; 5] = [
    "feed.motion",
    "feed.distance",
    "feed.engine",
    "feed.health",
    "safety.feed",
];

#[test]
fn feeds_give_points_of_any_time_and_of_every_vehicle() {
    check(
        "feed.motion",
        None,
        fixture!("feed-motion.json"),
        &expect![[r#"
            location:gps rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-02-11T03:00:00.000Z 419000000 -877000000 heading - speed - at 03:00:00
            engine_state:engineStates rank 0
              of vcl_01GV4D0S4D514NBX0YS981N34Y
              2026-03-01T09:30:00.000Z 0 at 09:30:00
            fuel_level:fuelPercents rank 0
              of vcl_01GV4D0S4DNQN3H9DBG611G1NT
              2026-03-01T09:30:00.000Z 5000 at 09:30:00
            later feed-1
        "#]],
    );
}

#[test]
fn the_end_of_a_feed_is_a_place_to_go_on_from() {
    let page = |cursor: &str, more: bool| {
        format!(r#"{{"data":[],"pagination":{{"endCursor":"{cursor}","hasNextPage":{more}}}}}"#)
    };
    for feed in FEEDS {
        let next = |position: Option<&str>, body: String| {
            read(feed, position, body.as_bytes()).map(|page| page.next)
        };
        let at = |cursor: &str| Position(cursor.to_owned());
        assert_eq!(next(None, page("a", true)), Ok(Next::Page(at("a"))));
        assert_eq!(next(Some("a"), page("b", false)), Ok(Next::Later(at("b"))));
        // Nothing new: the cursor may be the one that was sent, or none.
        assert_eq!(next(Some("b"), page("b", false)), Ok(Next::Later(at("b"))));
        assert_eq!(next(Some("b"), page("", false)), Ok(Next::Later(at("b"))));
        assert!(next(Some("b"), page("b", true)).is_err(), "would loop");
    }
}

#[test]
fn requests_of_feeds() {
    let mut all: Vec<String> = FEEDS.iter().map(|feed| asked(feed, None)).collect();
    all.push(asked("feed.motion", Some("abc=")));
    all.push(asked("safety.feed", Some("abc=")));
    expect![[r#"
        /fleet/vehicles/stats/feed
            types=gps,engineStates,fuelPercents
        /fleet/vehicles/stats/feed
            types=obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds
        /fleet/vehicles/stats/feed
            types=syntheticEngineSeconds,fuelConsumedMilliliters,engineRpm
        /fleet/vehicles/stats/feed
            types=engineOilPressureKPa,engineCoolantTemperatureMilliC,batteryMilliVolts
        /safety-events/stream
            queryByTimeField=updatedAtTime
            startTime=2026-03-01T08:00:00.000Z
            includeDriver=true
            includeAsset=true
            includeVgOnlyEvents=true
        /fleet/vehicles/stats/feed
            types=gps,engineStates,fuelPercents
            after=abc%3D
        /safety-events/stream
            queryByTimeField=updatedAtTime
            startTime=2026-03-01T08:00:00.000Z
            includeDriver=true
            includeAsset=true
            includeVgOnlyEvents=true
            after=abc%3D"#]]
    .assert_eq(&all.join("\n"));
}

/// The text of an expired cursor is not known; of a feed's two questions only the cursor differs.
#[test]
fn a_400_to_a_cursor_of_a_feed_means_that_it_expired() {
    let body = br#"{"message":"Something that nobody wrote down.","requestId":"r"}"#;
    for feed in FEEDS {
        let refused = |position: Option<&str>| {
            with_task(feed, position, |task| {
                Samsara
                    .read(task, &answer(400, body))
                    .expect_err("a refusal")
            })
        };
        assert_eq!(refused(Some("old")), ProviderError::PositionExpired);
        assert!(matches!(refused(None), ProviderError::Refused { .. }));
    }
}
