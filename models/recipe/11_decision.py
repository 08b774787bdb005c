"""Calibrates the exported model on held-out texts and chooses the decision rule there.

Reads heads.npz (work folder) and models/encoder.onnx; writes models/heads.safetensors, decision.json (work folder),
docs/quality/model_dev.csv and docs/quality/calibration.csv. Slopes and shifts are folded into the weights. The
reliability table is measured crosswise: each half of the texts with what was fitted on the other.
"""
import csv
import json

import numpy as np
from safetensors.numpy import save_file
from scipy.optimize import minimize

import rows
import tuning
import units
from decide import blended, unit_probability
from encode import Encoder
from layout import INTENTS, MODELS, QUALITY, TOPICS, arguments
from linear import sigmoid, softmax
from measure import report
from supervision import Labels, head_inputs, overlapping, unit_length
from training import is_held_out

BINS = np.linspace(0, 1, 11)


class HeldOut:
    """Held-out texts as the exported encoder sees them."""

    def __init__(self, args, heads):
        items = rows.clean(args.data)
        split = units.of(args.work / "units" / "clean.jsonl")
        kept = [i for i, item in enumerate(items) if is_held_out(item)]
        self.items = [items[i] for i in kept]
        self.labels = Labels(self.items)
        spans = [[tuple(s) for s in split[i]] for i in kept]
        doc, unit = Encoder(threads=args.threads).means([item["text"] for item in self.items], spans)
        self.owner = np.repeat(np.arange(len(spans)), [len(s) for s in spans])
        quotes = [rows.quote_spans(item) for item in self.items]
        self.pairs = np.zeros((len(self.owner), len(TOPICS), 3), bool)
        for k, (i, span) in enumerate(zip(self.owner, [s for text in spans for s in text])):
            for t, p in overlapping(self.items[i], quotes[i], span):
                self.pairs[k, t, p] = True
        doc = unit_length(doc) - heads["doc.mean"]
        unit = head_inputs(unit_length(np.concatenate(unit)) - heads["unit.mean"], doc, self.owner)
        self.z = {name: (doc if name.startswith("doc") else unit) @ heads[name + ".weight"].T + heads[name + ".bias"]
                  for name in ("doc.polarity", "doc.score", "doc.intents", "doc.topics", "unit.topics", "unit.polarity")}

    def case(self, z):
        doc = {n: z["doc." + n] for n in ("polarity", "score", "intents", "topics")}
        return tuning.Case(doc, z["unit.topics"], z["unit.polarity"], self.owner)


def temperature(z, target):
    """The divisor that makes softmax(z / t) likeliest."""
    grid = np.arange(0.4, 3.01, 0.05)
    return float(min(grid, key=lambda t: -(target * np.log(softmax(z / t) + 1e-12)).sum()))


def platt(z, hit):
    """Slope and shift that make sigmoid(slope z + shift) likeliest (Platt 1999)."""
    loss = lambda p: np.logaddexp(0, -(2 * hit - 1) * (p[0] * z + p[1])).mean()
    return minimize(loss, [1.0, 0.0], method="Nelder-Mead").x


def score_line(z, grade):
    """Slope and shift of the score with the best quadratic kappa of the rounded grade."""
    gold = (grade + 2).astype(int)
    options = [(s, c) for s in np.arange(0.8, 1.61, 0.1) for c in np.arange(-0.15, 0.16, 0.05)]
    return max(options, key=lambda o: tuning.kappa(gold, np.clip(np.rint(2 * (z * o[0] + o[1])) + 2, 0, 4).astype(int)))


def fit(held, texts, unit_weight=0.5):
    """(slope, shift) of every head, per output, from the texts where `texts` is true."""
    labels, units = held.labels, texts[held.owner]
    judged = units & held.pairs.any((1, 2))
    z = held.z
    polarity = held.pairs[judged].sum(1).astype(float)
    polarity /= polarity.sum(1, keepdims=True)
    mixed = unit_weight * z["unit.topics"] + (1 - unit_weight) * z["doc.topics"][held.owner]
    topics = platt(mixed[units].ravel(), held.pairs[units].any(2).ravel())
    intents = [platt(z["doc.intents"][texts, i], labels.intents[texts, i] > 0) for i in range(len(INTENTS))]
    slope, shift = score_line(z["doc.score"][texts, 0], labels.grade[texts])
    return {
        "doc.polarity": (1 / temperature(z["doc.polarity"][texts], labels.polarity[texts]), 0.0),
        "unit.polarity": (1 / temperature(z["unit.polarity"][judged], polarity), 0.0),
        "doc.topics": tuple(topics), "unit.topics": tuple(topics),
        "doc.intents": (np.array([p[0] for p in intents]), np.array([p[1] for p in intents])),
        "doc.score": (slope, shift),
    }


def scaled(z, lines):
    return {name: value * lines[name][0] + lines[name][1] for name, value in z.items()}


def reliability(held, texts, lines, unit_weight):
    """head -> (confidence, whether it held) of every claim about the texts."""
    z, labels, units = scaled(held.z, lines), held.labels, texts[held.owner]
    doc = softmax(z["doc.polarity"][texts])
    chance = unit_probability(z["unit.topics"], z["doc.topics"][held.owner], unit_weight)
    judged = units & held.pairs.any((1, 2))
    unit = blended(softmax(z["unit.polarity"]), softmax(z["doc.polarity"])[held.owner], 0.5)[judged]
    return {
        "polarity": (doc.max(1), doc.argmax(1) == labels.sign[texts]),
        "intents": (sigmoid(z["doc.intents"][texts]).ravel(), (labels.intents[texts] > 0).ravel()),
        "topics": (chance[units].ravel(), held.pairs[units].any(2).ravel()),
        "opinion polarity": (unit.max(1), held.pairs[judged].any(1)[np.arange(judged.sum()), unit.argmax(1)]),
    }


def calibration(held, unit_weight, path):
    """Reliability in ten bins and the expected calibration error of each head (Guo et al. 2017)."""
    half = np.arange(len(held.items)) % 2 == 0
    found = {}
    for mine in (half, ~half):
        for head, values in reliability(held, mine, fit(held, ~mine, unit_weight), unit_weight).items():
            found.setdefault(head, []).append(values)
    table = []
    for head, parts in found.items():
        confidence, right = (np.concatenate(values) for values in zip(*parts))
        place = np.clip(np.digitize(confidence, BINS) - 1, 0, 9)
        error = 0.0
        for b in range(10):
            mine = place == b
            if mine.any():
                error += mine.mean() * abs(confidence[mine].mean() - right[mine].mean())
                table.append([head, f"{BINS[b]:.1f}-{BINS[b + 1]:.1f}", int(mine.sum()),
                              round(float(confidence[mine].mean()), 4), round(float(right[mine].mean()), 4)])
        table.append([head, "expected calibration error", len(right), "", round(float(error), 4)])
        print(head, "ECE", round(float(error), 4))
    with open(path, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["head", "confidence", "claims", "mean_confidence", "share_true"])
        writer.writerows(table)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    heads = {k: v.copy() for k, v in np.load(args.work / "heads.npz").items()}
    held = HeldOut(args, heads)
    everyone = np.ones(len(held.items), bool)
    lines = fit(held, everyone)
    z = scaled(held.z, lines)
    decision = tuning.tune(held.case(z), held.labels)
    decision["intent_thresholds"] = tuning.intent_thresholds(z["doc.intents"], held.labels.intents)
    calibration(held, decision["unit_weight"], QUALITY / "calibration.csv")
    report(held.items, held.labels, z, held.case(z).emit(decision), decision, QUALITY / "model_dev.csv")
    for name, (slope, shift) in lines.items():
        heads[name + ".weight"] = heads[name + ".weight"] * np.asarray(slope, np.float32).reshape(-1, 1)
        heads[name + ".bias"] = heads[name + ".bias"] * np.asarray(slope) + shift
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in sorted(heads.items())}, str(MODELS / "heads.safetensors"))
    (args.work / "decision.json").write_text(json.dumps(decision, indent=1))
    print(json.dumps(decision))


if __name__ == "__main__":
    main()
