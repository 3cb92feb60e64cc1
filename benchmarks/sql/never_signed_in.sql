SELECT uid FROM users WHERE TRUE {only}
EXCEPT
SELECT uid FROM events
WHERE name = {e1} AND t <= {now} {only}
GROUP BY uid HAVING count(*) >= {n1}
