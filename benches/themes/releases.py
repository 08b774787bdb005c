"""In which release did each issue of the Corona-Warn-App rise? releases.py [--data DATA] [--echolot PROGRAM].

Runs Echolot on the German app reviews, takes the themes that are about each issue, and holds their counts by release
against counts of words in the texts. Writes docs/quality/corona_warn_app.md and .csv, and the 40 largest themes of
all German reviews, with verbatims to judge their names by, to .cache/themes/names.txt.
"""
import argparse
import csv
import gzip
import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.stats import false_discovery_control, norm

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = "de.rki.coronawarnapp"
LEVEL = 0.05
LEAST_REVIEWS = 100
LEAST_THEME = 5
# What is looked for in the texts. A theme is about an issue when its name matches, or more than half of its reviews do.
ISSUES = {
    "error 39508": r"\b39508\b",
    "error 9002": r"\b9002\b",
    "exposure logging": r"(begegnungs|kontakt|covid-?19-?)[- ]?(aufzeichnung|mitteilung|protokoll|benachrichtigung|überprüfung)"
                        r"|risiko-?(ermittlung|überprüfung|prüfung|status)|exposure|ermittlung",
    "old phones": r"(ältere|alte|altes|älteres|alten|älteren)[rnms]? (handy|smartphone|gerät|iphone|telefon|android|modell)"
                  r"|inkompatib|nicht kompatib|kompatibilität|nicht unterstützt|iphone ?[56]\b|android ?[4-7]\b|ios ?1[0-3]",
    "battery": r"akku|batterie|stromverbrauch|stromfresser|energieverbrauch|energiefresser",
}


def echolot(program, *words):
    return subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True).stdout


def run(program, data, folder):
    """A data folder with all German reviews; made once for each model and program."""
    reviews = [json.loads(line) for line in gzip.open(data / "app_reviews_covid.jsonl.gz", "rt")]
    reviews = [dict(review, id=f"r{at:05}") for at, review in enumerate(reviews) if review["lang"] == "de"]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        rows = folder.with_suffix(".jsonl")
        with open(rows, "w") as out:
            for r in reviews:
                out.write(json.dumps({"id": r["id"], "text": r["text"], "product": r["app"], "release": r["version"], "rating": r["stars"],
                                      "created_at": r["at"].replace(" ", "T") + "Z", "language": "de"}, ensure_ascii=False) + "\n")
        report = subprocess.run([program, "run", "--data", folder, "--input", rows], capture_output=True, text=True)
        if report.returncode not in (0, 3):
            raise SystemExit(report.stderr)
    return reviews


def order(release):
    return [int(part) for part in re.findall(r"\d+", release)]


def rises(counts, totals):
    """p of a higher share than in the release before (two-proportion z), None for the first release."""
    found = [None]
    for (a, n), (b, m) in zip(list(zip(counts, totals)), list(zip(counts, totals))[1:]):
        pooled = (a + b) / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        found.append(float(norm.sf((b / m - a / n) / spread)) if spread > 0 else 1.0)
    return found


def risen(table, releases):
    """For each issue the releases in which it rose, all comparisons corrected together (Benjamini-Hochberg)."""
    places = [(issue, at) for issue in table for at in range(1, len(releases))]
    corrected = false_discovery_control([table[issue][at] for issue, at in places])
    return {issue: [releases[at] for (i, at), q in zip(places, corrected) if i == issue and q <= LEVEL] for issue in table}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ECHOLOT_DATA_DIR", ROOT.parent / "shared" / "data")))
    parser.add_argument("--echolot", default=str(ROOT / "target" / "release" / "echolot"))
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache" / "themes" / "german_reviews")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"SKIPPED: this needs the app reviews, and {options.data} is not here")
    reviews = run(options.echolot, options.data, options.folder)
    lines = lambda what: [json.loads(line) for line in echolot(options.echolot, "export", "--data", options.folder, "--what", what).splitlines()]
    labels = {theme["theme"]: theme["label"] for theme in lines("themes")}
    opinions = lines("opinions")
    themes_of, quotes = {}, {}
    for opinion in opinions:
        if opinion["theme"] is not None:
            themes_of.setdefault(opinion["id"], set()).add(opinion["theme"])
            quotes.setdefault(opinion["theme"], {}).setdefault(opinion["id"], opinion["quote"])
    write_names(options, labels, quotes)

    texts = {r["id"]: r["text"].lower() for r in reviews if r["app"] == PRODUCT and r["version"] and r["text"]}
    release = {r["id"]: r["version"] for r in reviews if r["id"] in texts}
    totals = Counter(release.values())
    releases = sorted((r for r, n in totals.items() if n >= LEAST_REVIEWS), key=order)
    held = Counter(theme for item in texts for theme in themes_of.get(item, ()))
    found, by_words, by_themes = {}, {}, {}
    for issue, pattern in ISSUES.items():
        matching = {item for item, text in texts.items() if re.search(pattern, text)}
        hits = Counter(theme for item in matching for theme in themes_of.get(item, ()))
        about = [theme for theme, n in hits.most_common()
                 if held[theme] >= LEAST_THEME and (2 * n > held[theme] or re.search(pattern, labels[theme].lower()))]
        in_themes = {item for item in texts if themes_of.get(item, set()) & set(about)}
        found[issue] = (about, matching, in_themes)
        count = lambda items: [sum(release[item] == r for item in items) for r in releases]
        by_words[issue], by_themes[issue] = count(matching), count(in_themes)
    sizes = [totals[r] for r in releases]
    words_rose = risen({i: rises(c, sizes) for i, c in by_words.items()}, releases)
    themes_rose = risen({i: rises(c, sizes) for i, c in by_themes.items()}, releases)

    quality = ROOT / "docs" / "quality"
    with open(quality / "corona_warn_app.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["issue", "release", "reviews", "by_words", "by_themes", "rose_by_words", "rose_by_themes"])
        for issue in ISSUES:
            for at, r in enumerate(releases):
                writer.writerow([issue, r, sizes[at], by_words[issue][at], by_themes[issue][at],
                                 int(r in words_rose[issue]), int(r in themes_rose[issue])])
    cells = lambda row: "| " + " | ".join(map(str, row)) + " |\n"
    text = ["# Issues of the Corona-Warn-App by release\n\n"
            f"Written by `benches/themes/releases.py`. {len(texts):,} German reviews that name a release. *By words*: reviews whose text\n"
            "matches a pattern (a code, or the words for the issue); *by themes*: reviews in the themes of at least "
            f"{LEAST_THEME} reviews\nwhose name matches, or more than half of whose reviews do. Rose: a higher share of reviews than in the release before (two-proportion z, one-sided; all rows\n"
            f"corrected together by Benjamini-Hochberg, q ≤ {LEVEL}).\n\n",
            cells(["issue"] + [f"{r} ({n})" for r, n in zip(releases, sizes)] + ["rose by words", "rose by themes"]),
            cells(["---"] * (len(releases) + 3))]
    for issue in ISSUES:
        pairs = [f"{a} / {b}" for a, b in zip(by_words[issue], by_themes[issue])]
        text.append(cells([issue] + pairs + [", ".join(words_rose[issue]) or "never", ", ".join(themes_rose[issue]) or "never"]))
    text.append("\nEach cell: by words / by themes.\n\n| issue | themes about it, with all their reviews | of the matching reviews in them |\n| --- | --- | --- |\n")
    for issue, (about, matching, in_themes) in found.items():
        names = "; ".join(f"{labels[theme]} ({held[theme]})" for theme in about) or "none"
        text.append(cells([issue, names, f"{len(matching & in_themes)} of {len(matching)}"]))
    (quality / "corona_warn_app.md").write_text("".join(text))
    print("".join(text))


def write_names(options, labels, quotes):
    themes = json.loads(echolot(options.echolot, "themes", "--data", options.folder, "--limit", 40, "--json"))["themes"]
    with open(options.folder.with_name("names.txt"), "w") as out:
        for theme in themes:
            shown = [e["id"] for e in theme["examples"]][:3]
            out.write(f"{theme['theme']}\t{theme['volume']}\t{theme['polarity']}\t{theme['label']}\t[{', '.join(theme['terms'])}]\n")
            out.writelines(f"\t{item}: {quotes[theme['theme']].get(item, '')[:200]}\n" for item in shown)


if __name__ == "__main__":
    main()
