"""The network in torch while it is trained: encoder layers, and the heads in the form they ship in.

A head sees what the program gives it: the direction of a mean of token states less a fixed centre.
`GAIN` stretches that input, which is short, so that weights and learning rates have usual sizes;
`Heads.tensors` folds it back.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from layout import DIMS, INTENTS, POLARITIES, TOPICS

GAIN = 20.0


class Layer(nn.Module):
    """One post-norm transformer layer, with the parameter names of the source file."""

    def __init__(self, tensors, prefix, heads, epsilon, dropout):
        super().__init__()
        self.heads, self.epsilon, self.dropout = heads, epsilon, dropout
        def of(name):
            value = tensors[prefix + name]
            return torch.tensor(np.array(value if isinstance(value, np.ndarray) else value.values(), np.float32))
        self.qkv_w = nn.Parameter(torch.cat([of(f"{n}.w") for n in "qkv"]))
        self.qkv_b = nn.Parameter(torch.cat([of(f"{n}.b") for n in "qkv"]))
        for name in ("ao.w", "ao.b", "aln.w", "aln.b", "fi.w", "fi.b", "fo.w", "fo.b", "oln.w", "oln.b"):
            setattr(self, name.replace(".", "_"), nn.Parameter(of(name)))

    def drop(self, x):
        return F.dropout(x, self.dropout, self.training)

    def forward(self, x, mask):
        batch, tokens, dims = x.shape
        qkv = F.linear(x, self.qkv_w, self.qkv_b).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # Written out: on processors the fused operator is twice as slow backwards for short rows.
        close = qkv[0] @ qkv[1].transpose(-1, -2) / math.sqrt(dims // self.heads)
        seen = close.masked_fill(~mask, -1e4).softmax(-1) @ qkv[2]
        seen = F.linear(seen.transpose(1, 2).reshape(batch, tokens, dims), self.ao_w, self.ao_b)
        x = F.layer_norm(x + seen, (dims,), self.aln_w, self.aln_b, self.epsilon)
        wide = F.gelu(F.linear(x, self.fi_w, self.fi_b))
        back = F.linear(wide, self.fo_w, self.fo_b)
        return F.layer_norm(x + self.drop(back), (dims,), self.oln_w, self.oln_b, self.epsilon)

    def arrays(self, prefix):
        """Parameters as arrays under the names of the source file."""
        out = {}
        for n, w, b in zip("qkv", self.qkv_w.chunk(3), self.qkv_b.chunk(3)):
            out[f"{prefix}{n}.w"], out[f"{prefix}{n}.b"] = w, b
        for name in ("ao.w", "ao.b", "aln.w", "aln.b", "fi.w", "fi.b", "fo.w", "fo.b", "oln.w", "oln.b"):
            out[prefix + name] = getattr(self, name.replace(".", "_"))
        return {k: v.detach().float().numpy() for k, v in out.items()}


class Encoder(nn.Module):
    """Token ids -> token states. Embeddings stay as they are: they ship in the source's 4-bit blocks."""

    def __init__(self, source, kept, layers, dropout=0.1):
        super().__init__()
        tensors = source.tensors
        self.register_buffer("word", torch.tensor(tensors["emb.word"].take(kept).values()), persistent=False)
        place = np.array(tensors["emb.pos"]).reshape(-1, DIMS) + np.array(tensors["emb.type"]).reshape(-1, DIMS)[0]
        self.register_buffer("place", torch.tensor(place, dtype=torch.float32), persistent=False)
        self.ln_w = nn.Parameter(torch.tensor(np.array(tensors["emb.ln.w"])))
        self.ln_b = nn.Parameter(torch.tensor(np.array(tensors["emb.ln.b"])))
        self.epsilon = source.epsilon
        self.layers = nn.ModuleList([Layer(tensors, f"l{i}.", source.heads, source.epsilon, dropout) for i in layers])

    def forward(self, ids, mask):
        x = self.word[ids] + self.place[:ids.shape[1]]
        x = F.layer_norm(x, (DIMS,), self.ln_w, self.ln_b, self.epsilon)
        seen = mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, seen)
        return x

    def arrays(self):
        out = {"emb.ln.w": self.ln_w.detach().numpy(), "emb.ln.b": self.ln_b.detach().numpy()}
        for i, layer in enumerate(self.layers):
            out.update(layer.arrays(f"l{i}."))
        return out


class Heads(nn.Module):
    """The linear heads; `start` are tensors as they ship."""

    KINDS = {"doc.polarity": len(POLARITIES), "doc.score": 1, "doc.intents": len(INTENTS), "doc.topics": len(TOPICS),
             "unit.topics": len(TOPICS), "unit.polarity": len(POLARITIES)}

    def __init__(self, start):
        super().__init__()
        for name in ("doc.mean", "unit.mean", "theme.mean"):
            self.register_buffer(name.replace(".", "_"), torch.tensor(start[name]))
        self.linear = nn.ModuleDict()
        for name in self.KINDS:
            weight, bias = torch.tensor(start[name + ".weight"]), torch.tensor(start[name + ".bias"])
            linear = nn.Linear(weight.shape[1], weight.shape[0])
            linear.weight.data, linear.bias.data = weight / GAIN, bias
            self.linear[name.replace(".", "_")] = linear
        projection = torch.tensor(start["theme.projection"])
        self.theme = nn.Linear(projection.shape[1], projection.shape[0], bias=False)
        self.theme.weight.data = projection / projection.norm() * math.sqrt(projection.shape[0])

    def forward(self, doc, unit, owner):
        """doc [n, d], unit [k, d] means of token states; owner [k] the text of each unit."""
        doc, unit = F.normalize(doc, dim=-1), F.normalize(unit, dim=-1)
        d, u = GAIN * (doc - self.doc_mean), GAIN * (unit - self.unit_mean)
        u = torch.cat([u, d[owner]], dim=1)
        out = {name: self.linear[name.replace(".", "_")](d if name.startswith("doc") else u) for name in self.KINDS}
        out["doc.direction"], out["unit.direction"] = doc, unit
        out["doc.theme"] = F.normalize(self.theme(doc - self.theme_mean), dim=-1)
        out["unit.theme"] = F.normalize(self.theme(unit - self.theme_mean), dim=-1)
        return out

    def tensors(self):
        out = {name: getattr(self, name.replace(".", "_")).numpy() for name in ("doc.mean", "unit.mean", "theme.mean")}
        for name in self.KINDS:
            linear = self.linear[name.replace(".", "_")]
            out[name + ".weight"] = linear.weight.detach().numpy() * GAIN
            out[name + ".bias"] = linear.bias.detach().numpy()
        out["theme.projection"] = self.theme.weight.detach().numpy()
        return out


class Network(nn.Module):
    def __init__(self, encoder, heads):
        super().__init__()
        self.encoder, self.heads = encoder, heads

    def forward(self, batch):
        """Heads' outputs of a batch (see examples.Batch)."""
        states = self.encoder(batch.ids, batch.mask).float()
        shown = states * batch.mask[..., None]
        doc = shown.sum(1) / batch.mask.sum(1, keepdim=True)
        sums = F.pad(shown.cumsum(1), (0, 0, 1, 0))
        unit = sums[batch.owner, batch.end] - sums[batch.owner, batch.start]
        empty = (batch.end == batch.start)[:, None]
        unit = torch.where(empty, doc[batch.owner], unit)
        return self.heads(doc, unit, batch.owner)


class Average:
    """Exponential moving average of all parameters, which is what ships."""

    def __init__(self, network, decay):
        self.decay, self.steps = decay, 0
        self.values = {k: v.detach().clone() for k, v in network.named_parameters()}

    def update(self, network):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for name, value in network.named_parameters():
                self.values[name].lerp_(value, 1 - decay)

    def swap(self, network):
        """Exchanges the averaged and the current values; call twice to restore."""
        with torch.no_grad():
            for name, value in network.named_parameters():
                kept = value.detach().clone()
                value.copy_(self.values[name])
                self.values[name] = kept
