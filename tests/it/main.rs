//! Tests of the program as its users meet it: a session each.

mod asking;
mod batching;
mod bed;
mod clustering;
mod counting;
mod crashing;
mod doctor;
mod editing;
mod exporting;
mod http;
mod inputs;
mod mistakes;
mod privacy;
mod recounting;
mod replaying;
mod reporting;
mod robustness;
mod running;
mod scenario;
mod scoring;
mod serving;
mod sharding;
mod shipped;
mod theming;
