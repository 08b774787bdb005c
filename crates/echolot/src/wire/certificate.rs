//! How far the themes of a discovery can be relied upon.

use std::fmt;

use echolot_engine::ThemeCertificate;
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;

/// The stability certificate of a discovery; shares are 0..=1. Where no themes were found
/// there is nothing to certify, and all figures are null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateJson {
    /// The generation whose units were looked at.
    generation: u64,
    /// Opinion units there were.
    units: u64,
    /// Of these, units that were looked at: a discovery certifies a sample of many.
    sampled: u64,
    /// Themes that were found in them.
    themes: u64,
    /// Share of units that keep their theme when the rows come in another order.
    kept_shuffled: Option<f64>,
    /// The same when only four fifths of the units are there, one figure a draw.
    kept_resampled: Vec<f64>,
    /// The same when every tenth unit is there twice.
    kept_duplicated: Option<f64>,
    /// Simplified silhouette, -1..=1; null with fewer than two themes.
    silhouette: Option<f64>,
    /// Mean distance from a theme to the nearest other, 0..=2; null as before.
    separation: Option<f64>,
    /// Share of the units looked at that are in no theme.
    unassigned: Option<f64>,
}

impl From<ThemeCertificate> for CertificateJson {
    fn from(kept: ThemeCertificate) -> Self {
        let ThemeCertificate { generation, units, certificate } = kept;
        let found = certificate.as_ref();
        let resampled = found.map_or(&[][..], |found| &found.kept_resampled);
        Self {
            generation,
            units,
            sampled: found.map_or(0, |found| found.units as u64),
            themes: found.map_or(0, |found| found.themes as u64),
            kept_shuffled: found.map(|found| rounded(found.kept_shuffled)),
            kept_resampled: resampled.iter().copied().map(rounded).collect(),
            kept_duplicated: found.map(|found| rounded(found.kept_duplicated)),
            silhouette: found.and_then(|found| found.silhouette).map(rounded),
            separation: found.and_then(|found| found.separation).map(rounded),
            unassigned: found.map(|found| rounded(found.unassigned)),
        }
    }
}

impl fmt::Display for CertificateJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, units, sampled, themes, .. } = self;
        if *themes == 0 {
            return write!(
                f,
                "there is nothing to certify: the {units} opinion units of generation {generation} \
                 make no theme"
            );
        }
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let share = |share: Option<f64>| share.map_or("-".to_owned(), percent);
        let number =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        let resampled: Vec<String> =
            self.kept_resampled.iter().map(|&kept| percent(kept)).collect();
        let of = if sampled < units { format!("a sample of {sampled} of ") } else { String::new() };
        writeln!(f, "{themes} themes in {of}{units} opinion units of generation {generation}")?;
        writeln!(f, "units that keep their theme")?;
        writeln!(f, "  rows in another order      {}", share(self.kept_shuffled))?;
        writeln!(f, "  four fifths of the units   {}", resampled.join(", "))?;
        writeln!(f, "  every tenth unit twice     {}", share(self.kept_duplicated))?;
        writeln!(f, "units in no theme            {}", share(self.unassigned))?;
        writeln!(f, "silhouette                   {}", number(self.silhouette))?;
        write!(f, "separation                   {}", number(self.separation))
    }
}
