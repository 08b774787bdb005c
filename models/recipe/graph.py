"""Builds the encoder graph with onnx.helper; every weight format is one `Dense` class.

The graph: word embedding from 4-bit blocks (exact), position and type embedding, post-norm
layers with the fused operators of ONNX Runtime, last hidden states out.
"""
from dataclasses import replace

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

import e5file

MS = "com.microsoft"


class Graph:
    """Collects nodes and initialisers; `add` returns the name of the node's first output."""

    def __init__(self):
        self.nodes, self.weights, self.count = [], {}, 0

    def constant(self, name, array):
        self.weights.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind, inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"{kind}_{self.count}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names


class Floats:
    """fp32 weights stored as they are."""
    exact = True

    def multiply(self, graph, x, name, matrix):
        return graph.add("MatMul", [x, graph.constant(name, matrix.values().T)])


class Unpacked(Floats):
    """4-bit blocks on disk, unpacked to fp32 once while the session is created (constant folding)."""

    def multiply(self, graph, x, name, matrix):
        rows, cols = matrix.nibbles.shape
        data = graph.constant(name + ".q", matrix.packed().reshape(rows, cols // 2, 1))
        scale = graph.constant(name + ".s", matrix.scales.astype(np.float16).reshape(rows, -1, 1))
        low = graph.add("BitwiseAnd", [data, graph.constant("fifteen", np.array(15, np.uint8))])
        high = graph.add("BitShift", [data, graph.constant("four", np.array(4, np.uint8))], direction="RIGHT")
        both = graph.add("Cast", [graph.add("Concat", [low, high], axis=2)], to=TensorProto.FLOAT)
        centred = graph.add("Sub", [both, graph.constant("eight", np.array(8, np.float32))])
        blocks = graph.add("Reshape", [centred, graph.constant(f"blocks{rows}x{cols}", np.array([rows, cols // 32, 32]))])
        weight = graph.add("Mul", [blocks, graph.add("Cast", [scale], to=TensorProto.FLOAT)])
        weight = graph.add("Reshape", [weight, graph.constant(f"flat{rows}x{cols}", np.array([rows, cols]))])
        return graph.add("MatMul", [x, graph.add("Transpose", [weight], perm=[1, 0])])


class Blocks:
    """MatMulNBits: the source's own blocks, 4 bits as they are or the same integers held in 8 bits."""
    exact = True

    def __init__(self, bits, accuracy_level):
        self.bits, self.level = bits, accuracy_level

    def multiply(self, graph, x, name, matrix):
        rows, cols = matrix.nibbles.shape
        if self.bits == 4:
            data = matrix.packed().reshape(rows, cols // 32, 16)
        else:
            data = (matrix.nibbles + 120).astype(np.uint8).reshape(rows, cols // 32, 32)
        return graph.add("MatMulNBits", [
            x, graph.constant(f"{name}.q", data), graph.constant(f"{name}.s", matrix.scales.reshape(-1)),
        ], domain=MS, K=cols, N=rows, bits=self.bits, block_size=32, accuracy_level=self.level)


class RowInt8:
    """8-bit weights with a scale per output, 8-bit activations with a scale per token, 32-bit sums.

    A token's scale comes from that token alone, so no row can change another. Processors without
    VNNI add two products in 16 bits and saturate: weights within +-63 (signed, limit 63) cannot
    reach that. `signed=False` stores weights around 128, which takes another, slower kernel.
    """
    exact = False

    def __init__(self, limit=63, signed=True):
        self.limit, self.signed = limit, signed
        self.rounded = {}

    def activations(self, graph, x):
        if x not in self.rounded:
            top = graph.add("ReduceMax", [x, graph.constant("last", np.array([-1]))], keepdims=1)
            low = graph.add("ReduceMin", [x, "last"], keepdims=1)
            peak = graph.add("Max", [top, graph.add("Neg", [low]), graph.constant("tiny", np.array([1e-6], np.float32))])
            inverse = graph.add("Div", [graph.constant("full", np.array([127.0], np.float32)), peak])
            scaled = graph.add("Mul", [x, inverse])
            whole = graph.add("QuantizeLinear", [scaled, graph.constant("one", np.array(1, np.float32)),
                                                 graph.constant("middle", np.array(128, np.uint8))])
            self.rounded[x] = whole, graph.add("Div", [peak, "full"])
        return self.rounded[x]

    def multiply(self, graph, x, name, matrix):
        whole, scale = self.activations(graph, x)
        values = matrix.values()
        data, steps = rounded(values, self.limit)
        inputs = [whole, graph.constant(name + ".q", data.T.astype(np.int8) if self.signed else (data.T + 128).astype(np.uint8)),
                  "one", graph.constant(name + ".s", steps.astype(np.float32)), "middle"]
        sums = graph.add("MatMulIntegerToFloat", inputs if self.signed else [*inputs, "middle"], domain=MS)
        return graph.add("Mul", [sums, scale])


def rounded(values, limit):
    """Integers within +-limit and a step per row; the step is the one with the smallest squared error."""
    peak = np.maximum(np.abs(values).max(axis=1), 1e-9)
    best_error, best_data, best_steps = np.full(len(values), np.inf), np.zeros_like(values), peak / limit
    for share in np.arange(0.6, 1.001, 0.05):
        steps = peak * share / limit
        data = np.clip(np.rint(values / steps[:, None]), -limit, limit)
        error = ((data * steps[:, None] - values) ** 2).sum(axis=1)
        better = error < best_error
        best_error[better], best_data[better], best_steps[better] = error[better], data[better], steps[better]
    return best_data, best_steps


class Plain:
    """A trained matrix in floats."""

    def __init__(self, array):
        self.array = array

    def values(self):
        return self.array


def trained(source, arrays):
    """The source with the layers of a training; `arrays` as `training.save` writes them."""
    tensors = {k: v for k, v in source.tensors.items() if k.startswith("emb.")}
    for name, value in arrays.items():
        if name.startswith("encoder."):
            name = name.removeprefix("encoder.")
            tensors[name] = Plain(value) if value.ndim == 2 else value
    layers = len({name.split(".")[0] for name in tensors if name.startswith("l")})
    return replace(source, tensors=tensors, layers=layers)


def stacked(parts):
    if isinstance(parts[0], Plain):
        return Plain(np.concatenate([p.values() for p in parts]))
    return e5file.Quantised(np.concatenate([p.nibbles for p in parts]), np.concatenate([p.scales for p in parts]))


def build(source, kept, dense, fused_qkv=True, word="blocks"):
    """The ONNX model of `source` restricted to the vocabulary rows `kept`."""
    graph, tensors, dims = Graph(), source.tensors, source.dims

    def fp32(name):
        return graph.constant(name, tensors[name].astype(np.float32))

    def normalised(x, name):
        # Not the operator fused with the addition: it takes eight times as long (ONNX Runtime 1.31).
        return graph.add("LayerNormalization", [x, fp32(name + ".w"), fp32(name + ".b")], axis=-1, epsilon=source.epsilon)

    words = tensors["emb.word"].take(kept)
    x = graph.add("GatherBlockQuantized", [
        graph.constant("word.q", words.packed()), "input_ids", graph.constant("word.s", words.scales),
    ], domain=MS, bits=4, block_size=32, gather_axis=0, quantize_axis=1)
    places = tensors["emb.pos"].reshape(-1, dims) + tensors["emb.type"].reshape(-1, dims)[0]
    length = graph.add("Shape", ["input_ids"], start=1, end=2)
    place = graph.add("Slice", [graph.constant("places", places), graph.constant("zero", np.array([0])), length])
    x = graph.add("Add", [x, place])
    x = normalised(x, "emb.ln")
    mask = graph.add("Cast", ["attention_mask"], to=TensorProto.INT32)
    for layer in range(source.layers):
        p = f"l{layer}."
        bias = graph.constant(p + "qkv.b", np.concatenate([tensors[p + n + ".b"] for n in "qkv"]))
        if fused_qkv:
            qkv = dense.multiply(graph, x, p + "qkv.w", stacked([tensors[p + n + ".w"] for n in "qkv"]))
            parts = graph.add("Split", [qkv], outputs=3, axis=2, num_outputs=3)
        else:
            parts = [dense.multiply(graph, x, p + n + ".w", tensors[p + n + ".w"]) for n in "qkv"]
        seen = graph.add("MultiHeadAttention", [*parts, bias, mask], domain=MS, num_heads=source.heads)
        seen = dense.multiply(graph, seen, p + "ao.w", tensors[p + "ao.w"])
        x = normalised(graph.add("Add", [graph.add("Add", [seen, fp32(p + "ao.b")]), x]), p + "aln")
        wide = dense.multiply(graph, x, p + "fi.w", tensors[p + "fi.w"])
        wide = graph.add("BiasGelu", [wide, fp32(p + "fi.b")], domain=MS)
        back = dense.multiply(graph, wide, p + "fo.w", tensors[p + "fo.w"])
        x = normalised(graph.add("Add", [graph.add("Add", [back, fp32(p + "fo.b")]), x]), p + "oln")
    graph.nodes.append(helper.make_node("Identity", [x], ["token_states"]))
    shape = ["batch", "tokens"]
    made = helper.make_graph(
        graph.nodes, "encoder",
        [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("token_states", TensorProto.FLOAT, [*shape, dims])],
        list(graph.weights.values()))
    model = helper.make_model(made, producer_name="echolot", ir_version=10, opset_imports=[
        helper.make_opsetid("", 21), helper.make_opsetid(MS, 1)])
    checker.check_model(model)
    return model
