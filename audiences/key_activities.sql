---
name: Key Activities
description: How often a customer bought in the last 7 and in the last 30 days.
object: user
identity: user_id
columns: week as activities_last_7days, month as activities_last_30days
---
-- Whoever ever bought has a row: one that vanished would tell nobody of the zero.
SELECT
  canonical_user_id AS user_id,
  count(*) FILTER (
    WHERE timestamp >= strftime('%Y-%m-%dT%H:%M:%fZ', :now, '-7 days')) AS week,
  count(*) FILTER (
    WHERE timestamp >= strftime('%Y-%m-%dT%H:%M:%fZ', :now, '-30 days')) AS month
FROM event_log
WHERE event = 'Order Completed' AND canonical_user_id IS NOT NULL AND timestamp <= :now
GROUP BY canonical_user_id
