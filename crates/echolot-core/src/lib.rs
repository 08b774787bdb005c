//! Types and arithmetic of customer feedback.
//!
//! This crate says what a feedback item, an opinion and a theme are, and how
//! every published number is computed from them. It does no I/O, reads no
//! clock, environment or random source, and knows neither a wire nor a disk
//! format: time and seeds are arguments, and the outer crates convert.

mod analysis;
mod complaint;
mod correction;
mod feedback;
mod fingerprint;
mod ids;
mod journey;
mod kpi;
mod language;
mod period;
mod release;
mod share;
mod span;
mod statistics;
mod taxonomy;
mod time;

pub use analysis::{Analysis, Opinion};
pub use complaint::{
    ClosedContact, ComplaintSigns, SeverityWeights, first_contact_resolution, severity,
};
pub use correction::{Correction, Judgement, corrected};
pub use feedback::{
    Body, CesAnswer, CesVersion, CsatAnswer, Feedback, InvalidAnswer, NpsAnswer, Rating, Role, Turn,
};
pub use fingerprint::Fingerprint;
pub use ids::{FeedbackId, ThemeId};
pub use journey::Journey;
pub use kpi::{
    Interval, Mean, NetSentiment, Nps, ResponseTimes, Satisfaction, ces_mean, csat,
    first_response_seconds, net_sentiment, nps, resolution_seconds, response_times,
};
pub use language::Language;
pub use period::{Calendar, Period};
pub use release::compare_releases;
pub use share::{Share, wilson};
pub use span::{CharSpan, byte_range};
pub use statistics::{
    Accuracy, Answers, AuditedLabel, Burst, BurstModel, Change, ChangePoint, ChangeRule,
    Comparison, CorrectedShare, Count, DetectableChange, Difference, Draws, DriverTally, Impact,
    InvalidParameter, Level, MeanChange, Rate, RelativeWeights, Resampling, ShareTest, Stratum,
    TestDesign, VolumeChange, allocate_sample, audit_accuracy, benjamini_hochberg, compare_shares,
    correct_share, detectable_change, find_bursts, find_change_point, find_mean_change,
    find_volume_change, fisher_exact, judge_change, leave_out_difference, leave_out_impact,
    poisson_rise, rate_rise, relative_weights, share_difference, share_rise, two_proportion_z,
    weighted_count,
};
pub use taxonomy::{CaseStatus, Intent, JourneyStage, KeyFigure, Polarity, Topic, UnknownCode};
pub use time::{DateOrder, InvalidTimestamp, Timestamp};
