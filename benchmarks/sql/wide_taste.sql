SELECT uid FROM (
  SELECT DISTINCT uid, sku FROM events
  WHERE name = {e1} AND t BETWEEN {now} - {d1} AND {now} {only}) AS seen
GROUP BY uid HAVING count(*) >= {n1}
