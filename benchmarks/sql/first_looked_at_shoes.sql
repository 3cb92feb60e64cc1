SELECT uid FROM events
WHERE name = {e1} AND t <= {now} {only}
GROUP BY uid HAVING min(ord) = min(CASE WHEN category = {s1} THEN ord END)
