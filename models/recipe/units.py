"""Splits a text into opinion units that tile it: sentences, then clauses at words of contrast.

Stands in for the program's own splitter; `04_features.py --units FILE` takes the program's output instead
(one JSON line a text: {"units": [[start, end], ...]} in character offsets).
"""
import re

CONTRAST = (
    "aber jedoch allerdings sondern dafür dagegen trotzdem obwohl hingegen leider dennoch doch nur "
    "but however although though except yet unfortunately whereas nevertheless only"
).split()
BARE = {"leider", "doch", "nur", "only", "yet", "unfortunately", "dafür"}
SENTENCE = re.compile(r"[.!?…]+[\"'”“»)\]]*(?=\s)|[;\n]+|(?<=\w)[!?]+(?=\w)")
CLAUSE = re.compile(
    r"(?:(?<=[,;:–—-]\s)|(?<=,))(?=(?:" + "|".join(CONTRAST) + r")\b)"
    r"|(?<=\s)(?=(?:" + "|".join(w for w in CONTRAST if w not in BARE) + r")\b)", re.I)
SHORT_FORMS = re.compile(r"(?:\b(?:z|B|d|h|u|a|ca|bzw|inkl|evtl|ggf|Nr|Std|Min|Dr|Hr|Fr|St|usw|etc|e|g|i|vs|Mr|Mrs|No|max|min|\d+))\.$")
WORD = re.compile(r"\w+", re.U)
MIN_WORDS = 3


def boundaries(text):
    cuts = []
    for found in SENTENCE.finditer(text):
        if found.group() == "." and SHORT_FORMS.search(text[max(0, found.start() - 6):found.end()]):
            continue
        end = found.end()
        while end < len(text) and text[end].isspace():
            end += 1
        cuts.append(end)
    cuts += [found.start() for found in CLAUSE.finditer(text)]
    return sorted({c for c in cuts if 0 < c < len(text)})


def split(text):
    """[start, end) pairs that tile the text; a piece of fewer than three words joins its neighbour."""
    if not text:
        return []
    edges = [0, *boundaries(text), len(text)]
    pieces = list(zip(edges, edges[1:]))
    merged = []
    for start, end in pieces:
        words = len(WORD.findall(text[start:end]))
        if merged and words == 0:
            merged[-1][1] = end
        elif merged and len(WORD.findall(text[merged[-1][0]:merged[-1][1]])) < MIN_WORDS and "\n" not in text[merged[-1][0]:merged[-1][1]]:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    if len(merged) > 1 and len(WORD.findall(text[merged[-1][0]:merged[-1][1]])) < MIN_WORDS:
        last = merged.pop()
        merged[-1][1] = last[1]
    return merged
