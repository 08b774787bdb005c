"""How well themes agree with labels. Rows without a theme are each one of their own, as in a theme of one."""
from collections import Counter

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score


def agreement(labels, themes):
    """All figures of a set. Rows without a label (None) take part in the clustering, and in `own` only."""
    alone = [theme if theme >= 0 else -1 - row for row, theme in enumerate(themes)]
    known = [row for row, label in enumerate(labels) if label is not None]
    gold, found = [labels[row] for row in known], [alone[row] for row in known]
    return {
        "rows": len(labels), "true": len(set(gold)), "found": len({theme for theme in themes if theme >= 0}),
        "ari": adjusted_rand_score(gold, found), "nmi": normalized_mutual_info_score(gold, found),
        "acc": accuracy(gold, found), "bcubed": bcubed(gold, found), "own": own(labels, themes),
        "unassigned": sum(theme < 0 for theme in themes) / len(themes),
    }


def accuracy(gold, found):
    """The share of rows in the theme of their label, each label having one theme and each theme one label."""
    sizes = Counter(found)
    rows = {label: at for at, label in enumerate(sorted(set(gold)))}
    columns = {theme: at for at, theme in enumerate(theme for theme, size in sizes.items() if size > 1)}
    if not columns:
        return 0.0
    table = np.zeros((len(rows), len(columns)))
    for (label, theme), count in Counter(zip(gold, found)).items():
        if theme in columns:
            table[rows[label], columns[theme]] = count
    return table[linear_sum_assignment(table, maximize=True)].sum() / len(gold)


def bcubed(gold, found):
    """B-cubed F1 (Bagga and Baldwin 1998): of each row, how many of its theme share its label and the reverse."""
    both, labels, themes = Counter(zip(gold, found)), Counter(gold), Counter(found)
    precision = sum(n * n / themes[theme] for (_, theme), n in both.items()) / len(gold)
    recall = sum(n * n / labels[label] for (label, _), n in both.items()) / len(gold)
    return 2 * precision * recall / (precision + recall)


def own(labels, themes):
    """The share of labels with a theme of their own: one that holds more than half of the label's rows, and more
    than half of whose rows, labelled or not, have the label."""
    rows, sizes = Counter(labels), Counter(themes)
    both = Counter(zip(labels, themes))
    owners = {label for (label, theme), n in both.items()
              if label is not None and theme >= 0 and 2 * n > rows[label] and 2 * n > sizes[theme]}
    return len(owners) / len(set(labels) - {None})
