"""The figures of docs/quality/themes.csv as tables to read."""

NAMES = {"echolot": "**Echolot**", "bertopic": "BERTopic (UMAP 5, HDBSCAN 10)", "top2vec": "Top2Vec's way (UMAP 5, HDBSCAN 15, nearest)",
         "turftopic": "Turftopic (t-SNE, HDBSCAN 25)", "topeax": "Turftopic's Topeax", "kmeans": "k-means, true number given",
         "average": "average linkage, true number given"}


def table(header, lines):
    rows = [header, ["---"] * len(header)] + lines
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in rows) + "\n"


def write(rows):
    machines = ", ".join(dict.fromkeys(row[5] for row in rows))
    values = {row[:4]: row[4] for row in rows}
    get = lambda part, name, method, figure: values.get((part, name, method, figure), "")
    names = lambda part: list(dict.fromkeys(row[1] for row in rows if row[0] == part))
    methods = lambda part: [m for m in NAMES if any(row[0] == part and row[2] == m for row in rows)]
    number = lambda part, name, method, figure: float(get(part, name, method, figure))
    short = lambda text, digits=3: f"{float(text):.{digits}f}" if text else ""
    text = ["# Themes beside other ways to find them\n\n",
            "Written by `benches/themes/compare.py` (`make bench-themes`); all figures are in `docs/quality/themes.csv`.\n",
            f"Machine: {machines}. All methods are given the same texts and the same vectors of the shipped model, the\n",
            "peers' seen from the centre of the set, which helps them. *s*: clustering alone, as it took; *CPU s*: of the whole\n",
            "process, on all cores, reading and compiling included, whatever else the machine did. Rows without a theme count as themes of one.\n\n"]
    if names("sets"):
        text.append("## Seven labelled sets, in the mean\n\n")
        mean = lambda method, figure: sum(number("sets", s, method, figure) for s in names("sets")) / len(names("sets"))
        ratio = lambda method: " ".join(f"{number('sets', s, method, 'found') / number('sets', s, method, 'true'):.1f}" for s in names("sets"))
        text.append(table(["method", "ARI", "NMI", "ACC", "without a theme", "found / true, set by set", "s", "CPU s", "peak MiB"],
                          [[NAMES[m]] + [f"{mean(m, f):.3f}" for f in ("ari", "nmi", "acc", "unassigned")]
                           + [ratio(m), f"{mean(m, 'seconds'):.1f}", f"{mean(m, 'cpu_seconds'):.1f}", f"{mean(m, 'peak_mib'):.0f}"] for m in methods("sets")]))
        text.append("## Set by set: ARI / NMI / ACC, themes found, share without one\n\n")
        cell = lambda s, m: (" / ".join(short(get("sets", s, m, f), 2) for f in ("ari", "nmi", "acc"))
                             + f", {get('sets', s, m, 'found')}, {short(get('sets', s, m, 'unassigned'), 2)}")
        text.append(table(["set (true number)"] + methods("sets"),
                          [[f"{s} ({get('sets', s, 'echolot', 'true')})"] + [cell(s, m) for m in methods("sets")] for s in names("sets")]))
    if names("authored"):
        text.append("## Written texts: recurring issues recovered\n\n"
                    "2,400 texts of ten industries, 896 of them about 113 recurring issues of 6 to 12 texts. B-cubed F1 over those; *own*:\n"
                    "issues with a theme of their own, which holds more than half of the issue and of which the issue is more than half.\n"
                    "`authored` has all industries in one; the others one each, as a company would have them.\n\n")
        cell = lambda s, m: f"{short(get('authored', s, m, 'bcubed'), 2)} / {short(get('authored', s, m, 'own'), 2)}, {get('authored', s, m, 'found')}"
        lines = [[f"{s} ({get('authored', s, 'echolot', 'true')})"] + [cell(s, m) for m in methods("authored")] for s in names("authored")]
        single = [s for s in names("authored") if s != "authored"]
        mean = lambda m, f: sum(number("authored", s, m, f) for s in single) / len(single)
        lines.append(["mean of the ten"] + [f"{mean(m, 'bcubed'):.2f} / {mean(m, 'own'):.2f}" for m in methods("authored")])
        text.append(table(["set (issues)"] + methods("authored"), lines))
    if names("stability"):
        text.append("## The same rows again\n\nEcholot in three orders with one and two threads; BERTopic with five seeds and in two other orders.\n\n")
        lines = [[NAMES[row[2]], row[1], row[4], get("stability", row[1], row[2], "different"), get("stability", row[1], row[2], "themes"),
                  short(get("stability", row[1], row[2], "ari_between"))] for row in rows if row[0] == "stability" and row[3] == "runs"]
        text.append(table(["method", "set", "runs", "different results", "topics found", "mean ARI between runs"], lines))
    if names("lasting"):
        text.append("## Discovered anew, when a third of the units are new\n\n")
        of = lambda s, way, figure, digits=3: short(get("lasting", s, way, figure), digits)
        text.append(table(["set", "", "units that keep their theme", "themes before", "themes", "without one", "mean cosine to the centroid"],
                          [[s, way.replace("_", " "), of(s, way, "kept"), get("lasting", s, way, "before"), get("lasting", s, way, "themes"), of(s, way, "unassigned"),
                            of(s, way, "cohesion")] for s in names("lasting") for way in ("with_memory", "without")]))
    if names("confidence"):
        whole, tenths = names("confidence")[0], names("confidence")[1:]
        of = lambda s, figure: get("confidence", s, "echolot", figure)
        text.append(f"## Confidence of assignments\n\nThemes found in all rows of the sets, prototypes made of half of their members, the other {of(whole, 'units')} put to them.\n"
                    f"Expected calibration error {short(of(whole, 'error'))}.\n\n")
        text.append(table(["stated", "agreed", "units"], [[s, short(of(s, "agreed"), 2), of(s, "units")] for s in tenths]))
    if names("curve"):
        text.append("## Time and memory by number of units\n\nAll sets resampled with jitter.\n\n")
        cell = lambda s, m: [short(v, 1) if (v := get("curve", s, m, "seconds"))[:1].isdigit() else v or "not run", short(get("curve", s, m, "cpu_seconds"), 1), short(get("curve", s, m, "peak_mib"), 0)]
        text.append(table(["units", "Echolot s", "CPU s", "peak MiB", "BERTopic s", "CPU s", "peak MiB"],
                          [[f"{int(s):,}"] + cell(s, "echolot") + cell(s, "bertopic") for s in names("curve")]))
    for name in names("night"):
        of = lambda figure: get("night", name, "echolot", figure)
        text.append(f"A night of {int(of('new')):,} new units on top of {int(name):,}: {short(of('seconds'), 2)} s; {int(of('assigned')):,} join one of {of('known')} "
                    f"themes, the others form {of('born')}.\n")
    return "".join(text).rstrip("\n") + "\n"
