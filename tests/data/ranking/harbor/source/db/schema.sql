CREATE TABLE ships (
  imo     INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  length  REAL NOT NULL CHECK (length > 0),
  draught REAL NOT NULL CHECK (draught > 0)
);

CREATE TABLE visits (
  id      INTEGER PRIMARY KEY,
  imo     INTEGER NOT NULL REFERENCES ships (imo),
  berth   TEXT NOT NULL,
  arrives INTEGER NOT NULL,
  departs INTEGER NOT NULL CHECK (departs > arrives),
  pinned  INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX visits_by_berth ON visits (berth, arrives);
