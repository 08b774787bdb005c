//! What a person says against the model's answer, and what then holds.

use crate::{Analysis, CharSpan, Intent, Opinion, Polarity, Topic};

/// What a person says of a verbatim or of one stretch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The opinion unit that is meant; none means the verbatim as a whole.
    pub span: Option<CharSpan>,
    /// What is said of it.
    pub judgement: Judgement,
}

/// The answer of a person, or of the model, to one question about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Which way it points.
    Polarity(Polarity),
    /// What it is about, in the order of [`Topic::ALL`]; empty means that it
    /// holds no opinion.
    Topics(Vec<Topic>),
    /// What the writer wants, in the order of [`Intent::ALL`]; of a verbatim only.
    Intents(Vec<Intent>),
    /// That it is spam, or no feedback at all; of a verbatim only.
    Spam,
}

impl Judgement {
    /// The topics of a list, each once.
    pub fn topics(mut topics: Vec<Topic>) -> Self {
        topics.sort_unstable();
        topics.dedup();
        Self::Topics(topics)
    }

    /// The intents of a list, each once.
    pub fn intents(mut intents: Vec<Intent>) -> Self {
        intents.sort_unstable();
        intents.dedup();
        Self::Intents(intents)
    }

    /// The word for the question it answers.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Polarity(_) => "polarity",
            Self::Topics(_) => "topics",
            Self::Intents(_) => "intents",
            Self::Spam => "spam",
        }
    }
}

impl Correction {
    /// Whether the other answers the same question about the same words.
    pub fn replaces(&self, other: &Self) -> bool {
        self.span == other.span && self.judgement.field() == other.judgement.field()
    }

    /// The answer of an analysis to the same question; none where the question
    /// is of spam, or of a unit in which the analysis has no opinion.
    pub fn answer_in(&self, analysis: &Analysis) -> Option<Judgement> {
        let mut meant = analysis
            .opinions
            .iter()
            .filter(|opinion| self.span.is_none_or(|span| span == opinion.span))
            .peekable();
        match (&self.judgement, self.span) {
            (Judgement::Spam, _) => None,
            (Judgement::Intents(_), _) => Some(Judgement::intents(analysis.intents.clone())),
            (Judgement::Polarity(_), None) => Some(Judgement::Polarity(analysis.polarity)),
            (Judgement::Polarity(_), Some(_)) => {
                meant.next().map(|opinion| Judgement::Polarity(opinion.polarity))
            }
            (Judgement::Topics(_), None) => {
                Some(Judgement::topics(meant.map(|opinion| opinion.topic).collect()))
            }
            (Judgement::Topics(_), Some(_)) => meant
                .peek()
                .is_some()
                .then(|| Judgement::topics(meant.map(|opinion| opinion.topic).collect())),
        }
    }

    /// Writes the person's answer into an analysis of a verbatim of `length`
    /// characters. A correction of a unit in which the model found no opinion
    /// has nothing to correct and leaves the analysis as it is.
    fn apply(&self, analysis: &mut Analysis, (model, length): (&Analysis, usize)) {
        match (&self.judgement, self.span) {
            (Judgement::Spam, _) => {}
            (Judgement::Intents(intents), _) => analysis.intents.clone_from(intents),
            (Judgement::Polarity(polarity), None) => {
                analysis.polarity = *polarity;
                analysis.score = match polarity {
                    Polarity::Negative => analysis.score.min(0.0),
                    Polarity::Neutral => 0.0,
                    Polarity::Positive => analysis.score.max(0.0),
                };
            }
            (Judgement::Polarity(polarity), Some(span)) => {
                for opinion in analysis.opinions.iter_mut().filter(|opinion| opinion.span == span) {
                    opinion.polarity = *polarity;
                }
            }
            (Judgement::Topics(topics), None) => {
                let place = (CharSpan::new(0, length), analysis.polarity);
                state_topics(&mut analysis.opinions, topics, |_| true, place);
            }
            (Judgement::Topics(topics), Some(span)) => {
                let mut known = analysis.opinions.iter().chain(&model.opinions);
                let found = known.find(|opinion| opinion.span == span);
                if let Some(place) = found.map(|opinion| (span, opinion.polarity)) {
                    state_topics(&mut analysis.opinions, topics, |at| at == span, place);
                }
            }
        }
    }
}

/// Of the opinions whose span is meant keeps those with one of the topics, and
/// adds one for each topic that none has. A person's word is certain.
fn state_topics(
    opinions: &mut Vec<Opinion>,
    topics: &[Topic],
    is_meant: impl Fn(CharSpan) -> bool,
    (span, polarity): (CharSpan, Polarity),
) {
    opinions.retain(|opinion| !is_meant(opinion.span) || topics.contains(&opinion.topic));
    for &topic in topics {
        let mut meant = opinions.iter().filter(|opinion| is_meant(opinion.span));
        if !meant.any(|opinion| opinion.topic == topic) {
            opinions.push(Opinion { span, topic, polarity, confidence: 1.0 });
        }
    }
    opinions.sort_by_key(|opinion| (opinion.span, opinion.topic));
}

/// The analysis that holds after corrections, oldest first, of a verbatim of
/// `length` characters.
///
/// A corrected polarity of the whole cuts the sentiment score to its side of
/// zero, so that the two never say opposite things. A topic that nobody found
/// is stated with confidence 1: of a unit in the polarity of its other
/// opinions, of the verbatim as a whole over all its words and in its polarity.
#[must_use]
pub fn corrected(model: &Analysis, corrections: &[Correction], length: usize) -> Analysis {
    let mut analysis = model.clone();
    for (at, correction) in corrections.iter().enumerate() {
        if !corrections[at + 1..].iter().any(|later| later.replaces(correction)) {
            correction.apply(&mut analysis, (model, length));
        }
    }
    analysis
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIRST: CharSpan = CharSpan { start: 0, end: 10 };
    const SECOND: CharSpan = CharSpan { start: 10, end: 25 };

    fn opinion(span: CharSpan, topic: Topic, polarity: Polarity) -> Opinion {
        Opinion { span, topic, polarity, confidence: 0.75 }
    }

    fn model() -> Analysis {
        Analysis {
            polarity: Polarity::Negative,
            score: -0.5,
            intents: vec![Intent::Complaint],
            opinions: vec![
                opinion(FIRST, Topic::Delivery, Polarity::Negative),
                opinion(FIRST, Topic::WaitingTime, Polarity::Negative),
                opinion(SECOND, Topic::Staff, Polarity::Positive),
            ],
        }
    }

    fn of(span: Option<CharSpan>, judgement: Judgement) -> Correction {
        Correction { span, judgement }
    }

    fn said(analysis: &Analysis) -> Vec<(u32, Topic, Polarity)> {
        let opinions = analysis.opinions.iter();
        opinions.map(|opinion| (opinion.span.start, opinion.topic, opinion.polarity)).collect()
    }

    #[test]
    fn the_whole_is_corrected_without_its_opinions() {
        let corrections = [
            of(None, Judgement::Polarity(Polarity::Positive)),
            of(None, Judgement::intents(vec![Intent::Churn, Intent::Complaint])),
        ];
        let found = corrected(&model(), &corrections, 25);
        assert_eq!((found.polarity, found.score.to_bits()), (Polarity::Positive, 0));
        assert_eq!(found.intents, [Intent::Complaint, Intent::Churn]);
        assert_eq!(found.opinions, model().opinions);
    }

    #[test]
    fn a_unit_is_corrected_alone() {
        let corrections = [
            of(Some(FIRST), Judgement::Polarity(Polarity::Positive)),
            of(Some(FIRST), Judgement::topics(vec![Topic::Staff, Topic::Delivery])),
            of(Some(SECOND), Judgement::topics(vec![])),
        ];
        let found = corrected(&model(), &corrections, 25);
        let expected =
            [(0, Topic::Delivery, Polarity::Positive), (0, Topic::Staff, Polarity::Positive)];
        assert_eq!(said(&found), expected);
        assert_eq!(found.opinions[0].confidence.to_bits(), 0.75_f32.to_bits());
        assert_eq!(found.opinions[1].confidence.to_bits(), 1.0_f32.to_bits());
    }

    #[test]
    fn topics_of_the_whole_take_out_and_add() {
        let topics = Judgement::topics(vec![Topic::Staff, Topic::PriceValue]);
        let found = corrected(&model(), &[of(None, topics)], 25);
        let expected =
            [(0, Topic::PriceValue, Polarity::Negative), (10, Topic::Staff, Polarity::Positive)];
        assert_eq!(said(&found), expected);
        assert_eq!(found.opinions[0].span, CharSpan::new(0, 25));
    }

    #[test]
    fn the_last_word_counts_and_other_words_of_the_text_are_left() {
        let gone = CharSpan::new(3, 4);
        let corrections = [
            of(Some(SECOND), Judgement::Polarity(Polarity::Negative)),
            of(Some(SECOND), Judgement::Polarity(Polarity::Neutral)),
            of(Some(gone), Judgement::Polarity(Polarity::Neutral)),
            of(Some(gone), Judgement::topics(vec![Topic::Staff])),
            of(None, Judgement::Spam),
        ];
        let found = corrected(&model(), &corrections, 25);
        assert_eq!(said(&found)[2], (10, Topic::Staff, Polarity::Neutral));
        assert_eq!(said(&found)[..2], said(&model())[..2]);
    }

    #[test]
    fn the_answer_of_the_model_is_that_to_the_same_question() {
        let answer = |correction: Correction| correction.answer_in(&model());
        let polarity = Judgement::Polarity(Polarity::Neutral);
        let topics = Judgement::topics(vec![]);
        assert_eq!(
            answer(of(None, polarity.clone())),
            Some(Judgement::Polarity(Polarity::Negative))
        );
        assert_eq!(
            answer(of(Some(SECOND), polarity.clone())),
            Some(Judgement::Polarity(Polarity::Positive))
        );
        assert_eq!(
            answer(of(Some(FIRST), topics.clone())),
            Some(Judgement::topics(vec![Topic::WaitingTime, Topic::Delivery]))
        );
        assert_eq!(answer(of(Some(CharSpan::new(1, 2)), topics)), None);
        assert_eq!(answer(of(Some(CharSpan::new(1, 2)), polarity)), None);
        assert_eq!(answer(of(None, Judgement::Spam)), None);
    }

    fn judgement() -> impl Strategy<Value = Judgement> {
        let topics = [Topic::Delivery, Topic::WaitingTime, Topic::Staff, Topic::General];
        prop_oneof![
            prop::sample::select(Polarity::ALL).prop_map(Judgement::Polarity),
            prop::sample::subsequence(topics.to_vec(), 0..=4).prop_map(Judgement::topics),
            prop::sample::subsequence(Intent::ALL.to_vec(), 0..=3).prop_map(Judgement::intents),
            Just(Judgement::Spam),
        ]
    }

    fn correction() -> impl Strategy<Value = Correction> {
        let spans = prop::sample::select(vec![None, Some(FIRST), Some(SECOND)]);
        (spans, judgement()).prop_map(|(span, judgement)| Correction { span, judgement })
    }

    proptest! {
        /// What is corrected once stays so however often it is said, and no
        /// opinion is said twice of the same words.
        #[test]
        fn saying_it_again_changes_nothing(
            corrections in prop::collection::vec(correction(), 0..6),
        ) {
            let once = corrected(&model(), &corrections, 25);
            let twice: Vec<Correction> =
                corrections.iter().chain(&corrections).cloned().collect();
            prop_assert_eq!(&corrected(&model(), &twice, 25), &once);
            for (at, opinion) in once.opinions.iter().enumerate() {
                let same = |other: &Opinion| {
                    (other.span, other.topic) == (opinion.span, opinion.topic)
                };
                prop_assert!(!once.opinions[..at].iter().any(same));
            }
        }
    }
}
