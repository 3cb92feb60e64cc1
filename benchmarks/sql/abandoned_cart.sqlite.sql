SELECT DISTINCT uid FROM events AS a
WHERE name = {e1} AND t BETWEEN {now} - {d2} AND {now} {only}
AND NOT EXISTS (
  SELECT 1 FROM events AS b
  WHERE b.name = {e2} AND b.uid = a.uid
  AND b.t BETWEEN a.t + 1 AND min(a.t + {d1}, {now}))
