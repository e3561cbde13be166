"""What an operator's script does with kafka-connect-py: prints what each step answered, as JSON."""

import json
import sys
import time

from kafka_connect import KafkaConnect

base, name, file, topic = sys.argv[1:]
client = KafkaConnect(url=base)
config = {"connector.class": "FileStreamSource", "tasks.max": "1", "file": file, "topic": topic}


def until(state, tasks):
    """The status, once connector and tasks have followed."""
    deadline = time.monotonic() + 60
    while True:
        status = client.get_connector_status(name)
        now = [status["connector"]["state"]] + [task["state"] for task in status["tasks"]]
        if now == [state] + [state] * tasks:
            return now
        if time.monotonic() > deadline:
            raise SystemExit(f"{name} is {now}, expected {state}")
        time.sleep(0.1)


seen = {}
seen["version"] = client.get_cluster_info()["version"]
seen["plugin"] = [p["type"] for p in client.list_connector_plugins() if p["class"].endswith(".FileStreamSourceConnector")]
seen["invalid"] = client.validate_connector_config("FileStreamSource", {"connector.class": "FileStreamSource", "name": name})["error_count"]
seen["created"] = client.create_connector({"name": name, "config": config})["name"]
seen["running"] = until("RUNNING", 1)
seen["listed"] = name in client.list_connectors()
seen["expanded"] = client.list_connectors(expand="status", pattern=name, state="running")[name]["status"]["connector"]["state"]
seen["config"] = client.get_connector_config(name)
client.pause_connector(name)
seen["paused"] = until("PAUSED", 1)
client.resume_connector(name)
seen["resumed"] = until("RUNNING", 1)
client.restart_connector(name, include_tasks=True)
seen["restarted"] = until("RUNNING", 1)
client.restart_connector_task(name, 0)
seen["task"] = until("RUNNING", 1) and client.get_connector_task_status(name, 0)["id"]
seen["tasks"] = [task["id"]["task"] for task in client.list_connector_tasks(name)]
seen["topics"] = list(client.list_connector_topics(name))
client.reset_connector_topics(name)
seen["updated"] = client.update_connector(name, {**config, "batch.size": "100"})["config"]["batch.size"]
client.stop_connector(name)
seen["stopped"] = until("STOPPED", 0)
client.delete_connector(name)
seen["gone"] = name not in client.list_connectors()
print(json.dumps(seen))
