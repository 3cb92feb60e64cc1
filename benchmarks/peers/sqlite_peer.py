"""Plain SQLite: one query a definition, with an index for users and one for times."""

import os
import shutil
import sqlite3

import duckdb
import numpy

INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Peer:
    name = "sqlite"
    dialect = "sqlite"
    version = "SQLite " + sqlite3.sqlite_version

    def __init__(self, folder, threads):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.database = sqlite3.connect(
            os.path.join(folder, "peer.sqlite"), isolation_level=None)
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = FULL")
        self.run("PRAGMA cache_size = -1000000")
        self.run("PRAGMA mmap_size = 8000000000")
        self.run("PRAGMA temp_store = MEMORY")
        self.run(f"PRAGMA threads = {threads}")

    def run(self, query, *values):
        return self.database.execute(query, *values)

    def load(self, paths):
        self.run("""CREATE TABLE events (
            uid INTEGER, name TEXT, t INTEGER, ord INTEGER, category TEXT, sku INTEGER,
            quantity INTEGER, cents INTEGER, url TEXT)""")
        self.run("CREATE TABLE users (uid INTEGER PRIMARY KEY, plan TEXT, country TEXT,"
                 " age INTEGER, renewal_date TEXT)")
        self.append(paths)
        self.copy(f"SELECT * REPLACE (renewal_date::VARCHAR AS renewal_date)"
                  f" FROM '{paths['users']}'", "INSERT INTO users VALUES (?, ?, ?, ?, ?)")
        self.run("CREATE INDEX events_of_user ON events"
                 " (name, uid, t, ord, category, quantity, cents, sku)")
        self.run("CREATE INDEX events_in_time ON events"
                 " (name, t, uid, ord, category, quantity, cents, sku)")
        self.run("CREATE TABLE members (definition INTEGER, uid INTEGER,"
                 " PRIMARY KEY (definition, uid)) WITHOUT ROWID")
        self.run("CREATE TEMP TABLE fresh (definition INTEGER, uid INTEGER,"
                 " PRIMARY KEY (definition, uid)) WITHOUT ROWID")
        self.run("CREATE TEMP TABLE changed (uid INTEGER PRIMARY KEY)")
        self.run("ANALYZE")

    def copy(self, query, insert):
        with duckdb.connect() as source:
            rows = source.execute(query)
            self.run("BEGIN")
            while batch := rows.fetchmany(100_000):
                self.database.executemany(insert, batch)
            self.run("COMMIT")

    def append(self, paths):
        self.copy(f"SELECT * FROM '{paths['events']}'", INSERT)

    def tell(self, paths):
        self.run("DELETE FROM changed")
        self.copy(f"SELECT DISTINCT uid FROM '{paths['events']}'",
                  "INSERT INTO changed VALUES (?)")

    def recompute(self, queries, only):
        self.run("BEGIN")
        self.run("DELETE FROM fresh")
        for number, query in queries:
            self.run(f"INSERT INTO fresh SELECT {number}, uid FROM ({query}) ORDER BY 2")
        self.run("CREATE TEMP TABLE entered AS SELECT * FROM fresh EXCEPT"
                 " SELECT * FROM members")
        self.run(f"CREATE TEMP TABLE gone AS SELECT * FROM members WHERE TRUE {only}"
                 " EXCEPT SELECT * FROM fresh")
        self.run("DELETE FROM members WHERE (definition, uid) IN (SELECT * FROM gone)")
        self.run("INSERT INTO members SELECT * FROM entered")
        entered, left = self.run(
            "SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM gone)").fetchone()
        self.run("COMMIT")
        self.run("DROP TABLE entered")
        self.run("DROP TABLE gone")
        return entered, left

    def members(self, number):
        rows = self.run("SELECT uid FROM members WHERE definition = ?", (number,))
        return numpy.array([row[0] for row in rows], dtype=numpy.int64)
