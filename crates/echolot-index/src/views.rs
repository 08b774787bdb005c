//! Read-only views for people and programs that ask the database in SQL.
//!
//! A column that an export has too has its name there. Tables may change with
//! the format; these do not without a word in the change log. `docs/sql.md`
//! describes them and has examples, which are tested.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::error::Error;
use CellKind::{Flag, Json, Number, Text, Whole};

/// Name and query of each view.
///
/// A list is in the order its values first appear in, which a grouped subquery
/// that is sorted gives on every version of SQLite.
const VIEWS: [(&str, &str); 8] = [
    (
        "feedback_items",
        "SELECT f.id, v.verbatim AS text, f.language, f.polarity, f.score, f.is_mixed AS mixed,
    CASE f.intents WHEN '' THEN '[]' ELSE '[\"' || replace(f.intents, ',', '\",\"') || '\"]' END AS intents,
    (SELECT json_group_array(topic) FROM
        (SELECT topic FROM opinion WHERE row = f.row GROUP BY topic ORDER BY min(opinion))) AS topics,
    (SELECT json_group_array(theme) FROM
        (SELECT theme FROM opinion_unit AS u WHERE row = f.row AND theme IS NOT NULL
            AND EXISTS (SELECT 1 FROM opinion AS o WHERE o.row = u.row AND o.unit = u.unit)
         GROUP BY theme ORDER BY min(unit))) AS themes,
    f.source, f.channel, strftime('%Y-%m-%dT%H:%M:%SZ', f.created_at, 'unixepoch') AS created_at,
    f.product, f.release, f.rating, f.nps, f.csat, f.csat_scale, f.ces,
    CASE f.ces_version WHEN 1 THEN '1.0' WHEN 2 THEN '2.0' END AS ces_version,
    f.respondent, v.url, v.attributes, v.turns, f.canonical_row AS duplicate_of_row,
    f.first_response_s, f.resolution_s, f.is_analysed AS analysed, f.row, f.generation,
    f.is_corrected AS corrected, f.is_spam AS spam
FROM feedback AS f JOIN verbatim AS v USING (row)",
    ),
    (
        "opinions",
        "SELECT f.id, o.opinion, o.unit, o.span_start AS \"start\", o.span_end AS \"end\",
    substr(v.verbatim, o.span_start + 1, o.span_end - o.span_start) AS quote,
    o.topic, o.polarity, o.confidence, u.theme, f.language, f.product, f.release, f.channel,
    strftime('%Y-%m-%dT%H:%M:%SZ', f.created_at, 'unixepoch') AS created_at,
    f.canonical_row AS duplicate_of_row, f.row
FROM opinion AS o JOIN feedback AS f USING (row) JOIN verbatim AS v USING (row)
JOIN opinion_unit AS u ON u.row = o.row AND u.unit = o.unit
WHERE NOT f.is_spam",
    ),
    (
        "themes",
        "SELECT t.theme, coalesce(t.name, t.label) AS label, t.topic, t.polarity, t.terms,
    count(DISTINCT coalesce(f.canonical_row, f.row)) AS volume,
    count(DISTINCT f.row) AS mentions, t.born, t.ended, t.successor, t.parent,
    t.is_pinned AS pinned, t.is_hidden AS hidden
FROM theme AS t LEFT JOIN opinion_unit AS u USING (theme)
LEFT JOIN feedback AS f ON f.row = u.row AND NOT f.is_spam
    AND EXISTS (SELECT 1 FROM opinion AS o WHERE o.row = u.row AND o.unit = u.unit)
GROUP BY t.theme",
    ),
    (
        "own_topics",
        "SELECT f.id, w.topic, w.by_rule, w.unit, w.similarity, f.language, f.product, f.release,
    f.channel, strftime('%Y-%m-%dT%H:%M:%SZ', f.created_at, 'unixepoch') AS created_at,
    f.canonical_row AS duplicate_of_row, f.row
FROM own_topic AS w JOIN feedback AS f USING (row)
WHERE NOT f.is_spam",
    ),
    (
        "theme_events",
        "SELECT e.event_number, e.theme, coalesce(t.name, t.label) AS label, e.generation, e.event, e.detail
FROM theme_event AS e JOIN theme AS t USING (theme)",
    ),
    (
        "runs",
        "SELECT generation,
    json_extract(report, '$.totals.rows') AS rows, json_extract(report, '$.totals.new') AS new,
    json_extract(report, '$.totals.changed') AS changed,
    json_extract(report, '$.totals.rejected') AS rejected,
    json_extract(report, '$.opinions') AS opinions, report
FROM run WHERE json_type(report, '$.totals') IS NOT NULL",
    ),
    (
        "corrections",
        "SELECT e.edit, strftime('%Y-%m-%dT%H:%M:%SZ', e.at, 'unixepoch') AS at, e.author,
    f.id, json_extract(c.value, '$.span[0]') AS \"start\", json_extract(c.value, '$.span[1]') AS \"end\",
    CASE WHEN json_type(c.value, '$.says') = 'text' THEN 'spam'
        WHEN json_type(c.value, '$.says.polarity') IS NOT NULL THEN 'polarity'
        WHEN json_type(c.value, '$.says.topics') IS NOT NULL THEN 'topics'
        ELSE 'intents' END AS field,
    coalesce(json_extract(c.value, '$.says.polarity'), json_extract(c.value, '$.says.topics'),
        json_extract(c.value, '$.says.intents')) AS says,
    json_extract(e.detail, '$.note') AS note, e.undone_by, e.generation, f.row
FROM edit AS e, json_each(e.detail, '$.corrections') AS c
JOIN feedback AS f ON f.row = json_extract(c.value, '$.row')
WHERE e.kind = 'correct'",
    ),
    (
        "audit_labels",
        "SELECT f.id, a.stratum, a.weight, a.author, a.polarity,
    CASE WHEN a.topics = '' THEN '[]' ELSE '[\"' || replace(a.topics, ',', '\",\"') || '\"]' END AS topics,
    CASE WHEN a.intents = '' THEN '[]' ELSE '[\"' || replace(a.intents, ',', '\",\"') || '\"]' END AS intents,
    f.language, f.product, f.release, a.generation, f.row
FROM audit_label AS a JOIN feedback AS f USING (row)",
    ),
];

/// Makes the views that are missing or have changed.
pub(crate) fn refresh(connection: &Connection) -> Result<(), Error> {
    for (name, query) in VIEWS {
        let wanted = format!("CREATE VIEW {name} AS\n{query}");
        let mut found =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?")?;
        let found: Option<String> =
            found.query_map([name], |row| row.get(0))?.next().transpose()?;
        if found.as_ref() != Some(&wanted) {
            connection.execute_batch(&format!("DROP VIEW IF EXISTS {name};\n{wanted}"))?;
        }
    }
    Ok(())
}

/// A view as a table for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// Its columns in their order.
    pub columns: &'static [(&'static str, CellKind)],
    /// What its rows are ordered by.
    order: &'static str,
}

/// What a column of a view holds, where it holds anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// 1 or 0 for yes or no.
    Flag,
    /// A JSON document as text.
    Json,
}

/// A cell of a view.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text, or a JSON document.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
}

impl View {
    /// All views.
    pub const ALL: [Self; VIEWS.len()] = [
        Self {
            name: "feedback_items",
            order: "row",
            columns: &[
                ("id", Text),
                ("text", Text),
                ("language", Text),
                ("polarity", Text),
                ("score", Number),
                ("mixed", Flag),
                ("intents", Json),
                ("topics", Json),
                ("themes", Json),
                ("source", Text),
                ("channel", Text),
                ("created_at", Text),
                ("product", Text),
                ("release", Text),
                ("rating", Number),
                ("nps", Whole),
                ("csat", Whole),
                ("csat_scale", Whole),
                ("ces", Whole),
                ("ces_version", Text),
                ("respondent", Text),
                ("url", Text),
                ("attributes", Json),
                ("turns", Json),
                ("duplicate_of_row", Whole),
                ("first_response_s", Whole),
                ("resolution_s", Whole),
                ("analysed", Flag),
                ("row", Whole),
                ("generation", Whole),
                ("corrected", Flag),
                ("spam", Flag),
            ],
        },
        Self {
            name: "opinions",
            order: "row, opinion",
            columns: &[
                ("id", Text),
                ("opinion", Whole),
                ("unit", Whole),
                ("start", Whole),
                ("end", Whole),
                ("quote", Text),
                ("topic", Text),
                ("polarity", Text),
                ("confidence", Number),
                ("theme", Whole),
                ("language", Text),
                ("product", Text),
                ("release", Text),
                ("channel", Text),
                ("created_at", Text),
                ("duplicate_of_row", Whole),
                ("row", Whole),
            ],
        },
        Self {
            name: "themes",
            order: "theme",
            columns: &[
                ("theme", Whole),
                ("label", Text),
                ("topic", Text),
                ("polarity", Text),
                ("terms", Json),
                ("volume", Whole),
                ("mentions", Whole),
                ("born", Whole),
                ("ended", Whole),
                ("successor", Whole),
                ("parent", Whole),
                ("pinned", Flag),
                ("hidden", Flag),
            ],
        },
        Self {
            name: "own_topics",
            order: "row, topic",
            columns: &[
                ("id", Text),
                ("topic", Text),
                ("by_rule", Flag),
                ("unit", Whole),
                ("similarity", Number),
                ("language", Text),
                ("product", Text),
                ("release", Text),
                ("channel", Text),
                ("created_at", Text),
                ("duplicate_of_row", Whole),
                ("row", Whole),
            ],
        },
        Self {
            name: "theme_events",
            order: "event_number",
            columns: &[
                ("event_number", Whole),
                ("theme", Whole),
                ("label", Text),
                ("generation", Whole),
                ("event", Text),
                ("detail", Json),
            ],
        },
        Self {
            name: "runs",
            order: "generation",
            columns: &[
                ("generation", Whole),
                ("rows", Whole),
                ("new", Whole),
                ("changed", Whole),
                ("rejected", Whole),
                ("opinions", Whole),
                ("report", Json),
            ],
        },
        Self {
            name: "corrections",
            order: "edit, row, \"start\", field",
            columns: &[
                ("edit", Whole),
                ("at", Text),
                ("author", Text),
                ("id", Text),
                ("start", Whole),
                ("end", Whole),
                ("field", Text),
                ("says", Text),
                ("note", Text),
                ("undone_by", Whole),
                ("generation", Whole),
                ("row", Whole),
            ],
        },
        Self {
            name: "audit_labels",
            order: "row",
            columns: &[
                ("id", Text),
                ("stratum", Text),
                ("weight", Number),
                ("author", Text),
                ("polarity", Text),
                ("topics", Json),
                ("intents", Json),
                ("language", Text),
                ("product", Text),
                ("release", Text),
                ("generation", Whole),
                ("row", Whole),
            ],
        },
    ];
}

/// Hands every row of a view to `take`, in order and in constant memory, until
/// it fails.
pub(crate) fn for_each_row<E: From<Error>>(
    connection: &Connection,
    view: &View,
    mut take: impl FnMut(Vec<Cell>) -> Result<(), E>,
) -> Result<(), E> {
    let columns: Vec<String> = view.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let query = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), view.name, view.order);
    let mut statement = connection.prepare(&query).map_err(Error::from)?;
    let mut rows = statement.query([]).map_err(Error::from)?;
    while let Some(row) = rows.next().map_err(Error::from)? {
        let cells = (0..view.columns.len()).map(|column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Whole(value),
                ValueRef::Real(value) => Cell::Number(value),
                ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(_) => return Err(Error::damaged(view.name, "it holds bytes")),
            })
        });
        take(cells.collect::<Result<_, Error>>()?)?;
    }
    Ok(())
}
