-- Twice the count, and one more for a name before it, which would win a tie.
SELECT uid FROM (
  SELECT uid, category, count(*) AS times FROM events
  WHERE name = {e1} AND t <= {now} {only} GROUP BY uid, category) AS counted
GROUP BY uid
HAVING max(CASE WHEN category = {s1} THEN times ELSE 0 END) >= 2
  AND max(2 * times + CASE WHEN category < {s1} THEN 1 ELSE 0 END)
    = 2 * max(CASE WHEN category = {s1} THEN times ELSE 0 END)
