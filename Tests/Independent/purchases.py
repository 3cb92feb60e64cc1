#!/usr/bin/env python3
"""Computes the example definitions over purchases by plain loops, and compares with an export.

usage: purchases.py PURCHASES.ndjson INSTANT DIRECTORY

PURCHASES.ndjson holds `Order Completed` track calls; DIRECTORY holds one `KEY.ndjson` for each
definition, as `rollcall export KEY` wrote it. Shares nothing with the project: decimal sums, sets
and lists, one user at a time. Exits 1 when a member or a value differs.
"""
import json
import os
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def days(number):
    return timedelta(days=number)


def definitions(orders, now):
    """Every definition's value for one user; None is no member, or no value."""
    def last(length):
        return [o for o in orders if o[0] >= now - days(length)]

    def between(low, high):
        return [o for o in orders if now - days(high) <= o[0] <= now - days(low)]

    def total(some):
        return sum((o[1] for o in some), Decimal(0))

    lapsed = len(orders) >= 1 and not last(90)
    lifetime = total(orders)
    quantities = Counter(o[2] for o in orders)
    often = [q for q in quantities if quantities[q] >= 2]
    favourite = min(often, key=lambda q: (-quantities[q], str(q))) if often else None
    came_back = any(
        any(first[0] < other[0] <= first[0] + days(30) for other in orders) for first in orders)
    return {
        "order_completed_last_30days": bool(last(30)) or None,
        "lapsed_customers": lapsed or None,
        "big_spenders": total(last(365)) >= 200 or None,
        "two_orders_last_30days": len(last(30)) >= 2 or None,
        "second_order_within_a_month": came_back or None,
        "quiet_for_a_quarter": (bool(between(60, 120)) and not last(60)) or None,
        "bulk_buyers": any(o[2] >= 5 for o in last(180)) or None,
        "lapsed_big_spenders": (lapsed and lifetime >= 100) or None,
        "lifetime_value": float(lifetime),
        "number_of_orders": len(orders),
        "orders_last_90days": len(last(90)),
        "last_order_value": float(orders[-1][1]),
        "favourite_quantity": None if favourite is None else str(favourite),
    }


def main():
    path, at, folder = sys.argv[1:]
    now = instant(at)
    users = defaultdict(list)
    for line in open(path):
        call = json.loads(line, parse_float=Decimal)
        time = instant(call["timestamp"])
        if time <= now:
            properties = call["properties"]
            order = (time, Decimal(properties["revenue"]), properties["quantity"])
            users[call["userId"]].append(order)
    expected = defaultdict(dict)
    for user, orders in users.items():
        # A stable sort: orders of one instant stay in the order of arrival.
        for key, value in definitions(sorted(orders, key=lambda o: o[0]), now).items():
            if value is not None:
                expected[key][user] = value
    wrong = 0
    for key in sorted(definitions([(now, Decimal(0), 0)], now)):
        rows = [json.loads(line) for line in open(os.path.join(folder, key + ".ndjson"))]
        exported = {row["user_id"]: row["value"] for row in rows}
        differing = [u for u in expected[key].keys() | exported.keys()
                     if expected[key].get(u) != exported.get(u)]
        wrong += len(differing)
        print(f"{key}: {len(expected[key])} expected, {len(exported)} exported, "
              f"{len(differing)} differ")
    sys.exit(1 if wrong else 0)


main()
