//! Tests that go through the whole crate, from a run to a snapshot.

mod crashes;
mod duplicate_groups;
mod round_trips;
mod searching;
mod staged_runs;
mod views;
