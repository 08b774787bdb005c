//! Which members of a theme it is shown by.

use crate::vector::cosine;
use crate::{Cluster, Unit};

/// The most examples of a theme.
pub(crate) const EXAMPLES: usize = 5;

/// How near to the centroid a whole sentence must be, as a share of the similarity of the
/// nearest member, to stand for the theme before it.
const NEAR_ENOUGH: f64 = 0.9;

/// The least words of what tells something.
const LEAST_WORDS: usize = 3;

/// Members that show the breadth of a cluster: the whole sentence nearest to its centroid
/// if that is near enough, else the nearest member; then again and again the one least
/// like those chosen, from the nearer half of the members that are whole sentences, if
/// there are enough of them, else of those with at least a few words, else of all.
pub(crate) fn examples(cluster: &Cluster, units: &[Unit]) -> Vec<usize> {
    let centre = cluster.centroid.direction();
    let mut members: Vec<(f64, usize)> = cluster
        .members
        .iter()
        .map(|&index| (cosine(units[index].vector, centre.components()), index))
        .collect();
    members.sort_unstable_by(|(x, a), (y, b)| {
        y.total_cmp(x).then_with(|| units[*a].key.cmp(&units[*b].key)).then_with(|| a.cmp(b))
    });
    let near = members.iter().take_while(|(near, _)| *near >= NEAR_ENOUGH * members[0].0);
    let whole = near.map(|&(_, index)| index).find(|&index| is_whole(units[index].text));
    let mut taken = vec![whole.unwrap_or(cluster.medoid)];
    for tells in [is_whole, has_words] {
        let telling = members.iter().filter(|(_, index)| tells(units[*index].text));
        if telling.clone().count() >= EXAMPLES {
            members = telling.copied().collect();
            break;
        }
    }
    members.truncate(members.len().div_ceil(2).max(EXAMPLES));
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

/// Whether a text begins as sentences do.
fn opens_sentence(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "\"'„“«»‚¿¡(".contains(c));
    text.starts_with(|c: char| c.is_alphanumeric() && !c.is_lowercase())
}

/// Whether a text reads as a sentence: it begins and ends as one, and has a few words.
fn is_whole(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['"', '\'', '“', '”', '«', '»', ')']);
    let ends = text.ends_with(['.', '!', '?']) && !text.ends_with("...");
    ends && opens_sentence(text) && has_words(text)
}

fn has_words(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| word.contains(char::is_alphabetic));
    words.take(LEAST_WORDS).count() == LEAST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    #[test]
    fn a_sentence_begins_and_ends_as_one() {
        for whole in ["Der Akku ist leer.", "„Nie wieder Vitaloop!“", "3 Wochen ohne Antwort?"]
        {
            assert!(is_whole(whole), "{whole}");
        }
        for part in [
            "",
            "...",
            "Super!",
            "aber der Akku ist leer.",
            "Der Akku ist",
            "Und dann kam ...",
            "- - -.",
        ] {
            assert!(!is_whole(part), "{part}");
        }
    }

    #[test]
    fn whole_sentences_stand_for_a_theme_where_one_is_near() {
        let texts = [
            "...",
            "akku leer",
            "Akku",
            "aber der Akku ist leer",
            "Der Akku ist ständig leer.",
            "Nach einer Stunde ist der Akku leer.",
            "Der neue Akku hält keinen Tag.",
            "Mein Akku ist schon wieder leer!",
            "Wieso ist der Akku immer leer?",
        ];
        let mut sample = Sample::of_texts(&[&texts], "de");
        let cluster = |sample: &Sample| Cluster::of(&sample.units(), (0..texts.len()).collect());
        let found = examples(&cluster(&sample), &sample.units());
        assert_eq!(found.len(), EXAMPLES);
        assert!(found.iter().all(|&at| (4..9).contains(&at)), "{found:?}");
        // The five that are sentences are not near if they point elsewhere.
        for vector in &mut sample.vectors[4..] {
            for component in vector.iter_mut() {
                *component /= 8;
            }
            vector[0] = 127;
        }
        for vector in &mut sample.vectors[..4] {
            vector.fill(0);
            vector[1] = 127;
        }
        let far = Cluster { medoid: 0, ..cluster(&sample) };
        let near_first = Cluster { centroid: crate::Centroid::of([&sample.vectors[0][..]]), ..far };
        assert_eq!(examples(&near_first, &sample.units())[0], 0);
    }
}
