"""Trains six layers to say what the twelve-layer teacher says, about texts with and without labels.

The student starts from every second layer and the heads of the teacher. It learns the teacher's scores of the text
and of each unit, its theme vectors and the directions of its means; clean labels are heard beside them. Writes
student.safetensors (work folder); a run that was broken off goes on from its last epoch.
"""
import json

import numpy as np
import torch
import torch.nn.functional as F

import units
from examples import Collator, Example, bucketed
from training import (Loop, figures, label_losses, labelled, load, network, predictions, relations, seeded,
                      training_arguments)

KEPT = ("doc.polarity", "doc.score", "doc.intents", "doc.topics", "doc.theme", "doc.direction",
        "unit.polarity", "unit.topics", "unit.theme", "unit.direction")


def taught(out, target, owner_count):
    """Losses against the teacher's outputs."""
    losses = {}
    for part in ("doc", "unit"):
        if part == "unit" and not owner_count:
            continue
        of = lambda name: (out[f"{part}.{name}"], target[f"{part}.{name}"])
        mine, its = of("polarity")
        losses[f"{part}.polarity"] = F.cross_entropy(mine, its.softmax(1))
        mine, its = of("topics")
        losses[f"{part}.topics"] = 12 * F.binary_cross_entropy_with_logits(mine, its.sigmoid())
        mine, its = of("theme")
        losses[f"{part}.theme"] = 2 * (1 - (mine * its).sum(1)).mean() + 4 * relations(mine, its)
        mine, its = of("direction")
        losses[f"{part}.direction"] = 4 * (1 - (mine * its).sum(1)).mean()
    losses["doc.score"] = 2 * F.smooth_l1_loss(out["doc.score"], target["doc.score"], beta=0.5)
    losses["doc.intents"] = 3 * F.binary_cross_entropy_with_logits(out["doc.intents"], target["doc.intents"].sigmoid())
    return losses


def stacked(found):
    """The teacher's outputs for the texts of a batch, as the network gives them."""
    join = lambda name: np.concatenate([f[name] for f in found]) if name.startswith("unit") else np.stack([f[name] for f in found])
    return {name: torch.tensor(join(name).astype(np.float32)) for name in found[0]}


def main():
    parser = training_arguments(__doc__, epochs=3, rate=2e-4, dropout=0.05, average=0.999, tokens=2048, layers=[1, 3, 5, 7, 9, 11])
    parser.add_argument("--label-weight", type=float, default=0.3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    seeded(args.seed)
    collator = Collator()
    train, held = labelled(args)
    texts = [json.loads(line)["text"] for line in open(args.work / "texts.in")]
    known = {e.text.strip().lower() for e in train + held}
    cut = units.of(args.work / "units" / "texts.jsonl")
    plain = [Example({"text": t}, u) for t, u in zip(texts, cut, strict=True) if t.strip().lower() not in known]
    examples = (train + plain)[:args.limit]

    teacher_file = args.work / "teacher.safetensors"
    teacher = network(args, list(range(12)))
    load(teacher, teacher_file)
    path = args.work / "taught.npy"
    if path.exists() and path.stat().st_mtime > teacher_file.stat().st_mtime and not args.limit:
        targets = np.load(path, allow_pickle=True)
    else:
        found = predictions(teacher, collator, examples, KEPT)
        targets = np.array([{k: v.astype(np.float16) for k, v in f.items()} for f in found], dtype=object)
        np.save(path, targets, allow_pickle=True)
    teacher_figures = figures(held, predictions(teacher, collator, held))
    print(len(examples), "texts; the teacher on held-out ones", {k: round(float(v), 4) for k, v in teacher_figures.items()}, flush=True)

    net = network(args, list(range(len(args.layers))))
    for mine, its in zip(net.encoder.layers, args.layers):
        mine.load_state_dict(teacher.encoder.layers[its].state_dict())
    net.encoder.ln_w.data.copy_(teacher.encoder.ln_w)
    net.encoder.ln_b.data.copy_(teacher.encoder.ln_b)
    net.heads.load_state_dict(teacher.heads.state_dict())
    del teacher

    lengths = [collator.length(e.text) for e in examples]

    def batches(rng):
        """Texts with and without clean labels in batches of their own."""
        parts = [[i for i, e in enumerate(examples) if (e.sign is None) == bare] for bare in (False, True)]
        found = [[part[k] for k in b] for part in parts if part
                 for b in bucketed([examples[i] for i in part], [lengths[i] for i in part], args.tokens, rng)]
        rng.shuffle(found)
        return found

    loop = Loop(net, args, args.epochs * len(batches(seeded(args.seed))), args.work / "student.pt")
    weight = torch.ones(3)
    net.train()
    while loop.epoch < args.epochs:
        rng = seeded(args.seed + loop.epoch)
        for chosen in batches(rng):
            batch = collator.batch([examples[i] for i in chosen], rough=0.15, rng=rng)
            with torch.autocast("cpu", torch.bfloat16):
                out = {k: v.float() for k, v in net(batch).items()}
            losses = taught(out, stacked([targets[i] for i in chosen]), len(batch.owner))
            if examples[chosen[0]].sign is not None:
                for name, value in label_losses(out, batch, weight).items():
                    losses["label " + name] = args.label_weight * value
            loop.take(losses)
        loop.end_epoch(held, collator, args.work / "student.safetensors")


if __name__ == "__main__":
    main()
