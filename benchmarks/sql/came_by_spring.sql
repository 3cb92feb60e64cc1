SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} AND contains(url, {s1}) {only}
GROUP BY uid HAVING count(*) >= {n1}
