SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}
AND uid NOT IN (
  SELECT uid FROM events WHERE name = {e2} AND t BETWEEN {now} - {d1} AND {now} {only})
GROUP BY uid HAVING count(*) >= {n1}
