SELECT uid FROM events
WHERE name = {e1} AND t <= {now} {only}
GROUP BY uid HAVING argMin(category, ord) = {s1}
