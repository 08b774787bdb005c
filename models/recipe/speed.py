"""Times the ways to analyse the same real verbatims on this machine, all in one run, both threads.

The program with this model and (with --first) with another model folder; ONNX Runtime with the twelve-layer encoder
in fp32 and in dynamic int8; torch in fp32 with a second pass for sentiment, as two separate models would need. All
take turns; medians count. Then what the processor does at most: the layers' own matrix shapes alone, in int8 and
fp32, and the share of it that this model reaches, of real tokens, all else included. Writes docs/quality/speed.csv.
"""
import csv
import json
import math
import os
import statistics
import subprocess
import time

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

import e5file
import graph
import rows
from encode import session
from layout import MAX_TOKENS, MODELS, PREFIX, QUALITY, arguments
from net import Encoder

BATCH = 32
THREADS = 2


def sample(args):
    """Real verbatims of the test set, those in German and English half and half, of at least three words."""
    found = rows.lines(args.data / "labelled.test.jsonl.gz")
    rng = np.random.default_rng(args.seed)
    texts = []
    for lang in ("de", "en"):
        mine = [r["text"] for r in found if r["lang"] == lang and len(r["text"].split()) >= 3]
        texts += [mine[i] for i in rng.choice(len(mine), min(args.count // 2, len(mine)), replace=False)]
    return texts


def batches(tokenizer, texts):
    encodings = sorted((e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch([PREFIX + t for t in texts])), key=len)
    for at in range(0, len(encodings), BATCH):
        rows_ = encodings[at:at + BATCH]
        ids = np.ones((len(rows_), len(rows_[-1])), np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows_):
            ids[i, :len(row)], mask[i, :len(row)] = row, 1
        yield ids, mask


def with_onnx(path, tokenizer, texts):
    run_graph = session(str(path), THREADS)

    def run():
        for ids, mask in batches(tokenizer, texts):
            states = run_graph.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return run


def with_torch(source, kept, tokenizer, texts):
    torch.set_num_threads(THREADS)
    net = Encoder(source, kept, range(12), dropout=0.0).eval()

    def run():
        with torch.no_grad():
            for _ in ("vectors", "sentiment"):
                for ids, mask in batches(tokenizer, texts):
                    mask = torch.tensor(mask, dtype=torch.bool)
                    states = net(torch.tensor(ids), mask) * mask[..., None]
                    states.sum(1) / mask.sum(1, keepdim=True)
    return run


def with_program(program, folder, path):
    environment = dict(os.environ, ECHOLOT_MODEL_WORKERS=str(THREADS))
    if folder:
        environment["ECHOLOT_MODEL_FOLDER"] = str(folder)

    def run():
        with open(path) as source:
            subprocess.run([program, "score"], stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=environment, check=True)
    return run


def alone(kind, rows_, inner, outer):
    """Operations a second (both threads) of one matrix product by itself."""
    rng = np.random.default_rng(0)
    if kind == "int8":
        weight = rng.integers(-63, 64, (inner, outer)).astype(np.int8)
        x = rng.integers(0, 256, (rows_, inner)).astype(np.uint8)
        node = helper.make_node("MatMulInteger", ["x", "w"], ["y"])
        types = TensorProto.UINT8, TensorProto.INT32
    else:
        weight, x = rng.random((inner, outer), np.float32), rng.random((rows_, inner), np.float32)
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        types = TensorProto.FLOAT, TensorProto.FLOAT
    made = helper.make_graph([node], "one", [helper.make_tensor_value_info("x", types[0], [rows_, inner])],
                             [helper.make_tensor_value_info("y", types[1], [rows_, outer])],
                             [helper.make_tensor("w", TensorProto.INT8 if kind == "int8" else TensorProto.FLOAT,
                                                 weight.shape, weight.tobytes(), raw=True)])
    product = session(helper.make_model(made, ir_version=10, opset_imports=[helper.make_opsetid("", 21)]).SerializeToString(), THREADS)
    product.run(None, {"x": x})
    times = []
    for _ in range(60):
        began = time.perf_counter()
        product.run(None, {"x": x})
        times.append(time.perf_counter() - began)
    return 2 * rows_ * inner * outer / statistics.median(times)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--program", default="target/release/echolot")
    parser.add_argument("--first", help="folder of an earlier model, to be timed beside this one")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    texts = sample(args)
    tokenizer = Tokenizer.from_file(str(MODELS / "tokenizer.json"))
    tokens = sum(min(MAX_TOKENS, len(e.ids)) for e in tokenizer.encode_batch([PREFIX + t for t in texts]))
    source, kept = e5file.read(args.work / "source" / "e5-small-q4.bin"), np.load(args.work / "kept.npy")
    path, none = args.work / "speed.jsonl", args.work / "speed_none.jsonl"
    path.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    none.write_text(json.dumps({"text": texts[0]}) + "\n")
    fp32, int8 = args.work / "twelve_fp32.onnx", args.work / "twelve_int8.onnx"
    fp32.write_bytes(graph.build(source, kept, graph.Floats()).SerializeToString())
    quantize_dynamic(str(fp32), str(int8), weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": TensorProto.FLOAT})
    ways = {
        "echolot, this model": with_program(args.program, None, path),
        "ONNX Runtime, 12 layers fp32": with_onnx(fp32, tokenizer, texts),
        "ONNX Runtime, 12 layers dynamic int8": with_onnx(int8, tokenizer, texts),
        "torch fp32, 12 layers twice": with_torch(source, kept, tokenizer, texts),
        "start of the program": with_program(args.program, None, none),
    }
    if args.first:
        ways["echolot, first model"] = with_program(args.program, args.first, path)
    times = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, run in ways.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
            print(name, round(times[name][-1], 2), flush=True)
    start = statistics.median(times.pop("start of the program"))
    table = []
    for name, spent in times.items():
        median = statistics.median(spent)
        # The program is timed as a whole process; what it needs to start is stated apart.
        busy = median - start if name.startswith("echolot") else median
        table.append([name, len(texts), tokens, round(median, 2), round(len(texts) / busy, 1), round(tokens / busy)])
    table.append(["start of the program", 1, "", round(start, 2), "", ""])
    shapes = [(512, 384, 1152), (512, 384, 384), (512, 384, 1536), (512, 1536, 384)]
    work, most = sum(2 * m * k * n for m, k, n in shapes), {}
    for kind in ("int8", "fp32"):
        spent = sum(2 * m * k * n / alone(kind, m, k, n) for m, k, n in shapes)
        most[kind] = work / spent
        table.append([f"matrix products of a layer alone, {kind}, 10^9 operations a second", "", "", "", round(most[kind] / 1e9), ""])
    weights = onnx.load(MODELS / "encoder.onnx").graph.initializer
    a_token = sum(2 * math.prod(w.dims) for w in weights if w.name.endswith(".w.q"))
    reached = table[0][5] * a_token
    table.append(["products of this model, 10^9 operations a second", "", "", "", round(reached / 1e9), ""])
    table.append(["share of the int8 products alone", "", "", "", round(reached / most["int8"], 3), ""])
    with open(QUALITY / "speed.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["way", "verbatims", "tokens", "seconds", "verbatims_a_second", "tokens_a_second"])
        writer.writerows(table)
    print(*table, sep="\n")


if __name__ == "__main__":
    main()
