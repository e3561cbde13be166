"""Judges a broker with librdkafka: `python confluent_kafka_judge.py BOOTSTRAP` prints one JSON line per step."""

import json
import sys
import time
import traceback
import uuid

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

BOOTSTRAP = sys.argv[1]
RUN = uuid.uuid4().hex[:8]
admin = AdminClient({"bootstrap.servers": BOOTSTRAP})


def new_topic(name, partitions=1, **config):
    topic = f"librdkafka-{name}-{RUN}"
    admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config)])[topic].result(20)
    # The real controller answers before the broker has the topic.
    resource = ConfigResource(ResourceType.TOPIC, topic)
    wait_for(lambda: time.sleep(0.05), lambda: admin.describe_configs([resource])[resource].exception(20) is None)
    return topic


def producer(**config):
    return Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 5, **config})


def produce(client, topic, values, **fields):
    errors = []
    for value in values:
        client.produce(topic, value, on_delivery=lambda error, _: error and errors.append(error), **fields)
    client.flush(30)
    assert not errors, errors[0]


def consumer(group, **config):
    return Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest", **config})


def read(topics, count, seconds=30, **config):
    client = consumer(f"group-{uuid.uuid4().hex}", **config)
    client.subscribe(topics)
    values = take(client, count, seconds)
    client.close()
    return values


def take(client, count, seconds=30):
    values = []
    until = time.time() + seconds
    while len(values) < count and time.time() < until:
        message = client.poll(0.2)
        if message is None:
            continue
        assert message.error() is None, message.error()
        values.append(message.value())
    return values


def creates_topics():
    topic = new_topic("created", 3, **{"retention.ms": "60000"})
    assert len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == 3
    try:
        new_topic("created")
        raise AssertionError("created twice")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, error
    admin.create_partitions([NewPartitions(topic, 5)])[topic].result(20)


def reads_and_alters_configs():
    topic = new_topic("configs")
    resource = ConfigResource(ResourceType.TOPIC, topic)
    assert admin.describe_configs([resource])[resource].result(20)["max.message.bytes"].value == "1048588"
    change = ConfigEntry("max.message.bytes", "2000", incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[change])
    admin.incremental_alter_configs([changed])[changed].result(20)
    until = time.time() + 10
    while admin.describe_configs([resource])[resource].result(20)["max.message.bytes"].value != "2000":
        assert time.time() < until
        time.sleep(0.1)
    failures = []
    client = producer()
    client.produce(topic, b"x" * 5000, on_delivery=lambda error, _: failures.append(error.code() if error else None))
    client.flush(20)
    assert failures == [KafkaError.MSG_SIZE_TOO_LARGE], failures


def codec(name):
    def step():
        topic = new_topic(f"codec-{name}")
        values = [f"{name}-{at}".encode() * 20 for at in range(500)]
        client = producer(**{"compression.type": name, "enable.idempotence": True})
        for at, value in enumerate(values):
            client.produce(topic, value, timestamp=1_700_000_000_000 + at)
        assert client.flush(30) == 0
        assert read([topic], 500) == values
        reader = consumer(f"group-{uuid.uuid4().hex}")
        found = reader.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_321)], timeout=10)[0].offset
        reader.close()
        assert found == 321, found

    return step


def keeps_headers_keys_and_times():
    topic = new_topic("fields")
    produce(producer(), topic, [b"v", None], key=b"k", headers=[("h", b"1"), ("n", None)], timestamp=1_700_000_000_123)
    client = consumer(f"group-{uuid.uuid4().hex}")
    client.subscribe([topic])
    messages = []
    until = time.time() + 20
    while len(messages) < 2 and time.time() < until:
        message = client.poll(0.2)
        if message is not None:
            messages.append(message)
    first, tombstone = messages
    assert (first.key(), first.value(), first.headers(), first.timestamp()[1]) == (b"k", b"v", [("h", b"1"), ("n", None)], 1_700_000_000_123)
    assert tombstone.value() is None
    found = client.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_123)], timeout=10)[0].offset
    assert found == 0, found
    assert client.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (0, 2)
    client.close()


def resumes_from_committed_offsets():
    topic = new_topic("commits")
    group = f"group-{RUN}-commits"
    produce(producer(), topic, [b"1", b"2", b"3"])
    client = consumer(group, **{"enable.auto.commit": False})
    client.subscribe([topic])
    assert take(client, 2) == [b"1", b"2"]
    client.commit(offsets=[TopicPartition(topic, 0, 2)], asynchronous=False)
    client.close()
    client = consumer(group)
    client.subscribe([topic])
    assert take(client, 1) == [b"3"]
    client.close()


def shares_partitions(strategy):
    def step():
        topic = new_topic(f"shared-{strategy}", 4)
        group = f"group-{RUN}-{strategy}"
        config = {"partition.assignment.strategy": strategy, "session.timeout.ms": 6000, "heartbeat.interval.ms": 200}
        first, second = consumer(group, **config), consumer(group, **config)
        first.subscribe([topic])
        wait_for(lambda: first.poll(0.1) and None, lambda: len(first.assignment()) == 4)
        second.subscribe([topic])

        def both():
            first.poll(0.1)
            second.poll(0.1)

        wait_for(both, lambda: len(first.assignment()) == 2 and len(second.assignment()) == 2)
        states = admin.describe_consumer_groups([group])[group].result(10)
        assert len(states.members) == 2, states.members
        second.close()
        wait_for(lambda: first.poll(0.1) and None, lambda: len(first.assignment()) == 4)
        first.close()

    return step


def wait_for(act, holds, seconds=40):
    until = time.time() + seconds
    while not holds():
        assert time.time() < until, "waited in vain"
        act()


def lists_and_deletes_groups():
    topic = new_topic("groups")
    group = f"group-{RUN}-listed"
    produce(producer(), topic, [b"1"])
    client = consumer(group)
    client.subscribe([topic])
    assert take(client, 1) == [b"1"]
    client.close()
    assert group in [each.group_id for each in admin.list_consumer_groups().result(10).valid]
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    assert admin.list_consumer_group_offsets([asked])[group].result(10).topic_partitions[0].offset == 1
    admin.delete_consumer_groups([group])[group].result(10)
    assert group not in [each.group_id for each in admin.list_consumer_groups().result(10).valid]


def isolates_transactions():
    topic = new_topic("transactions", 2)
    client = producer(**{"transactional.id": f"txn-{RUN}"})
    client.init_transactions(30)
    for number, commit in enumerate([True, False, True]):
        client.begin_transaction()
        for at in range(10):
            client.produce(topic, f"{number}-{at}".encode(), partition=at % 2)
        client.flush(20)
        client.commit_transaction(30) if commit else client.abort_transaction(30)
    committed = read([topic], 20, **{"isolation.level": "read_committed"})
    assert sorted(committed) == sorted(f"{n}-{at}".encode() for n in (0, 2) for at in range(10)), committed
    assert len(read([topic], 30, **{"isolation.level": "read_uncommitted"})) == 30


def commits_offsets_in_transactions():
    topic, target = new_topic("txn-source"), new_topic("txn-target")
    group = f"group-{RUN}-txn"
    produce(producer(), topic, [b"1", b"2"])
    source = consumer(group, **{"enable.auto.commit": False, "isolation.level": "read_committed"})
    source.subscribe([topic])
    assert take(source, 2) == [b"1", b"2"]
    client = producer(**{"transactional.id": f"txn-offsets-{RUN}"})
    client.init_transactions(30)
    client.begin_transaction()
    client.produce(target, b"done")
    client.send_offsets_to_transaction(source.position(source.assignment()), source.consumer_group_metadata(), 20)
    client.commit_transaction(30)
    assert source.committed([TopicPartition(topic, 0)], timeout=20)[0].offset == 2
    source.close()


def fences_the_older_producer():
    topic = new_topic("fencing")
    config = {"transactional.id": f"txn-fencing-{RUN}"}
    zombie = producer(**config)
    zombie.init_transactions(30)
    zombie.begin_transaction()
    zombie.produce(topic, b"zombie")
    zombie.flush(20)
    successor = producer(**config)
    successor.init_transactions(30)
    try:
        zombie.commit_transaction(20)
        raise AssertionError("the zombie committed")
    except KafkaException as error:
        assert error.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH), error
    successor.begin_transaction()
    successor.produce(topic, b"successor")
    successor.commit_transaction(30)
    assert read([topic], 1, **{"isolation.level": "read_committed"}) == [b"successor"]


def deletes_records_and_topics():
    topic = new_topic("deleted")
    produce(producer(), topic, [b"1", b"2", b"3"])
    kept = admin.delete_records([TopicPartition(topic, 0, 2)])
    assert next(iter(kept.values())).result(10).low_watermark == 2
    assert read([topic], 1) == [b"3"]
    admin.delete_topics([topic])[topic].result(20)
    wait_for(lambda: time.sleep(0.1), lambda: topic not in admin.list_topics(timeout=10).topics)


STEPS = {
    "creates topics": creates_topics,
    "reads and alters configs": reads_and_alters_configs,
    **{f"produces idempotently with {name}": codec(name) for name in ("none", "gzip", "snappy", "lz4", "zstd")},
    "keeps headers, keys and times": keeps_headers_keys_and_times,
    "resumes from committed offsets": resumes_from_committed_offsets,
    "shares partitions (range)": shares_partitions("range"),
    "shares partitions (cooperative-sticky)": shares_partitions("cooperative-sticky"),
    "lists and deletes groups": lists_and_deletes_groups,
    "isolates transactions": isolates_transactions,
    "commits offsets in transactions": commits_offsets_in_transactions,
    "fences the older producer": fences_the_older_producer,
    "deletes records and topics": deletes_records_and_topics,
}

for name, step in STEPS.items():
    if len(sys.argv) > 2 and sys.argv[2] not in name:
        continue
    started = time.time()
    failure = None
    try:
        step()
    except BaseException:
        failure = traceback.format_exc()
    print(json.dumps({"step": name, "failure": failure, "seconds": round(time.time() - started, 2)}), flush=True)
