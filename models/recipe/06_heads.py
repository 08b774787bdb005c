"""Fits the linear heads on the frozen encoder: where the training starts from, and the baseline it has to beat.

Reads the cached features of the clean sets; writes start.safetensors (work folder).
"""
import numpy as np
from safetensors.numpy import save_file

import rows
from layout import arguments
from linear import fit, ridge
from supervision import Labels, Units, head_inputs, unit_length
from training import is_held_out

STRENGTH = {"doc.polarity": 0.03, "doc.score": 0.05, "doc.intents": 0.025, "doc.topics": 0.015,
            "unit.topics": 0.004, "unit.polarity": 0.006}


def class_weight(labels, power=0.5):
    share = np.bincount(labels, minlength=3) / len(labels)
    weight = share ** -power
    return (weight / (weight * share).sum())[labels]


def main():
    args = arguments(__doc__).parse_args()
    items = rows.clean(args.data)
    features = dict(np.load(args.work / "features" / "clean.npz"))
    labels = Labels(items)
    units = Units(items, features, labels)
    doc, unit = unit_length(features["doc"]), unit_length(units.mean)
    means = {"doc.mean": doc.mean(0), "unit.mean": unit[~units.exact].mean(0)}
    doc = (doc - means["doc.mean"]).astype(np.float32)
    unit = head_inputs((unit - means["unit.mean"]).astype(np.float32), doc, units.owner)
    keep = ~np.array([is_held_out(item) for item in items])
    mine = keep[units.owner]
    judged = mine & (units.polarity.sum(1) > 0)
    heads = {
        "doc.polarity": fit(doc[keep], labels.polarity[keep], "softmax", STRENGTH["doc.polarity"], class_weight(labels.sign[keep])),
        "doc.score": ridge(doc[keep], labels.grade[keep] / 2, STRENGTH["doc.score"]),
        "doc.intents": fit(doc[keep], labels.intents[keep], "sigmoid", STRENGTH["doc.intents"]),
        "doc.topics": fit(doc[keep], labels.topics[keep], "sigmoid", STRENGTH["doc.topics"]),
        "unit.topics": fit(unit[mine], units.topics[mine], "sigmoid", STRENGTH["unit.topics"], units.trust[mine]),
        "unit.polarity": fit(unit[judged], units.polarity[judged], "softmax", STRENGTH["unit.polarity"]),
    }
    tensors = {**means, **dict(np.load(args.work / "theme.npz"))}
    for name, (weight, bias) in heads.items():
        tensors[name + ".weight"], tensors[name + ".bias"] = weight, bias
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in sorted(tensors.items())}, str(args.work / "start.safetensors"))
    print(int(keep.sum()), "texts,", int(mine.sum()), "units")


if __name__ == "__main__":
    main()
