"""Loads the register of ships from a CSV file into the database."""

import csv
import sqlite3
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class ShipRecord:
    imo: int
    name: str
    length: float
    draught: float


class BadRecord(ValueError):
    """A line of the register that cannot be used."""


def imo_is_valid(imo: int) -> bool:
    """The last of the seven digits is the weighted sum of the others, modulo ten."""
    digits = [int(d) for d in f"{imo:07d}"]
    return sum(d * w for d, w in zip(digits, range(7, 1, -1))) % 10 == digits[-1]


def parse_row(row: dict[str, str]) -> ShipRecord:
    record = ShipRecord(int(row["imo"]), row["name"].strip(), float(row["length"]), float(row["draught"]))
    if not imo_is_valid(record.imo):
        raise BadRecord(f"{record.name}: {record.imo} is no IMO number")
    return record


def import_ships(path: str, database: sqlite3.Connection) -> int:
    """Replaces ships that are known by their number; all or nothing."""
    with open(path, newline="", encoding="utf-8") as lines, database:
        records = [parse_row(row) for row in csv.DictReader(lines)]
        database.executemany(
            "INSERT OR REPLACE INTO ships (imo, name, length, draught) VALUES (?, ?, ?, ?)",
            [(r.imo, r.name, r.length, r.draught) for r in records])
    return len(records)


if __name__ == "__main__":
    print(import_ships(sys.argv[1], sqlite3.connect("harbor.db")), "ships")
