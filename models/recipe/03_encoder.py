"""Builds the frozen encoder (frozen.onnx, work folder) from the 4-bit source and the trimmed vocabulary (02_tokenizer.py writes kept.npy)."""
import numpy as np

import e5file
import graph
from layout import arguments
from variants import VARIANTS

SHIPPED = "rowint8_limit63"


def main():
    parser = arguments(__doc__)
    parser.add_argument("--variant", default=SHIPPED, choices=list(VARIANTS))
    args = parser.parse_args()
    source = e5file.read(args.work / "source" / "e5-small-q4.bin")
    make, options = VARIANTS[args.variant]
    model = graph.build(source, np.load(args.work / "kept.npy"), make(), **options)
    data = model.SerializeToString(deterministic=True)
    (args.work / "frozen.onnx").write_bytes(data)
    print("frozen.onnx", args.variant, len(data), "bytes")


if __name__ == "__main__":
    main()
