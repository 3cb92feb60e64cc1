SELECT uid FROM events
WHERE name = {e1} AND t <= {now} {only}
GROUP BY uid HAVING sum(cents) >= 100 * {n1} * count(*)
