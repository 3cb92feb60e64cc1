SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}
AND quantity >= {n1} AND category IN ({s1}, {s2}, {s3})
GROUP BY uid HAVING count(*) >= {n2}
