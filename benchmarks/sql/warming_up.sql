SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d2} AND {now} {only}
GROUP BY uid
HAVING sum(CASE WHEN t >= {now} - {d1} THEN 1 ELSE 0 END)
  > sum(CASE WHEN t <= {now} - {d1} THEN 1 ELSE 0 END)
