//! How far the themes of a discovery can be relied upon, as it is kept with it.

use std::fmt;

use echolot_index::UnitRow;
use echolot_themes::{Certificate, Options, Unit, certify};
use serde_json::{Value, json};

use super::unit;

/// How far the themes that a discovery finds can be relied upon.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeCertificate {
    /// The generation whose units were looked at.
    pub generation: u64,
    /// How many units there were.
    pub units: u64,
    /// What stays of the themes when the data change a little; none where there are no
    /// themes.
    pub certificate: Option<Certificate>,
}

/// The most units that a discovery certifies by itself: more are sampled, so that it
/// takes a few seconds however many there are.
pub(crate) const SAMPLE: usize = 6_000;

impl ThemeCertificate {
    /// Certifies what a discovery without any past finds in units, or in `at_most` of
    /// them.
    pub(crate) fn new(
        generation: u64,
        rows: &[UnitRow],
        (at_most, options): (usize, &Options),
    ) -> Self {
        let units: Vec<Unit> = rows.iter().map(unit).collect();
        let certificate = certify(&units, at_most, options);
        Self { generation, units: units.len() as u64, certificate }
    }

    /// The certificate as a document, in which nothing is said where there are no themes.
    pub fn to_json(&self) -> Value {
        let found = self.certificate.as_ref();
        let figure = |of: fn(&Certificate) -> Option<f64>| found.and_then(of).map(rounded);
        let resampled = found.map_or(&[][..], |found| &found.kept_resampled);
        json!({
            "generation": self.generation,
            "units": self.units,
            "sampled": found.map_or(0, |found| found.units),
            "themes": found.map_or(0, |found| found.themes),
            "kept_shuffled": figure(|found| Some(found.kept_shuffled)),
            "kept_resampled": resampled.iter().copied().map(rounded).collect::<Vec<_>>(),
            "kept_duplicated": figure(|found| Some(found.kept_duplicated)),
            "silhouette": figure(|found| found.silhouette),
            "separation": figure(|found| found.separation),
            "unassigned": figure(|found| Some(found.unassigned)),
        })
    }

    /// Reads what [`ThemeCertificate::to_json`] wrote; none where it is something else.
    pub(crate) fn from_json(document: &Value) -> Option<Self> {
        let number = |key: &str| document[key].as_u64();
        let certificate = match number("themes")? {
            0 => None,
            _ => Some(read(document)?),
        };
        Some(Self { generation: number("generation")?, units: number("units")?, certificate })
    }
}

/// To six decimals, which is more than the figures bear.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

impl fmt::Display for ThemeCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(found) = &self.certificate else {
            return write!(f, "nothing to certify: {} opinion units make no theme", self.units);
        };
        let least = found.kept_resampled.iter().copied().fold(1.0, f64::min);
        write!(
            f,
            "{:.1} % or more of the opinion units keep their theme when a fifth is left out",
            100.0 * least
        )?;
        if (found.units as u64) < self.units {
            write!(f, " (seen in {} of {})", found.units, self.units)?;
        }
        Ok(())
    }
}

fn read(document: &Value) -> Option<Certificate> {
    let count = |key: &str| usize::try_from(document[key].as_u64()?).ok();
    let figure = |key: &str| document[key].as_f64();
    let resampled = document["kept_resampled"].as_array()?.iter().map(Value::as_f64);
    Some(Certificate {
        units: count("sampled")?,
        themes: count("themes")?,
        kept_shuffled: figure("kept_shuffled")?,
        kept_resampled: resampled.collect::<Option<_>>()?,
        kept_duplicated: figure("kept_duplicated")?,
        silhouette: figure("silhouette"),
        separation: figure("separation"),
        unassigned: figure("unassigned")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_reads_back_as_it_was_kept_and_says_what_counts() {
        let certificate = Certificate {
            units: 60,
            themes: 2,
            kept_shuffled: 1.0,
            kept_resampled: vec![0.123_456, 0.75],
            kept_duplicated: 0.5,
            silhouette: Some(-0.25),
            separation: None,
            unassigned: 0.333_333,
        };
        for certificate in [Some(certificate.clone()), None] {
            let kept = ThemeCertificate { generation: 3, units: 70, certificate };
            let text = kept.to_json().to_string();
            let read = serde_json::from_str(&text).ok();
            assert_eq!(read.and_then(|read| ThemeCertificate::from_json(&read)), Some(kept));
        }
        let told =
            |certificate| ThemeCertificate { generation: 3, units: 70, certificate }.to_string();
        assert_eq!(
            told(Some(certificate)),
            "12.3 % or more of the opinion units keep their theme when a fifth is left out (seen in \
             60 of 70)"
        );
        assert_eq!(told(None), "nothing to certify: 70 opinion units make no theme");
        assert_eq!(ThemeCertificate::from_json(&json!({ "generation": 3 })), None);
        assert_eq!(
            ThemeCertificate::from_json(&json!({ "generation": 3, "units": 1, "themes": 2 })),
            None
        );
    }
}
