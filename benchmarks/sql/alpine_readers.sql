SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d2} AND {now} - {d1} {only}
AND uid IN (SELECT uid FROM users WHERE country IN ({s1}, {s2}, {s3}) AND age >= {n1})
GROUP BY uid HAVING count(*) >= {n2}
