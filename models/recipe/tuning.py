"""Chooses thresholds and weights of the decision rule on out-of-fold logits (never on gold)."""
import numpy as np

from decide import GENERAL, blended, unit_probability
from layout import TOPICS
from linear import sigmoid, softmax


def micro(gold, guess):
    hit = np.logical_and(gold, guess).sum()
    return 2 * hit / max(1, gold.sum() + guess.sum())


def macro(gold, guess, classes=3):
    scores = []
    for c in range(classes):
        hit = ((gold == c) & (guess == c)).sum()
        scores.append(2 * hit / max(1, (gold == c).sum() + (guess == c).sum()))
    return float(np.mean(scores))


def kappa(gold, guess, k=5):
    """Quadratic weighted kappa of integer grades 0..k-1."""
    table = np.zeros((k, k))
    np.add.at(table, (gold, guess), 1)
    cost = np.subtract.outer(np.arange(k), np.arange(k)) ** 2
    return 1 - (cost * table).sum() / (cost * np.outer(table.sum(1), table.sum(0)) / table.sum()).sum()


class Case:
    """Logits of the split units of many texts, with the owner text of each unit (sorted)."""

    def __init__(self, doc, unit_topics, unit_polarity, owner):
        self.doc, self.unit_topics, self.unit_polarity, self.owner = doc, unit_topics, unit_polarity, owner
        self.count = len(doc["topics"])

    def emit(self, decision):
        """[text, topic, polarity] booleans by the decision rule of the model card, for all texts at once."""
        chance = unit_probability(self.unit_topics, self.doc["topics"][self.owner], decision["unit_weight"])
        passed = chance >= np.asarray(decision["topic_thresholds"])
        best = np.full((self.count, len(TOPICS)), -np.inf, np.float32)
        np.maximum.at(best, self.owner, self.unit_topics)
        passed &= self.unit_topics >= best[self.owner] - decision["topic_margin"]
        specific = np.zeros(self.count, bool)
        np.logical_or.at(specific, self.owner, np.delete(passed, GENERAL, axis=1).any(1))
        strict = chance[:, GENERAL] >= decision["general_beside_threshold"]
        passed[:, GENERAL] = np.where(specific[self.owner], strict, passed[:, GENERAL])
        choice = blended(softmax(self.unit_polarity), softmax(self.doc["polarity"])[self.owner],
                         decision["polarity_unit_weight"]).argmax(1)
        out = np.zeros((self.count, len(TOPICS), 3), bool)
        unit, topic = np.nonzero(passed)
        out[self.owner[unit], topic, choice[unit]] = True
        return out


# Even steps of the logit: calibrated chances of rare topics are small, and their steps must be.
CHANCES = np.round(sigmoid(np.arange(-4.0, 1.01, 0.2)), 4)


def tune(case, labels, grid=CHANCES, sweeps=2):
    """Decision parameters with the best sum of topic F1 and topic-with-polarity F1."""
    gold_topics, gold_pairs = labels.topics > 0, labels.pairs > 0

    def value(decision):
        pairs = case.emit(decision)
        return micro(gold_topics, pairs.any(2)) + micro(gold_pairs, pairs)

    best, best_value = None, -1
    for unit_weight in (0.3, 0.4, 0.5, 0.6, 0.7):
        for flat in grid[4:-4:2]:
            trial = {"unit_weight": unit_weight, "topic_thresholds": [flat] * len(TOPICS),
                     "general_beside_threshold": 0.6, "polarity_unit_weight": 0.6, "topic_margin": 2.0}
            if (v := value(trial)) > best_value:
                best, best_value = trial, v
    for _ in range(sweeps):
        chance = unit_probability(case.unit_topics, case.doc["topics"][case.owner], best["unit_weight"])
        top = np.zeros((case.count, len(TOPICS)), np.float32)
        np.maximum.at(top, case.owner, chance)
        thresholds = np.array(best["topic_thresholds"])
        for t in range(len(TOPICS)):
            if t == GENERAL:
                continue
            guess = top >= thresholds
            others = np.arange(len(TOPICS)) != t
            hits = (gold_topics & guess)[:, others].sum()
            total = gold_topics.sum() + guess[:, others].sum()
            scores = [2 * (hits + (gold_topics[:, t] & (top[:, t] >= g)).sum()) / (total + (top[:, t] >= g).sum())
                      for g in grid]
            scores = np.convolve(np.pad(scores, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
            thresholds[t] = grid[int(np.argmax(scores))]
        best["topic_thresholds"] = [float(x) for x in thresholds]
        for name, values in (("general", grid), ("general_beside_threshold", np.append(grid[8:], (0.8, 0.85, 0.9, 0.95))),
                             ("polarity_unit_weight", np.arange(0, 1.01, 0.1)), ("unit_weight", np.arange(0.2, 0.91, 0.1)),
                             ("topic_margin", (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0))):
            def changed(x, name=name):
                if name != "general":
                    return {**best, name: float(round(x, 4))}
                return {**best, "topic_thresholds": best["topic_thresholds"][:-1] + [float(round(x, 4))]}
            best = max((changed(x) for x in values), key=value)
    return best


def intent_thresholds(logits, gold, grid=np.arange(0.2, 0.71, 0.02)):
    chance, chosen = sigmoid(logits), np.full(gold.shape[1], 0.4)
    for _ in range(3):
        for i in range(gold.shape[1]):
            def value(g, i=i):
                trial = chosen.copy()
                trial[i] = g
                return micro(gold > 0, chance >= trial)
            chosen[i] = max(grid, key=value)
    return [float(round(x, 4)) for x in chosen]
