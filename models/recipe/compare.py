"""Measures what the model comes from, and simpler ways, on the gold verbatims (measuring only).

Ways: a sentiment lexicon, anchors without training (topic descriptions as vectors), heads on the frozen encoder, and
teacher and student in floats; `make quality` has the exported model. What has thresholds has them from the held-out
texts. Writes docs/quality/compare.csv.
"""
import csv
import re
from importlib.metadata import files
from xml.etree import ElementTree

import numpy as np
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

import rows
import tuning
import units
from examples import Collator, Example
from layout import QUALITY, arguments
from supervision import Labels, unit_length
from training import case_of, labelled, load, network, predictions

NEGATION = {"nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "ohne"}
ANCHORS = {
    "product_quality": "Material, Verarbeitung, Haltbarkeit, Passform der Ware. Quality and durability of the product",
    "malfunction": "Fehler, Absturz, funktioniert nicht. Crash, bug, error, does not work",
    "performance": "langsam, Akkuverbrauch, hängt. Slow, battery drain, lag",
    "usability": "Bedienung, Übersicht, Oberfläche. Ease of use, navigation, design",
    "features": "Funktionsumfang, fehlende Funktion, Kompatibilität. Missing or liked feature, compatibility",
    "price_value": "Preis, Gebühren, Preis-Leistung. Price, fees, value for money",
    "billing_payment": "Rechnung, Abbuchung, Zahlung. Invoice, charge, payment, refund",
    "returns_warranty": "Rücksendung, Umtausch, Garantie. Returns, exchange, warranty",
    "account_access": "Anmeldung, Passwort, Konto. Login, password, account",
    "privacy_security": "Datenschutz, Überwachung, Sicherheit der Daten. Privacy, tracking, fraud",
    "delivery": "Lieferung, Versand, Paket. Delivery, shipping, parcel",
    "ordering_availability": "Bestellung, Reservierung, Verfügbarkeit, Termin. Booking, stock, appointment",
    "customer_support": "Kundendienst, Hotline, Support. Customer service, hotline",
    "staff": "Personal, Mitarbeiter freundlich. Staff, friendly, doctor, waiter",
    "information": "Information, Auskunft, Kommunikation. Information, announcements, clarity",
    "service_reliability": "Pünktlichkeit, Ausfall, Verspätung, Netz. Punctuality, outage, delay, coverage",
    "waiting_time": "Wartezeit, Schlange. Waiting time, queue",
    "facilities": "Zimmer, Sauberkeit, Lärm, Ausstattung. Room, cleanliness, noise, comfort",
    "food_drink": "Essen, Frühstück, Geschmack. Food, breakfast, taste",
    "location_access": "Lage, Parkplatz, Anfahrt. Location, parking, access",
    "health_safety": "Gesundheit, Behandlung, Hygiene, Sicherheit. Health, treatment, hygiene, safety",
    "contract_terms": "Vertrag, Kündigung, Abo, Bedingungen. Contract, cancellation, subscription terms",
    "general": "insgesamt zufrieden, empfehlenswert. Overall, recommend, love it, terrible",
}


def figures(labels, cut, sign, score, pairs=None, intents=None):
    grade = np.clip(np.rint(2 * score) + 2, 0, 4).astype(int)
    found = {"polarity_macro_f1": tuning.macro(labels.sign[cut], sign[cut]),
             "score_kappa": tuning.kappa((labels.grade[cut] + 2).astype(int), grade[cut])}
    if pairs is not None:
        found["topic_f1"] = tuning.micro(labels.topics[cut] > 0, pairs[cut].any(2))
        found["topic_polarity_f1"] = tuning.micro(labels.pairs[cut] > 0, pairs[cut])
    if intents is not None:
        found["intent_f1"] = tuning.micro(labels.intents[cut] > 0, intents[cut])
    return found


def german_list():
    """Word -> polarity, from the German Polarity Lexicon as the package textblob-de carries it."""
    path = next(f.locate() for f in files("textblob-de") if f.name == "de-sentiment.xml")
    return {w.get("form").lower(): float(w.get("polarity")) for w in ElementTree.parse(path).iter("word")}


def lexicon(items):
    """Sign and score by word lists: VADER for English; for German the mean polarity of known words, turned by a
    negation one or two words before."""
    vader, german = SentimentIntensityAnalyzer(), german_list()

    def score(item):
        if item["lang"] == "en":
            return vader.polarity_scores(item["text"])["compound"]
        words = re.findall(r"\w+", item["text"].lower())
        found = [german[w] * (-1 if NEGATION & set(words[max(0, i - 2):i]) else 1) for i, w in enumerate(words) if w in german]
        return float(np.mean(found)) if found else 0.0

    scores = np.array([score(item) for item in items])
    return np.where(scores >= 0.05, 2, np.where(scores <= -0.05, 0, 1)), scores


def anchored(net, collator, gold, held, held_labels, sign):
    """Topics by the nearest descriptions, polarity of a topic by that of the lexicon."""
    texts = [Example({"text": t}, []) for t in ANCHORS.values()]
    direction = lambda examples: np.array([f["doc.direction"] for f in predictions(net, collator, examples, ("doc.direction",))])
    mean = net.heads.doc_mean.numpy()
    anchor = unit_length(direction(texts) - mean)
    anchor = unit_length(anchor - anchor.mean(0))
    near = lambda examples: unit_length(direction(examples) - mean) @ anchor.T
    held_near, gold_near = near(held), near(gold)
    spread = lambda given, signs: given[:, :, None] & (np.eye(3, dtype=bool)[signs])[:, None, :]
    best = max(np.arange(0.05, 0.6, 0.01), key=lambda t: tuning.micro(held_labels.topics > 0, held_near >= t))
    return spread(gold_near >= best, sign)


def main():
    parser = arguments(__doc__)
    args = parser.parse_args()
    args.dropout = 0.0
    items = rows.gold(args.data)
    gold = [Example(item, split) for item, split in zip(items, units.of(args.work / "units" / "gold.jsonl"), strict=True)]
    labels = Labels(items)
    _, held = labelled(args)
    held_labels = Labels([e.item for e in held])
    lang = np.array([item["lang"] for item in items])
    cuts = {"all": np.ones(len(items), bool), "de": lang == "de", "en": lang == "en"}
    collator, table = Collator(), []

    def note(way, *given):
        for part, cut in cuts.items():
            for figure, value in figures(labels, cut, *given).items():
                table.append([way, part, figure, round(float(value), 4)])
        print(way, {r[2]: r[3] for r in table if r[0] == way and r[1] == "all"}, flush=True)

    sign, score = lexicon(items)
    note("lexicon", sign, score)
    for way, layers, weights in (("heads on the frozen encoder", 12, None), ("teacher, 12 layers fp32", 12, "teacher.safetensors"),
                                 ("student, 6 layers fp32", 6, "student.safetensors")):
        net = network(args, list(range(layers)))
        if weights and not (args.work / weights).exists():
            continue
        if weights:
            load(net, args.work / weights)
        else:
            note("anchors without training", sign, score, anchored(net, collator, gold, held, held_labels, sign))
        found, here = (predictions(net, collator, examples, exact=True) for examples in (held, gold))
        held_case, case = case_of(held, found), case_of(gold, here)
        decision = tuning.tune(held_case, held_labels)
        limits = np.array(tuning.intent_thresholds(held_case.doc["intents"], held_labels.intents))
        note(way, case.doc["polarity"].argmax(1), case.doc["score"][:, 0], case.emit(decision),
             1 / (1 + np.exp(-case.doc["intents"])) >= limits)
    with open(QUALITY / "compare.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["way", "language", "figure", "value"])
        writer.writerows(table)


if __name__ == "__main__":
    main()
