"""Exports a training: models/encoder.onnx in the shipped weight format, and its heads (heads.npz, work folder)."""
import numpy as np
from safetensors.numpy import load_file

import e5file
import graph
from layout import MODELS, arguments
from variants import VARIANTS

SHIPPED = "rowint8_limit63"


def main():
    parser = arguments(__doc__)
    parser.add_argument("--weights", default="student.safetensors", help="file in the work folder")
    parser.add_argument("--variant", default=SHIPPED, choices=list(VARIANTS))
    parser.add_argument("--output", help="instead of models/encoder.onnx")
    args = parser.parse_args()
    arrays = load_file(args.work / args.weights)
    source = graph.trained(e5file.read(args.work / "source" / "e5-small-q4.bin"), arrays)
    make, options = VARIANTS[args.variant]
    model = graph.build(source, np.load(args.work / "kept.npy"), make(), **options)
    data = model.SerializeToString(deterministic=True)
    target = args.output or MODELS / "encoder.onnx"
    open(target, "wb").write(data)
    np.savez(args.work / "heads.npz", **{k.removeprefix("heads."): v for k, v in arrays.items() if k.startswith("heads.")})
    print(target, args.variant, source.layers, "layers", len(data), "bytes")


if __name__ == "__main__":
    main()
