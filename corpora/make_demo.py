"""Makes corpora/demo and corpora/manifest.toml from the annotated verbatims.

    python3 corpora/make_demo.py FOLDER

FOLDER holds *.jsonl files with the keys id, channel, date, product, release,
rating, nps, lang and text. The annotations beside them are left out. Each kind of
feedback is written in another form of file, so that the demo also shows the
readers. The same input gives the same bytes.
"""

import csv
import datetime
import gzip
import hashlib
import io
import json
import pathlib
import sys

import workbook

HERE = pathlib.Path(__file__).parent
DEMO = HERE / "demo"


def reviews(rows):
    """JSON lines, gzip: our own names of the fields."""
    names = {"date": "created_at"}
    lines = (
        json.dumps({names.get(k, k): v for k, v in row.items() if v is not None}, ensure_ascii=False)
        for row in rows
    )
    # Neither name nor time goes into the file, so that its bytes stay the same.
    return gzip.compress("".join(line + "\n" for line in lines).encode(), 9, mtime=0)


def surveys(rows):
    """CSV as a German spreadsheet program saves it, with the question in the header."""
    question = "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?"
    header = ["Antwort-ID", "Befragungsdatum", "Produkt", "Version", question, "Kommentar", "Kanal"]
    table = [
        [r["id"], german_date(r), r["product"], r["release"], r["nps"], r["text"], r["channel"]]
        for r in rows
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([header, *table])
    return out.getvalue().encode("utf-8-sig")


def app_store(rows):
    """Tabs and UTF-16, as app store consoles export."""
    header = ["Review Id", "App Name", "App Version Name", "Review Submit Date and Time"]
    header += ["Star Rating", "Review Text", "Channel"]
    table = [
        [r["id"], r["product"], r["release"], r["date"], r["rating"], r["text"], r["channel"]]
        for r in rows
    ]
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows([header, *table])
    return b"\xff\xfe" + out.getvalue().encode("utf-16-le")


def social(rows):
    """A list of JSON objects over several lines."""
    keys = {"id": "post_id", "date": "posted_at", "text": "message"}
    posts = [{keys.get(k, k): v for k, v in row.items() if v is not None} for row in rows]
    return (json.dumps(posts, ensure_ascii=False, indent=1) + "\n").encode()


def chats(rows):
    """Transcripts. The times of day are made up: the same ones for the same id."""
    return "\n".join(transcript(row) for row in rows).encode()


def transcript(row):
    language = LANGUAGES[row["id"]]
    digits = iter(hashlib.sha256(row["id"].encode()).digest() * 8)
    clock = datetime.datetime.fromisoformat(row["date"]) + datetime.timedelta(
        hours=8 + next(digits) % 11, minutes=next(digits) % 60
    )
    fields = [f"Chat: {row['id']}", f"Datum: {german_date(row)}", f"Produkt: {row['product']}"]
    if row["release"] is not None:
        fields.append(f"Version: {row['release']}")
    fields.append(f"Kanal: {row['channel']}")
    lines = [" | ".join(fields), "-" * 60]
    speaker = "Kunde: " if language == "de" else "Customer: "
    speakers = ("Kunde: ", "Kundin: ", "Customer: ", "Agent: ", "Bot: ")
    for line in row["text"].split("\n"):
        said = line if line.startswith(speakers) else speaker + line
        lines.append(f"[{clock:%H:%M:%S}] {said}")
        clock += datetime.timedelta(seconds=20 + 2 * next(digits))
    return "\n".join(lines) + "\n"


def german_date(row):
    return f"{datetime.date.fromisoformat(row['date']):%d.%m.%Y}"


def emails(rows, path):
    """A workbook with real date cells."""
    header = ["Vorgangsnummer", "Eingangsdatum", "Produkt", "Version", "Nachricht", "Kanal"]
    table = [
        [
            r["id"],
            datetime.date.fromisoformat(r["date"]),
            r["product"],
            r["release"],
            r["text"],
            r["channel"],
        ]
        for r in rows
    ]
    workbook.write(path, {"E-Mails": [header, *table]})


FILES = [
    ("reviews.jsonl.gz", "review", reviews, "reviews of shops, hotels and devices with stars"),
    ("surveys.csv", "survey", surveys, "survey answers with NPS; German headers and semicolons"),
    ("app_store.tsv", "app_store", app_store, "app reviews with stars and release; UTF-16 and tabs"),
    ("emails.xlsx", "email", None, "e-mails to customer service; dates as cells"),
    ("social.json", "social", social, "posts in social networks; a JSON list"),
    ("chats.txt", "chat", chats, "support chats as transcripts; the times of day are made up"),
]

# The language of each row, by id: it names the customer of a chat of one line.
LANGUAGES = {}

KEYS = ["id", "channel", "date", "product", "release", "rating", "nps", "text"]


def main(folder):
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                rows.append({key: row[key] for key in KEYS})
                LANGUAGES[row["id"]] = row["lang"]
    rows.sort(key=lambda row: (row["date"], row["id"]))
    DEMO.mkdir(exist_ok=True)
    manifest = [
        "# What is in corpora/demo; written by corpora/make_demo.py.",
    ]
    for name, channel, form, what in FILES:
        chosen = [row for row in rows if row["channel"] == channel]
        path = DEMO / name
        if form is None:
            emails(chosen, path)
        else:
            path.write_bytes(form(chosen))
        manifest += [
            "",
            "[[file]]",
            f'file = "demo/{name}"',
            f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"',
            f"rows = {len(chosen)}",
            'licence = "Apache-2.0"',
            f'what = "{what}"',
        ]
    (HERE / "manifest.toml").write_text("\n".join(manifest) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
