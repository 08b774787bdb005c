"""What the two trainings share: sources of texts, losses, the loop with checkpoints, figures on held-out texts."""
import json
import math
import random
import time
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file

import e5file
import rows
import tuning
import units
from examples import Example
from layout import arguments
from net import Average, Encoder, Heads, Network

HELD_OUT = 10
KEPT = ("doc.polarity", "doc.score", "doc.intents", "doc.topics", "doc.theme", "doc.direction",
        "unit.polarity", "unit.topics", "unit.theme", "unit.direction")


def training_arguments(description, epochs, rate, dropout, average, tokens, layers):
    """The arguments both trainings take, with the defaults of one."""
    parser = arguments(description)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rate", type=float, default=rate, help="learning rate of the layers")
    parser.add_argument("--head-rate", type=float, default=5e-4, help="learning rate of the heads")
    parser.add_argument("--dropout", type=float, default=dropout)
    parser.add_argument("--average", type=float, default=average, help="decay of the averaged weights")
    parser.add_argument("--tokens", type=int, default=tokens, help="tokens a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layers", type=int, nargs="*", default=layers, help="layers of the source to start from")
    parser.add_argument("--limit", type=int, help="texts at most, for trying out")
    return parser


def is_held_out(item):
    """One in ten, by a checksum of the issue or the text, so that an issue is never on both sides."""
    return zlib.crc32((item.get("issue") or item["text"].strip().lower()).encode()) % HELD_OUT == 0


def labelled(args):
    """Training and held-out examples of the clean sets."""
    items = rows.clean(args.data)
    examples = [Example(item, split) for item, split in zip(items, units.of(args.work / "units" / "clean.jsonl"), strict=True)]
    held = [is_held_out(item) for item in items]
    return [e for e, h in zip(examples, held) if not h], [e for e, h in zip(examples, held) if h]


def named(args, train):
    """Texts that belong together, in two lists of groups: issues of the written texts, intents of bank customers."""
    issues, intents = {}, {}
    for example in train:
        if example.item.get("issue"):
            issues.setdefault(example.item["issue"], []).append(example)
    for row in rows.lines(args.data / "labelled.train.jsonl.gz"):
        if row["source"] == "banking77":
            intents.setdefault(str(row["raw"]), []).append(Example({"text": row["text"]}, []))
    return [[group for group in groups.values() if len(group) >= 2] for groups in (issues, intents)]


def sample_named(groups, length, tokens, rng):
    """Groups of two to four texts each, about `tokens` tokens together: (examples, group numbers)."""
    chosen, numbers, longest = [], [], 0
    for number in rng.sample(range(len(groups)), len(groups)):
        group = groups[number]
        for example in rng.sample(group, min(4, len(group))):
            longest = max(longest, length(example.text))
            chosen.append(example)
            numbers.append(number)
        if longest * len(chosen) >= tokens:
            break
    return chosen, torch.tensor(numbers)


def network(args, layers, start=None):
    source = e5file.read(args.work / "source" / "e5-small-q4.bin")
    kept = np.load(args.work / "kept.npy")
    encoder = Encoder(source, kept, layers, args.dropout)
    heads = Heads(load_file(start or args.work / "start.safetensors"))
    return Network(encoder, heads)


def label_losses(out, batch, weight):
    """Losses of clean labels, one a head."""
    sign, doc_topics = batch.stack("sign"), batch.stack("topics")
    losses = {
        "doc.polarity": F.cross_entropy(out["doc.polarity"], sign, weight, label_smoothing=0.05),
        "doc.score": 2 * F.smooth_l1_loss(out["doc.score"][:, 0], batch.stack("grade").float() / 2, beta=0.5),
        "doc.intents": 3 * F.binary_cross_entropy_with_logits(out["doc.intents"], batch.stack("intents")),
        "doc.topics": 8 * F.binary_cross_entropy_with_logits(out["doc.topics"], doc_topics),
    }
    if len(batch.owner):
        topics, polarity = batch.stack("unit_topics"), batch.stack("unit_polarity")
        losses["unit.topics"] = 12 * F.binary_cross_entropy_with_logits(out["unit.topics"], topics, batch.stack("unit_trust"))
        judged = polarity.sum(1) > 0
        if judged.any():
            losses["unit.polarity"] = F.cross_entropy(out["unit.polarity"][judged], polarity[judged])
    return losses


def together(theme, group, temperature=0.1):
    """Supervised contrastive loss (Khosla et al. 2020): texts of one group are nearer than all others."""
    close = theme @ theme.T / temperature
    itself = torch.eye(len(theme), dtype=torch.bool)
    close = close.masked_fill(itself, -1e9)
    same = (group[:, None] == group[None]) & ~itself
    chance = F.log_softmax(close, dim=1)
    return -(chance * same).sum() / same.sum().clamp(min=1)


def relations(theme, target, limit=160):
    """How far the similarities of the texts among themselves are from those they are to keep."""
    if len(theme) > limit:
        chosen = torch.randperm(len(theme))[:limit]
        theme, target = theme[chosen], target[chosen]
    return F.mse_loss(theme @ theme.T, target @ target.T)


def predictions(net, collator, examples, names=None, exact=False):
    """Outputs of the heads for every example, in their order; in 16-bit floats unless `exact`."""
    net.eval()
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
    found = [None] * len(examples)
    with torch.no_grad():
        at = 0
        while at < len(order):
            size = max(1, min(64, 12000 // (len(examples[order[min(at + 63, len(order) - 1)]].text) + 40)))
            chunk = order[at:at + size]
            batch = collator.batch([examples[i] for i in chunk])
            with torch.autocast("cpu", torch.bfloat16, enabled=not exact):
                out = net(batch)
            out = {k: v.float().numpy() for k, v in out.items() if names is None or k in names}
            owner = batch.owner.numpy()
            for k, i in enumerate(chunk):
                mine = owner == k
                found[i] = {name: value[mine] if name.startswith("unit") else value[k] for name, value in out.items()}
            at += size
    net.train()
    return found


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


def listeners(args):
    """The texts on which the student listens to the teacher, those with clean labels first, and the held-out ones."""
    train, held = labelled(args)
    texts = [json.loads(line)["text"] for line in open(args.work / "texts.in")]
    known = {e.text.strip().lower() for e in train + held}
    cut = units.of(args.work / "units" / "texts.jsonl")
    plain = [Example({"text": t}, u) for t, u in zip(texts, cut, strict=True) if t.strip().lower() not in known]
    return (train + plain)[:args.limit], held


def answers(args, teacher, collator, examples):
    """What the teacher says of each text, kept in taught.npy until the teacher changes."""
    path = args.work / "taught.npy"
    if not args.limit and path.exists() and path.stat().st_mtime > (args.work / "teacher.safetensors").stat().st_mtime:
        return np.load(path, allow_pickle=True)
    found = predictions(teacher, collator, examples, KEPT)
    targets = np.array([{k: v.astype(np.float16) for k, v in f.items()} for f in found], dtype=object)
    if not args.limit:
        np.save(path, targets, allow_pickle=True)
    return targets


def case_of(examples, found):
    """The program's units of the examples as a tuning.Case."""
    doc = {n: np.array([f["doc." + n] for f in found]) for n in ("polarity", "score", "intents", "topics")}
    count = [len(e.units) for e in examples]
    take = lambda name: np.concatenate([f[name][:c] for f, c in zip(found, count)])
    return tuning.Case(doc, take("unit.topics"), take("unit.polarity"), np.repeat(np.arange(len(examples)), count))


def figures(examples, found):
    """Figures on held-out texts, thresholds tuned on the same texts: for watching only."""
    from supervision import Labels
    labels = Labels([e.item for e in examples])
    case = case_of(examples, found)
    decision = tuning.tune(case, labels, sweeps=1)
    pairs = case.emit(decision)
    intents = 1 / (1 + np.exp(-case.doc["intents"])) >= np.array(tuning.intent_thresholds(case.doc["intents"], labels.intents))
    grade = np.clip(np.rint(2 * case.doc["score"][:, 0]) + 2, 0, 4).astype(int)
    return {"polarity": tuning.macro(labels.sign, case.doc["polarity"].argmax(1)),
            "kappa": tuning.kappa((labels.grade + 2).astype(int), grade),
            "topics": tuning.micro(labels.topics > 0, pairs.any(2)),
            "pairs": tuning.micro(labels.pairs > 0, pairs),
            "intents": tuning.micro(labels.intents > 0, intents)}


class Loop:
    """AdamW with warm-up and cosine decay, averaged weights, a checkpoint after every epoch."""

    def __init__(self, net, args, steps, path):
        self.net, self.path, self.steps, self.step, self.epoch = net, path, steps, 0, 0
        encoder, heads = list(net.encoder.parameters()), list(net.heads.parameters())
        self.optimiser = torch.optim.AdamW([{"params": encoder, "lr": args.rate}, {"params": heads, "lr": args.head_rate}],
                                           weight_decay=0.01)
        shape = lambda s: min(1.0, (s + 1) / (0.06 * steps)) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, s / steps)))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, shape)
        self.average = Average(net, args.average)
        self.began, self.shown = time.time(), {}
        if path.exists():
            state = torch.load(path, weights_only=False)
            net.load_state_dict(state["net"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            self.average.values, self.average.steps = state["average"]
            self.step, self.epoch = state["step"], state["epoch"]
            print(f"resumed after epoch {self.epoch}, step {self.step}", flush=True)

    def take(self, losses):
        loss = sum(losses.values())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.schedule.step()
        self.average.update(self.net)
        self.step += 1
        for name, value in losses.items():
            self.shown[name] = 0.98 * self.shown.get(name, value.item()) + 0.02 * value.item()
        if self.step % 50 == 0:
            spent = time.time() - self.began
            print(f"step {self.step}/{self.steps} {spent:.0f} s", {k: round(v, 4) for k, v in self.shown.items()}, flush=True)

    def end_epoch(self, held, collator, weights):
        """Notes where to go on, measures the averaged weights on held-out texts and saves them."""
        self.epoch += 1
        state = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "schedule": self.schedule.state_dict(),
                 "average": (self.average.values, self.average.steps), "step": self.step, "epoch": self.epoch}
        torch.save(state, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").rename(self.path)
        self.average.swap(self.net)
        found = figures(held, predictions(self.net, collator, held))
        print("epoch", self.epoch, json.dumps({k: round(float(v), 4) for k, v in found.items()}), flush=True)
        save(self.net, weights)
        self.average.swap(self.net)


def save(net, path):
    """Layers and heads as safetensors, for export and for the next step."""
    arrays = {"encoder." + k: v for k, v in net.encoder.arrays().items()}
    arrays.update({"heads." + k: v for k, v in net.heads.tensors().items()})
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in sorted(arrays.items())}, str(path))


def load(net, path):
    """Puts saved layers and heads into a network of as many layers."""
    arrays = load_file(path)
    with torch.no_grad():
        net.encoder.ln_w.copy_(torch.tensor(arrays["encoder.emb.ln.w"]))
        net.encoder.ln_b.copy_(torch.tensor(arrays["encoder.emb.ln.b"]))
        for i, layer in enumerate(net.encoder.layers):
            for name in layer.arrays(""):
                value = torch.tensor(arrays[f"encoder.l{i}.{name}"])
                if name[:2] in ("q.", "k.", "v."):
                    part = "qkv".index(name[0])
                    target = (layer.qkv_w if name.endswith(".w") else layer.qkv_b).chunk(3)[part]
                else:
                    target = getattr(layer, name.replace(".", "_"))
                target.copy_(value)
    net.heads = Heads({k[6:]: v for k, v in arrays.items() if k.startswith("heads.")})


def seeded(seed):
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    return random.Random(seed)
