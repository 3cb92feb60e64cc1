"""The bytes of each table of a store, its indexes apart, as one JSON object."""

import json
import sqlite3
import sys

with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as store:
    rows = store.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
    print(json.dumps(dict(rows.fetchall())))
