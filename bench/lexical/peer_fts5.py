"""The peer SQLite FTS5, ranked by its bm25()."""
import sqlite3

import peer


def build(documents, folder):
    database = sqlite3.connect(folder / "index.db")
    database.execute("PRAGMA journal_mode = OFF")
    # Contentless and without positions: the least that ranking needs.
    database.execute("CREATE VIRTUAL TABLE chunks USING fts5(tokens, content = '', detail = none, "
                     "tokenize = \"unicode61 remove_diacritics 0\")")
    with database:
        database.executemany("INSERT INTO chunks (rowid, tokens) VALUES (?, ?)", documents)
        database.execute("INSERT INTO chunks (chunks) VALUES ('optimize')")
    database.execute("VACUUM")

    def search(terms, count):
        match = " OR ".join(f'"{term}"' for term in terms)
        rows = database.execute("SELECT rowid FROM chunks WHERE chunks MATCH ? "
                                "ORDER BY bm25(chunks) LIMIT ?", (match, count))
        return [row[0] for row in rows]
    return search


if __name__ == "__main__":
    peer.serve(f"SQLite {sqlite3.sqlite_version}", "contentless, detail none, optimised", build)
