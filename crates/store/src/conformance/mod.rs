//! One suite for every engine: what the store promises, whatever lies beneath it.
//!
//! Each case gets a store of its own. PostgreSQL is reached at `GLADHAND_TEST_POSTGRES` (default
//! `postgres://postgres@127.0.0.1:5432/postgres`), a fresh database a case; when no server answers,
//! that engine is skipped and says so, except with `CI=true`, where it is a failure.

mod bed;
mod commits;
mod contract;
mod control;
mod history;
mod leases;
mod listings;
mod paging;
mod readers;
mod retention;
mod sqlite;
mod syncs;
mod windows;

use bed::Engine;

macro_rules! on_every_engine {
    ($($module:ident::$case:ident,)*) => {
        mod sqlite_threads {
            use super::*;
            $(#[test] fn $case() { bed::run(Engine::SqliteThreads, |bed| $module::$case(bed)); })*
        }

        mod sqlite_inline {
            use super::*;
            $(#[test] fn $case() { bed::run(Engine::SqliteInline, |bed| $module::$case(bed)); })*
        }

        mod postgres {
            use super::*;
            $(#[test] fn $case() { bed::run(Engine::Postgres, |bed| $module::$case(bed)); })*
        }
    };
}

on_every_engine! {
    control::applications_and_keys,
    control::connections_round_trip,
    control::connections_are_listed_by_filter_and_page,
    control::sealed_values_stay_where_they_belong,
    control::one_at_a_time_signs_in,
    control::a_newer_schema_is_refused,
    control::the_cadence_makes_one_sync_at_a_time,
    syncs::one_sync_runs_at_a_time,
    syncs::a_sync_can_be_over_before_it_began,
    syncs::only_failed_syncs_are_retried,
    syncs::cancelling,
    syncs::finishing_resolves_issues,
    leases::a_stale_lease_changes_nothing,
    leases::an_expired_lease_is_claimed_again,
    leases::five_barren_attempts_fail,
    leases::five_deaths_without_a_checkpoint_fail,
    leases::waiting_for_a_quota_spends_no_attempt,
    leases::closed_connections_are_not_synced,
    leases::the_longest_waiting_is_claimed_first,
    commits::unchanged_drafts_change_nothing,
    commits::an_older_page_never_replaces_a_newer_one,
    commits::withdrawn_and_deleted_records_come_back,
    commits::progress_coverage_positions_and_account,
    commits::issues_are_one_row_each,
    commits::a_failed_commit_leaves_no_trace,
    commits::sizes_are_told,
    commits::raw_rows_outlive_pages_that_changed_nothing,
    listings::what_a_listing_does_not_name_is_deleted,
    listings::a_listing_that_removes_much_is_doubted_for_an_hour,
    history::random_commits_are_served_as_the_model_says,
    history::long_histories_are_read_in_stretches,
    history::unchanged_points_write_nothing,
    windows::what_began_in_a_window_and_was_not_listed_is_withdrawn,
    windows::newer_pages_and_other_streams_are_left_alone,
    windows::a_group_keeps_all_bodies_or_none,
    contract::zones_are_believed_by_their_source,
    contract::assignments_overlap_the_window,
    contract::fault_readings_come_with_their_neighbours,
    contract::clients_resolve_their_own_issues,
    retention::rows_of_records_outlive_their_pages,
    retention::old_pages_go_oldest_first,
    paging::pages_lose_nothing_while_commits_go_on,
    readers::lists_go_on_where_they_stopped,
    readers::stamps_rise_strictly,
    readers::modified_after_never_misses,
    readers::a_reader_waits_for_the_commit_in_flight,
}
