//! Tests of the program as its users meet it: a session each.

mod access;
mod asking;
mod batching;
mod bed;
mod clustering;
mod counting;
mod crashing;
mod delivering;
mod doctor;
mod editing;
mod exchange;
mod exporting;
mod http;
mod inputs;
mod mistakes;
mod privacy;
mod publishing;
mod replaying;
mod robustness;
mod running;
mod scenario;
mod scoring;
mod serving;
mod sharding;
mod shipped;
mod theming;
