SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}
GROUP BY uid HAVING sum(cents) >= 100 * {n1}
