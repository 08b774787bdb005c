"""Fine-tunes all twelve layers and the heads on the clean labels.

Starts from the frozen encoder and the heads fitted on it. The theme vector keeps the frozen encoder's similarities
within a batch while texts of one issue are drawn together. Writes teacher.safetensors (work folder); a run that was
broken off goes on from its last epoch.
"""
import numpy as np
import torch

from examples import Collator, bucketed
from training import (Loop, label_losses, labelled, named, network, predictions, relations, sample_named, seeded, together,
                      training_arguments)


def main():
    parser = training_arguments(__doc__, epochs=4, rate=7e-5, dropout=0.1, average=0.998, tokens=1536, layers=list(range(12)))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = seeded(args.seed)
    train, held = labelled(args)
    if args.limit:
        train, held = train[:args.limit], held[:args.limit // 4]
    groups = named(args, train)
    collator = Collator()
    net = network(args, args.layers)
    print(len(train), "texts,", len(held), "held out,", sum(map(len, groups)), "groups", flush=True)

    for example, found in zip(train, predictions(net, collator, train, ("doc.theme", "unit.theme"))):
        example.frozen = np.concatenate([found["doc.theme"][None], found["unit.theme"]]).astype(np.float16)
    print("frozen similarities noted", flush=True)

    lengths = [collator.length(e.text) for e in train]
    share = np.bincount([e.sign for e in train], minlength=3) / len(train)
    weight = torch.tensor(share ** -0.4, dtype=torch.float32)
    weight /= (weight * torch.tensor(share, dtype=torch.float32)).sum()
    a_epoch = len(bucketed(train, lengths, args.tokens, rng))
    loop = Loop(net, args, args.epochs * a_epoch, args.work / "teacher.pt")
    net.train()
    while loop.epoch < args.epochs:
        rng = seeded(args.seed + loop.epoch)
        for number, chosen in enumerate(bucketed(train, lengths, args.tokens, rng)):
            examples = [train[i] for i in chosen]
            batch = collator.batch(examples, rough=0.15, rng=rng)
            with torch.autocast("cpu", torch.bfloat16):
                out = {k: v.float() for k, v in net(batch).items()}
            losses = label_losses(out, batch, weight)
            theme = torch.cat([out["doc.theme"], out["unit.theme"]])
            frozen = np.concatenate([np.stack([e.frozen[0] for e in examples])] + [e.frozen[1:] for e in examples])
            losses["theme.kept"] = 4 * relations(theme, torch.tensor(frozen, dtype=torch.float32))
            if number % 3 == 0 and groups[number % 2]:
                together_now, group = sample_named(groups[number % 2], collator.length, args.tokens // 2, rng)
                with torch.autocast("cpu", torch.bfloat16):
                    theme = net(collator.batch(together_now))["doc.theme"].float()
                losses["theme.together"] = 0.15 * together(theme, group)
            loop.take(losses)
        loop.end_epoch(held, collator, args.work / "teacher.safetensors")


if __name__ == "__main__":
    main()
