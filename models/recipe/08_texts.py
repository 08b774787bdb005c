"""Chooses the texts on which the student listens to the teacher.

Labels play no part: clean texts, and samples of every permissive source, in all languages of the app reviews.
Writes texts.in (work folder), which units.py cuts.
"""
import json
import random

import rows
from layout import arguments

MOST = {"womens_clothing": 3000, "banking77": 2000, "potts": 2500, "crowdflower_products": 3000, "vader_tweets": 1500,
        "app_reviews_covid en": 5000, "other languages": 5000, "chats": 2500}
LONGEST = 1500


def main():
    parser = arguments(__doc__)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    kinds = {"clean": [r["text"] for r in rows.clean(args.data)]}
    for row in rows.lines(args.data / "labelled.train.jsonl.gz"):
        english = row["source"] == "app_reviews_covid" and row["lang"] == "en"
        kinds.setdefault("app_reviews_covid en" if english else row["source"], []).append(row["text"])
    kinds["other languages"] = [r["text"] or "" for r in rows.lines(args.data / "app_reviews_covid.jsonl.gz")]
    kinds["chats"] = [t["text"] for chat in rows.lines(args.data / "chats" / "multidogo_customer_turns_en.jsonl.gz")
                      for t in chat["turns"] if len(t["text"]) > 20]
    # What is measured later is never shown.
    seen = {r["text"].strip().lower() for r in rows.gold(args.data) + rows.lines(args.data / "eval_only.jsonl.gz")
            + rows.lines(args.data / "labelled.test.jsonl.gz")}
    chosen = []
    for kind, texts in kinds.items():
        rng.shuffle(texts)
        taken = 0
        for text in texts:
            text = text.strip()
            if not 2 <= len(text) <= LONGEST or text.lower() in seen or taken == MOST.get(kind, 10**6):
                continue
            seen.add(text.lower())
            chosen.append(text)
            taken += 1
        print(kind, taken)
    with open(args.work / "texts.in", "w") as out:
        for text in chosen:
            out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
