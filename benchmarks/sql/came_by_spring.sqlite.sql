SELECT uid FROM events
WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} AND instr(url, {s1}) > 0 {only}
GROUP BY uid HAVING count(*) >= {n1}
