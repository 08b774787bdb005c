-- One committed run. `state` chains the content of this run to the state
-- before it, so that an index can tell whether it was made from this database.
CREATE TABLE run (
    generation INTEGER PRIMARY KEY CHECK (generation > 0),
    state BLOB NOT NULL,
    report TEXT NOT NULL
) STRICT;

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

-- A stretch of a verbatim that carries an opinion, and the theme it is in.
CREATE TABLE opinion_unit (
    row INTEGER NOT NULL REFERENCES feedback,
    unit INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL,
    theme INTEGER REFERENCES theme DEFERRABLE INITIALLY DEFERRED,
    similarity REAL,
    PRIMARY KEY (row, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX opinion_unit_by_theme ON opinion_unit (theme, row, unit);

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

-- A theme. `terms` and `examples` are JSON; `centroid` are the sums of its
-- members' vectors, 8 bytes each, little-endian.
CREATE TABLE theme (
    theme INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    terms TEXT NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL,
    centroid BLOB NOT NULL,
    size INTEGER NOT NULL,
    threshold REAL NOT NULL,
    representative_row INTEGER NOT NULL,
    representative_unit INTEGER NOT NULL,
    examples TEXT NOT NULL,
    born INTEGER NOT NULL
) STRICT;

-- What happened to themes, in order.
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
