SELECT uid FROM users WHERE uid NOT IN (
  SELECT uid FROM events
  WHERE name = {e1} AND t <= {now} {only}
  GROUP BY uid HAVING count(*) >= {n1}) {only}
