"""Judges with Confluent's own Python client: writes and reads JSON Schema and Protobuf messages through a registry.

Commands are JSON lines on stdin, answers JSON lines on stdout; bytes are base64. The Protobuf message is shop.Order:
id int64 = 1, note string = 2, price double = 3, tags repeated string = 4, paid bool = 5.
"""
import base64
import json
import sys
import warnings

warnings.filterwarnings("ignore")
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

file = descriptor_pb2.FileDescriptorProto(name="order.proto", package="shop", syntax="proto3")
message = file.message_type.add(name="Order")
kind = descriptor_pb2.FieldDescriptorProto
for number, (name, of, label) in enumerate(
    [
        ("id", kind.TYPE_INT64, kind.LABEL_OPTIONAL),
        ("note", kind.TYPE_STRING, kind.LABEL_OPTIONAL),
        ("price", kind.TYPE_DOUBLE, kind.LABEL_OPTIONAL),
        ("tags", kind.TYPE_STRING, kind.LABEL_REPEATED),
        ("paid", kind.TYPE_BOOL, kind.LABEL_OPTIONAL),
    ],
    1,
):
    message.field.add(name=name, number=number, type=of, label=label)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Order = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Order"))


def run(client, command):
    context = SerializationContext(command["topic"], MessageField.VALUE)
    if command["do"] == "write-json":
        written = JSONSerializer(command["schema"], client)(command["value"], context)
        return {"bytes": base64.b64encode(written).decode()}
    if command["do"] == "read-json":
        return JSONDeserializer(None, schema_registry_client=client)(base64.b64decode(command["value"]["bytes"]), context)
    if command["do"] == "write-protobuf":
        value = dict(command["value"], id=int(command["value"]["id"]))
        written = ProtobufSerializer(Order, client, {"use.deprecated.format": False})(Order(**value), context)
        return {"bytes": base64.b64encode(written).decode()}
    if command["do"] == "read-protobuf":
        read = ProtobufDeserializer(Order, {"use.deprecated.format": False})(base64.b64decode(command["value"]["bytes"]), context)
        return {"id": str(read.id), "note": read.note, "price": read.price, "tags": list(read.tags), "paid": read.paid}
    raise ValueError(command["do"])


client = SchemaRegistryClient({"url": sys.argv[1]})
for line in sys.stdin:
    try:
        answer = {"ok": run(client, json.loads(line))}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
