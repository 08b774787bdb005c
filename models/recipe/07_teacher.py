"""Fine-tunes all twelve layers and the heads on the clean labels, with star-labelled texts beside them.

Starts from the frozen encoder and the heads fitted on it. The theme vector keeps the frozen encoder's similarities
within a batch while texts of one issue are drawn together. Writes teacher.safetensors (work folder); a run that was
broken off goes on from its last epoch.
"""
import json

import numpy as np
import torch
import torch.nn.functional as F

from examples import Collator, bucketed
from layout import arguments
from training import (Loop, figures, label_losses, labelled, named, network, predictions, relations, sample_named, save,
                      seeded, starred, together)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=7e-5)
    parser.add_argument("--head-rate", type=float, default=5e-4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--noisy", type=int, default=0, help="star-labelled texts a language and polarity")
    parser.add_argument("--noisy-weight", type=float, default=0.15)
    parser.add_argument("--tokens", type=int, default=1536, help="tokens a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layers", type=int, nargs="*", default=list(range(12)))
    parser.add_argument("--limit", type=int, help="texts at most, for trying out")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = seeded(args.seed)
    train, held = labelled(args)
    if args.limit:
        train, held = train[:args.limit], held[:args.limit // 4]
    stars = starred(args, {e.text.strip().lower() for e in train + held})
    groups = named(args, train)
    collator = Collator()
    net = network(args, args.layers)
    print(len(train), "texts,", len(held), "held out,", len(stars), "with stars,", sum(map(len, groups)), "groups", flush=True)

    for example, found in zip(train, predictions(net, collator, train, ("doc.theme", "unit.theme"))):
        example.frozen = np.concatenate([found["doc.theme"][None], found["unit.theme"]]).astype(np.float16)
    print("frozen similarities noted", flush=True)

    lengths = [collator.length(e.text) for e in train]
    star_lengths = [collator.length(e.text) for e in stars]
    share = np.bincount([e.sign for e in train], minlength=3) / len(train)
    weight = torch.tensor(share ** -0.4, dtype=torch.float32)
    weight /= (weight * torch.tensor(share, dtype=torch.float32)).sum()
    star_part = len(stars) // 3
    a_epoch = len(bucketed(train, lengths, args.tokens, rng)) + len(bucketed(stars[:star_part], star_lengths, args.tokens, rng))
    loop = Loop(net, args, args.epochs * a_epoch, args.work / "teacher.pt")
    net.train()
    while loop.epoch < args.epochs:
        rng = seeded(args.seed + loop.epoch)
        part = rng.sample(range(len(stars)), star_part)
        jobs = [("clean", [train[i] for i in b]) for b in bucketed(train, lengths, args.tokens, rng)]
        jobs += [("stars", [stars[part[i]] for i in b])
                 for b in bucketed([stars[i] for i in part], [star_lengths[i] for i in part], args.tokens, rng)]
        rng.shuffle(jobs)
        for number, (kind, examples) in enumerate(jobs):
            batch = collator.batch(examples, rough=0.15, rng=rng)
            with torch.autocast("cpu", torch.bfloat16):
                out = {k: v.float() for k, v in net(batch).items()}
            if kind == "clean":
                losses = label_losses(out, batch, weight)
                theme = torch.cat([out["doc.theme"], out["unit.theme"]])
                frozen = torch.tensor(np.concatenate([np.stack([e.frozen[0] for e in examples])] + [e.frozen[1:] for e in examples]), dtype=torch.float32)
                losses["theme.kept"] = 4 * relations(theme, frozen)
            else:
                losses = {"stars": args.noisy_weight * F.cross_entropy(out["doc.polarity"], batch.stack("sign"), label_smoothing=0.1)}
            if number % 3 == 0:
                chosen, group = sample_named(groups[number % 2], collator.length, args.tokens // 2, rng)
                with torch.autocast("cpu", torch.bfloat16):
                    theme = net(collator.batch(chosen))["doc.theme"].float()
                losses["theme.together"] = 0.15 * together(theme, group)
            loop.take(losses)
        loop.end_epoch()
        loop.average.swap(net)
        print("epoch", loop.epoch, json.dumps({k: round(float(v), 4) for k, v in figures(held, predictions(net, collator, held)).items()}), flush=True)
        save(net, args.work / "teacher.safetensors")
        loop.average.swap(net)


if __name__ == "__main__":
    main()
