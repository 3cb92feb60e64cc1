SELECT DISTINCT a.uid AS uid
FROM (SELECT uid, t FROM events
  WHERE name = {e1} AND t BETWEEN {now} - {d2} AND {now} {only}) AS a
ANTI JOIN (SELECT uid, t FROM events
  WHERE name = {e2} AND t BETWEEN {now} - {d2} AND {now} {only}) AS b
ON a.uid = b.uid AND b.t > a.t AND b.t <= a.t + {d1}
