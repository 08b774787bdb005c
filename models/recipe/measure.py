"""Figures of analysed texts, as a table: all, by language, by set, by class."""
import csv

import numpy as np

import tuning
from layout import INTENTS, POLARITIES, TOPICS
from linear import sigmoid


def report(items, labels, z, pairs, decision, path):
    intents = sigmoid(z["doc.intents"]) >= np.array(decision["intent_thresholds"])
    sign = z["doc.polarity"].argmax(1)
    grade = np.clip(np.rint(2 * z["doc.score"][:, 0]) + 2, 0, 4).astype(int)
    lang = np.array([item["lang"] for item in items])
    real = np.array([item["set"] == "annotated" for item in items])
    cuts = {"all": np.ones(len(lang), bool), "de": lang == "de", "en": lang == "en", "collected": real, "written": ~real}
    out = []
    for name, cut in cuts.items():
        figures = {
            "polarity_macro_f1": tuning.macro(labels.sign[cut], sign[cut]),
            "score_kappa": tuning.kappa((labels.grade[cut] + 2).astype(int), grade[cut]),
            "topic_f1": tuning.micro(labels.topics[cut] > 0, pairs[cut].any(2)),
            "topic_polarity_f1": tuning.micro(labels.pairs[cut] > 0, pairs[cut]),
            "intent_f1": tuning.micro(labels.intents[cut] > 0, intents[cut]),
            "mixed_acc": float((labels.mixed[cut] == (pairs[cut][:, :, 0].any(1) & pairs[cut][:, :, 2].any(1))).mean()),
        }
        print(name, {k: round(float(v), 4) for k, v in figures.items()}, flush=True)
        out += [(name, int(cut.sum()), metric, "", v) for metric, v in figures.items()]
        for c, label in enumerate(POLARITIES):
            out.append((name, int((labels.sign[cut] == c).sum()), "polarity_f1", label, tuning.micro(labels.sign[cut] == c, sign[cut] == c)))
        for i, label in enumerate(INTENTS):
            out.append((name, int((labels.intents[cut, i] > 0).sum()), "intent_f1", label, tuning.micro(labels.intents[cut, i] > 0, intents[cut, i])))
        for t, label in enumerate(TOPICS):
            out.append((name, int((labels.topics[cut, t] > 0).sum()), "topic_f1", label, tuning.micro(labels.topics[cut, t] > 0, pairs[cut, t].any(1))))
    with open(path, "w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["part", "rows", "metric", "class", "value"])
        writer.writerows([*row[:4], round(float(row[4]), 4)] for row in out)
