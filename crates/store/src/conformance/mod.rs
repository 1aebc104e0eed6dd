//! One suite for every engine: what the store promises, whatever lies beneath it.
//!
//! Each case gets a store of its own. PostgreSQL is reached at `GLADHAND_TEST_POSTGRES` (default
//! `postgres://postgres@127.0.0.1:5432/postgres`), a fresh database a case; when no server answers,
//! that engine is skipped and says so, except with `CI=true`, where it is a failure.

mod bed;
mod commits;
mod contract;
mod control;
mod erasure;
mod history;
mod keys;
mod leases;
mod lifecycle;
mod link;
mod listings;
mod paging;
mod readers;
mod retention;
mod sqlite;
mod syncs;
mod vault;
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
    keys::applications_and_their_addresses,
    keys::keys_are_found_listed_and_revoked,
    keys::a_replaced_key_dies_after_its_time,
    keys::the_text_of_publishable_keys_is_kept,
    control::connections_round_trip,
    control::connections_are_listed_by_filter_and_page,
    control::sealed_values_stay_where_they_belong,
    control::one_at_a_time_signs_in,
    vault::data_keys_are_made_once_and_kept,
    vault::another_master_key_is_refused,
    vault::every_sealed_column_is_known,
    vault::a_rotation_seals_everything_anew,
    vault::what_changes_meanwhile_wins,
    vault::values_of_before_data_keys_open,
    vault::the_master_key_changes,
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
    link::a_public_token_is_good_once_in_its_time,
    link::of_racing_exchanges_one_wins,
    link::short_links_are_found_until_they_end,
    link::racing_equal_requests_make_one_short_link,
    link::templates_are_kept_changed_and_archived,
    link::wishes_and_agreements_are_kept,
    lifecycle::a_deletion_can_be_called_off_until_it_begins,
    lifecycle::what_is_leaving_takes_nothing_more,
    lifecycle::connected_again_it_is_due_at_once,
    lifecycle::an_external_id_can_be_taken_away,
    erasure::nothing_is_left_but_the_bare_row,
    erasure::a_step_is_bounded_in_rows_and_bytes,
    erasure::the_raw_log_of_one_that_leaves_is_not_put_aside,
    retention::rows_of_records_outlive_their_pages,
    retention::old_pages_go_oldest_first,
    paging::pages_lose_nothing_while_commits_go_on,
    readers::lists_go_on_where_they_stopped,
    readers::stamps_rise_strictly,
    readers::modified_after_never_misses,
    readers::a_reader_waits_for_the_commit_in_flight,
}
