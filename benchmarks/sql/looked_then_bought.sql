SELECT DISTINCT a.uid AS uid
FROM (SELECT uid, t FROM events WHERE name = {e1} AND t <= {now} {only}) AS a
SEMI JOIN (SELECT uid, t FROM events WHERE name = {e2} AND t <= {now} {only}) AS b
ON a.uid = b.uid AND b.t > a.t AND b.t <= a.t + {d1}
