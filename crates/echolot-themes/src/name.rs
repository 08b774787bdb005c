//! Names and examples for clusters.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::terms::{Reader, Term};
use crate::vector::cosine;
use crate::{Cluster, Unit};

/// How a theme is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeName {
    /// Two or three terms that say what the theme is about, e.g.
    /// `Lieferung · verspätet`; the beginning of the representative text where
    /// no word sets the theme apart.
    pub label: String,
    /// The terms that set it apart, best first, in their commonest form.
    pub terms: Vec<String>,
    /// Index of the unit that stands for the theme.
    pub representative: usize,
    /// Indices of units that show its breadth, the representative first.
    pub examples: Vec<usize>,
}

/// The most terms of a theme.
const TERMS: usize = 8;

/// The characters of a text that stand in for a label.
const QUOTE_CHARS: usize = 40;

/// The most terms of a label.
const LABEL_TERMS: usize = 3;

/// The most examples of a theme.
const EXAMPLES: usize = 5;

/// How much a pair of words is preferred to a single one that says as much.
const PAIR_BONUS: f64 = 1.25;

/// Names each cluster by what sets its words apart from all `units`, of which
/// the members of the clusters are a part: the more units beside them, the
/// better is known what is common anyway.
pub fn name(clusters: &[Cluster], units: &[Unit]) -> Vec<ThemeName> {
    let reader = Reader::new();
    let read = |unit: &Unit| {
        let terms = reader.terms(unit.text, unit.language).into_iter().map(|found| found.term);
        let mut terms: Vec<Term> = terms.collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    };
    let terms: Vec<Vec<Term>> = units.par_iter().map(read).collect();
    let mut holding: HashMap<&Term, usize> = HashMap::new();
    terms.iter().flatten().for_each(|term| *holding.entry(term).or_default() += 1);
    clusters
        .par_iter()
        .map(|cluster| {
            let chosen = choose(cluster, &terms, &holding);
            let terms = write(&chosen, cluster, units, &reader);
            ThemeName {
                label: label(&terms, units[cluster.medoid].text),
                terms,
                representative: cluster.medoid,
                examples: examples(cluster, units),
            }
        })
        .collect()
}

/// A term of a cluster, with what it is worth as a name.
struct Candidate<'a> {
    term: &'a Term,
    /// Positions in `members` of those that hold it, ascending.
    held_by: Vec<u32>,
    score: f64,
}

/// The best terms of a cluster, best first.
///
/// A term scores p ln(p / q), where p is the share of units that hold it among
/// the members and q that among all others: its part in the divergence of the
/// one from the other (Tomokiyo and Hurst 2003, "A language model approach to
/// keyphrase extraction"). Of terms that the same units hold, one is enough, so
/// each next score is reduced by the overlap with the terms already chosen
/// (maximal marginal relevance, Carbonell and Goldstein 1998).
fn choose<'a>(
    cluster: &Cluster,
    terms: &'a [Vec<Term>],
    holding: &HashMap<&Term, usize>,
) -> Vec<&'a Term> {
    let mut held_by: BTreeMap<&Term, Vec<u32>> = BTreeMap::new();
    for (position, &member) in cluster.members.iter().enumerate() {
        for term in &terms[member] {
            held_by.entry(term).or_default().push(position as u32);
        }
    }
    let (members, all) = (cluster.members.len() as f64, terms.len() as f64);
    let least = if cluster.members.len() < 4 { 1 } else { 2 };
    let mut candidates: Vec<Candidate> = held_by
        .into_iter()
        .filter(|(_, held_by)| held_by.len() >= least)
        .map(|(term, held_by)| {
            let inside = held_by.len() as f64;
            let share = inside / members;
            let share_outside = (holding[term] as f64 - inside + 0.5) / (all - members + 1.0);
            let bonus = if term.0.len() > 1 { PAIR_BONUS } else { 1.0 };
            Candidate { term, held_by, score: bonus * share * ln(share / share_outside) }
        })
        .collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.term.cmp(b.term)));
    // Beyond the first hundred nothing could still be chosen.
    candidates.truncate(100);
    let mut chosen: Vec<Candidate> = vec![];
    while chosen.len() < TERMS && !candidates.is_empty() {
        let marginal = |candidate: &Candidate| {
            let overlaps = chosen.iter().map(|other| overlap(candidate, other));
            candidate.score * (1.0 - overlaps.fold(0.0, f64::max))
        };
        let scores: Vec<f64> = candidates.iter().map(marginal).collect();
        let best = (0..scores.len()).fold(0, |b, at| if scores[at] > scores[b] { at } else { b });
        if scores[best] <= 0.0 && !chosen.is_empty() {
            break;
        }
        chosen.push(candidates.remove(best));
    }
    chosen.into_iter().map(|candidate| candidate.term).collect()
}

/// How much of what two terms say is the same, 0..=1: all of it if they share
/// a word or one word is part of the other, else half the share of the rarer
/// one's units that hold both.
fn overlap(a: &Candidate, b: &Candidate) -> f64 {
    let contains = |x: &String, y: &String| y.len() >= 4 && x.contains(y.as_str());
    let related = |x: &String, y: &String| x == y || contains(x, y) || contains(y, x);
    if a.term.0.iter().any(|x| b.term.0.iter().any(|y| related(x, y))) {
        return 1.0;
    }
    let both = a.held_by.iter().filter(|at| b.held_by.binary_search(at).is_ok()).count();
    both as f64 / a.held_by.len().min(b.held_by.len()) as f64 / 2.0
}

/// The natural logarithm of a positive normal number, from operations that
/// IEEE 754 rounds alike on every machine; the library's may differ in the last
/// bit. Exact to about 1e-9.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as f64 - 1023.0;
    let mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
    // ln m = 2 artanh((m - 1) / (m + 1)), whose series ends early for m in 1..2.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let series = (0..9).rev().fold(0.0, |sum, k| sum * s * s + 1.0 / f64::from(2 * k + 1));
    exponent * std::f64::consts::LN_2 + 2.0 * s * series
}

/// Terms as the members write them most often. Where a sentence opens, a
/// capital is no choice of the writer, so such places count only if there are
/// no others.
fn write(chosen: &[&Term], cluster: &Cluster, units: &[Unit], reader: &Reader) -> Vec<String> {
    let mut surfaces: HashMap<&Term, BTreeMap<String, (usize, usize)>> =
        chosen.iter().map(|&term| (term, BTreeMap::new())).collect();
    for &member in &cluster.members {
        for found in reader.terms(units[member].text, units[member].language) {
            if let Some(forms) = surfaces.get_mut(&found.term) {
                let counts = forms.entry(found.surface).or_default();
                counts.0 += usize::from(!found.opens);
                counts.1 += 1;
            }
        }
    }
    let commonest = |term: &&Term| {
        let mut best: Option<(&String, (usize, usize))> = None;
        for (form, &counts) in &surfaces[*term] {
            if best.is_none_or(|(_, most)| counts > most) {
                best = Some((form, counts));
            }
        }
        best.map(|(form, _)| form.clone())
    };
    chosen.iter().filter_map(commonest).collect()
}

/// The first terms side by side, with a capital in front; without terms the
/// beginning of `text`.
fn label(terms: &[String], text: &str) -> String {
    if terms.is_empty() {
        let begin: String = text.trim().chars().take(QUOTE_CHARS).collect();
        return if begin.len() < text.trim().len() { format!("{begin}…") } else { begin };
    }
    let joined = terms[..terms.len().min(LABEL_TERMS)].join(" · ");
    let mut chars = joined.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The medoid, and then again and again the member least like those already
/// taken, among the half of the members nearest to the centroid, so that the
/// examples are typical and still differ.
fn examples(cluster: &Cluster, units: &[Unit]) -> Vec<usize> {
    let centre = cluster.centroid.direction();
    let mut members: Vec<(f64, usize)> = cluster
        .members
        .iter()
        .map(|&index| (cosine(units[index].vector, centre.components()), index))
        .collect();
    members.sort_unstable_by(|(x, a), (y, b)| {
        y.total_cmp(x).then_with(|| units[*a].key.cmp(&units[*b].key)).then_with(|| a.cmp(b))
    });
    members.truncate(members.len().div_ceil(2).max(EXAMPLES));
    let mut taken = vec![cluster.medoid];
    // For each member its likeness to the most similar example so far.
    let mut likeness = vec![-1.0_f64; members.len()];
    while taken.len() < EXAMPLES {
        let latest = &units[taken[taken.len() - 1]];
        let mut least: Option<usize> = None;
        for (at, &(_, index)) in members.iter().enumerate() {
            let same = units[index].text == latest.text || index == taken[taken.len() - 1];
            let cosine =
                if same { f64::INFINITY } else { cosine(units[index].vector, latest.vector) };
            likeness[at] = likeness[at].max(cosine);
            if likeness[at].is_finite() && least.is_none_or(|least| likeness[at] < likeness[least])
            {
                least = Some(at);
            }
        }
        let Some(least) = least else { break };
        taken.push(members[least].1);
    }
    taken
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::sample::{self, Sample};
    use crate::{Options, discover};

    /// One line per cluster of texts that stand in one direction per line of
    /// `groups`.
    fn check(groups: &[&[&str]], language: &str, expected: &Expect) {
        let sample = Sample::of_texts(groups, language);
        let units = sample.units();
        let options = Options { min_size: 3, split_by_polarity: false, ..Options::default() };
        let names = name(&discover(&units, &options).clusters, &units);
        let lines: Vec<String> = names
            .iter()
            .map(|name| format!("{} ({})", name.label, name.terms.join(", ")))
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn german_themes() {
        check(
            &[
                &[
                    "Die Lieferung kam verspätet",
                    "Lieferung verspätet, niemand sagt etwas",
                    "schon wieder verspätet mit der Lieferung!",
                    "Verspätete Lieferung seit Montag",
                    "Meine Lieferungen sind immer verspätet",
                ],
                &[
                    "App zeigt Fehler 39508 an",
                    "Seit dem Update Fehler 39508",
                    "Ständig Fehler 39508, die App stürzt ab",
                    "Was soll Fehler 39508?",
                ],
                &[
                    "Der Login funktioniert nicht",
                    "Login funktioniert nicht seit gestern",
                    "Wieder mal: Login funktioniert nicht",
                ],
            ],
            "de",
            &expect![[r"
                Lieferung · verspätet (Lieferung, verspätet)
                Fehler 39508 · App (Fehler 39508, App)
                Funktioniert nicht · Login · gestern (funktioniert nicht, Login, gestern)"]],
        );
    }

    #[test]
    fn english_themes() {
        check(
            &[
                &[
                    "Staff were friendly and helpful",
                    "Very friendly staff",
                    "The friendly staff made my day",
                    "Friendly staff, helpful too",
                ],
                &[
                    "Waiting time was too long",
                    "The waiting time is a joke",
                    "Long waiting times at the desk",
                    "Two hours of waiting time",
                ],
            ],
            "en",
            &expect![[r"
                Friendly · staff · helpful (friendly, staff, helpful)
                Waiting time · long (waiting time, long)"]],
        );
    }

    #[test]
    fn texts_without_words_are_named_by_one_of_them() {
        check(&[&["👍", "👍👍", "👍!", "!!!"]], "en", &expect!["👍 ()"]);
    }

    #[test]
    fn examples_are_members_and_differ() {
        let sample = Sample::of_groups(3, 20, 0);
        let units = sample.units();
        let clusters = discover(&units, &sample::unsplit()).clusters;
        for (cluster, name) in clusters.iter().zip(name(&clusters, &units)) {
            assert_eq!(name.representative, cluster.medoid);
            assert_eq!(name.examples[0], cluster.medoid);
            assert_eq!(name.examples.len(), EXAMPLES);
            let mut texts: Vec<&str> = name.examples.iter().map(|&at| units[at].text).collect();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), EXAMPLES);
            assert!(name.examples.iter().all(|at| cluster.members.contains(at)));
        }
    }

    #[test]
    fn logarithms_are_exact_to_nine_digits() {
        for x in [1e-6, 0.3, 0.999, 1.0, 1.5, 2.0, 12.7, 1e9_f64] {
            assert!((ln(x) - x.ln()).abs() < 1e-9, "{x}");
        }
    }
}
