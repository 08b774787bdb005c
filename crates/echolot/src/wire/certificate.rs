//! How far the themes of a discovery can be relied upon.

use std::fmt;

use echolot_engine::ThemeCertificate;
use serde::Serialize;

use super::rounded;

/// The stability certificate of a discovery; shares are 0..=1.
#[derive(Debug, Serialize)]
pub(crate) struct CertificateJson {
    generation: u64,
    /// Units that were looked at.
    units: u64,
    /// Themes that were found.
    themes: u64,
    /// Share of units that keep their theme when the rows come in another order.
    kept_shuffled: f64,
    /// The same when only four fifths of the units are there, one figure a draw.
    kept_resampled: Vec<f64>,
    /// The same when every tenth unit is there twice.
    kept_duplicated: f64,
    /// Simplified silhouette, -1..=1; null with fewer than two themes.
    silhouette: Option<f64>,
    /// Mean distance from a theme to the nearest other, 0..=2; null as before.
    separation: Option<f64>,
    /// Share of units without a theme.
    unassigned: f64,
}

impl From<ThemeCertificate> for CertificateJson {
    fn from(found: ThemeCertificate) -> Self {
        let certificate = found.certificate;
        Self {
            generation: found.generation,
            units: found.units,
            themes: found.themes,
            kept_shuffled: rounded(certificate.kept_shuffled),
            kept_resampled: certificate.kept_resampled.into_iter().map(rounded).collect(),
            kept_duplicated: rounded(certificate.kept_duplicated),
            silhouette: certificate.silhouette.map(rounded),
            separation: certificate.separation.map(rounded),
            unassigned: rounded(certificate.unassigned),
        }
    }
}

impl fmt::Display for CertificateJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let number =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        let resampled: Vec<String> =
            self.kept_resampled.iter().map(|&kept| percent(kept)).collect();
        writeln!(
            f,
            "{} themes in {} opinion units of generation {}",
            self.themes, self.units, self.generation
        )?;
        writeln!(f, "units that keep their theme")?;
        writeln!(f, "  rows in another order      {}", percent(self.kept_shuffled))?;
        writeln!(f, "  four fifths of the units   {}", resampled.join(", "))?;
        writeln!(f, "  every tenth unit twice     {}", percent(self.kept_duplicated))?;
        writeln!(f, "units in no theme            {}", percent(self.unassigned))?;
        writeln!(f, "silhouette                   {}", number(self.silhouette))?;
        write!(f, "separation                   {}", number(self.separation))
    }
}
