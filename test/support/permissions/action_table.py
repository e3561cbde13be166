"""Reads a JSON list of actions, answers the ARN formats of the resources each can be granted on, by policy_sentry's tables; null = no such action."""

import json
import sys

from policy_sentry.querying.actions import get_action_data


def formats(action):
    service, name = action.split(":")
    data = get_action_data(service, name)
    if not data:
        return None
    rows = data.get(service) or []
    found = [row["resource_arn_format"] for row in rows if row["action"].lower() == action.lower()]
    return sorted(set(found)) or None


print(json.dumps({action: formats(action) for action in json.load(sys.stdin)}))
