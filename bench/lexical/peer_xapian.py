"""The peer Xapian, with BM25 at its defaults. Needs Debian's python3-xapian."""
import collections

import xapian

import peer


def build(documents, folder):
    writer = xapian.WritableDatabase(str(folder / "index"), xapian.DB_CREATE | xapian.DB_BACKEND_GLASS)
    for number, tokens in documents:
        document = xapian.Document()
        document.set_data(str(number))
        for term, count in collections.Counter(tokens.split()).items():
            document.add_term(term, count)
        writer.add_document(document)
    writer.commit()
    writer.close()
    database = xapian.Database(str(folder / "index"))
    enquire = xapian.Enquire(database)
    enquire.set_weighting_scheme(xapian.BM25Weight())

    def search(terms, count):
        enquire.set_query(xapian.Query(xapian.Query.OP_OR, terms))
        # Documents are numbered from 1 in the order in which they were added.
        return [match.docid - 1 for match in enquire.get_mset(0, count)]
    return search


if __name__ == "__main__":
    peer.serve(f"Xapian {xapian.version_string()}", "glass, BM25", build)
