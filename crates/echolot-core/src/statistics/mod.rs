//! The statistics behind the reports: each figure with its uncertainty.
//!
//! Every function is pure, names its source, and gives the same bytes for the
//! same arguments: elementary functions come from `libm`, which computes them
//! in Rust on every platform, and random numbers from a seed alone.

mod answers;
mod audit;
mod burst;
mod change;
mod change_point;
mod comparison;
mod count;
mod detectable;
mod discovery;
mod drivers;
mod eigen;
mod impact;
mod masses;
mod mean_change;
mod normal;
mod permutation;
mod prevalence;
mod random;
mod rise;
mod strata;
pub(crate) mod student;
mod volume_change;

pub use answers::{Answers, DriverTally};
pub use audit::{AuditedLabel, audit_accuracy, weighted_count};
pub use burst::{Burst, BurstModel, find_bursts};
pub use change::{Change, ChangeRule, judge_change};
pub use change_point::{ChangePoint, find_change_point};
pub use comparison::{
    Comparison, Difference, ShareTest, compare_shares, fisher_exact, share_difference,
    two_proportion_z,
};
pub use count::{Count, InvalidParameter, Level, Rate};
pub use detectable::{DetectableChange, TestDesign, detectable_change};
pub use discovery::benjamini_hochberg;
pub use drivers::{RelativeWeights, relative_weights};
pub use impact::{Impact, leave_out_difference, leave_out_impact};
pub use mean_change::{MeanChange, find_mean_change};
pub use prevalence::{Accuracy, CorrectedShare, correct_share};
pub use random::{Draws, Resampling};
pub use rise::{poisson_rise, rate_rise, share_rise};
pub use strata::{Stratum, allocate_sample};
pub use volume_change::{VolumeChange, find_volume_change};
