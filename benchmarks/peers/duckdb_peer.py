"""DuckDB: typed columns sorted by event and time, one query a definition, all in one statement.

This layout, this statement and this comparison were the fastest of those tried.
"""

import os
import shutil

import duckdb

ALL = "SELECT {number}::SMALLINT AS definition, uid FROM ({query}) AS matches"


class Peer:
    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, folder, threads):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.database = duckdb.connect(os.path.join(folder, "peer.duckdb"))
        self.database.execute(f"SET threads = {threads}")

    version = "DuckDB " + duckdb.__version__

    def load(self, paths):
        run = self.database.execute
        for column in ("name", "category"):
            run(f"CREATE TYPE {column}_type AS ENUM (SELECT DISTINCT {column}"
                f" FROM '{paths['events']}' ORDER BY 1)")
        run(f"""CREATE TABLE events AS
            SELECT uid, name::name_type AS name, t, ord, category::category_type AS category,
              sku, quantity::TINYINT AS quantity, cents, url
            FROM '{paths['events']}' ORDER BY 2, 3""")
        run(f"CREATE TABLE users AS SELECT * FROM '{paths['users']}' ORDER BY uid")
        run("CREATE TABLE members (definition SMALLINT NOT NULL, uid INTEGER NOT NULL)")
        run("CREATE TABLE changed (uid INTEGER NOT NULL)")
        run("CHECKPOINT")

    def append(self, paths):
        self.database.execute(f"INSERT INTO events SELECT * FROM '{paths['events']}'")

    def tell(self, paths):
        self.database.execute("DELETE FROM changed")
        self.database.execute(
            f"INSERT INTO changed SELECT DISTINCT uid FROM '{paths['events']}'")

    def recompute(self, queries, only):
        """Computes the members anew, of all users or those told, and stores the difference."""
        run = self.database.execute
        old = f"(SELECT * FROM members WHERE TRUE {only})"
        run("BEGIN")
        run("CREATE OR REPLACE TEMP TABLE fresh AS "
            + " UNION ALL ".join(ALL.format(number=n, query=q) for n, q in queries))
        run("CREATE OR REPLACE TEMP TABLE changes AS"
            " SELECT coalesce(a.definition, b.definition) AS definition,"
            " coalesce(a.uid, b.uid) AS uid, b.uid IS NULL AS enters"
            f" FROM fresh AS a FULL JOIN {old} AS b"
            " ON a.definition = b.definition AND a.uid = b.uid"
            " WHERE a.uid IS NULL OR b.uid IS NULL")
        entered, left = run(
            "SELECT count(*) FILTER (enters), count(*) FILTER (NOT enters) FROM changes").fetchone()
        if left:
            run("DELETE FROM members USING changes WHERE NOT enters"
                " AND members.definition = changes.definition AND members.uid = changes.uid")
        if entered:
            run("INSERT INTO members SELECT definition, uid FROM changes WHERE enters")
        run("COMMIT")
        return entered, left

    def members(self, number):
        return self.database.execute(
            "SELECT uid FROM members WHERE definition = ?", [number]).fetchnumpy()["uid"]
