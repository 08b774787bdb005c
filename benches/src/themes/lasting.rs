//! How many units keep their theme when all themes are discovered anew.

use echolot_core::ThemeId;
use echolot_themes::{KnownTheme, OldTheme, Unit, assign, discover, rediscover, succeed};
use serde_json::{Value, json};

use crate::{options, set::Set, units};

/// The share of the units that come after the first discovery, as part of the
/// units there are then.
const GROWTH: f64 = 0.5;

/// Discovers themes in the first two thirds of a set, puts the others to them
/// as nights do, and discovers all anew, once with and once without memory.
pub(crate) fn measure(set: &Set) -> Value {
    let units = units(set);
    let first = (units.len() as f64 / (1.0 + GROWTH)) as usize;
    let found = discover(&units[..first], &options());
    let id = |cluster: u32| ThemeId(cluster + 1);
    let themes = found.clusters.iter().zip(1..);
    let known: Vec<KnownTheme> =
        themes.map(|(cluster, number)| KnownTheme::of(ThemeId(number), cluster)).collect();
    let mut past: Vec<Option<ThemeId>> =
        found.assignment.iter().map(|cluster| cluster.map(id)).collect();
    past.extend(assign(&units[first..], &known).iter().map(|fit| fit.map(|fit| fit.theme)));
    json!({
        "units": units.len(),
        "themes_before": known.len(),
        "with_memory": kept(&units, &past, &past),
        "without": kept(&units, &past, &[]),
    })
}

/// The share of the units with a theme that have it still, and how many themes
/// there are.
fn kept(units: &[Unit], past: &[Option<ThemeId>], remembered: &[Option<ThemeId>]) -> Value {
    let found = rediscover(units, remembered, &options());
    let mut old: Vec<OldTheme> = vec![];
    for id in past.iter().flatten() {
        match old.iter_mut().find(|theme| theme.id == *id) {
            Some(theme) => theme.size += 1,
            None => old.push(OldTheme { id: *id, size: 1, pinned: false }),
        }
    }
    let moves: Vec<_> = past.iter().copied().zip(found.assignment.iter().copied()).collect();
    let next = ThemeId(1 + old.iter().map(|theme| theme.id.0).max().unwrap_or_default());
    let ids = succeed(&moves, &old, next).ids;
    let had = moves.iter().filter(|(before, _)| before.is_some());
    let stayed = had.clone().filter(|(before, now)| *before == now.map(|at| ids[at as usize]));
    let cohesion: f64 =
        found.clusters.iter().map(|c| c.cohesion * c.members.len() as f64).sum::<f64>()
            / found.clusters.iter().map(|c| c.members.len()).sum::<usize>().max(1) as f64;
    json!({
        "kept": stayed.count() as f64 / had.count() as f64,
        "themes": found.clusters.len(),
        "unassigned": found.assignment.iter().filter(|at| at.is_none()).count() as f64
            / units.len() as f64,
        "cohesion": cohesion,
    })
}
