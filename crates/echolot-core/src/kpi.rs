//! The key figures of customer experience, each with its count.

use crate::statistics::student;
use crate::{
    Answers, CesAnswer, CesVersion, CsatAnswer, NpsAnswer, Polarity, Role, Share, Timestamp, Turn,
    wilson,
};

/// The 95 % interval of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The mean ± t · its standard error, with the t quantile of one answer less
    /// than there are, within the `scale` of the answers: nothing beyond it can be
    /// a mean. None below two answers, and where all are the same, since they do
    /// not tell how far others lie apart.
    ///
    /// Source: Student, "The Probable Error of a Mean", Biometrika 6 (1908). It
    /// supposes means that are nearly normal, as those of some dozen answers on a
    /// scale are; of few answers far to one side of a scale it is a rough guide.
    fn of_mean(
        (mean, standard_error): (f64, Option<f64>),
        answers: u64,
        scale: (f64, f64),
    ) -> Option<Self> {
        let error = standard_error.filter(|error| *error > 0.0 && answers > 1)?;
        let half = student::quantile(0.05, answers - 1) * error;
        Some(Self { low: (mean - half).max(scale.0), high: (mean + half).min(scale.1) })
    }
}

/// The ends of a difference of shares in points.
const POINTS: (f64, f64) = (-100.0, 100.0);

/// The Net Promoter Score in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nps {
    /// Share of promoters minus share of detractors, -100..=100.
    pub points: f64,
    /// Standard error of the points; none below two answers.
    pub standard_error: Option<f64>,
    /// Answers 9 and 10.
    pub promoters: u64,
    /// Answers 7 and 8.
    pub passives: u64,
    /// Answers 0 to 6.
    pub detractors: u64,
}

impl Nps {
    /// Number of answers.
    pub fn answers(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// Its 95 % interval by [`Interval`], within -100 to 100.
    pub fn interval(&self) -> Option<Interval> {
        Interval::of_mean((self.points, self.standard_error), self.answers(), POINTS)
    }
}

/// NPS = %(9-10) - %(0-6); none without an answer.
///
/// The standard error is that of the mean of scores in {-1, 0, 1} (sample
/// variance, n - 1). Source: F. Reichheld, "The One Number You Need to Grow",
/// Harvard Business Review, December 2003.
pub fn nps(answers: impl IntoIterator<Item = NpsAnswer>) -> Option<Nps> {
    let (mut promoters, mut passives, mut detractors) = (0_u64, 0, 0);
    for answer in answers {
        match answer.balance() {
            1 => promoters += 1,
            0 => passives += 1,
            _ => detractors += 1,
        }
    }
    let (mean, standard_error) = signed_mean(promoters, passives, detractors)?;
    let standard_error = standard_error.map(|error| 100.0 * error);
    Some(Nps { points: 100.0 * mean, standard_error, promoters, passives, detractors })
}

/// The mean of scores 1, 0, -1 and its standard error.
fn signed_mean(plus: u64, zero: u64, minus: u64) -> Option<(f64, Option<f64>)> {
    let n = plus + zero + minus;
    if n == 0 {
        return None;
    }
    let total = n as f64;
    let mean = (plus as f64 - minus as f64) / total;
    let standard_error = (n > 1).then(|| {
        let squares = (plus + minus) as f64 - total * mean * mean;
        (squares.max(0.0) / (total - 1.0) / total).sqrt()
    });
    Some((mean, standard_error))
}

/// CSAT: the share of answers that count as satisfied on their own scale.
pub type Satisfaction = Share;

/// CSAT = satisfied / answers with its Wilson interval; none without an answer.
pub fn csat(answers: impl IntoIterator<Item = CsatAnswer>) -> Option<Satisfaction> {
    let (mut satisfied, mut total) = (0, 0);
    for answer in answers {
        satisfied += u64::from(answer.is_satisfied());
        total += 1;
    }
    wilson(satisfied, total)
}

/// A mean and how many values went into it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The arithmetic mean.
    pub value: f64,
    /// Its standard error, from the sample variance; none below two values.
    pub standard_error: Option<f64>,
    /// How many values there are.
    pub count: u64,
}

impl Mean {
    /// The mean of whole numbers; none of nothing. The sums are exact.
    pub fn of(values: impl IntoIterator<Item = i64>) -> Option<Self> {
        let (mut sum, mut squares, mut count) = (0_i128, 0_i128, 0_u64);
        for value in values.into_iter().map(i128::from) {
            sum += value;
            squares += value * value;
            count += 1;
        }
        let n = count as f64;
        // n Σx² − (Σx)² is n (n − 1) times the sample variance.
        let spread = (i128::from(count) * squares - sum * sum) as f64;
        (count > 0).then(|| Self {
            value: sum as f64 / n,
            standard_error: (count > 1).then(|| (spread / (n * n * (n - 1.0))).sqrt()),
            count,
        })
    }

    /// Its 95 % interval by [`Interval`], within the scale of the values; none
    /// below two values, and where all are the same.
    pub fn interval(&self, scale: (f64, f64)) -> Option<Interval> {
        Interval::of_mean((self.value, self.standard_error), self.count, scale)
    }

    /// The mean of answers; none of nothing.
    pub fn of_answers(answers: &Answers) -> Option<Self> {
        let value = answers.mean()?;
        Some(Self { value, standard_error: answers.standard_error(), count: answers.total() })
    }
}

/// The mean of the effort answers of one version; answers of the other
/// version run the other way and are left out. None without an answer.
pub fn ces_mean(answers: impl IntoIterator<Item = CesAnswer>, version: CesVersion) -> Option<Mean> {
    let of_version = answers.into_iter().filter(|answer| answer.version() == version);
    Mean::of(of_version.map(|answer| i64::from(answer.value())))
}

/// Net sentiment in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetSentiment {
    /// Share of positive minus share of negative verbatims, -100..=100.
    pub points: f64,
    /// Standard error of the points; none below two verbatims.
    pub standard_error: Option<f64>,
    /// Positive verbatims with an opinion.
    pub positive: u64,
    /// Neutral verbatims with an opinion.
    pub neutral: u64,
    /// Negative verbatims with an opinion.
    pub negative: u64,
}

impl NetSentiment {
    /// Verbatims with an opinion.
    pub fn verbatims(&self) -> u64 {
        self.positive + self.neutral + self.negative
    }

    /// Its 95 % interval by [`Interval`], within -100 to 100.
    pub fn interval(&self) -> Option<Interval> {
        Interval::of_mean((self.points, self.standard_error), self.verbatims(), POINTS)
    }
}

/// Net sentiment = %positive - %negative of the verbatims that hold an
/// opinion; pass the polarity of those only. None without one.
pub fn net_sentiment(polarities: impl IntoIterator<Item = Polarity>) -> Option<NetSentiment> {
    let (mut positive, mut neutral, mut negative) = (0, 0, 0);
    for polarity in polarities {
        match polarity {
            Polarity::Positive => positive += 1,
            Polarity::Neutral => neutral += 1,
            Polarity::Negative => negative += 1,
        }
    }
    let (mean, standard_error) = signed_mean(positive, neutral, negative)?;
    let standard_error = standard_error.map(|error| 100.0 * error);
    Some(NetSentiment { points: 100.0 * mean, standard_error, positive, neutral, negative })
}

/// First response time of one conversation: seconds from the customer's first
/// message to the first reply by a person after it (a bot's reply does not
/// count). None when either time is missing or nobody replied.
pub fn first_response_seconds(turns: &[Turn]) -> Option<i64> {
    let asked = turns.iter().position(|turn| turn.role == Role::Customer)?;
    let start = turns[asked].at?;
    let reply = turns[asked..].iter().find(|turn| turn.role == Role::Agent)?.at?;
    seconds_between(start, reply)
}

/// Resolution time of one conversation: seconds from the customer's first
/// message to `resolved_at`.
pub fn resolution_seconds(turns: &[Turn], resolved_at: Timestamp) -> Option<i64> {
    let start = turns.iter().find(|turn| turn.role == Role::Customer)?.at?;
    seconds_between(start, resolved_at)
}

/// Clocks that run backwards give no time.
fn seconds_between(start: Timestamp, end: Timestamp) -> Option<i64> {
    let seconds = end.seconds() - start.seconds();
    (seconds >= 0).then_some(seconds)
}

/// Mean and median of a set of times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseTimes {
    /// Arithmetic mean in seconds.
    pub mean_seconds: f64,
    /// Median in seconds: the middle value, or the mean of the two middle ones.
    pub median_seconds: f64,
    /// How many conversations there are.
    pub count: u64,
}

/// Summarises times in seconds; none of nothing.
pub fn response_times(seconds: impl IntoIterator<Item = i64>) -> Option<ResponseTimes> {
    let mut sorted: Vec<i64> = seconds.into_iter().collect();
    sorted.sort_unstable();
    let mean = Mean::of(sorted.iter().copied())?;
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[middle] as f64
    } else {
        f64::midpoint(sorted[middle - 1] as f64, sorted[middle] as f64)
    };
    Some(ResponseTimes { mean_seconds: mean.value, median_seconds: median, count: mean.count })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(values: &[u8]) -> Vec<NpsAnswer> {
        values.iter().map(|&value| NpsAnswer::new(f64::from(value)).unwrap()).collect()
    }

    #[test]
    fn nps_is_promoters_minus_detractors_in_points() {
        // 4 promoters, 2 passives, 4 detractors of 10.
        let balanced = nps(answers(&[9, 9, 10, 10, 7, 8, 0, 3, 5, 6])).unwrap();
        assert!((balanced.points - 0.0).abs() < 1e-12);
        // Variance of {-1 x4, 0 x2, 1 x4}: 8/9; of the mean: 8/90; root: .298142.
        assert!((balanced.standard_error.unwrap() - 29.814_239_699_997_2).abs() < 1e-9);
        assert_eq!(balanced.answers(), 10);

        let all_promoters = nps(answers(&[9, 10])).unwrap();
        assert!((all_promoters.points - 100.0).abs() < 1e-12);
        assert_eq!(all_promoters.standard_error, Some(0.0));
        assert!((nps(answers(&[0])).unwrap().points + 100.0).abs() < 1e-12);
        assert_eq!(nps(answers(&[5])).unwrap().standard_error, None);
        assert_eq!(nps([]), None);
    }

    #[test]
    fn csat_counts_the_satisfied() {
        let on_five = [5.0, 4.0, 4.0, 3.0, 1.0].map(|value| CsatAnswer::new(value, 5).unwrap());
        let share = csat(on_five).unwrap();
        assert_eq!((share.hits, share.total), (3, 5));
        assert_eq!(csat([]), None);
    }

    #[test]
    fn a_mean_has_the_standard_error_of_its_sample() {
        // 2, 4, 4, 5: mean 3.75, squares of the deviations 4.75, variance 4.75 / 3.
        let mean = Mean::of([2, 4, 4, 5]).unwrap();
        assert_eq!((mean.value, mean.count), (3.75, 4));
        assert!((mean.standard_error.unwrap() - (4.75_f64 / 12.0).sqrt()).abs() < 1e-12);
        let answers = Mean::of_answers(&Answers::from_iter([5.0, 4.0, 2.0, 4.0])).unwrap();
        assert_eq!((answers.value, answers.count), (3.75, 4));
        assert!((answers.standard_error.unwrap() - mean.standard_error.unwrap()).abs() < 1e-12);
        assert_eq!(Mean::of([3, 3, 3]).unwrap().standard_error, Some(0.0));
        assert_eq!(Mean::of([]), None);
    }

    #[test]
    fn a_mean_has_an_interval_within_its_scale() {
        let interval = |values: &[i64]| Mean::of(values.iter().copied())?.interval((1.0, 5.0));
        // 2, 4, 4, 5: 3.75 ± 3.182446 · .629153.
        let found = interval(&[2, 4, 4, 5]).unwrap();
        assert!((found.low - 1.747_756).abs() < 1e-5, "{found:?}");
        assert!((found.high - 5.0).abs() < 1e-12, "{found:?}");
        assert_eq!(interval(&[1, 5]), Some(Interval { low: 1.0, high: 5.0 }));
        // Neither one answer nor equal ones tell how far others lie apart.
        assert_eq!(interval(&[4]), None);
        assert_eq!(interval(&[4, 4, 4]), None);
        // 29.814240 points · t of 9 degrees, 2.262157.
        let nps = nps(answers(&[9, 9, 10, 10, 7, 8, 0, 3, 5, 6])).unwrap();
        assert!((nps.interval().unwrap().high - 67.444_49).abs() < 1e-4);
        let net = net_sentiment([Polarity::Positive, Polarity::Negative]).unwrap();
        assert_eq!(net.interval(), Some(Interval { low: -100.0, high: 100.0 }));
    }

    #[test]
    fn effort_versions_are_never_mixed() {
        let old = CesAnswer::new(5.0, CesVersion::V1).unwrap();
        let new = CesAnswer::new(6.0, CesVersion::V2).unwrap();
        assert_eq!(
            ces_mean([old, new], CesVersion::V2),
            Some(Mean { value: 6.0, standard_error: None, count: 1 })
        );
        assert_eq!(
            ces_mean([old, new], CesVersion::V1),
            Some(Mean { value: 5.0, standard_error: None, count: 1 })
        );
        assert_eq!(ces_mean([old], CesVersion::V2), None);
    }

    #[test]
    fn net_sentiment_is_positive_minus_negative() {
        use Polarity::{Negative, Neutral, Positive};
        let sentiment = net_sentiment([Positive, Positive, Neutral, Negative]).unwrap();
        assert!((sentiment.points - 25.0).abs() < 1e-12);
        assert_eq!(net_sentiment([]), None);
    }

    fn turn(role: Role, at: Option<i64>) -> Turn {
        Turn { role, text: String::new(), at: at.and_then(Timestamp::from_seconds) }
    }

    #[test]
    fn the_first_response_is_that_of_a_person() {
        let chat = [
            turn(Role::Bot, Some(0)),
            turn(Role::Customer, Some(10)),
            turn(Role::Bot, Some(11)),
            turn(Role::Agent, Some(70)),
            turn(Role::Agent, Some(80)),
        ];
        assert_eq!(first_response_seconds(&chat), Some(60));
        assert_eq!(first_response_seconds(&chat[..3]), None);
        assert_eq!(
            first_response_seconds(&[turn(Role::Customer, None), turn(Role::Agent, Some(1))]),
            None
        );
        assert_eq!(
            first_response_seconds(&[turn(Role::Customer, Some(9)), turn(Role::Agent, Some(1))]),
            None
        );
        let end = Timestamp::from_seconds(110).unwrap();
        assert_eq!(resolution_seconds(&chat, end), Some(100));
    }

    #[test]
    fn times_have_mean_and_median() {
        let times = response_times([60, 30, 600, 90]).unwrap();
        assert_eq!((times.mean_seconds, times.median_seconds, times.count), (195.0, 75.0, 4));
        assert_eq!(response_times([]), None);
    }
}
