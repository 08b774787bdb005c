"""Makes corpora/fixtures: small files with one oddity each.

    python3 corpora/make_fixtures.py

The same-rows files hold the same three rows in every form, so that they can
be compared; the others hold what exports get wrong. The Parquet table, for
which Python brings no writer, is written by the engine's test
`write_the_parquet_fixture`.
"""

import csv
import datetime
import gzip
import io
import json
import pathlib

import workbook

HERE = pathlib.Path(__file__).parent / "fixtures"

# Columns of the same-rows files, and their three rows.
HEADER = ["Text", "Sterne", "Datum", "NPS", "App-Version", "Filiale", "Bestellung"]
ROWS = [
    ["Größe passt, \"Farbe\" nicht;\nzurück damit!", 2, "2025-06-01T14:30:00", 3, "4.2.0", "Köln", 4711],
    ["Great, works as described", 4.5, "2025-06-02T00:00:00", None, None, None, None],
    ["passt 👍", None, "2025-06-03T08:05:09", 10, "4.2.0", "Bad Aibling", 4712],
]


def table(delimiter, header=HEADER, rows=ROWS, line_end="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows([header, *rows])
    return out.getvalue()


def german(row):
    """A row as a German spreadsheet program writes it."""
    text, stars, date, *rest = row
    stars = None if stars is None else str(stars).replace(".", ",")
    return [text, stars, f"{datetime.datetime.fromisoformat(date):%d.%m.%Y %H:%M:%S}", *rest]


def objects():
    return [{k: v for k, v in zip(HEADER, row) if v is not None} for row in ROWS]


def same_rows():
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in objects()]
    cells = [[datetime.datetime.fromisoformat(v) if k == "Datum" else v for k, v in zip(HEADER, row)]
             for row in ROWS]
    return {
        "same-rows.jsonl": "".join(lines).encode(),
        "same-rows.json": json.dumps(objects(), ensure_ascii=False, indent=2).encode(),
        "same-rows.csv": table(",").encode(),
        "same-rows.tsv": b"\xff\xfe" + table("\t", line_end="\r\n").encode("utf-16-le"),
        "same-rows-german.csv": table(";", rows=map(german, ROWS), line_end="\r\n").encode("utf-8-sig"),
        # Two members in one file, as log rotation and `cat` leave them.
        "same-rows.jsonl.gz": b"".join(
            gzip.compress(part.encode(), mtime=0) for part in (lines[0], lines[1] + lines[2])
        ),
        "same-rows.xlsx": {
            "Hinweise": [["Bitte nur im Blatt Daten eintragen"]],
            "Daten": [[], HEADER, *cells],
        },
    }


def oddities():
    chatter = [
        json.dumps({"id": n, "text": f"Zeile {n}: {n * 7919 % 10007} {n * 104729 % 1299709}"}) + "\n"
        for n in range(1, 3001)
    ]
    return {
        "windows-1252.csv": (
            "Kommentar;Note;Straße\r\n"
            "Schöne Grüße aus Österreich – 5 € gespart;1;Hauptstraße\r\n"
            "Leider ist die Tür „klemmend“;4;Am Äußeren Weg\r\n"
        ).encode("cp1252"),
        "newlines-in-quotes.csv": (
            b'id,text,stars\n1,"first line\nsecond ""quoted"" line\n\nlast, line",3\n2,next,"4"\n'
        ),
        "stray-quote.csv": b'id;text\n1;gut\n2;"gut, aber "Preis" hoch"\n3;"offen\n4;auch gut\n',
        "wrong-width.csv": b"id,text,stars\n1,good,5\n2,good, but late,4\n3,cut\n4,fine,3,,\n",
        "byte-order-mark.csv": b"\xef\xbb\xbftext,stars\nfine,5\n",
        "bars.csv": b"id|text\n1|a, b; c\n",
        "carriage-returns.csv": b"id,text\r1,one\r2,two\r",
        "header-only.csv": b"id,text,stars\n",
        "empty.csv": b"",
        "no-text-column.csv": b"Nr;Ort;Freigabe\n1;Ulm;ja\n",
        "one-column.txt": "Kommentar\nJa, gut, gerne wieder\nNein\n".encode(),
        "play-console.csv": b"\xff\xfe" + (
            "Package Name,App Version Code,App Version Name,Reviewer Language,Device,"
            "Review Submit Date and Time,Review Submit Millis Since Epoch,Star Rating,"
            "Review Title,Review Text,Developer Reply Date and Time,Developer Reply Text,"
            "Review Link\n"
            'org.example.app,412,4.1.2,de,oriole,2025-06-01T10:00:00Z,1748772000000,1,'
            'Absturz,"Stürzt ab, sofort",2025-06-02T09:30:00Z,Danke für den Hinweis,'
            "https://example.org/r/1\n"
        ).encode("utf-16-le"),
        "answers.jsonl": "".join(
            json.dumps(item, ensure_ascii=False) + "\n"
            for item in [
                {"id": "a1", "text": "x", "rating": "4,5", "nps": "10 - sehr wahrscheinlich"},
                {"id": "a2", "text": "x", "rating": "★★★★☆", "csat": "4 von 5", "ces": "k.A."},
                {"id": "a3", "text": "x", "nps": 11},
                {"id": "a4", "text": "x", "csat": "sehr zufrieden"},
                {"id": "a5", "text": "x", "date": "06/01/2025"},
                {"id": "a6", "text": "x", "Datum": "1.6.25", "Sprache": "Deutsch"},
            ]
        ).encode(),
        "broken-rows.jsonl": (
            b'{"id": 1, "text": "good"}\n'
            b"\n"
            b'{"id": 2, "text": "no end\n'
            b'{"id": 3, "text": "not \xfc UTF-8"}\n'
            b'{"id": 4, "text": "\\u0000"}\n'
            b'{"id": 5, "text": "raw \x00 byte"}\n'
            b'{"id": 6, "text": "   "}\n'
            b'{"id": 7, "note": "no text"}\n'
            b'["not", "an", "object"]\n'
            + b'{"id": 8, "text": "deep", "x": ' + b"[" * 200 + b"]" * 200 + b"}\n"
            + b'{"id": 9, "text": "last, without a line end"}'
        ),
        "broken-list.json": (
            b'[\n  {"id": 1, "text": "good"},\n  {"id": 2, "text": "a "stray" quote"},\n'
            b'  {"id": 3, "text": "good again"},\n  12\n]\n'
        ),
        "cut-off.jsonl.gz": gzip.compress("".join(chatter).encode(), mtime=0)[:-400],
        "transcript.txt": (
            "Chat 4711 | Datum: 30.06.2025 | Produkt: Kanvio Home\n"
            "============================================\n"
            "[23:58:10] Bot: Willkommen! Wie kann ich helfen?\n"
            "[23:58:40] Kundin: Der Router blinkt rot.\n"
            "Seit heute früh.\n"
            "[00:01:05] Agent Anna: Ich prüfe die Leitung.\n"
            "\n"
            "Einen Moment bitte.\n"
            "[00:03:00] Kundin: Jetzt geht es, danke!\n"
            "\n"
            "Chat 4712 | Produkt: Kanvio Mobil\n"
            "Customer (2025-07-01 09:00): Where is my SIM?\n"
            "Ben (Support) (2025-07-01 09:04): On its way.\n"
            "---\n"
            "Agent: Hallo? Noch da?\n"
        ).encode(),
        "conversations-in-column.csv": (
            'id;Kommentar\nc1;"Kunde: Wo bleibt das Paket?\nAgent: Unterwegs."\n'
            'c2;"Service: schlecht\nEssen: gut"\n'
        ).encode(),
        "twice-compressed.jsonl.gz": gzip.compress(gzip.compress(b'{"text":"x"}\n', mtime=0), mtime=0),
        "old-workbook.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64),
        "not-a-workbook.xlsx": b"PK\x03\x04 and no more",
        "not-json.json": b"text,stars\nfine,5\n",
        "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 8,
    }


def main():
    HERE.mkdir(exist_ok=True)
    for name, content in (same_rows() | oddities()).items():
        if isinstance(content, dict):
            workbook.write(HERE / name, content)
        else:
            (HERE / name).write_bytes(content)
    packed = gzip.compress((HERE / "same-rows.xlsx").read_bytes(), mtime=0)
    (HERE / "same-rows.xlsx.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
