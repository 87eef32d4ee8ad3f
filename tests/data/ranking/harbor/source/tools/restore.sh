#!/bin/bash
# Restores the timetable from a dump: tools/restore.sh DUMP [DATABASE]
set -euo pipefail

dump=${1:?the dump to restore}
database=${2:-harbor.db}

newer_than_dump() {
  [[ -e $database && $database -nt $dump ]]
}

if newer_than_dump; then
  echo "$database is newer than $dump; move it away first" >&2
  exit 1
fi
rm -f "$database"
gunzip --stdout "$dump" | sqlite3 "$database"
