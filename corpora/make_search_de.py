"""Writes search_de/queries.jsonl: German queries with the words that answer them and the texts that hold these.

Call: python3 corpora/make_search_de.py FOLDER

FOLDER holds authored/*.jsonl, annotated.train.jsonl and gold/verbatims.jsonl; their German rows are what is
searched, and only their ids leave the folder. For each word of a query a pattern lists candidates among all
words of the texts, and the ones that say something else were struck out by reading the list. A text answers
a query when it holds, for each of its words, one that says the same.
"""

import json
import pathlib
import re
import sys

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

# A query, and for each of its words the pattern of the candidates and what is struck out.
QUERIES = [
    ("Verzögerung", [("verzöger", "")]),
    ("Verzoegerungen", [("verzöger", "")]),
    ("Lieferung", [("liefer|zulieferung", "")]),
    ("Lieferzeit", [("lieferzeit|liefertempo", "")]),
    ("Akku", [("akku", "akkurat")]),
    ("Akkulaufzeit", [("akkulaufzeit", "")]),
    ("Verbrauch", [("verbrauch", "verbraucher verbraucherschutz")]),
    ("Rechnung", [("rechnung", "berechnung bundesrechnungshofs")]),
    ("Gebühr", [("gebühr", "gebührt gebührenordnung")]),
    ("Gebuehren", [("gebühr", "gebührt gebührenordnung")]),
    ("Kündigung", [("kündig", "angekündigt angekündigte angekündigten angekündigtes ankündigung")]),
    ("Kuendigungsfrist", [("kündigungsfrist", "")]),
    ("Verspätung", [("verspät", "")]),
    ("Verspaetung", [("verspät", "")]),
    ("Größe", [("größe|grösse|grossen?tabelle", "größer größere größeren größeres grösster")]),
    ("Straße", [("stra(ß|ss)e", "strasser")]),
    ("Türen", [("tür", "abgestürtzt abgestürzt abgstürzt abstürze abstürzen abstürzt natürlich stürtzt stürzen stürzt türkisch")]),
    ("Rückgabe", [("rückgab", "")]),
    ("Rueckerstattung", [("rückerstatt", "")]),
    ("Überweisung", [("überweis", "")]),
    ("Störung", [("störung", "")]),
    ("Schlüssel", [("schlüssel", "aufgeschlüsselt schlüsseln unverschlüsselter verschlüsselt verschlüsselung")]),
    ("Küche", [("küche", "küchenpsychologie")]),
    ("Gerät", [("gerät", "gerätschaft geraten")]),
    ("Kosten", [("kosten", "kostenlos kostenlose kostenlosen kostenloses")]),
    ("Wartezeit", [("wartezeit", "")]),
    ("Service", [("service", "")]),
    ("Fehler", [("fehler", "")]),
    ("Fehlermeldung", [("fehlermeldung", "")]),
    ("Meldung", [("meldung", "anmeldung google-anmeldung neuanmeldung sso-anmeldung rückmeldung ummeldung")]),
    ("Karte", [("karte", "")]),
    ("Konto", [("konto", "skonto")]),
    ("Zahlung", [("zahlung", "")]),
    ("Nummer", [("nummer", "nummerierten lachnummer")]),
    ("Code", [("code", "coder")]),
    ("Update", [("update", "updaten kaputt-updaten")]),
    ("Versand", [("versand", "versandet")]),
    ("Zimmer", [("zimmer", "")]),
    ("Bahnhof", [("bahnhof", "")]),
    ("Züge", [("zug$|züge$|zügen$|zugs$|^zug(begleiter|chef|fahrt|nummern)", "abzug abzüge anzug aufzug aufzüge auszug bezug bezüge einzug flaschenzug kontoauszug kontoauszüge pdf-kontoauszug umzug kabelzügen sattelzüge sechserzüge")]),
    ("Ticket", [("ticket", "")]),
    ("Vertrag", [("vertrag|verträge", "vertragen vertraglich")]),
    ("Preis", [("preis", "bepreist preisgeben preisgibt preiswertes preislich")]),
    ("Erhöhung", [("erhöhung", "")]),
    ("Absturz", [("absturz|abstürz", "")]),
    ("Passwort", [("passwort|passwört", "")]),
    ("Anmeldung", [("anmeld", "")]),
    ("Filiale", [("filial", "")]),
    ("Parkplätze", [("parkpl(a|ä|ae)tz", "")]),
    ("Schuhe", [("schuh", "handschuhfach handschuhe handschuhen")]),
    ("Warteschleife", [("warteschleife", "")]),
    ("Müll", [("müll", "aumüller")]),
    ("Prüfung", [("prüfung", "überprüfung")]),
    ("Gutscheine", [("gutschein", "")]),
    ("Adresse", [("adress", "")]),
    ("Menü", [("menü$|menüs$|menüführung|menüpunkt", "")]),
    ("Zähler", [("zähler", "")]),
    ("Verbrauch Akku", [("verbrauch", "verbraucher verbraucherschutz"), ("akku", "akkurat")]),
    ("Kündigung Vertrag", [("kündig", "angekündigt angekündigte angekündigten angekündigtes ankündigung"), ("vertrag|verträge", "vertragen vertraglich")]),
    ("Störungsmelder", [("störungsmelder", "")]),
]


def texts(folder):
    paths = sorted((folder / "authored").glob("*.jsonl"))
    for path in paths + [folder / "annotated.train.jsonl", folder / "gold/verbatims.jsonl"]:
        for row in map(json.loads, path.read_text().splitlines()):
            if row["lang"] == "de":
                # A verbatim is what the customer says; some texts are chats.
                said = re.sub(r"(?m)^(Agent|Bot):.*$", "", row["text"])
                yield row["id"], set(word.lower() for word in WORD.findall(said))


def main():
    found = dict(texts(pathlib.Path(sys.argv[1])))
    vocabulary = set().union(*found.values())
    lines = []
    for query, words in QUERIES:
        forms = [
            sorted(word for word in vocabulary if re.search(pattern, word) and word not in struck_out.split())
            for pattern, struck_out in words
        ]
        ids = sorted(id for id, said in found.items() if all(said.intersection(of_word) for of_word in forms))
        lines.append(json.dumps({"query": query, "forms": forms, "ids": ids}, ensure_ascii=False))
    target = pathlib.Path(__file__).resolve().parent / "search_de/queries.jsonl"
    target.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} queries over {len(found)} texts")


main()
