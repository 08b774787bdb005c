//! Tests that go through the whole crate, from a run to a snapshot.

mod corrections;
mod crashes;
mod duplicate_groups;
mod filtering;
mod history;
mod old_formats;
mod own_topics;
mod round_trips;
mod searching;
mod staged_runs;
mod themes;
mod views;
