"""Echolot's themes beside other ways to find them: compare.py [--data DATA] [--only PART ...] [--again].

Writes docs/quality/themes.csv and docs/quality/themes.md. Every measurement is a process of its own, so that its
peak of memory is its own, and is kept below .cache/themes/ for as long as the model and, for Echolot, the program
stay the same: a run that was broken off goes on where it was.
"""
import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

import report
import sets
from figures import agreement

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SETS = ["banking77_test_en", "dstc11_banking_en", "dstc11_insurance_en", "germeval2017_de_aspects",
        "hotel_de_aspects", "m_absa_phone_de_topics", "nhs_fft_en_topics"]
PEERS = ["bertopic", "top2vec", "turftopic", "topeax", "kmeans", "average"]
SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000]
NIGHT = 5_000
PATIENCE_S = 600
STABILITY_SET = "hotel_de_aspects"


class Bench:
    def __init__(self, options):
        self.again = options.again
        self.program = options.program
        self.data = options.data
        self.work = ROOT / ".cache" / "themes"
        self.model = hashlib.sha256((ROOT / "models" / "manifest.toml").read_bytes()).hexdigest()[:12]
        self.kept = self.work / self.model
        self.kept.mkdir(parents=True, exist_ok=True)
        self.binary = hashlib.sha256(Path(self.program).read_bytes()).hexdigest()[:12]
        self.rows = []

    def sets(self):
        if not (self.kept / "sets.json").exists():
            made = subprocess.run([self.program, "vectors", self.data, self.kept], check=True, capture_output=True)
            (self.kept / "sets.json").write_bytes(made.stdout)

    def keep(self, part, name, method, **figures):
        for figure, value in figures.items():
            self.rows.append((part, name, method, figure, f"{value:.4f}" if isinstance(value, float) else str(value), machine()))

    def measure(self, name, command, threads=None, patience=None):
        """What a process prints, with its peak of memory; none where it takes too long. `name` is what it is kept
        under; a command that begins with the program is measured again when the program changed."""
        stem = f"{name}.{self.binary}" if command[0] == self.program else name
        answer, assigned = self.kept / f"{stem}.json", self.kept / f"{stem}.assigned"
        if not answer.exists() or self.again:
            command = [str(word) if word is not None else str(assigned) for word in command]
            environment = dict(os.environ, **({"RAYON_NUM_THREADS": str(threads)} if threads else {}))
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
            deadline, peak = time.monotonic() + (patience or 3600), 0
            while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
                peak = max(peak, peak_kib(process.pid))
                time.sleep(0.02)
            if ended[0] == 0:
                process.kill()
                process.wait()
                answer.write_text("null")
            elif ended[1] != 0:
                raise SystemExit(f"failed: {' '.join(command)}")
            else:
                found = json.loads(process.stdout.read())
                used = ended[2]
                found.update(cpu_seconds=used.ru_utime + used.ru_stime, peak_mib=peak / 1024)
                answer.write_text(json.dumps(found))
            print(f"{name}: {answer.read_text()}", flush=True)
        return json.loads(answer.read_text()), assigned

    def echolot(self, name, order=0, threads=None, patience=None):
        suffix = f".order{order}.threads{threads}" if order or threads else ""
        command = [self.program, "discover", self.kept, name, None, order]
        return self.measure(f"echolot.{name}{suffix}", command, threads, patience)

    def peer(self, method, name, seed=0, order=0, patience=None):
        command = [sys.executable, HERE / "peers.py", method, self.kept, name, None, seed, order]
        return self.measure(f"{method}.{name}.seed{seed}.order{order}", command, patience=patience)

    def enlarged(self, count, seed=1):
        name = f"resampled_{count}" if seed == 1 else f"night_{count}"
        if not (self.kept / f"{name}.i8").exists():
            subprocess.run([self.program, "enlarge", self.kept, "all", str(count), str(seed), name], check=True)
        return name


def peak_kib(process):
    """The most memory a process has had so far. What the kernel says of it at its end would count its parent in."""
    try:
        found = [line for line in open(f"/proc/{process}/status") if line.startswith("VmHWM")]
    except FileNotFoundError:
        found = []
    return int(found[0].split()[1]) if found else 0


def themes(assigned):
    return np.loadtxt(assigned, dtype=int, ndmin=1).tolist()


def quality(bench, names, part):
    for name in names:
        labels = sets.read(bench.kept, name).labels
        for method in ["echolot"] + PEERS:
            answer, assigned = bench.echolot(name) if method == "echolot" else bench.peer(method, name)
            bench.keep(part, name, method, **agreement(labels, themes(assigned)),
                       **{figure: answer[figure] for figure in ("seconds", "cpu_seconds", "peak_mib")})


def stability(bench):
    """The same rows again, in other orders, with other numbers of threads and other seeds."""
    for name in (STABILITY_SET, "all"):
        runs = [bench.echolot(name, order, threads)[1].read_bytes() for order in (0, 1, 2) for threads in (1, 2)]
        bench.keep("stability", name, "echolot", runs=len(runs), different=len(set(runs)))
    runs = [themes(bench.peer("bertopic", STABILITY_SET, seed)[1]) for seed in range(5)]
    runs += [themes(bench.peer("bertopic", STABILITY_SET, 0, order)[1]) for order in (1, 2)]
    pairs = [adjusted_rand_score(a, b) for at, a in enumerate(runs) for b in runs[:at]]
    bench.keep("stability", STABILITY_SET, "bertopic", runs=len(runs), different=len({tuple(r) for r in runs}),
               themes=" ".join(str(len(set(run) - {-1})) for run in runs), ari_between=float(np.mean(pairs)))


def curve(bench):
    finishes = True
    for count in SIZES:
        name = bench.enlarged(count)
        answer, _ = bench.echolot(name)
        bench.keep("curve", str(count), "echolot", **answer)
        if finishes:
            answer, _ = bench.peer("bertopic", name, patience=PATIENCE_S)
            finishes = answer is not None
            bench.keep("curve", str(count), "bertopic", **(answer or {"seconds": f"> {PATIENCE_S}"}))
    name = bench.enlarged(SIZES[-1])
    night = bench.enlarged(NIGHT, seed=2)
    command = [bench.program, "night", bench.kept, name, night]
    bench.keep("night", str(SIZES[-1]), "echolot", **bench.measure(f"night.{name}", command)[0])


def lasting(bench):
    """Confidence beside agreement, and what a discovery leaves of the themes before it."""
    for name in ("all", bench.enlarged(SIZES[1])):
        answer, _ = bench.measure(f"lasting.{name}", [bench.program, "lasting", bench.kept, name])
        for way in ("with_memory", "without"):
            bench.keep("lasting", name, way, units=answer["units"], before=answer["themes_before"], **answer[way])
    answer, _ = bench.measure("agreement", [bench.program, "agreement", bench.kept, *SETS, "authored"])
    bench.keep("confidence", "all", "echolot", units=answer["units"], error=answer["calibration_error"])
    for part in answer["bins"]:
        bench.keep("confidence", f"{part['stated']:.2f}", "echolot", units=part["units"], agreed=part["agreed"])


def machine():
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return f"{os.cpu_count()} x {model}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("ECHOLOT_DATA_DIR", ROOT.parent / "shared" / "data"))
    parser.add_argument("--program", default=str(ROOT / "target" / "release" / "themes-bench"))
    parser.add_argument("--only", nargs="*", default=["sets", "authored", "stability", "lasting", "curve"])
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    options = parser.parse_args()
    if not Path(options.data).is_dir():
        raise SystemExit(f"SKIPPED: the bench of themes needs the labelled sets, and {options.data} is not here")
    bench = Bench(options)
    bench.sets()
    companies = sorted(path.stem for path in bench.kept.glob("authored_*.jsonl"))
    parts = {"sets": lambda: quality(bench, SETS, "sets"),
             "authored": lambda: quality(bench, ["authored"] + companies, "authored"),
             "stability": lambda: stability(bench), "lasting": lambda: lasting(bench), "curve": lambda: curve(bench)}
    for part in options.only:
        parts[part]()
    table = ROOT / "docs" / "quality" / "themes.csv"
    measured = {row[0] for row in bench.rows}
    earlier = list(csv.reader(open(table)))[1:] if table.exists() else []
    rows = [tuple(row) for row in earlier if row[0] not in measured] + bench.rows
    with open(table, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["part", "set", "method", "figure", "value", "machine"])
        writer.writerows(rows)
    (ROOT / "docs" / "quality" / "themes.md").write_text(report.write(rows))


if __name__ == "__main__":
    main()
