---
name: Customer Lifetime Value
description: What each customer has spent, in dollars, and in how many orders.
object: user
identity: user_id
columns: spent as customer_lifetime_value, orders as customer_orders
---
SELECT
  canonical_user_id AS user_id,
  round(sum(properties ->> '$.revenue'), 2) AS spent,
  count(*) AS orders
FROM event_log
WHERE event = 'Order Completed' AND canonical_user_id IS NOT NULL AND timestamp <= :now
GROUP BY canonical_user_id
