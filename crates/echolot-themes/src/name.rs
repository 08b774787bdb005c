//! Names and examples for clusters.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use echolot_core::{Language, Polarity};
use rayon::prelude::*;

use crate::background::Background;
use crate::example::examples;
use crate::terms::{Reader, Term, without_masks};
use crate::vector::cosine;
use crate::{Cluster, Unit};

/// How a theme is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeName {
    /// One to three terms that say what the theme is about, e.g.
    /// `Lieferung verspätet · Paket`, and praise or criticism where the terms
    /// do not tell; a member's own few words where the terms are no name; the
    /// beginning of the representative text where no word sets the theme apart.
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

/// The most characters of a text that stand in for a label, and the words of one
/// that does so whole.
const QUOTE_CHARS: usize = 48;
const QUOTE_WORDS: std::ops::RangeInclusive<usize> = 3..=8;

/// The most terms of a label.
const LABEL_TERMS: usize = 3;

/// What a term of a label is worth at least, beside the best one.
const LEAST_WORTH: f64 = 0.4;

/// The least share of those who are read that hold a term of the label, as one
/// in so many: a label that speaks for fewer is no name.
const LEAST_COVERED: usize = 4;

/// The most members of a theme that are read for its name.
const READ: usize = 2_000;

/// How much a phrase is preferred to a single word that says as much, by its
/// number of words.
const PHRASE_BONUS: [f64; 3] = [1.0, 2.0, 2.4];

/// How many times as common as elsewhere a term, and one word of a phrase, has
/// to be.
const LEAST_LIFT: f64 = 1.5;

/// The least share of those who hold a word, as one in so many, that must hold
/// a phrase to put it for the word.
const LEAST_EXTENSION: usize = 6;

/// How many units without a term are reckoned to those outside a theme, so that
/// where there are hardly any, every term of the theme still is distinctive.
const PRIOR_UNITS: f64 = 10.0;

/// The share of a theme's units that makes it praise or criticism.
const CLEARLY: f64 = 0.75;

/// Names each cluster by what sets its words apart from all `units`, of which
/// the members of the clusters are a part: the more units beside them, the
/// better is known what is common anyway.
///
/// Only members in the commonest language are read for the terms, so that no
/// label mixes languages. Where a theme is clearly praise or criticism, which
/// its terms occur with elsewhere too, the label ends with the word for it:
/// `Datenschutz (Kritik)`.
pub fn name(clusters: &[Cluster], units: &[Unit]) -> Vec<ThemeName> {
    let reader = Reader::new();
    let background = Background::of(units, &reader);
    let name_one = |cluster: &Cluster| {
        let language = commonest_language(cluster, units);
        let mut members: Vec<&Unit> = cluster.members.iter().map(|&index| &units[index]).collect();
        members.retain(|unit| unit.language == language);
        let stands_for = members.len() as f64;
        members.sort_by_key(|unit| unit.key);
        members.truncate(READ);
        let theme = Theme { members, language, stands_for };
        let chosen = theme.choose(&reader, &background);
        let worthy = chosen.iter().take_while(|(_, worth)| *worth >= LEAST_WORTH * chosen[0].1);
        let in_label = worthy.count().min(LABEL_TERMS);
        let (chosen, _): (Vec<Candidate>, Vec<f64>) = chosen.into_iter().unzip();
        let quote = theme.quote(&chosen[..in_label], cluster);
        let chosen: Vec<Term> = chosen.into_iter().map(|candidate| candidate.term).collect();
        let terms = write(&chosen, &theme, &reader);
        // A word alone says little, so where nobody puts it shortly it gets company.
        let is_lone_word = in_label == 1 && chosen[0].0.len() == 1;
        let in_label = if is_lone_word { chosen.len().min(2) } else { in_label };
        let shown = examples(cluster, units);
        let label = quote.map_or_else(
            || {
                let verdict = verdict(&chosen[..in_label], (cluster, units), &background, language);
                label(&terms[..in_label], verdict, units[shown[0]].text)
            },
            |text| in_quotes(&text, language),
        );
        ThemeName { label, terms, representative: shown[0], examples: shown }
    };
    clusters.par_iter().map(name_one).collect()
}

/// What is read of a theme to name it.
struct Theme<'a> {
    /// Members in its commonest language, in the order of their keys.
    members: Vec<&'a Unit<'a>>,
    language: Language,
    /// How many members of that language there are.
    stands_for: f64,
}

/// The commonest language, if possible one that is known; of equally common
/// ones the first by its code.
fn commonest_language(cluster: &Cluster, units: &[Unit]) -> Language {
    let mut counts: BTreeMap<&str, (usize, Language)> = BTreeMap::new();
    for &member in &cluster.members {
        let language = &units[member].language;
        counts.entry(language.code()).or_insert((0, *language)).0 += 1;
    }
    let mut languages: Vec<(usize, Language)> = counts.into_values().collect();
    languages.sort_by_key(|&(count, language)| Reverse((language.is_known(), count)));
    let most = languages.iter().map(|&(count, _)| count).max().unwrap_or(0);
    // Short texts are often of no known language, and a few others beside many
    // of them do not make it theirs.
    let is_common = |&&(count, _): &&(usize, Language)| 4 * count >= most;
    languages.iter().find(is_common).map_or(Language::UNKNOWN, |&(_, language)| language)
}

/// A term of a theme, with what it is worth as a name.
struct Candidate {
    term: Term,
    /// Positions in `members` of those that hold it, ascending.
    held_by: Vec<u32>,
    /// Its words that mean something alone, and the parts of such with hyphens.
    content: Vec<String>,
    score: f64,
}

impl Theme<'_> {
    /// The best terms, best first, with what each is worth beside those before
    /// it.
    ///
    /// Of terms that the same units hold, one is enough, so each next score is
    /// reduced by the overlap with the terms already chosen (maximal marginal
    /// relevance, Carbonell and Goldstein 1998).
    fn choose(&self, reader: &Reader, background: &Background) -> Vec<(Candidate, f64)> {
        let mut candidates = self.candidates(reader, background);
        let mut chosen: Vec<(Candidate, f64)> = vec![];
        while chosen.len() < TERMS && !candidates.is_empty() {
            let marginal = |candidate: &Candidate| {
                let overlaps = chosen.iter().map(|(other, _)| overlap(candidate, other));
                candidate.score * (1.0 - overlaps.fold(0.0, f64::max))
            };
            let scores: Vec<f64> = candidates.iter().map(marginal).collect();
            let best =
                (0..scores.len()).fold(0, |b, at| if scores[at] > scores[b] { at } else { b });
            if scores[best] <= 0.0 && !chosen.is_empty() {
                break;
            }
            chosen.push((candidates.remove(best), scores[best]));
        }
        let stands_alone =
            chosen.get(1).is_none_or(|(_, worth)| *worth < LEAST_WORTH * chosen[0].1);
        if let Some((first, _)) = chosen.first_mut().filter(|_| stands_alone) {
            extend(first, candidates);
        }
        chosen
    }

    /// What a member says in a few words, where the terms of the label do not
    /// make a name: a lone word does not say what is the matter with it, and
    /// what only few hold does not speak for the theme.
    ///
    /// It is the short text nearest to the centroid that holds the first term.
    fn quote(&self, in_label: &[Candidate], cluster: &Cluster) -> Option<String> {
        let first = in_label.first()?;
        let mut holders: Vec<u32> = in_label.iter().flat_map(|c| c.held_by.clone()).collect();
        holders.sort_unstable();
        holders.dedup();
        let covers = holders.len() * LEAST_COVERED >= self.members.len();
        let is_phrase = in_label.len() > 1 || first.term.0.len() > 1;
        if covers && is_phrase {
            return None;
        }
        let centre = cluster.centroid.direction();
        let mut best: Option<(f64, String)> = None;
        for &holder in &first.held_by {
            let unit = self.members[holder as usize];
            let Some(text) = in_few_words(unit.text) else { continue };
            let near = cosine(unit.vector, centre.components());
            // Members come in the order of their keys, so the first of equals is kept.
            if best.as_ref().is_none_or(|(nearest, _)| near > *nearest) {
                best = Some((near, text));
            }
        }
        best.map(|(_, text)| text)
    }

    /// Terms that set the theme apart, best first.
    ///
    /// A term scores p ln(p / q), where p is the share of units that hold it
    /// among the members and q that among all others: its part in the divergence
    /// of the one from the other (Tomokiyo and Hurst 2003, "A language model
    /// approach to keyphrase extraction").
    fn candidates(&self, reader: &Reader, background: &Background) -> Vec<Candidate> {
        let mut held_by: BTreeMap<Term, Vec<u32>> = BTreeMap::new();
        for (position, unit) in self.members.iter().enumerate() {
            for term in reader.distinct_terms(unit.text, unit.language) {
                held_by.entry(term).or_default().push(position as u32);
            }
        }
        let shares = |term: &Term| {
            let (all, holding) = background.counts(self.language, term);
            let inside = held_by.get(term).map_or(0, Vec::len) as f64 / self.members.len() as f64;
            let holding_outside = (holding - inside * self.stands_for).max(0.0) + 0.5;
            (inside, holding_outside / ((all - self.stands_for).max(0.0) + PRIOR_UNITS))
        };
        let is_distinctive = |term: &Term| {
            let (inside, outside) = shares(term);
            inside >= LEAST_LIFT * outside
        };
        // What a few of many say may be a joke that went round, and three words
        // stand side by side twice by chance.
        let few = if self.members.len() < 4 { 1 } else { 2.max(self.members.len() / 40) };
        let mut candidates: Vec<Candidate> = vec![];
        for (term, holders) in &held_by {
            let words = term.0.iter().map(|word| Term(vec![word.clone()]));
            let content: Vec<Term> = words.filter(|word| held_by.contains_key(word)).collect();
            let least = if term.0.len() > 2 { few + 1 } else { few };
            if holders.len() < least || !is_distinctive(term) || !content.iter().any(is_distinctive)
            {
                continue;
            }
            let (inside, outside) = shares(term);
            let score = PHRASE_BONUS[term.0.len() - 1] * inside * ln(inside / outside);
            let parts = content.iter().flat_map(|word| word.0[0].split('-'));
            let content = parts.map(str::to_owned).collect();
            candidates.push(Candidate {
                term: term.clone(),
                held_by: holders.clone(),
                content,
                score,
            });
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.term.cmp(&b.term)));
        // Beyond the first hundred nothing could still be chosen.
        candidates.truncate(100);
        candidates
    }
}

/// Puts a phrase for a lone word that it contains, if enough of those who hold
/// the word hold the phrase: one word in the label says little.
fn extend(lone: &mut Candidate, candidates: Vec<Candidate>) {
    let [word] = &lone.term.0[..] else { return };
    let least = lone.held_by.len().div_ceil(LEAST_EXTENSION);
    let contains = |other: &Candidate| other.term.0.contains(word) && other.held_by.len() >= least;
    // The first of the longest lists, for candidates come best first.
    let phrases = candidates.into_iter().filter(contains);
    if let Some(phrase) = phrases.min_by_key(|phrase| Reverse(phrase.held_by.len())) {
        *lone = phrase;
    }
}

/// How much of what two terms say is the same, 0..=1: all of it if they share
/// a word or one word is part of the other, else half the share of the rarer
/// one's units that hold both.
fn overlap(a: &Candidate, b: &Candidate) -> f64 {
    let contains = |x: &String, y: &String| y.len() >= 4 && x.contains(y.as_str());
    let related = |x: &String, y: &String| x == y || contains(x, y) || contains(y, x);
    if a.content.iter().any(|x| b.content.iter().any(|y| related(x, y))) {
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
/// capital is no choice of the writer, and capitals throughout are shouting:
/// such places count only if there are no others.
fn write(chosen: &[Term], theme: &Theme, reader: &Reader) -> Vec<String> {
    let mut surfaces: HashMap<&Term, BTreeMap<String, (usize, usize, usize)>> =
        chosen.iter().map(|term| (term, BTreeMap::new())).collect();
    for unit in &theme.members {
        for found in reader.terms(unit.text, unit.language) {
            if let Some(forms) = surfaces.get_mut(&found.term) {
                let is_calm = !is_shouted(&found.surface);
                let counts = forms.entry(found.surface).or_default();
                counts.0 += usize::from(is_calm && !found.opens);
                counts.1 += usize::from(is_calm);
                counts.2 += 1;
            }
        }
    }
    let commonest = |term: &Term| {
        let mut best: Option<(&String, (usize, usize, usize))> = None;
        for (form, &counts) in &surfaces[term] {
            if best.is_none_or(|(_, most)| counts > most) {
                best = Some((form, counts));
            }
        }
        best.map_or_else(String::new, |(form, _)| calm(form))
    };
    chosen.iter().map(commonest).collect()
}

/// A text that can be shown as a name, without the marks at its end: of a few
/// words, one line, not shouted, and without what was masked.
fn in_few_words(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?');
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_short =
        text.chars().count() <= QUOTE_CHARS && QUOTE_WORDS.contains(&text.split(' ').count());
    let is_plain = !text.contains(['\n', '[', '"', '„']) && !is_shouted(text);
    (is_short && is_plain).then(|| capitalise(text))
}

/// A text between the quotation marks of a language.
fn in_quotes(text: &str, language: Language) -> String {
    if language == Language::GERMAN { format!("„{text}“") } else { format!("“{text}”") }
}

/// Whether a word of more than five letters is all capitals; shorter ones may
/// be abbreviations.
fn is_shouted(surface: &str) -> bool {
    let is_long = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 5;
    surface.split(' ').any(|word| is_long(word) && !word.chars().any(char::is_lowercase))
}

/// Shouted words with one capital in front.
fn calm(surface: &str) -> String {
    let word = |word: &str| {
        if is_shouted(word) { capitalise(&word.to_lowercase()) } else { word.to_owned() }
    };
    surface.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The word for praise or criticism, if the members are clearly of one and the
/// terms do not tell: when not one of them occurs at least half as much more
/// often with it, among all units, as it possibly could.
fn verdict(
    terms: &[Term],
    (cluster, units): (&Cluster, &[Unit]),
    background: &Background,
    language: Language,
) -> Option<&'static str> {
    let count = |polarity| {
        let is = |&&member: &&usize| units[member].polarity == polarity;
        cluster.members.iter().filter(is).count() as f64 / cluster.members.len() as f64
    };
    let is_praise = count(Polarity::Positive) >= CLEARLY;
    if !is_praise && count(Polarity::Negative) < CLEARLY {
        return None;
    }
    let tells = |term: &Term| {
        let (all, holding) = background.holding(language, term);
        let anyway = all.share(is_praise);
        holding.share(is_praise) - anyway >= (1.0 - anyway) / 2.0
    };
    let (praise, criticism) = match language.code() {
        "de" => ("Lob", "Kritik"),
        "en" => ("praise", "criticism"),
        "fr" => ("éloge", "critique"),
        "it" => ("elogio", "critica"),
        "nl" => ("lof", "kritiek"),
        "pl" => ("pochwała", "krytyka"),
        "es" | "pt" => ("elogio", "crítica"),
        "ru" => ("похвала", "критика"),
        _ => ("+", "−"),
    };
    (!terms.iter().any(tells)).then_some(if is_praise { praise } else { criticism })
}

/// Terms side by side, with a capital in front, and the verdict behind them;
/// without terms the beginning of `text`, without what was masked in it if
/// anything else is left.
fn label(terms: &[String], verdict: Option<&str>, text: &str) -> String {
    if terms.is_empty() {
        let plain = without_masks(text).replace('|', " ");
        let text = if plain.trim().is_empty() { text.trim() } else { plain.trim() };
        return begin(text);
    }
    let joined = capitalise(&terms.join(" · "));
    verdict.map_or(joined.clone(), |verdict| format!("{joined} ({verdict})"))
}

/// The beginning of a text, as many whole words as fit a label.
fn begin(text: &str) -> String {
    if text.chars().count() <= QUOTE_CHARS {
        return text.to_owned();
    }
    let fitting: String = text.chars().take(QUOTE_CHARS).collect();
    let end = fitting.rfind(char::is_whitespace).unwrap_or(fitting.len());
    format!("{}…", fitting[..end].trim_end_matches(|c: char| !c.is_alphanumeric()))
}

fn capitalise(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::example::EXAMPLES;
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
                Fehler 39508 (Fehler 39508, App)
                Login funktioniert nicht (Login funktioniert nicht)"]],
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
                Friendly staff (friendly staff, helpful)
                Waiting time (waiting time, long)"]],
        );
    }

    #[test]
    fn one_language_makes_the_label() {
        let texts = [
            "Lieferung verspätet",
            "Verspätete Lieferung",
            "Lieferung ist verspätet",
            "late delivery again",
            "late delivery",
        ];
        let sample = Sample::of_texts(&[&texts], "de");
        let mut units = sample.units();
        units[3].language = Language::ENGLISH;
        units[4].language = Language::ENGLISH;
        // So broad that the languages' own words do not part them.
        let broad = |min_size| Options { min_size, granularity: 0.3, ..sample::unsplit() };
        let label = |units: &[Unit], min_size| {
            name(&discover(units, &broad(min_size)).clusters, units)[0].label.clone()
        };
        assert_eq!(label(&units, 5), "Lieferung · verspätet");
        // One of two languages of the same share: the first by its code.
        assert_eq!(label(&units[1..], 4), "Lieferung · verspätet");
    }

    #[test]
    fn the_verdict_is_given_where_the_terms_do_not_tell() {
        let mut sample = Sample::of_texts(
            &[
                &["Datenschutz", "der Datenschutz!", "Thema Datenschutz", "Datenschutz ..."],
                &["Datenschutz :)", "zum Datenschutz", "hier Datenschutz", "Datenschutz eben"],
                &["Absturz", "schon wieder Absturz", "Absturz!", "Absturz um Absturz"],
            ],
            "de",
        );
        for (row, polarity) in sample.polarities.iter_mut().enumerate() {
            *polarity = if row / 4 == 1 { Polarity::Positive } else { Polarity::Negative };
        }
        let units = sample.units();
        let options = Options { min_size: 3, split_by_polarity: true, ..Options::default() };
        let names = name(&discover(&units, &options).clusters, &units);
        let mut labels: Vec<&str> = names.iter().map(|name| name.label.as_str()).collect();
        labels.sort_unstable();
        assert_eq!(labels, ["Datenschutz (Kritik)", "Datenschutz (Lob)", "„Schon wieder Absturz“"]);
    }

    #[test]
    fn shouting_is_calmed_and_abbreviations_stay() {
        assert_eq!(calm("KATASTROPHE"), "Katastrophe");
        assert_eq!(calm("WLAN FEHLERMELDUNG"), "WLAN Fehlermeldung");
        assert_eq!(calm("Google API"), "Google API");
    }

    #[test]
    fn a_label_does_not_begin_with_what_was_masked() {
        assert_eq!(label(&[], None, "[EMAIL*****] bitte"), "bitte");
        assert_eq!(label(&[], None, " [EMAIL*****]"), "[EMAIL*****]");
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
            // None of the made-up texts is a sentence.
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
