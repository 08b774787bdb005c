"""Writes crates/echolot-index/data/compound_parts.txt, the words that German compounds are made of.

Call: python3 corpora/make_compound_parts.py FOLDER

FOLDER holds labelled.train.jsonl.gz, chats/app_review_reply_pairs_de.jsonl.gz and authored/*.jsonl. Only
counts of single words leave it. A noun is a word that is mostly capitalised where no sentence begins; a
verb is a word that is mostly not, in the infinitive. extra_parts.txt adds words by hand.

A line of the output is `noun COUNT` or `verb- COUNT`; the latter only opens a compound. The same input
gives the same bytes.
"""

import collections
import gzip
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "crates/echolot-index/data"
WORD = re.compile(r"[^\W\d_]+")
SENTENCE_BEGINS_AFTER = '.!?:;…"„“*-–)('
EXTRA_COUNT = 10  # what a word by hand counts at least, as a word of medium frequency does


def german_texts(folder):
    def rows(path):
        opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
        with opened as lines:
            yield from map(json.loads, lines)

    for row in rows(folder / "labelled.train.jsonl.gz"):
        if row["lang"] == "de":
            yield row["text"]
    written = sorted((folder / "authored").glob("*.jsonl")) + sorted((ROOT / "corpora/training").glob("*.jsonl"))
    for path in written:
        for row in rows(path):
            if row.get("lang") == "de":
                yield row["text"]
    for row in rows(folder / "chats/app_review_reply_pairs_de.jsonl.gz"):
        for turn in row["turns"]:
            yield turn["text"]


def count(texts):
    total, upper, lower = collections.Counter(), collections.Counter(), collections.Counter()
    for text in texts:
        for found in WORD.finditer(text):
            word, before = found.group(), text[: found.start()].rstrip(" \t")
            total[word.lower()] += 1
            if not before or before[-1] in SENTENCE_BEGINS_AFTER or before[-1] == "\n":
                continue
            if not (word.isupper() and len(word) > 1):
                (upper if word[0].isupper() else lower)[word.lower()] += 1
    return total, upper, lower


def main():
    total, upper, lower = count(sorted(set(german_texts(pathlib.Path(sys.argv[1])))))
    nouns, verbs = {}, {}
    for word, n in total.items():
        if not word.isascii() and not re.fullmatch(r"[a-zäöüß]+", word):
            continue
        if len(word) >= 4 and upper[word] >= 2 and upper[word] >= 0.6 * (upper[word] + lower[word]):
            nouns[word] = n
        if len(word) >= 6 and lower[word] >= 2 and lower[word] > upper[word] and re.search("(en|ern|eln)$", word):
            # "liefern" opens Lieferzeit, "warten" Wartezeit, "bestellen" Bestellnummer.
            stems = {word[:-1]} | ({word[:-2]} if word.endswith("en") else set())
            for stem in stems:
                if len(stem) >= 4:
                    verbs[stem] = max(verbs.get(stem, 0), n)
    for line in (DATA / "extra_parts.txt").read_text().splitlines():
        for word in line.partition("#")[0].split():
            if word.startswith("!"):
                nouns.pop(word[1:], None)
                verbs.pop(word[1:], None)
            elif word.endswith("-"):
                verbs[word[:-1]] = max(verbs.get(word[:-1], 0), EXTRA_COUNT)
            else:
                nouns[word] = max(total[word], EXTRA_COUNT)
    lines = [f"{word} {n}" for word, n in nouns.items()]
    lines += [f"{word}- {n}" for word, n in verbs.items() if word not in nouns]
    (DATA / "compound_parts.txt").write_text("\n".join(sorted(lines)) + "\n")
    print(f"{len(nouns)} nouns, {len(verbs)} verbs")


main()
