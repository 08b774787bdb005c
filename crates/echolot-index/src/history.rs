//! What rows were before they changed, so that a generation of the past can be read again.
//!
//! The main tables say what is. Beside each that can change stands a table
//! `past_…` with what its rows were: `since` is the generation from which a row
//! was like that, `until` the one in which it ceased to be. Triggers fill them,
//! so that no writer can forget to. A reader of the past lays temporary views
//! of the same names over the tables ([`travel`]): every query of this crate
//! then reads that generation without knowing.
//!
//! Whoever removes a person for good must remove the rows of all `past_…`
//! tables as well.

use rusqlite::Connection;

use crate::error::Error;

/// A table whose past is kept.
struct Tracked {
    name: &'static str,
    /// The generation from which a row at hand is valid, unless it has a past:
    /// an expression over the row `{}`.
    born: &'static str,
    /// Whether rows go, and come back, while their item stays.
    is_fleeting: bool,
}

/// The generation in which an item was loaded or last replaced, with its
/// verbatim, units and opinions.
const OF_ITEM: &str = "(SELECT generation FROM main.feedback WHERE row = {}.row)";

const TRACKED: [Tracked; 8] = [
    Tracked { name: "feedback", born: "{}.generation", is_fleeting: false },
    Tracked { name: VERBATIM, born: OF_ITEM, is_fleeting: false },
    Tracked { name: "opinion_unit", born: OF_ITEM, is_fleeting: true },
    Tracked { name: "opinion", born: OF_ITEM, is_fleeting: true },
    Tracked { name: "theme", born: "{}.born", is_fleeting: false },
    // It comes with a correction, at any time.
    Tracked { name: "model_answer", born: "0", is_fleeting: true },
    Tracked { name: "audit_label", born: "{}.generation", is_fleeting: false },
    Tracked { name: "own_topic", born: OF_ITEM, is_fleeting: true },
];

/// A verbatim changes only with its item, and after it; so its past is kept
/// when the item changes.
const VERBATIM: &str = "verbatim";

/// Tables that only grow, row by row with the generation that wrote it: all
/// there is to their past.
const GROWING: [&str; 4] = ["run", "theme_event", "rejected", "taxonomy"];

/// The generation that is being written: runs write themselves down last.
const NOW: &str = "(SELECT coalesce(max(generation), 0) + 1 FROM run)";

/// A column of a table: its name, type, and whether it is of the key.
struct Column {
    name: String,
    kind: String,
    is_key: bool,
}

/// Makes the tables of the past and the triggers that fill them, where they are
/// missing or have changed. They follow from the columns of the main tables.
pub(crate) fn refresh(connection: &Connection) -> Result<(), Error> {
    for table in &TRACKED {
        let columns = columns_of(connection, table.name)?;
        let known = columns_of(connection, &format!("past_{}", table.name))?;
        if known.is_empty() {
            connection.execute_batch(&past_table(table.name, &columns))?;
        }
        for column in &columns {
            if !known.is_empty() && known.iter().all(|one| one.name != column.name) {
                let (name, kind) = (&column.name, &column.kind);
                let table = table.name;
                connection
                    .execute_batch(&format!("ALTER TABLE past_{table} ADD COLUMN {name} {kind}"))?;
            }
        }
    }
    for (name, wanted) in triggers(connection)? {
        let mut found = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?")?;
        let found: Option<String> =
            found.query_map([&name], |row| row.get(0))?.next().transpose()?;
        if found.as_ref() != Some(&wanted) {
            connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {name};\n{wanted}"))?;
        }
    }
    Ok(())
}

/// Lets a connection see the generation `generation`, which it must have
/// passed. The views last as long as the connection.
pub(crate) fn travel(connection: &Connection, generation: u64) -> Result<(), Error> {
    for table in &TRACKED {
        let name = table.name;
        let columns = columns_of(connection, name)?;
        let list = names(&columns, "");
        let listed = names(&columns, "t.");
        let keys = same_key(&columns, "p", "t");
        let born = table.born.replace("{}", "t");
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW {name} AS
             SELECT {listed} FROM main.{name} AS t WHERE {born} <= {generation} AND NOT EXISTS
                 (SELECT 1 FROM main.past_{name} AS p WHERE {keys} AND p.until > {generation})
             UNION ALL
             SELECT {list} FROM main.past_{name}
             WHERE since <= {generation} AND until > {generation}"
        ))?;
    }
    for name in GROWING {
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW {name} AS
             SELECT * FROM main.{name} WHERE generation <= {generation}"
        ))?;
    }
    connection.execute_batch(&format!(
        "CREATE TEMP VIEW corrected AS SELECT c.* FROM main.corrected AS c
         JOIN main.edit AS e USING (edit) WHERE e.generation <= {generation}"
    ))?;
    // An edit that was undone since had not been undone then.
    let columns = columns_of(connection, "edit")?;
    let list: Vec<String> = columns
        .iter()
        .map(|column| match column.name.as_str() {
            "undone_by" => format!(
                "(SELECT u.edit FROM main.edit AS u
                  WHERE u.edit = t.undone_by AND u.generation <= {generation}) AS undone_by"
            ),
            name => format!("t.{name}"),
        })
        .collect();
    connection.execute_batch(&format!(
        "CREATE TEMP VIEW edit AS SELECT {} FROM main.edit AS t WHERE t.generation <= {generation}",
        list.join(", ")
    ))?;
    Ok(())
}

/// The oldest generation that can be read again: the first, or the one at
/// which a folder of an older format began to keep its past.
pub(crate) fn oldest(connection: &Connection) -> Result<u64, Error> {
    let query = "SELECT coalesce(max(generation), 1) FROM main.run WHERE committed_at IS NULL";
    Ok(connection.query_row(query, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn columns_of(connection: &Connection, table: &str) -> Result<Vec<Column>, Error> {
    let mut statement =
        connection.prepare("SELECT name, type, pk > 0 FROM pragma_table_info(?, 'main')")?;
    let column = |row: &rusqlite::Row<'_>| {
        Ok(Column { name: row.get(0)?, kind: row.get(1)?, is_key: row.get(2)? })
    };
    Ok(statement.query_map([table], column)?.collect::<Result<_, _>>()?)
}

fn past_table(name: &str, columns: &[Column]) -> String {
    let defined: Vec<String> =
        columns.iter().map(|column| format!("    {} {},\n", column.name, column.kind)).collect();
    let keys: Vec<&str> =
        columns.iter().filter(|column| column.is_key).map(|column| &*column.name).collect();
    format!(
        "CREATE TABLE past_{name} (\n{}    since INTEGER NOT NULL,\n    until INTEGER NOT NULL,\n    \
         PRIMARY KEY ({}, until)\n) STRICT, WITHOUT ROWID",
        defined.concat(),
        keys.join(", ")
    )
}

/// Name and definition of each trigger.
fn triggers(connection: &Connection) -> Result<Vec<(String, String)>, Error> {
    let mut triggers = Vec::new();
    for table in TRACKED.iter().filter(|table| table.name != VERBATIM) {
        let name = table.name;
        let columns = columns_of(connection, name)?;
        let born = table.born.replace("{}", "OLD").replace("main.", "");
        let differs: Vec<String> = columns
            .iter()
            .map(|Column { name, .. }| format!("OLD.{name} IS NOT NEW.{name}"))
            .collect();
        let keep = keep(name, &columns, ("OLD", &born), "");
        let mut body = keep.clone();
        if name == "feedback" {
            let columns = columns_of(connection, VERBATIM)?;
            let condition = "AND v.row = OLD.row AND NEW.generation IS NOT OLD.generation";
            body.push_str(&self::keep(VERBATIM, &columns, ("v", &born), condition));
        }
        triggers.push((
            format!("{name}_changes"),
            format!(
                "CREATE TRIGGER {name}_changes BEFORE UPDATE ON {name}\n\
                 WHEN {born} < {NOW} AND ({})\nBEGIN\n{body}END",
                differs.join(" OR ")
            ),
        ));
        if table.is_fleeting {
            triggers.push((
                format!("{name}_goes"),
                format!(
                    "CREATE TRIGGER {name}_goes BEFORE DELETE ON {name}\n\
                     WHEN {born} < {NOW}\nBEGIN\n{keep}END"
                ),
            ));
            let born = table.born.replace("{}", "NEW").replace("main.", "");
            triggers.push((
                format!("{name}_comes"),
                format!(
                    "CREATE TRIGGER {name}_comes BEFORE INSERT ON {name}\n\
                     WHEN {born} < {NOW}\nBEGIN\n{}END",
                    absent(name, &columns)
                ),
            ));
        }
    }
    Ok(triggers)
}

/// A statement that keeps what a row was, if some generation has seen it so.
/// `alias` is the row, `born` from when it was valid if it has no past.
fn keep(table: &str, columns: &[Column], (alias, born): (&str, &str), condition: &str) -> String {
    let (list, listed) = (names(columns, ""), names(columns, &format!("{alias}.")));
    let keys = same_key(columns, "p", alias);
    let from = if alias == "OLD" { String::new() } else { format!("FROM {table} AS {alias} ") };
    let began = format!(
        "max({born}, coalesce((SELECT max(p.until) FROM past_{table} AS p WHERE {keys}), 0))"
    );
    format!(
        "    INSERT INTO past_{table} ({list}, since, until)\n    SELECT {listed}, {began}, {NOW}\n    \
         {from}WHERE {began} < {NOW} {condition};\n"
    )
}

/// A statement that says that a row was not there before, unless it is known
/// until when it was: a past that holds of no generation and ends now.
fn absent(table: &str, columns: &[Column]) -> String {
    let keys = || columns.iter().filter(|column| column.is_key);
    let (list, listed): (Vec<&str>, Vec<String>) =
        keys().map(|Column { name, .. }| (&**name, format!("NEW.{name}"))).unzip();
    format!(
        "    INSERT OR IGNORE INTO past_{table} ({}, since, until)\n    \
         VALUES ({}, {NOW}, {NOW});\n",
        list.join(", "),
        listed.join(", ")
    )
}

/// The columns after one another, each with `before`.
fn names(columns: &[Column], before: &str) -> String {
    columns.iter().map(|column| format!("{before}{}", column.name)).collect::<Vec<_>>().join(", ")
}

/// That two rows have the same key.
fn same_key(columns: &[Column], a: &str, b: &str) -> String {
    let keys = columns.iter().filter(|column| column.is_key);
    keys.map(|Column { name, .. }| format!("{a}.{name} = {b}.{name}"))
        .collect::<Vec<_>>()
        .join(" AND ")
}
