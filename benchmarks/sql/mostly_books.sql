-- Only those who have the value twice can have it most often: the other values are counted for
-- them alone. A tie goes to the name that comes first.
WITH own AS (
  SELECT uid, count(*) AS times FROM events
  WHERE name = {e1} AND t <= {now} AND category = {s1} {only}
  GROUP BY uid HAVING count(*) >= 2)
SELECT uid FROM own WHERE uid NOT IN (
  SELECT other.uid FROM (
    SELECT uid, category, count(*) AS times FROM events
    WHERE name = {e1} AND t <= {now} AND category <> {s1} AND uid IN (SELECT uid FROM own)
    GROUP BY uid, category) AS other
  JOIN own ON own.uid = other.uid
  WHERE other.times > own.times OR (other.times = own.times AND other.category < {s1}))
