-- Who buys.
CREATE TABLE shop.buyers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  registered TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  country TEXT REFERENCES countries(id)
);

CREATE INDEX buyers_by_name ON shop.buyers (name);

CREATE VIEW recent AS SELECT id, name FROM shop.buyers WHERE registered > '2020-01-01';

CREATE FUNCTION answer() RETURNS INTEGER AS $$ SELECT 42; $$ LANGUAGE sql;

INSERT INTO shop.buyers (id, name) VALUES (1, 'one');
