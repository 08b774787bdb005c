"""The kinds of bodies that the API takes and schemathesis does not know."""

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
schemathesis.serializer.alias("application/toml", "text/plain")
