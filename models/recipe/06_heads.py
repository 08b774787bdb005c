"""Fits the linear heads on the frozen encoder, tunes the decision rule out of fold, writes the weights.

Five folds over the clean sets (an issue never spans two folds) give out-of-fold logits for every text; strength,
thresholds and temperatures are chosen there. The shipped heads are then fitted on all clean rows.
Writes models/heads.safetensors, decision.json (work folder) and docs/quality/model_dev.csv.
"""
import csv
import json

import numpy as np
from safetensors.numpy import save_file

import rows
import tuning
from layout import INTENTS, MODELS, POLARITIES, QUALITY, SHORT, TOPICS, arguments
from linear import fit, ridge, sigmoid, softmax
from supervision import Labels, Units, folds, head_inputs, unit_length

STRENGTH = {"doc.polarity": 0.03, "doc.score": 0.05, "doc.intents": 0.025, "doc.topics": 0.015,
            "unit.topics": 0.004, "unit.polarity": 0.006}


class Data:
    """Everything the fits read: inputs, targets, owners."""

    def __init__(self, args):
        self.items = rows.clean(args.data)
        features = dict(np.load(args.work / "features" / "clean.npz"))
        self.labels = Labels(self.items)
        self.units = Units(self.items, features, self.labels)
        doc, unit = unit_length(features["doc"]), unit_length(self.units.mean)
        self.doc_mean, self.unit_mean = doc.mean(0), unit[~self.units.exact].mean(0)
        self.doc = (doc - self.doc_mean).astype(np.float32)
        self.unit = head_inputs((unit - self.unit_mean).astype(np.float32), self.doc, self.units.owner)
        self.fold = folds(self.items)
        self.noisy_weight = args.noisy_weight
        self.noisy_doc, self.noisy_sign = noisy_rows(args, self.items, self.doc_mean)


def noisy_rows(args, items, mean):
    """Star-labelled documents (never one whose text is also a clean row); `mixed` says too little and is left out."""
    path = args.work / "features" / "noisy.npz"
    if args.noisy_weight == 0 or not path.exists():
        return np.zeros((0, len(mean)), np.float32), np.zeros(0, int)
    means = np.load(path)["doc"]
    found = rows.noisy(args.data, args.noisy, np.random.default_rng(args.seed))
    assert len(found) == len(means), "noisy.npz was made with other arguments"
    known = {r["text"].strip().lower() for r in items}
    keep = [i for i, r in enumerate(found) if r["sent"] in SHORT and r["text"].strip().lower() not in known]
    return (unit_length(means[keep]) - mean).astype(np.float32), np.array([SHORT[found[i]["sent"]] for i in keep])


def class_weight(labels, power):
    share = np.bincount(labels, minlength=3) / len(labels)
    weight = share ** -power
    return (weight / (weight * share).sum())[labels]


def fit_heads(data, keep, strength=STRENGTH, power=0.5):
    """All heads on the texts where keep is true."""
    labels, units = data.labels, data.units
    mine = keep[units.owner]
    judged = mine & (units.polarity.sum(1) > 0)
    sign = np.concatenate([labels.sign[keep], data.noisy_sign])
    trust = np.concatenate([class_weight(labels.sign[keep], power), np.full(len(data.noisy_sign), data.noisy_weight)])
    heads = {
        "doc.polarity": fit(np.concatenate([data.doc[keep], data.noisy_doc]), np.eye(3, dtype=np.float32)[sign],
                            "softmax", strength["doc.polarity"], trust),
        "doc.score": ridge(data.doc[keep], labels.grade[keep] / 2, strength["doc.score"]),
        "doc.intents": fit(data.doc[keep], labels.intents[keep], "sigmoid", strength["doc.intents"]),
        "doc.topics": fit(data.doc[keep], labels.topics[keep], "sigmoid", strength["doc.topics"]),
        "unit.topics": fit(data.unit[mine], units.topics[mine], "sigmoid", strength["unit.topics"], units.trust[mine]),
        "unit.polarity": fit(data.unit[judged], units.polarity[judged], "softmax", strength["unit.polarity"]),
    }
    return heads


def logits(heads, doc, unit):
    return {name: (doc if name.startswith("doc") else unit) @ w.T + b for name, (w, b) in heads.items()}


def out_of_fold(data, **options):
    found = {}
    for k in range(data.fold.max() + 1):
        held = data.fold == k
        heads = fit_heads(data, ~held, **options)
        for name, z in logits(heads, data.doc, data.unit).items():
            place = held if name.startswith("doc") else held[data.units.owner]
            found.setdefault(name, np.zeros_like(z))[place] = z[place]
    return found


def temperature(z, target, weight=None):
    """The divisor that makes softmax(z / t) likeliest on held-out rows."""
    weight = np.ones(len(z)) if weight is None else weight
    grid = np.arange(0.5, 2.01, 0.05)
    return float(min(grid, key=lambda t: -(weight * (target * np.log(softmax(z / t) + 1e-12)).sum(1)).sum()))


def score_scale(score, grade):
    """Slope and shift of the score that give the best quadratic kappa of the rounded grade."""
    gold = (grade + 2).astype(int)
    options = [(s, c) for s in np.arange(1.0, 1.81, 0.1) for c in np.arange(-0.15, 0.16, 0.05)]
    return max(options, key=lambda o: tuning.kappa(gold, np.clip(np.rint(2 * (score * o[0] + o[1])) + 2, 0, 4).astype(int)))


def case_of(data, z):
    split = np.flatnonzero(~data.units.exact)
    doc = {name.split(".")[1]: v for name, v in z.items() if name.startswith("doc")}
    return tuning.Case(doc, z["unit.topics"][split], z["unit.polarity"][split], data.units.owner[split])


def report(data, z, decision, path):
    """Out-of-fold figures: all, per language, per set family, per class."""
    labels = data.labels
    pairs = case_of(data, z).emit(decision)
    intents = sigmoid(z["doc.intents"]) >= np.array(decision["intent_thresholds"])
    sign = z["doc.polarity"].argmax(1)
    grade = np.clip(np.rint(2 * z["doc.score"][:, 0]) + 2, 0, 4).astype(int)
    lang = np.array([r["lang"] for r in data.items])
    kind = np.array([r["set"] == "annotated" for r in data.items])
    cuts = {"all": np.ones(len(lang), bool), "de": lang == "de", "en": lang == "en",
            "annotated": kind, "authored": ~kind}
    out = []
    for name, cut in cuts.items():
        gold_pairs = labels.pairs[cut] > 0
        figures = {
            "polarity_macro_f1": tuning.macro(labels.sign[cut], sign[cut]),
            "score_kappa": tuning.kappa((labels.grade[cut] + 2).astype(int), grade[cut]),
            "topic_f1": tuning.micro(labels.topics[cut] > 0, pairs[cut].any(2)),
            "topic_polarity_f1": tuning.micro(gold_pairs, pairs[cut]),
            "intent_f1": tuning.micro(labels.intents[cut] > 0, intents[cut]),
            "mixed_acc": float((labels.mixed[cut] == (pairs[cut][:, :, 0].any(1) & pairs[cut][:, :, 2].any(1))).mean()),
        }
        out += [(name, int(cut.sum()), metric, "", round(float(v), 4)) for metric, v in figures.items()]
        for c, label in enumerate(POLARITIES):
            gold = labels.sign[cut] == c
            out.append((name, int(gold.sum()), "polarity_f1", label, round(tuning.micro(gold, sign[cut] == c), 4)))
        for i, label in enumerate(INTENTS):
            gold = labels.intents[cut, i] > 0
            out.append((name, int(gold.sum()), "intent_f1", label, round(tuning.micro(gold, intents[cut, i]), 4)))
        for t, label in enumerate(TOPICS):
            gold = labels.topics[cut, t] > 0
            out.append((name, int(gold.sum()), "topic_f1", label, round(tuning.micro(gold, pairs[cut, t].any(1)), 4)))
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", newline="") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(["part", "rows", "metric", "class", "value"])
            writer.writerows(out)
    return {(part, metric): value for part, _, metric, label, value in out if not label}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--noisy", type=int, default=1500, help="as given to 04_features.py")
    parser.add_argument("--noisy-weight", type=float, default=0.1, help="weight of a star-labelled text in doc.polarity")
    args = parser.parse_args()
    data = Data(args)
    z = out_of_fold(data)
    print("out-of-fold logits done", flush=True)
    heads = fit_heads(data, np.ones(len(data.items), bool))
    judged = data.units.polarity.sum(1) > 0
    for name, t in (("doc.polarity", temperature(z["doc.polarity"], data.labels.polarity)),
                    ("unit.polarity", temperature(z["unit.polarity"][judged], data.units.polarity[judged]))):
        z[name] = z[name] / t
        heads[name] = tuple(p / np.float32(t) for p in heads[name])
        print(name, "temperature", round(t, 2))
    slope, shift = score_scale(z["doc.score"][:, 0], data.labels.grade)
    z["doc.score"] = z["doc.score"] * slope + shift
    heads["doc.score"] = heads["doc.score"][0] * np.float32(slope), heads["doc.score"][1] * np.float32(slope) + np.float32(shift)
    decision = tuning.tune(case_of(data, z), data.labels)
    decision["intent_thresholds"] = tuning.intent_thresholds(z["doc.intents"], data.labels.intents)
    figures = report(data, z, decision, QUALITY / "model_dev.csv")
    for part in ("all", "de", "en", "annotated", "authored"):
        print(part, {m: v for (p, m), v in figures.items() if p == part})
    tensors = {"doc.mean": data.doc_mean, "unit.mean": data.unit_mean}
    for name, (weight, bias) in heads.items():
        tensors[name + ".weight"], tensors[name + ".bias"] = weight, bias
    theme = args.work / "theme.npz"
    tensors.update(dict(np.load(theme)) if theme.exists() else {"theme.mean": data.doc_mean})
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in sorted(tensors.items())}, str(MODELS / "heads.safetensors"))
    (args.work / "decision.json").write_text(json.dumps(decision, indent=1))
    print(json.dumps(decision))


if __name__ == "__main__":
    main()
