---
name: Active Date
description: When a customer became an active one, by the second order.
object: user
identity: user_id
columns: became_active_at
---
WITH orders AS (
  SELECT
    canonical_user_id AS user_id,
    timestamp,
    row_number() OVER (PARTITION BY canonical_user_id ORDER BY timestamp, seq) AS number
  FROM event_log
  WHERE event = 'Order Completed' AND canonical_user_id IS NOT NULL AND timestamp <= :now
)
SELECT user_id, timestamp AS became_active_at
FROM orders
WHERE number = 2
