//! One set of verbatims beside another.

use echolot_core::Share;
use echolot_engine::{CompareQuestion, CompareTable, Scope, Segment, Trace};
use serde::Serialize;
use utoipa::ToSchema;

use super::complaints::ChangeJson;
use super::counts::GroupJson;
use super::{CorrectedJson, rounded, trace};

/// What is said in one set of verbatims beside another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompareJson {
    generation: u64,
    /// What is compared.
    by: String,
    /// Verbatims of the first set, near-duplicates once.
    a: u64,
    /// Verbatims of the second set.
    b: u64,
    /// Verbatims that say what both queries ask for, and are left out of both sets;
    /// absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u64>,
    /// How many groups were compared, all corrected together.
    compared: u64,
    /// What people have said of these verbatims against the model.
    corrections: CorrectedJson,
    /// The groups, surest differences first.
    rows: Vec<ComparedJson>,
}

/// One group in two sets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparedJson {
    #[serde(flatten)]
    group: GroupJson,
    a: SideJson,
    b: SideJson,
    /// The difference of the shares, `a` less `b`; the word is that of a change
    /// from `b` to `a`.
    change: ChangeJson,
}

/// The share of a group in one of the sets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideJson {
    volume: u64,
    /// Of the set's verbatims, 0..=1.
    share: f64,
    /// Lower end of the 95 % Wilson interval.
    share_low: f64,
    /// Upper end of the 95 % Wilson interval.
    share_high: f64,
    /// With which the figures here can be counted again.
    trace: String,
}

impl SideJson {
    fn new(share: Share, group: Trace, whole: Scope) -> Self {
        let stated = group.texts(Scope::Group, share.hits).texts(whole, share.total);
        Self {
            volume: share.hits,
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            trace: trace::write(&stated),
        }
    }
}

impl CompareJson {
    pub(crate) fn new(generation: u64, question: &CompareQuestion, table: CompareTable) -> Self {
        let whole = if table.is_of_frames { Scope::Frame } else { Scope::All };
        let [set_a, set_b] = &table.sets;
        let rows = table.rows.into_iter().map(|row| {
            let side = |segment: &Segment, share| {
                let set = Trace::new(generation, segment.clone());
                SideJson::new(share, set.by(question.by.clone(), row.group.value.clone()), whole)
            };
            ComparedJson {
                a: side(set_a, row.a),
                b: side(set_b, row.b),
                change: ChangeJson::new(row.change),
                group: row.group.into(),
            }
        });
        Self {
            generation,
            by: question.by.name().into_owned(),
            a: table.a,
            b: table.b,
            left_out: Some(table.left_out).filter(|count| *count > 0),
            compared: table.compared,
            corrections: table.corrected.into(),
            rows: rows.collect(),
        }
    }
}
