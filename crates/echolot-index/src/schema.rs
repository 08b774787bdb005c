//! The tables of `echolot.sqlite`, which people also read with other programs.

/// The format this program writes, kept in `PRAGMA user_version`.
pub const FORMAT_VERSION: u32 = 5;

/// The oldest format this program reads. A folder of an older format than
/// [`FORMAT_VERSION`] is converted when a run or an edit takes its lock.
pub const OLDEST_READABLE_VERSION: u32 = 1;

/// "ECHO", kept in `PRAGMA application_id`, so that `file` and others can tell.
pub(crate) const APPLICATION_ID: i32 = 0x4543_484f;

/// Format 3, but for what [`ADDED_IN_3`] adds, and the tables of the past, which
/// follow from all these (`history.rs`). [`ADDED_IN_4`] and [`ADDED_IN_5`] make it
/// what is written.
///
/// Facts by which feedback is counted stand in narrow tables (`feedback`,
/// `opinion`, `opinion_unit`), long texts and vectors in tables of their own
/// (`verbatim`, `unit_vector`), so that counting reads little. Times are
/// seconds since 1970 in UTC, spans are half-open ranges of characters of
/// `verbatim.verbatim`, fingerprints are 16 bytes.
pub(crate) const TABLES: &str = "
-- One committed run. `state` chains the content of this run to the state
-- before it, so that an index can tell whether it was made from this database.
-- `committed_at` is in seconds since 1970 in UTC; NULL in runs before format 3.
CREATE TABLE run (
    generation INTEGER PRIMARY KEY CHECK (generation > 0),
    state BLOB NOT NULL,
    report TEXT NOT NULL,
    committed_at INTEGER
) STRICT;

-- A day (`2025-06-30`) whose reports are made from this generation for good,
-- although others came on that day, or none before its end.
CREATE TABLE closing (
    day TEXT PRIMARY KEY,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- One feedback item, numbered from 0 in the order of first load.
-- `canonical_row` names the row it repeats; NULL where it repeats none.
-- `intents` are codes separated by commas; `generation` is the run that
-- loaded or last changed the item.
CREATE TABLE feedback (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    canonical_row INTEGER REFERENCES feedback,
    language TEXT NOT NULL,
    source TEXT,
    channel TEXT,
    product TEXT,
    release TEXT,
    respondent TEXT,
    created_at INTEGER,
    rating REAL,
    nps INTEGER CHECK (nps BETWEEN 0 AND 10),
    csat INTEGER,
    csat_scale INTEGER,
    ces INTEGER,
    ces_version INTEGER,
    first_response_s INTEGER,
    resolution_s INTEGER,
    is_analysed INTEGER NOT NULL,
    polarity TEXT NOT NULL,
    is_mixed INTEGER NOT NULL,
    score REAL NOT NULL,
    intents TEXT NOT NULL,
    content BLOB NOT NULL,
    reading_key BLOB NOT NULL,
    duplicate_key BLOB NOT NULL
) STRICT;
CREATE INDEX feedback_by_duplicate_key ON feedback (duplicate_key, row);
CREATE INDEX feedback_by_canonical_row ON feedback (canonical_row) WHERE canonical_row IS NOT NULL;
CREATE INDEX feedback_by_generation ON feedback (generation, row);

-- The words of a feedback item. `verbatim` is what the customer wrote, after
-- redaction; `clean` is what was analysed; `turns` and `attributes` are JSON.
-- `bands` are the near-duplicate signature, 8 bytes each, little-endian.
CREATE TABLE verbatim (
    row INTEGER PRIMARY KEY REFERENCES feedback,
    verbatim TEXT NOT NULL,
    clean TEXT NOT NULL,
    turns TEXT,
    stated_language TEXT,
    url TEXT,
    attributes TEXT NOT NULL,
    bands BLOB NOT NULL
) STRICT;

-- A stretch of a verbatim that carries an opinion, and the theme or sub-theme it
-- is in. `prototype` is the one by which a program put it there, `similarity` that
-- to it, and `confidence` how likely a discovery over all units would put it there
-- too. Where `is_fixed`, a person has said in which theme it is, or that it is in
-- none; the other columns then still say what the program found.
CREATE TABLE opinion_unit (
    row INTEGER NOT NULL REFERENCES feedback,
    unit INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL,
    theme INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    similarity REAL,
    confidence REAL,
    prototype INTEGER,
    is_fixed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (row, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX opinion_unit_by_theme ON opinion_unit (theme, row, unit);
CREATE INDEX opinion_unit_fixed ON opinion_unit (theme) WHERE is_fixed;

-- The quantised embedding of a unit, one signed byte per dimension.
CREATE TABLE unit_vector (
    row INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (row, unit),
    FOREIGN KEY (row, unit) REFERENCES opinion_unit ON DELETE CASCADE
) STRICT;

-- One opinion; `unit` is the unit it lies in.
CREATE TABLE opinion (
    row INTEGER NOT NULL REFERENCES feedback,
    opinion INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (row, opinion),
    FOREIGN KEY (row, unit) REFERENCES opinion_unit DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A theme, or with a `parent` a sub-theme of one. `label` is the name the program
-- gave, `name` that of a person. `terms` and `examples` are JSON. `size` counts the
-- units in it, those of its sub-themes included. Once it has `ended`, in that
-- generation, its number leads to its `successor`, if there is one.
CREATE TABLE theme (
    theme INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    terms TEXT NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL,
    size INTEGER NOT NULL,
    representative_row INTEGER NOT NULL,
    representative_unit INTEGER NOT NULL,
    examples TEXT NOT NULL,
    born INTEGER NOT NULL,
    name TEXT,
    is_pinned INTEGER NOT NULL DEFAULT 0,
    is_hidden INTEGER NOT NULL DEFAULT 0,
    parent INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    successor INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    ended INTEGER
) STRICT;

-- A group of units that were found together, by which further ones are put to the
-- theme that has it. `centroid` are the sums of its members' vectors, 8 bytes each,
-- little-endian; `size` is how many they hold; `threshold` is the least cosine to it;
-- `polarity` says which side it takes. Merging and splitting hand prototypes from
-- theme to theme and change nothing in them.
CREATE TABLE theme_prototype (
    prototype INTEGER PRIMARY KEY,
    theme INTEGER NOT NULL REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    polarity TEXT NOT NULL,
    centroid BLOB NOT NULL,
    size INTEGER NOT NULL,
    threshold REAL NOT NULL
) STRICT;

-- When themes were discovered among all units: how many there were, and how many
-- have come since.
CREATE TABLE discovery (
    generation INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    units INTEGER NOT NULL,
    units_since INTEGER NOT NULL
) STRICT;

-- What people have changed. `at` is in seconds since 1970 in UTC, `detail` is JSON
-- with all that undoing needs, `undone_by` the edit that undid it.
CREATE TABLE edit (
    edit INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    undone_by INTEGER REFERENCES edit DEFERRABLE INITIALLY DEFERRED
) STRICT;

-- What happened to themes, in order. `detail` is JSON; of its members `size`,
-- `label`, `name`, `pinned`, `hidden`, `parent`, `successor` and `ended` say what the
-- theme is from then on, so that the ledger read from the start gives all themes.
CREATE TABLE theme_event (
    event_number INTEGER PRIMARY KEY,
    theme INTEGER NOT NULL REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX theme_event_by_theme ON theme_event (theme, event_number);

-- Raw model output per text and model.
CREATE TABLE reading (
    reading_key BLOB NOT NULL,
    model BLOB NOT NULL,
    reading BLOB NOT NULL,
    PRIMARY KEY (reading_key, model)
) STRICT;

-- The near-duplicate signatures of the rows that repeat no other.
CREATE TABLE duplicate_band (
    band INTEGER NOT NULL,
    row INTEGER NOT NULL REFERENCES feedback,
    PRIMARY KEY (band, row)
) STRICT, WITHOUT ROWID;

-- Input that was not taken, as it was.
CREATE TABLE rejected (
    rejection_number INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    source TEXT NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    UNIQUE (source, line, reason, raw)
) STRICT;
";

/// From format 1 to 2: what a theme takes units by moves to `theme_prototype`,
/// one for each theme and with its number. A folder with themes counts as
/// discovered when it was last written.
pub(crate) const FROM_1_TO_2: &str = "
CREATE TABLE theme_prototype (
    prototype INTEGER PRIMARY KEY,
    theme INTEGER NOT NULL REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    polarity TEXT NOT NULL,
    centroid BLOB NOT NULL,
    size INTEGER NOT NULL,
    threshold REAL NOT NULL
) STRICT;
INSERT INTO theme_prototype (prototype, theme, polarity, centroid, size, threshold)
    SELECT theme, theme, polarity, centroid, size, threshold FROM theme;
ALTER TABLE theme DROP COLUMN centroid;
ALTER TABLE theme DROP COLUMN threshold;
ALTER TABLE theme ADD COLUMN name TEXT;
ALTER TABLE theme ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE theme ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE theme ADD COLUMN parent INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE theme ADD COLUMN successor INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE theme ADD COLUMN ended INTEGER;
ALTER TABLE opinion_unit ADD COLUMN confidence REAL;
ALTER TABLE opinion_unit ADD COLUMN prototype INTEGER;
ALTER TABLE opinion_unit ADD COLUMN is_fixed INTEGER NOT NULL DEFAULT 0;
UPDATE opinion_unit SET prototype = theme WHERE theme IS NOT NULL;
CREATE INDEX opinion_unit_fixed ON opinion_unit (theme) WHERE is_fixed;
CREATE TABLE discovery (
    generation INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    units INTEGER NOT NULL,
    units_since INTEGER NOT NULL
) STRICT;
INSERT INTO discovery (generation, units, units_since)
    SELECT max(generation), (SELECT count(*) FROM opinion_unit), 0 FROM run
    HAVING max(generation) IS NOT NULL AND EXISTS (SELECT 1 FROM theme);
CREATE TABLE edit (
    edit INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    undone_by INTEGER REFERENCES edit DEFERRABLE INITIALLY DEFERRED
) STRICT;
-- The ledger of format 1 says how large a theme is where it grew or shrank, and
-- where it was born only by how many units.
UPDATE theme_event SET detail = json_set(detail, '$.size', json_extract(detail, '$.units'))
    WHERE event = 'born' AND json_extract(detail, '$.size') IS NULL;
";

/// From format 2 to 3: when runs were committed, days that were closed, and the
/// tables of the past, which `history::refresh` makes. The past begins with the
/// generation at hand.
pub(crate) const FROM_2_TO_3: &str = "
ALTER TABLE run ADD COLUMN committed_at INTEGER;
CREATE TABLE closing (
    day TEXT PRIMARY KEY,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
";

/// From format 2 to 3, and part of every new database: what people say against
/// the model's answers, and the labels by which those are audited.
pub(crate) const ADDED_IN_3: &str = "
-- Whether a person has corrected the item, and whether it is hidden as spam.
ALTER TABLE feedback ADD COLUMN is_corrected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feedback ADD COLUMN is_spam INTEGER NOT NULL DEFAULT 0;

-- Which items the corrections in `edit` are about, those that were undone too.
CREATE TABLE corrected (
    row INTEGER NOT NULL REFERENCES feedback,
    edit INTEGER NOT NULL REFERENCES edit DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (row, edit)
) STRICT, WITHOUT ROWID;

-- What the model says of an item of which `feedback` and `opinion` hold what a
-- person says, as JSON.
CREATE TABLE model_answer (
    row INTEGER PRIMARY KEY REFERENCES feedback,
    answer TEXT NOT NULL
) STRICT;

-- What a person found in an item that was drawn to audit the model. `text` is the
-- fingerprint of the words that were read, `weight` how many items of `stratum`
-- each one drawn stands for. NULL where a question was not answered; topics and
-- intents are codes separated by commas.
CREATE TABLE audit_label (
    row INTEGER PRIMARY KEY REFERENCES feedback,
    generation INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    author TEXT NOT NULL,
    text BLOB NOT NULL,
    stratum TEXT NOT NULL,
    weight REAL NOT NULL CHECK (weight > 0),
    polarity TEXT,
    topics TEXT,
    intents TEXT
) STRICT;
";

/// From format 3 to 4, and part of every new database: topics of a company's own.
pub(crate) const ADDED_IN_4: &str = "
-- A taxonomy that was applied; the last one is in force. `document` is the file as
-- it was given, `topics` is what is looked for, as JSON; `model` read its examples.
CREATE TABLE taxonomy (
    generation INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    document TEXT NOT NULL,
    topics TEXT NOT NULL,
    model BLOB
) STRICT;

-- That an item has an own topic, by its key: `by_rule` where the rule holds, `unit`
-- and `similarity` where the unit is like the examples. Where neither is said, it
-- has the topic because it has one below it.
CREATE TABLE own_topic (
    row INTEGER NOT NULL REFERENCES feedback,
    topic TEXT NOT NULL,
    by_rule INTEGER NOT NULL,
    unit INTEGER,
    similarity REAL,
    PRIMARY KEY (row, topic)
) STRICT, WITHOUT ROWID;
";

/// From format 4 to 5, and part of every new database: by which equal words are
/// found, and what a discovery saw and how far it holds.
pub(crate) const ADDED_IN_5: &str = "
-- A fingerprint of the words of the unit, letter case and white space apart.
ALTER TABLE unit_vector ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
CREATE INDEX unit_vector_by_words ON unit_vector (words, row, unit);

-- `inputs` is the fingerprint of the units that were clustered and of how they were;
-- `certificate`, JSON, says how far the themes can be relied upon. NULL where they
-- were discovered before format 5.
ALTER TABLE discovery ADD COLUMN inputs BLOB;
ALTER TABLE discovery ADD COLUMN certificate TEXT;
";
