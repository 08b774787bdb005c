//! Everything that a reader of a report wants of a generation, in one answer.

use echolot_core::{Calendar, Level, Period, Polarity, Timestamp};
use echolot_index::Filter;

use super::complaints::{known_releases, unknown_release};
use super::{
    ComplaintQuestion, ComplaintTable, CorrectedCount, DriverKind, DriverQuestion, DriverTable,
    EmergingQuestion, EmergingTable, Grouping, KpiRow, Measure, Outcome, Segment, Snapshot,
    ThemeList, ThemeQuestion, Trend, TrendQuestion, kpis,
};
use crate::Error;

/// What a report is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportQuestion {
    /// The product; none means all.
    pub product: Option<String>,
    /// The release of the product; none means all, and the newest where one is
    /// set beside the one before.
    pub release: Option<String>,
    /// The day whose end the report is of: what was written later is left out.
    pub as_of: Option<Period>,
    /// The greatest number of rows of each list; none means all.
    pub limit: Option<usize>,
}

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is about.
    pub question: ReportQuestion,
    /// The verbatims it is about.
    pub filter: Filter,
    /// When the first of them was written, and the last; none where no time is
    /// known.
    pub written: Option<(Timestamp, Timestamp)>,
    /// How many they are, near-duplicates once.
    pub texts: u64,
    /// What people have said of them against the model.
    pub corrected: CorrectedCount,
    /// Their key figures.
    pub kpis: KpiRow,
    /// How many were written by month.
    pub volume: (TrendQuestion, Trend),
    /// Their net sentiment by month.
    pub sentiment: (TrendQuestion, Trend),
    /// The key figures of the product's releases.
    pub releases: Vec<KpiRow>,
    /// What people have said of all its releases against the model.
    pub releases_corrected: CorrectedCount,
    /// What is complained about.
    pub complaints: ThemeList,
    /// What is praised.
    pub praise: ThemeList,
    /// The complaints of the release beside the one before; none without a
    /// product that has releases.
    pub changes: Option<ComplaintTable>,
    /// What emerges; none where neither time nor release is known.
    pub emerging: Option<(EmergingQuestion, EmergingTable)>,
    /// What goes with good and bad answers, for each answer that was given.
    pub drivers: Vec<(DriverQuestion, DriverTable)>,
}

/// The least verbatims of a theme that emerges, and answers that speak of a
/// driver.
const MINIMUM: u64 = 5;
/// How many examples a theme gets.
const EXAMPLES: usize = 2;

pub(super) fn report(snapshot: &Snapshot, question: &ReportQuestion) -> Result<Report, Error> {
    let facts = snapshot.facts()?;
    let as_of = question.as_of.map(|day| day.next().start());
    let filter = Filter {
        products: question.product.iter().cloned().collect(),
        releases: question.release.iter().cloned().collect(),
        as_of,
        ..Filter::default()
    };
    let segment = Segment::from(filter.clone());
    let release = release(snapshot, question, as_of)?;
    let rows = snapshot.rows(&filter)?;
    let times = || rows.iter().filter_map(|row| facts.created_at[row.index()]);
    let written = times().min().zip(times().max());
    let follow = |measure| {
        let segment = segment.clone();
        let question = TrendQuestion { segment, measure, by: Grouping::Time(Calendar::Month) };
        let trend = snapshot.trend(&question)?;
        Ok::<_, Error>((question, trend))
    };
    let themes = |polarity| {
        snapshot.themes(&ThemeQuestion {
            segment: segment.clone(),
            polarity: Some(polarity),
            with_hidden: false,
            limit: question.limit,
            examples: EXAMPLES,
        })
    };
    let complaints = themes(Polarity::Negative)?;
    let mut releases = Vec::new();
    let mut releases_corrected = CorrectedCount::default();
    if question.product.is_some() {
        let all = Segment::from(Filter { releases: vec![], ..filter.clone() });
        releases_corrected = snapshot.corrected(&all)?;
        releases = snapshot.kpis(&Grouping::Release, &all)?;
        releases.retain(|row| row.group.is_some());
    }
    let changes = question.product.as_ref().zip(release.as_ref()).map(|(product, release)| {
        snapshot.complaints(&ComplaintQuestion {
            product: product.clone(),
            release: release.clone(),
            segment: Filter { as_of, ..Filter::default() }.into(),
            limit: question.limit,
            ..ComplaintQuestion::default()
        })
    });
    let emerging = (written.is_some() || release.is_some()).then(|| {
        let question = EmergingQuestion {
            segment: segment.clone(),
            level: Level::FIVE_PERCENT,
            minimum: MINIMUM,
            limit: question.limit,
        };
        let table = snapshot.emerging(&question)?;
        Ok::<_, Error>((question, table))
    });
    let mut drivers = Vec::new();
    for on in Outcome::ALL {
        let question = DriverQuestion {
            on,
            by: DriverKind::Theme,
            segment: segment.clone(),
            minimum: MINIMUM,
            limit: question.limit,
        };
        let table = snapshot.drivers(&question)?;
        if table.answers > 0 {
            drivers.push((question, table));
        }
    }
    Ok(Report {
        written,
        texts: complaints.verbatims,
        corrected: snapshot.corrected(&segment)?,
        kpis: kpis::whole(snapshot, &segment)?,
        volume: follow(Measure::Volume)?,
        sentiment: follow(Measure::NetSentiment)?,
        releases,
        releases_corrected,
        praise: themes(Polarity::Positive)?,
        complaints,
        changes: changes.transpose()?,
        emerging: emerging.transpose()?,
        drivers,
        question: question.clone(),
        filter,
    })
}

/// The release that is set beside the one before: the one asked for, or the
/// newest of the product.
fn release(
    snapshot: &Snapshot,
    question: &ReportQuestion,
    as_of: Option<Timestamp>,
) -> Result<Option<String>, Error> {
    let Some(product) = &question.product else {
        if question.release.is_some() {
            let reason = "releases belong to a product; name it (`--product`)".to_owned();
            return Err(Error::BadValue { key: "release", reason });
        }
        return Ok(None);
    };
    let known = known_releases(snapshot, product, as_of)?;
    match &question.release {
        Some(release) if !known.contains(release) => Err(unknown_release(product, release, &known)),
        Some(release) => Ok(Some(release.clone())),
        None => Ok(known.last().cloned()),
    }
}
