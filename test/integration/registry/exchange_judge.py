"""Exchanges messages with Confluent's own Python client through a topic: producer, consumer, serializers and deserializers are all its own.

Commands are JSON lines on stdin, answers JSON lines on stdout. The data is a record `Line` with one field, line: string; `header` says whether the
id of the schema stands in a header instead of in front.
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")
from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer, prefix_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

file = descriptor_pb2.FileDescriptorProto(name="line.proto", package="shop", syntax="proto3")
file.message_type.add(name="Line").field.add(
    name="line", number=1, type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING, label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Line = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Line"))
AVRO = '{"type":"record","name":"Line","namespace":"shop","fields":[{"name":"line","type":"string"}]}'
JSON = '{"$schema":"http://json-schema.org/draft-07/schema#","title":"Line","type":"object","properties":{"line":{"type":"string"}},"required":["line"]}'


def serializer(client, kind, header):
    conf = {"schema.id.serializer": header_schema_id_serializer if header else prefix_schema_id_serializer}
    if kind == "avro":
        return AvroSerializer(client, AVRO, conf=conf)
    if kind == "json":
        return JSONSerializer(JSON, client, conf=conf)
    return ProtobufSerializer(Line, client, conf)


def deserializer(client, kind):
    if kind == "avro":
        return AvroDeserializer(client)
    return JSONDeserializer(None, schema_registry_client=client) if kind == "json" else ProtobufDeserializer(Line, {})


def produce(client, bootstrap, command):
    topic, kind = command["topic"], command["kind"]
    producer = Producer({"bootstrap.servers": bootstrap, "broker.address.family": "v4"})
    serialize = serializer(client, kind, command["header"])
    for line in command["lines"]:
        headers = []
        value = Line(line=line) if kind == "protobuf" else {"line": line}
        written = serialize(value, SerializationContext(topic, MessageField.VALUE, headers))
        producer.produce(topic, written, headers=headers)
    return producer.flush(60)


def consume(client, bootstrap, command):
    topic, kind = command["topic"], command["kind"]
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "judge-" + topic, "auto.offset.reset": "earliest", "broker.address.family": "v4"}
    )
    consumer.subscribe([topic])
    read, waits = [], 0
    deserialize = deserializer(client, kind)
    while len(read) < command["count"] and waits < 90:
        message = consumer.poll(1)
        if message is None or message.error() is not None:
            waits += 1
            continue
        value = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE, message.headers()))
        line = value.line if kind == "protobuf" else value["line"]
        read.append({"line": line, "headers": [name for name, _ in message.headers() or []], "first": message.value()[0]})
    consumer.close()
    return read


client = SchemaRegistryClient({"url": sys.argv[1]})
bootstrap = sys.argv[2]
for text in sys.stdin:
    command = json.loads(text)
    try:
        answer = {"ok": (produce if command["do"] == "produce" else consume)(client, bootstrap, command)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
