SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}
GROUP BY uid HAVING max(ord) = max(CASE WHEN category = {s1} THEN ord END)
