"""Trains six layers to say what the twelve-layer teacher says, about texts with and without labels.

The student starts from every second layer and the heads of the teacher. It learns the teacher's scores of the text
and of each unit, its theme vectors and the directions of its means; clean labels are heard beside them. Writes
student.safetensors (work folder); a run that was broken off goes on from its last epoch.
"""
import torch

from examples import Collator, bucketed
from training import (Loop, answers, figures, label_losses, listeners, load, network, predictions, seeded, stacked,
                      taught, training_arguments)


def main():
    parser = training_arguments(__doc__, epochs=3, rate=2e-4, dropout=0.05, average=0.999, tokens=2048, layers=[1, 3, 5, 7, 9, 11])
    parser.add_argument("--label-weight", type=float, default=0.3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    seeded(args.seed)
    collator = Collator()
    examples, held = listeners(args)
    teacher = network(args, list(range(12)))
    load(teacher, args.work / "teacher.safetensors")
    targets = answers(args, teacher, collator, examples)
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
