"""Judges with Confluent's own Python client and fastavro: talks to a registry, writes and reads messages and container files.

Commands are JSON lines on stdin, answers JSON lines on stdout; bytes are base64.
"""
import base64
import decimal
import io
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import fastavro
from confluent_kafka.schema_registry import RuleSet, Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"int": str(value)}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def native(value):
    if isinstance(value, dict) and set(value) == {"int"}:
        return int(value["int"])
    if isinstance(value, dict) and set(value) == {"decimal"}:
        return decimal.Decimal(value["decimal"])
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return base64.b64decode(value["bytes"])
    if isinstance(value, dict):
        return {key: native(entry) for key, entry in value.items()}
    return [native(entry) for entry in value] if isinstance(value, list) else value


def schema_of(command):
    references = [SchemaReference(**reference) for reference in command.get("references", [])]
    rules = RuleSet.from_dict({"domainRules": command["rules"]}) if "rules" in command else None
    return Schema(command["schema"], command.get("schemaType", "AVRO"), references, rule_set=rules)


def run(client, command):
    name = command["do"]
    context = SerializationContext(command.get("topic", "t"), MessageField.VALUE)
    if name == "register":
        return client.register_schema(command["subject"], schema_of(command))
    if name == "lookup":
        return client.lookup_schema(command["subject"], schema_of(command)).version
    if name == "versions":
        return client.get_versions(command["subject"])
    if name == "subjects":
        return client.get_subjects()
    if name == "compatible":
        return client.test_compatibility(command["subject"], schema_of(command))
    if name == "set-compatibility":
        return client.set_compatibility(command.get("subject"), command["level"])
    if name == "get-compatibility":
        return client.get_compatibility(command.get("subject"))
    if name == "set-mode":
        return client.update_mode(command["subject"], command["mode"], command.get("force", False))
    if name == "get-mode":
        return client.get_mode(command["subject"])
    if name == "delete-subject":
        return client.delete_subject(command["subject"], permanent=command.get("permanent", False))
    if name == "delete-version":
        return client.delete_version(command["subject"], command["version"])
    if name == "write":
        conf = {"auto.register.schemas": command.get("register", True)}
        serialize = AvroSerializer(client, command["schema"], conf=conf)
        return plain(serialize(native(command["value"]), context))
    if name == "read":
        conf = {"use.latest.version": True} if command.get("latest") else None
        return plain(AvroDeserializer(client, conf=conf)(native(command["value"]), context))
    if name == "read-container":
        reader = fastavro.reader(io.BytesIO(native(command["value"])))
        return {"codec": reader.codec, "records": [plain(record) for record in reader]}
    if name == "write-container":
        out = io.BytesIO()
        schema = fastavro.parse_schema(json.loads(command["schema"]))
        fastavro.writer(out, schema, native(command["records"]), codec=command["codec"], sync_interval=command.get("sync", 16000))
        return plain(out.getvalue())
    raise ValueError(name)


client = SchemaRegistryClient({"url": sys.argv[1], **({"basic.auth.user.info": sys.argv[2]} if len(sys.argv) > 2 else {})})
for line in sys.stdin:
    try:
        answer = {"ok": run(client, json.loads(line))}
    except SchemaRegistryError as error:
        answer = {"status": error.http_status_code, "code": error.error_code, "message": error.error_message}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
