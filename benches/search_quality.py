"""Measures search beside SQLite FTS5 and PostgreSQL full text, into docs/quality/search.csv.

Call: python3 benches/search_quality.py --program target/release/echolot --data ../shared/data

Two sets: English app reviews with pooled judgements (search/), asked within one app each, and German
verbatims with the queries of corpora/search_de. Every system gets the same texts and queries. FTS5 and
PostgreSQL are asked for all words and for any of them; what they rank is theirs (bm25, ts_rank_cd).
Where a system or the data are absent, that is said and the rest is measured.

Figures: nDCG@10 and recall@50 over judged documents; for the German set, where every text is judged,
precision, recall and F1 of all that is found besides.
"""

import argparse
import csv
import gzip
import json
import math
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST = 1000


def english(data):
    with gzip.open(data / "search/app_reviews_en.docs.jsonl.gz", "rt") as lines:
        texts = [json.loads(line) for line in lines]
    texts = [(row["id"], row["app"], row["text"]) for row in texts]
    queries = map(json.loads, (data / "search/app_reviews_en.queries.jsonl").read_text().splitlines())
    return texts, [(row["query"], row["app"], row["judged"]) for row in queries]


def german(data):
    texts = []
    for path in sorted((data / "authored").glob("*.jsonl")) + [data / "annotated.train.jsonl", data / "gold/verbatims.jsonl"]:
        for row in map(json.loads, path.read_text().splitlines()):
            if row["lang"] == "de":
                # A verbatim is what the customer says; some texts are chats.
                texts.append((row["id"], "", re.sub(r"(?m)^(Agent|Bot):.*\n?", "", row["text"])))
    queries = map(json.loads, (ROOT / "corpora/search_de/queries.jsonl").read_text().splitlines())
    return texts, [(row["query"], "", dict.fromkeys(row["ids"], 1)) for row in queries]


class EcholotServer:
    """The program, serving a data folder."""

    def __init__(self, program, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.at = f"127.0.0.1:{free.getsockname()[1]}"
        self.server = subprocess.Popen([program, "serve", "--data", data, "--listen", self.at])
        for _ in range(600):
            try:
                self.get("/v1/health", {})
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def get(self, path, parameters):
        with urllib.request.urlopen(f"http://{self.at}{path}?{urllib.parse.urlencode(parameters)}") as answer:
            return json.load(answer)

    def close(self):
        self.server.terminate()
        self.server.wait()


class Echolot(EcholotServer):
    def __init__(self, program, folder, texts, language):
        rows = folder / f"{language}.jsonl"
        with rows.open("w") as out:
            for id, group, text in texts:
                row = {"id": id, "text": text, "lang": language, "product": group or None}
                out.write(json.dumps(row) + "\n")
        data = folder / f"data-{language}"
        subprocess.run([program, "run", "--data", data, "--input", rows], check=True, stdout=subprocess.DEVNULL)
        super().__init__(program, data)

    def search(self, mode, query, group):
        parameters = {"q": query, "mode": mode, "limit": MOST, **({"product": group} if group else {})}
        return [hit["id"] for hit in self.get("/v1/search", parameters)["hits"]]


class Fts5:
    def __init__(self, texts, tokenizer):
        self.base = sqlite3.connect(":memory:")
        self.base.execute(f"CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, grp UNINDEXED, body, tokenize='{tokenizer}')")
        self.base.executemany("INSERT INTO t VALUES (?, ?, ?)", texts)

    def search(self, joined, query, group):
        words = [f'"{word}"' for word in re.findall(r"\w+", query)]
        found = self.base.execute(
            "SELECT id FROM t WHERE t MATCH ? AND grp = ? ORDER BY bm25(t), rowid LIMIT ?",
            ((" AND " if joined == "all words" else " OR ").join(words), group, MOST),
        )
        return [id for (id,) in found]


class PostgresServer:
    """A server of its own in a temporary folder."""

    def __init__(self, folder, name, settings=""):
        bin = pathlib.Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip() or "/usr/lib/postgresql/15/bin")
        if not (bin / "initdb").exists():
            bin = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=bin)
        self.psql, data = shutil.which("psql") or str(bin / "psql"), folder / f"pg-{name}"
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.socket = tempfile.mkdtemp(prefix="pg")
        if as_user:
            for path in (folder, pathlib.Path(self.socket)):
                path.chmod(0o777)
        self.control = [*as_user, str(bin / "pg_ctl"), "-D", str(data), "-w"]
        subprocess.run([*as_user, str(bin / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*self.control, "-o", f"-k {self.socket} -c listen_addresses= {settings}", "-l", str(data / "log"), "start"], check=True, stdout=subprocess.DEVNULL)

    def close(self):
        subprocess.run([*self.control, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL)


class PostgreSQL(PostgresServer):
    def __init__(self, folder, texts, language):
        super().__init__(folder, language)
        self.language = language
        rows = "".join(f"({quoted(id)},{quoted(group)},{quoted(text)})," for id, group, text in texts).rstrip(",")
        self.ask(f"CREATE TABLE t (id text, grp text, body tsvector); INSERT INTO t SELECT id, grp, to_tsvector('{language}', body) FROM (VALUES {rows}) AS v (id, grp, body);")

    def ask(self, sql):
        call = [self.psql, "-h", self.socket, "-U", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        return subprocess.run(call, input=sql, capture_output=True, text=True, check=True).stdout.splitlines()

    def search(self, joined, query, group):
        asked = f"plainto_tsquery('{self.language}', {quoted(query)})"
        if joined != "all words":
            asked = f"(SELECT replace({asked}::text, '&', '|')::tsquery AS q)"
        return self.ask(f"SELECT id FROM t, {asked} q WHERE body @@ q AND grp = {quoted(group)} ORDER BY ts_rank_cd(body, q) DESC, id LIMIT {MOST};")


def quoted(text):
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def judge(search, queries, all_are_judged):
    """The mean figures over the queries."""
    sums = {}
    for query, group, judged in queries:
        found = search(query, group)
        ranked = found if all_are_judged else [id for id in found if id in judged]
        gain = lambda grades: sum(grade / math.log2(at + 2) for at, grade in enumerate(grades[:10]))
        relevant = sum(judged.values())
        figures = {
            "nDCG@10": gain([judged.get(id, 0) for id in ranked]) / max(1e-9, gain(sorted(judged.values(), reverse=True))),
            "recall@50": sum(judged.get(id, 0) for id in ranked[:50]) / max(1, min(relevant, 50) if all_are_judged else relevant),
        }
        if all_are_judged:
            hits = sum(judged.get(id, 0) for id in found)
            figures["precision"] = hits / max(1, len(found))
            figures["recall"] = hits / relevant
            figures["F1"] = 2 * hits / max(1, len(found) + relevant)
        for name, value in figures.items():
            sums[name] = sums.get(name, 0) + value
    return {name: value / len(queries) for name, value in sums.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/release/echolot"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "../shared/data")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/quality/search.csv")
    given = parser.parse_args()
    if not (given.data / "search").is_dir():
        print(f"SKIPPED: this needs {given.data / 'search'}, which is not here")
        return
    lines = []

    def measure(name, system, way, search, queries):
        figures = judge(lambda query, group: search(way, query, group), queries, name == "german")
        lines.extend([name, system, way, figure, f"{value:.4f}"] for figure, value in figures.items())
        print(name, system, way, {figure: round(value, 3) for figure, value in figures.items()}, flush=True)

    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        for name, language, (texts, queries) in [("english", "en", english(given.data)), ("german", "de", german(given.data))]:
            echolot = Echolot(given.program, folder, texts, language)
            try:
                for mode in ("words", "meaning", "hybrid"):
                    measure(name, "Echolot", mode, echolot.search, queries)
            finally:
                echolot.close()
            stemmed = ["porter unicode61 remove_diacritics 2"] if language == "en" else []
            for tokenizer in ["unicode61 remove_diacritics 2", "trigram remove_diacritics 1", *stemmed]:
                try:
                    fts5 = Fts5(texts, tokenizer)
                except sqlite3.OperationalError:
                    fts5 = Fts5(texts, "trigram")
                for way in ("all words", "any word"):
                    measure(name, f"SQLite FTS5 {tokenizer}", way, fts5.search, queries)
            try:
                postgres = PostgreSQL(folder, texts, {"en": "english", "de": "german"}[language])
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"SKIPPED: PostgreSQL cannot be run here: {error}")
                continue
            try:
                for way in ("all words", "any word"):
                    measure(name, "PostgreSQL", way, postgres.search, queries)
            finally:
                postgres.close()
    with given.output.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["set", "system", "way", "figure", "value"])
        writer.writerows(lines)


if __name__ == "__main__":
    main()
