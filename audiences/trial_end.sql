---
name: Trial End
description: When a customer's trial ends; the first order begins it, and it lasts 30 days.
object: user
identity: user_id
columns: trial_ends_at
---
SELECT
  canonical_user_id AS user_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(timestamp), '+30 days') AS trial_ends_at
FROM event_log
WHERE event = 'Order Completed' AND canonical_user_id IS NOT NULL AND timestamp <= :now
GROUP BY canonical_user_id
