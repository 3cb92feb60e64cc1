SELECT DISTINCT a.uid AS uid
FROM (SELECT uid, t FROM events WHERE name = {e1} AND t <= {now} {only}) AS a
ASOF JOIN (SELECT uid, t FROM events WHERE name = {e2} AND t <= {now} {only}) AS b
ON a.uid = b.uid AND b.t > a.t
WHERE b.t <= a.t + {d1}
