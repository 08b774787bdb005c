//! Columns of one generation with analyses or themes of an earlier one.

use crate::attributes::Attributes;
use crate::facts::{Facts, OpinionFact};
use crate::records::RowId;

/// What a row keeps of the earlier generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// Its own topics; and its themes, if its opinions are the same.
    Themes,
    /// Its analysis and its themes.
    Analysis,
}

impl Facts {
    /// These columns, where rows keep what `kept` says of an earlier
    /// generation. What is delivered, and which row repeats which, is always
    /// that of these columns.
    #[must_use]
    pub fn blended(&self, earlier: &Self, kept: impl Fn(RowId) -> Kept) -> Self {
        let mut blended = Self {
            language: self.language.clone(),
            source: self.source.clone(),
            channel: self.channel.clone(),
            product: self.product.clone(),
            release: self.release.clone(),
            respondent: self.respondent.clone(),
            created_at: self.created_at.clone(),
            rating: self.rating.clone(),
            nps: self.nps.clone(),
            csat: self.csat.clone(),
            ces: self.ces.clone(),
            polarity: self.polarity.clone(),
            score: self.score.clone(),
            is_mixed: self.is_mixed.clone(),
            intents: self.intents.clone(),
            canonical: self.canonical.clone(),
            first_response_s: self.first_response_s.clone(),
            resolution_s: self.resolution_s.clone(),
            is_analysed: self.is_analysed.clone(),
            is_corrected: self.is_corrected.clone(),
            is_spam: self.is_spam.clone(),
            kinship: self.kinship.clone(),
            journey: self.journey.clone(),
            own: self.own.blended(&earlier.own, self.len(), |row| {
                row.index() < earlier.len() && kept(row) != Kept::Nothing
            }),
            attributes: Attributes::default(),
            opinions: Vec::with_capacity(self.opinions.len()),
            offsets: Vec::with_capacity(self.offsets.len()),
            theme_bound: self.theme_bound.max(earlier.theme_bound),
        };
        for row in self.rows() {
            let at = row.index();
            blended.offsets.push(blended.opinions.len() as u32);
            let kept = if at < earlier.len() { kept(row) } else { Kept::Nothing };
            match kept {
                Kept::Nothing => blended.opinions.extend_from_slice(self.opinions(row)),
                Kept::Themes => {
                    let opinions = (self.opinions(row), earlier.opinions(row));
                    blended.opinions.extend(with_themes(opinions));
                }
                Kept::Analysis => {
                    blended.opinions.extend_from_slice(earlier.opinions(row));
                    blended.polarity[at] = earlier.polarity[at];
                    blended.score[at] = earlier.score[at];
                    blended.is_mixed[at] = earlier.is_mixed[at];
                    blended.intents[at] = earlier.intents[at];
                    blended.is_analysed[at] = earlier.is_analysed[at];
                    blended.is_corrected[at] = earlier.is_corrected[at];
                    blended.is_spam[at] = earlier.is_spam[at];
                }
            }
        }
        blended.offsets.push(blended.opinions.len() as u32);
        blended
    }
}

/// Opinions with the themes they had, if they are the same ones.
fn with_themes((now, before): (&[OpinionFact], &[OpinionFact])) -> Vec<OpinionFact> {
    let stated = |opinion: &OpinionFact| (opinion.span, opinion.topic, opinion.polarity);
    if !now.iter().map(stated).eq(before.iter().map(stated)) {
        return now.to_vec();
    }
    let pairs = now.iter().zip(before);
    pairs.map(|(now, had)| OpinionFact { theme: had.theme, part: had.part, ..*now }).collect()
}
