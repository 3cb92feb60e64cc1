SELECT uid FROM events
WHERE name IN ({e1}, {e2}) AND t BETWEEN {now} - {d1} AND {now} {only}
GROUP BY uid
HAVING sum(CASE WHEN name = {e1} THEN 1 ELSE 0 END) >= {n1}
  OR sum(CASE WHEN name = {e2} THEN 1 ELSE 0 END) >= {n2}
