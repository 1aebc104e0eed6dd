//! History's own cases, on every engine.

use super::bed::Bed;
use crate::history::conformance as cases;

pub async fn random_commits_are_served_as_the_model_says(bed: Bed) {
    cases::random_commits_are_served_as_the_model_says(bed.store).await;
}

pub async fn long_histories_are_read_in_stretches(bed: Bed) {
    cases::long_histories_are_read_in_stretches(bed.store).await;
}

pub async fn unchanged_points_write_nothing(bed: Bed) {
    cases::unchanged_points_write_nothing(bed.store).await;
}
