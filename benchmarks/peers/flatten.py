"""The calls of a file as typed columns in Parquet, from which every peer loads."""

import os

import duckdb

START = 1_735_689_600_000  # 2025-01-01T00:00:00Z, where the data begins.
COLUMNS = """{
  type: 'VARCHAR', userId: 'VARCHAR', timestamp: 'TIMESTAMP', event: 'VARCHAR',
  properties: 'STRUCT(total DECIMAL(12,2), quantity INTEGER, category VARCHAR, sku VARCHAR, url VARCHAR)',
  traits: 'STRUCT(plan VARCHAR, country VARCHAR, age INTEGER, renewal_date DATE)'}"""
EVENTS = """
  SELECT substr(userId, 2)::INTEGER AS uid,
    CASE type WHEN 'page' THEN 'Page Viewed' ELSE event END AS name,
    epoch_ms(timestamp) AS t, (epoch_ms(timestamp) - {start}) * 16777216 + line AS ord,
    properties.category AS category, substr(properties.sku, 5)::INTEGER AS sku,
    properties.quantity AS quantity, (properties.total * 100)::INTEGER AS cents,
    properties.url AS url
  FROM calls WHERE type <> 'identify'"""
USERS = """
  SELECT substr(userId, 2)::INTEGER AS uid, traits.plan AS plan, traits.country AS country,
    traits.age AS age, traits.renewal_date AS renewal_date
  FROM calls WHERE type = 'identify'"""


def flatten(calls, folder, first_line):
    """Writes `events` and `users`, unless they are there, and gives their paths.

    `ord` is the order of the language in one number: the time, then the arrival.
    """
    stem = os.path.join(folder, os.path.basename(calls))
    paths = {kind: f"{stem}.{kind}.parquet" for kind in ("events", "users")}
    if all(os.path.exists(path) for path in paths.values()):
        return paths
    with duckdb.connect() as database:
        database.execute(f"SET temp_directory = '{folder}/flatten'; SET threads = 2")
        database.execute(
            f"CREATE TEMP VIEW calls AS SELECT *, row_number() OVER () + {first_line} AS line"
            f" FROM read_json('{calls}', format = 'newline_delimited', columns = {COLUMNS})")
        for kind, query in (("events", EVENTS.format(start=START)), ("users", USERS)):
            database.execute(f"COPY ({query}) TO '{paths[kind]}.part' (FORMAT parquet)")
            os.rename(f"{paths[kind]}.part", paths[kind])
    return paths
