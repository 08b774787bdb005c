//! All themes discovered anew, but those that a person has decided on.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{Fingerprint, ThemeId};
use echolot_index::{Change, Discovery, PrototypeId, RunWriter, StoredTheme, ThemeStore, UnitRow};
use echolot_themes::{
    Cluster, Event, Fate, OldTheme, Options, Overlap, Succession, ThemeName, Unit, name,
    rediscover, succeed,
};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::wording::{by_wording, follow, wording};
use super::{Find, Register, SAMPLE, ThemeCertificate, ThemeCounts, formation, unit};
use crate::Error;
use crate::progress::{Progress, Step};

/// Clusters all units anew, and lets each cluster that carries on a theme have
/// its id.
///
/// What a person has pinned, hidden, named, merged, split or put units to stays
/// as it is; units of other themes, or of none, that are nearest to such a theme
/// go to it first. All others are clustered with their past in mind. Where units,
/// options and decisions are those of the last discovery, nothing changes.
pub(crate) fn rediscover_all(
    writer: &RunWriter,
    mut register: Register,
    options: &Options,
    progress: &dyn Progress,
) -> Result<ThemeCounts, Error> {
    let store = writer.theme_store();
    let all = store.units()?;
    progress.begin(Step::Theme, Some(all.len() as u64));
    let decided = decided(store, &register)?;
    let inputs = Some(fingerprint(&all, &decided, options));
    let is_same = |last: Discovery| last.inputs == inputs && last.units_since == 0;
    if store.last_discovery()?.is_some_and(is_same) && store.new_units()?.is_empty() {
        progress.advance(all.len() as u64);
        return Ok(ThemeCounts::default());
    }
    let is_theirs =
        |row: &&UnitRow| row.theme.is_some_and(|id| decided.contains(&register.top(id)));
    let (held, free): (Vec<&UnitRow>, Vec<&UnitRow>) = all.iter().partition(is_theirs);
    let mut counts = ThemeCounts { is_rediscovered: true, ..ThemeCounts::default() };
    let (taken, rest) = fill_decided(store, (held, free), (&mut register, &decided), &mut counts)?;
    progress.advance((all.len() - rest.len()) as u64);

    let units: Vec<Unit> = rest.iter().map(|row| unit(row)).collect();
    let top = |row: &UnitRow| row.theme.map(|id| register.top(id));
    let past: Vec<Option<ThemeId>> = rest.iter().map(|row| top(row)).collect();
    let found = rediscover(&units, &past, options);
    let moves = past.iter().copied().zip(found.assignment.iter().copied());
    let gone = taken.iter().map(|row| (top(row), None));
    let moves: Vec<(Option<ThemeId>, Option<u32>)> = moves.chain(gone).collect();
    let find = Find::new(found.clusters, &units, options);
    let is_theirs = |theme: &&StoredTheme| !decided.contains(&register.top(theme.id));
    let (old, old_parts): (Vec<&StoredTheme>, Vec<&StoredTheme>) =
        register.alive().filter(is_theirs).partition(|theme| theme.parent.is_none());
    let themes = Generations::new(&moves, &old, register.next_theme());

    let part_before = |row: &UnitRow| row.theme.filter(|&id| register.top(id) != id);
    let stayed = rest.iter().zip(find.part_of_units(units.len()));
    let stayed = stayed.map(|(row, now)| (part_before(row), now));
    let gone = taken.iter().map(|row| (part_before(row), None));
    let moves: Vec<(Option<ThemeId>, Option<u32>)> = stayed.chain(gone).collect();
    let parts = Generations::new(&moves, &old_parts, themes.next);

    let known = Past { register: &register, hidden: hidden_units(store, &register)? };
    let names = name(&find.themes, &units);
    let formed = form(&find.themes, (names, &themes), &rest, (&known, writer.generation()));
    let part_names = name(&find.parts, &units);
    let mut formed_parts =
        form(&find.parts, (part_names, &parts), &rest, (&known, writer.generation()));
    for (part, &of) in formed_parts.iter_mut().zip(&find.part_of) {
        part.parent = Some(themes.ids[of]);
    }

    let before: BTreeMap<ThemeId, StoredTheme> =
        old.iter().chain(&old_parts).map(|theme| (theme.id, (*theme).clone())).collect();
    register.remove_prototypes(store, |owner| before.contains_key(&owner))?;
    store.forget_removed_prototypes()?;
    for (row, now) in rest.iter().zip(&found.assignment) {
        if now.is_none() && row.theme.is_some() {
            store.release((row.row, row.unit))?;
        }
    }
    let new: BTreeMap<ThemeId, StoredTheme> =
        formed.into_iter().chain(formed_parts).map(|theme| (theme.id, theme)).collect();
    counts.assigned += newly_assigned(&rest, &found.assignment);
    counts.unassigned = found.assignment.iter().filter(|now| now.is_none()).count() as u64;
    for (generations, is_part) in [(&themes, false), (&parts, true)] {
        for event in &generations.events {
            let led_to = generations.successor(event).or_else(|| {
                // A part that is scattered leads to what its theme has become.
                let parent = before.get(&event.theme)?.parent?;
                new.get(&parent)
                    .map(|theme| theme.id)
                    .or_else(|| themes.led_to.get(&parent).copied())
            });
            let change = Passage {
                event,
                before: before.get(&event.theme),
                now: new.get(&event.theme),
                led_to,
            };
            store.record(event.theme, change.word(), &change.detail())?;
            if !is_part {
                change.count(&mut counts);
            }
            register.put(change.outcome(writer.generation()));
        }
    }
    formation::settle(store, &find, (&themes.ids, &parts.ids), &rest, &mut register)?;
    register.write(store)?;
    let (generation, units) = (writer.generation(), all.len() as u64);
    let certificate = ThemeCertificate::new(generation, &all, (SAMPLE, options));
    let discovery = Discovery {
        generation,
        units,
        units_since: 0,
        inputs,
        certificate: Some(certificate.to_json()),
    };
    counts.certificate = Some(certificate);
    store.put_discovery(&discovery)?;
    progress.advance(rest.len() as u64);
    Ok(counts)
}

/// The themes that a person has decided on; of a sub-theme the whole theme. A name that
/// a language model suggested decides nothing.
fn decided(store: ThemeStore<'_>, register: &Register) -> Result<BTreeSet<ThemeId>, Error> {
    let edits = store.edits()?;
    let standing = || edits.iter().filter(|edit| edit.undone_by.is_none());
    // The last of them gave the name that the theme has.
    let mut named_by_model: BTreeMap<ThemeId, bool> = BTreeMap::new();
    for edit in standing() {
        if let Change::Rename { theme, by_model, .. } = &edit.change {
            named_by_model.insert(*theme, *by_model);
        }
    }
    let is_named = |theme: &StoredTheme| {
        theme.name.is_some() && !named_by_model.get(&theme.id).is_some_and(|by_model| *by_model)
    };
    let is_marked = |theme: &&StoredTheme| theme.is_pinned || theme.is_hidden || is_named(theme);
    let mut decided: Vec<ThemeId> =
        register.alive().filter(is_marked).map(|theme| theme.id).collect();
    decided.extend(store.themes_with_fixed_units()?);
    for edit in standing() {
        match &edit.change {
            Change::Merge { into, .. } => decided.push(*into),
            Change::Split { theme, parts, .. } => {
                decided.push(*theme);
                decided.extend(parts);
            }
            _ => {}
        }
    }
    let current = decided.into_iter().map(|id| register.top(register.current(id)));
    let is_alive = |id: &ThemeId| register.get(*id).is_some_and(StoredTheme::is_alive);
    Ok(current.filter(is_alive).collect())
}

/// What a discovery goes by. Themes are found with their past in mind, so finding them
/// again would change a few; where all of it is as it was, they are found already.
fn fingerprint(all: &[UnitRow], decided: &BTreeSet<ThemeId>, options: &Options) -> Fingerprint {
    let Options { granularity, min_size, min_verbatims, split_by_polarity } = options;
    let mut parts: Vec<u8> = granularity.to_le_bytes().to_vec();
    parts.extend((*min_size as u64).to_le_bytes());
    parts.extend((*min_verbatims as u64).to_le_bytes());
    parts.push(u8::from(*split_by_polarity));
    parts.extend(decided.iter().flat_map(|theme| theme.0.to_le_bytes()));
    let mut units: Vec<Fingerprint> = all.par_iter().map(fingerprint_of_unit).collect();
    units.par_sort_unstable();
    let units = units.iter().map(|unit| &unit.0[..]);
    Fingerprint::of(std::iter::once(&parts[..]).chain(units))
}

fn fingerprint_of_unit(row: &UnitRow) -> Fingerprint {
    let vector: Vec<u8> = row.vector.iter().map(|component| component.cast_unsigned()).collect();
    let (canonical, polarity) = (row.canonical.0.to_le_bytes(), row.polarity.code());
    Fingerprint::of([&row.key.0[..], row.text.as_bytes(), &vector, polarity.as_bytes(), &canonical])
}

/// Puts the units that are nearest to a decided theme to it, and those that say the same
/// as one of its units, and returns them and the others.
fn fill_decided<'a>(
    store: ThemeStore<'_>,
    (held, free): (Vec<&'a UnitRow>, Vec<&'a UnitRow>),
    (register, decided): (&mut Register, &BTreeSet<ThemeId>),
    counts: &mut ThemeCounts,
) -> Result<(Vec<&'a UnitRow>, Vec<&'a UnitRow>), Error> {
    if decided.is_empty() {
        return Ok((vec![], free));
    }
    let groups = by_wording(&free);
    let speakers: Vec<&UnitRow> = groups.iter().map(|group| free[group[0]]).collect();
    let mut of_wording: BTreeMap<_, (Fingerprint, PrototypeId)> = BTreeMap::new();
    for row in held {
        let Some(prototype) = row.prototype else { continue };
        let found = (row.key, prototype);
        of_wording.entry(wording(row)).and_modify(|had| *had = found.min(*had)).or_insert(found);
    }
    let mut places = vec![None; free.len()];
    for ((group, speaker), fit) in groups.iter().zip(&speakers).zip(register.fits(&speakers)) {
        let equal = of_wording.get(&wording(speaker)).map(|&(_, prototype)| (prototype, 1.0));
        let fit = fit.filter(|fit| decided.contains(&register.top(fit.theme)));
        if let Some(to) = equal.or(fit.map(|fit| (fit.prototype, fit.confidence))) {
            follow(register, (&free, group), to, &mut places);
        }
    }
    let mut gains: BTreeMap<ThemeId, u64> = BTreeMap::new();
    let (mut taken, mut rest) = (vec![], vec![]);
    for (row, place) in free.into_iter().zip(places) {
        let Some(fit) = place else {
            rest.push(row);
            continue;
        };
        register.join(&fit, &row.vector);
        store.place((row.row, row.unit), &fit)?;
        counts.assigned += u64::from(row.theme.is_none());
        taken.push(row);
        for theme in register.with_parent(fit.theme) {
            *gains.entry(theme).or_default() += 1;
        }
    }
    for (id, units) in gains {
        store.record(id, "grown", &json!({ "units": units, "size": register.size(id) }))?;
        if register.top(id) == id {
            counts.grown.push((id, units));
        }
    }
    Ok((taken, rest))
}

/// How many units of each theme, with its parts, people have hidden as spam.
fn hidden_units(
    store: ThemeStore<'_>,
    register: &Register,
) -> Result<BTreeMap<ThemeId, u64>, Error> {
    let mut hidden: BTreeMap<ThemeId, u64> = BTreeMap::new();
    for (theme, units) in store.hidden_units()? {
        for id in register.with_parent(theme) {
            *hidden.entry(id).or_default() += units;
        }
    }
    Ok(hidden)
}

fn newly_assigned(rest: &[&UnitRow], now: &[Option<u32>]) -> u64 {
    let is_new = |(row, now): &(&&UnitRow, &Option<u32>)| row.theme.is_none() && now.is_some();
    rest.iter().zip(now).filter(is_new).count() as u64
}

/// What a discovery makes of the themes, or of the parts, of the last one.
struct Generations {
    /// The id of each cluster.
    ids: Vec<ThemeId>,
    events: Vec<Event>,
    /// The next id that nothing has.
    next: ThemeId,
    /// For each old theme the new one that has most of its units.
    led_to: BTreeMap<ThemeId, ThemeId>,
}

impl Generations {
    fn new(moves: &[(Option<ThemeId>, Option<u32>)], old: &[&StoredTheme], next: ThemeId) -> Self {
        let old: Vec<OldTheme> = old
            .iter()
            .map(|theme| OldTheme { id: theme.id, size: theme.size, pinned: false })
            .collect();
        let Succession { ids, events } = succeed(moves, &old, next);
        let mut shared: BTreeMap<(ThemeId, ThemeId), u64> = BTreeMap::new();
        for &(before, now) in moves {
            if let (Some(before), Some(now)) = (before, now) {
                *shared.entry((before, ids[now as usize])).or_default() += 1;
            }
        }
        let mut led_to: BTreeMap<ThemeId, (u64, ThemeId)> = BTreeMap::new();
        for ((before, now), units) in shared {
            let most = led_to.entry(before).or_insert((units, now));
            if units > most.0 {
                *most = (units, now);
            }
        }
        let next = ids.iter().copied().max().map_or(next, |last| next.max(ThemeId(last.0 + 1)));
        let led_to = led_to.into_iter().map(|(before, (_, now))| (before, now)).collect();
        Self { ids, events, next, led_to }
    }

    /// Where the number of a theme leads that an event has ended.
    fn successor(&self, event: &Event) -> Option<ThemeId> {
        match event.fate {
            Fate::Merged { into } => Some(into),
            _ => self.led_to.get(&event.theme).copied(),
        }
    }
}

/// The themes of before.
struct Past<'a> {
    register: &'a Register,
    /// How many units of each are hidden as spam.
    hidden: BTreeMap<ThemeId, u64>,
}

/// Themes of the clusters. One that carries on a theme keeps its label, and the name a
/// language model gave it, while at
/// least half of its units were that theme's before: a name should last as the
/// number does, unless it was given to spam for the greater part.
fn form(
    clusters: &[Cluster],
    (names, generations): (Vec<ThemeName>, &Generations),
    rows: &[&UnitRow],
    (past, generation): (&Past, u64),
) -> Vec<StoredTheme> {
    let form_one = |((cluster, name), &id): ((&Cluster, ThemeName), &ThemeId)| {
        let theme = formation::form(id, (cluster, name), rows, generation);
        let Some(before) = past.register.get(id) else { return theme };
        let event = generations.events.iter().find(|event| event.theme == id);
        let shared = event.and_then(|event| event.overlap).map_or(0, |overlap| overlap.units);
        let hidden = past.hidden.get(&id).copied().unwrap_or_default();
        let is_own = 2 * shared >= theme.size && shared >= hidden;
        let (label, name) =
            if is_own { (before.label.clone(), before.name.clone()) } else { (theme.label, None) };
        StoredTheme { label, name, born: before.born, ..theme }
    };
    clusters.iter().zip(names).zip(&generations.ids).map(form_one).collect()
}

/// What became of one theme.
struct Passage<'a> {
    event: &'a Event,
    before: Option<&'a StoredTheme>,
    now: Option<&'a StoredTheme>,
    /// Where its number leads if it has ended.
    led_to: Option<ThemeId>,
}

impl Passage<'_> {
    fn word(&self) -> &'static str {
        match self.event.fate {
            Fate::Kept | Fate::Held => "kept",
            Fate::Grown => "grown",
            Fate::Shrunk => "shrunk",
            Fate::Merged { .. } => "merged",
            Fate::Retired => "retired",
            Fate::Split { .. } => "split",
            Fate::Born => "born",
        }
    }

    /// The particulars, and what the theme is from now on.
    fn detail(&self) -> Value {
        let mut detail = json!({ "size": self.now.map_or(0, |theme| theme.size) });
        let known = |of: fn(&StoredTheme) -> Value| (self.before.map(of), self.now.map(of));
        let changes = [
            ("label", known(|theme| json!(theme.label))),
            ("name", known(|theme| json!(theme.name))),
            ("parent", known(|theme| json!(theme.parent.map(|id| id.0)))),
        ];
        for (key, (before, now)) in changes {
            let before = before.unwrap_or(Value::Null);
            if let Some(now) = now.filter(|now| *now != before) {
                detail[key] = now;
            }
        }
        if let Fate::Split { from } = self.event.fate {
            detail["from"] = json!(from.0);
        }
        if self.now.is_none() {
            detail["ended"] = json!(true);
            detail["successor"] = json!(self.led_to.map(|id| id.0));
        }
        if let Some(overlap) = self.event.overlap {
            detail["overlap"] = describe(overlap);
        }
        detail
    }

    fn count(&self, counts: &mut ThemeCounts) {
        match (self.before, self.now) {
            (None, Some(now)) => counts.born.push(now.id),
            (Some(before), Some(now)) if now.size > before.size => {
                counts.grown.push((now.id, now.size - before.size));
            }
            (Some(before), None) => counts.ended.push((before.id, self.led_to)),
            _ => {}
        }
    }

    /// The theme as it is from now on.
    fn outcome(&self, generation: u64) -> StoredTheme {
        match (self.before, self.now) {
            (_, Some(now)) => now.clone(),
            (Some(before), None) => StoredTheme {
                size: 0,
                successor: self.led_to,
                ended: Some(generation),
                ..before.clone()
            },
            (None, None) => unreachable!("an event is about a theme before or a new one"),
        }
    }
}

fn describe(overlap: Overlap) -> Value {
    let rounded = |share: f64| (share * 1e6).round() / 1e6;
    json!({
        "units": overlap.units,
        "of_old": rounded(overlap.of_old),
        "of_new": rounded(overlap.of_new),
    })
}
