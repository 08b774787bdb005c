"""Measures how fast search is beside SQLite FTS5 and PostgreSQL, into docs/quality/search_speed.csv.

Call: python3 benches/search_speed.py --program target/release/echolot --store target/release/search-store

Every system gets the same verbatims, 50,000 and 1,000,000 of them, made by `search-store` of opinion units
of the demo corpus, and the same queries, those of search_quality.py. It is asked for what a person sees
first: the best twenty with their texts, and how many there are. Echolot answers over HTTP, with counts by
six facets and highlights besides; FTS5 is asked in the process of this script, with a file of its own;
PostgreSQL through psycopg on a socket, its text vectors by the language of each row under a GIN index.
What is absent is said, and the rest is measured.

A round is every query PASSES times, dealt out to the clients; the figures are the median over the rounds of
each round's median and 99th percentile, with the load of the machine before. Run it on an idle one.
"""

import argparse
import csv
import http.client
import os
import pathlib
import queue
import re
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse

from search_quality import ROOT, EcholotServer, PostgresServer, english, german

PASSES = 5
HITS = 20
DEMO = ["reviews.jsonl.gz", "surveys.csv", "app_store.tsv", "emails.xlsx", "social.json", "chats.txt"]


class Echolot:
    ways = ["words", "meaning", "hybrid"]
    name = "Echolot"

    def __init__(self, program, data, _texts, _folder):
        self.server = EcholotServer(program, data)

    def client(self):
        connection = http.client.HTTPConnection(self.server.at)

        def ask(way, query, _language):
            parameters = urllib.parse.urlencode({"q": query, "mode": way, "limit": HITS})
            connection.request("GET", f"/v1/search?{parameters}")
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body

        return ask

    def close(self):
        self.server.close()


class Fts5:
    ways = ["all words", "any word"]
    name = "SQLite FTS5"

    def __init__(self, _program, _data, texts, folder):
        self.file = folder / "fts5.sqlite"
        base = sqlite3.connect(self.file)
        base.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, body, tokenize='unicode61 remove_diacritics 2')")
        base.executemany("INSERT INTO t VALUES (?, ?)", ((id, text) for id, _, text in texts()))
        base.execute("INSERT INTO t(t) VALUES ('optimize')")
        base.commit()
        base.close()

    def client(self):
        base = sqlite3.connect(self.file, check_same_thread=False)
        base.execute("PRAGMA cache_size = -262144")
        base.execute("PRAGMA mmap_size = 4294967296")

        def ask(way, query, _language):
            words = [f'"{word}"' for word in re.findall(r"\w+", query)]
            match = (" AND " if way == "all words" else " OR ").join(words)
            base.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match,)).fetchone()
            base.execute("SELECT id, body FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (match, HITS)).fetchall()

        return ask

    def close(self):
        self.file.unlink()


class PostgreSQL(PostgresServer):
    ways = ["all words", "any word"]
    name = "PostgreSQL"

    def __init__(self, _program, _data, texts, folder):
        import psycopg

        self.connect = psycopg.connect
        super().__init__(folder, "speed", "-c shared_buffers=2GB -c work_mem=64MB -c maintenance_work_mem=1GB")
        with self.connect(host=self.socket, user="postgres", autocommit=True) as base:
            base.execute("CREATE TABLE t (id text, language regconfig, body text, words tsvector)")
            with base.cursor().copy("COPY t (id, language, body) FROM STDIN") as rows:
                for id, language, text in texts():
                    rows.write_row((id, "german" if language == "de" else "english", text))
            base.execute("UPDATE t SET words = to_tsvector(language, body)")
            base.execute("CREATE INDEX ON t USING gin (words)")
            base.execute("VACUUM FULL ANALYZE t")

    def client(self):
        base = self.connect(host=self.socket, user="postgres", autocommit=True)

        def ask(way, query, language):
            asked = "plainto_tsquery(%s, %s)"
            if way == "any word":
                asked = f"replace({asked}::text, '&', '|')::tsquery"
            base.execute(
                f"SELECT id, body, count(*) OVER () FROM t, (SELECT {asked} AS q) AS asked WHERE words @@ q "
                f"ORDER BY ts_rank_cd(words, q) DESC, id LIMIT {HITS}",
                (language, query),
            ).fetchall()

        return ask


def texts_of(data):
    """Id, language and words of every verbatim of a data folder, one after the other."""

    def texts():
        base = sqlite3.connect(f"file:{data / 'echolot.sqlite'}?mode=ro", uri=True)
        yield from base.execute("SELECT id, language, verbatim FROM feedback JOIN verbatim USING (row) ORDER BY row")

    return texts


def measure(clients, queries, way, seconds):
    """Median and 99th percentile in milliseconds, and of how many answers."""

    def answers(queries):
        waiting, times = queue.SimpleQueue(), []
        for query in queries:
            waiting.put(query)

        def work(ask):
            while True:
                try:
                    query, language = waiting.get_nowait()
                except queue.Empty:
                    return
                begin = time.perf_counter()
                ask(way, query, language)
                times.append((time.perf_counter() - begin) * 1000)

        threads = [threading.Thread(target=work, args=(ask,)) for ask in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return times

    begin = time.perf_counter()
    answers(queries)
    # A system that needs minutes for a round is not asked for more than one.
    once = time.perf_counter() - begin
    passes = max(1, min(PASSES, int(seconds / 3 / max(once, 1e-9))))
    rounds = max(1, min(3, int(seconds / max(once * passes, 1e-9))))
    figures, count = [], 0
    for _ in range(rounds):
        times = sorted(answers(queries * passes))
        count += len(times)
        figures.append((statistics.median(times), times[int(0.99 * (len(times) - 1) + 0.5)]))
    return [statistics.median(column) for column in zip(*figures)], count


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", text)
    return f"{os.cpu_count()} x {model[1] if model else 'unknown'}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/release/echolot"))
    parser.add_argument("--store", default=str(ROOT / "target/release/search-store"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "../shared/data")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/quality/search_speed.csv")
    parser.add_argument("--folder", type=pathlib.Path, help="where data folders are made and kept")
    parser.add_argument("--verbatims", type=int, nargs="+", default=[50_000, 1_000_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--systems", nargs="+", default=["Echolot", "Fts5", "PostgreSQL"])
    parser.add_argument("--seconds", type=float, default=60, help="the most that one figure may take, about")
    given = parser.parse_args()
    queries = [(query, "german") for query, _, _ in german(given.data)[1]]
    queries += [(query, "english") for query, _, _ in english(given.data)[1]]
    lines = []
    with tempfile.TemporaryDirectory() as temp:
        folder = given.folder or pathlib.Path(temp)
        folder.mkdir(exist_ok=True)
        base = folder / "base"
        if not base.exists():
            files = [ROOT / "corpora/demo" / name for name in DEMO]
            subprocess.run([given.program, "run", "--data", base, "--input", *files], check=True, stdout=subprocess.DEVNULL)
        for verbatims in given.verbatims:
            data = folder / f"data-{verbatims}"
            if not data.exists():
                subprocess.run([given.store, base, str(verbatims), data], check=True)
            for kind in (Echolot, Fts5, PostgreSQL):
                if kind.__name__ not in given.systems:
                    continue
                with tempfile.TemporaryDirectory() as temporary:
                    try:
                        system = kind(given.program, data, texts_of(data), pathlib.Path(temporary))
                    except (ImportError, OSError, sqlite3.OperationalError, subprocess.CalledProcessError) as error:
                        print(f"SKIPPED: {kind.name} cannot be run here: {error}")
                        continue
                    try:
                        for count in given.clients:
                            for way in kind.ways:
                                load = os.getloadavg()[0]
                                (median, p99), answers = measure([system.client() for _ in range(count)], queries, way, given.seconds)
                                lines.append([verbatims, kind.name, way, count, f"{median:.1f}", f"{p99:.1f}", answers, f"{load:.1f}", machine()])
                                print(*lines[-1][:-1], flush=True)
                    finally:
                        system.close()
    with given.output.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["verbatims", "system", "way", "clients", "median_ms", "p99_ms", "answers", "load", "machine"])
        writer.writerows(lines)


if __name__ == "__main__":
    main()
