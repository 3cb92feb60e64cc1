SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}
AND uid IN (SELECT uid FROM users WHERE plan = {s1})
GROUP BY uid HAVING count(*) >= {n1}
