"""ClickHouse inside the process (chdb): MergeTree sorted by event, user and time."""

import os
import shutil

import numpy
from chdb import session

KEY = "ENGINE = MergeTree ORDER BY (definition, uid)"


class Peer:
    name = "chdb"
    dialect = "clickhouse"

    def __init__(self, folder, threads):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.session = session.Session(os.path.join(folder, "peer"))
        self.settings = f"SETTINGS max_threads = {threads}, max_insert_threads = {threads}"
        self.run("CREATE DATABASE IF NOT EXISTS peer ENGINE = Atomic")
        self.run("USE peer")
        self.version = "ClickHouse " + self.one("SELECT version()").strip('"')

    def run(self, query):
        return self.session.query(query, "CSV")

    def one(self, query):
        return str(self.run(query)).strip()

    def load(self, paths):
        self.run("""CREATE TABLE events (
              uid UInt32, name LowCardinality(String), t Int64, ord Int64,
              category LowCardinality(String), sku UInt32, quantity UInt8, cents UInt32,
              url String)
            ENGINE = MergeTree ORDER BY (name, uid, t)""")
        self.append(paths)
        self.run("CREATE TABLE users (uid UInt32, plan LowCardinality(String),"
                 " country LowCardinality(String), age UInt8, renewal_date Date)"
                 " ENGINE = MergeTree ORDER BY uid")
        self.run(f"INSERT INTO users SELECT * FROM file('{paths['users']}', Parquet)")
        for table in ("members", "fresh"):
            self.run(f"CREATE TABLE {table} (definition UInt16, uid UInt32) {KEY}")
        for table in ("entered", "gone"):
            self.run(f"CREATE TABLE {table} (definition UInt16, uid UInt32) ENGINE = Memory")
        self.run("CREATE TABLE changed (uid UInt32) ENGINE = Memory")
        self.run("OPTIMIZE TABLE events FINAL")
        self.run("OPTIMIZE TABLE users FINAL")

    def append(self, paths):
        self.run(f"INSERT INTO events SELECT * FROM file('{paths['events']}', Parquet)")

    def tell(self, paths):
        self.run("TRUNCATE TABLE changed")
        self.run("INSERT INTO changed SELECT DISTINCT uid FROM"
                 f" file('{paths['events']}', Parquet)")

    def recompute(self, queries, only):
        for table in ("fresh", "entered", "gone"):
            self.run(f"TRUNCATE TABLE {table}")
        self.run("INSERT INTO fresh " + " UNION ALL ".join(
            f"SELECT {number} AS definition, uid FROM ({query})" for number, query in queries)
            + " " + self.settings)
        old = f"(SELECT * FROM members WHERE 1 {only})"
        self.run("INSERT INTO entered SELECT * FROM fresh AS a LEFT ANTI JOIN"
                 f" {old} AS b USING (definition, uid) {self.settings}")
        self.run(f"INSERT INTO gone SELECT * FROM {old} AS a LEFT ANTI JOIN fresh AS b"
                 f" USING (definition, uid) {self.settings}")
        entered, left = (int(self.one(f"SELECT count() FROM {t}")) for t in ("entered", "gone"))
        if not only:
            self.run("EXCHANGE TABLES fresh AND members")
            return entered, left
        if left:
            self.run("DELETE FROM members WHERE (definition, uid) IN (SELECT * FROM gone)")
        if entered:
            self.run("INSERT INTO members SELECT * FROM entered")
        return entered, left

    def members(self, number):
        text = self.one(f"SELECT uid FROM members WHERE definition = {number}")
        return numpy.array(text.split(), dtype=numpy.int64)
