"""Custom resources, which the community edition reports as created without calling anybody.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html: an event to the function, which answers by PUT to a URL.
"""

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
)

TYPE = "AWS::CloudFormation::CustomResource"


class AnswerServer:
    """One URL of 127.0.0.1 that takes one answer."""

    def __init__(self):
        self.answer = None
        taken = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_PUT(self):
                taken.answer = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class CustomResourceProvider(ResourceProvider):
    TYPE = TYPE
    SCHEMA = {"typeName": TYPE, "primaryIdentifier": ["/properties/PhysicalResourceId"], "properties": {}}

    def create(self, request):
        return self._ask("Create", request, {})

    def update(self, request):
        old = dict(request.previous_state or {})
        return self._ask("Update", request, {"PhysicalResourceId": old.pop("PhysicalResourceId", None), "OldResourceProperties": old})

    def delete(self, request):
        return self._ask("Delete", request, {"PhysicalResourceId": request.desired_state.get("PhysicalResourceId")})

    def _ask(self, kind, request, more):
        properties = {name: value for name, value in request.desired_state.items() if name != "PhysicalResourceId"}
        with AnswerServer() as server:
            event = {
                "RequestType": kind,
                "ResponseURL": server.url,
                "StackId": request.stack_id,
                "RequestId": str(uuid.uuid4()),
                "ResourceType": request.resource_type,
                "LogicalResourceId": request.logical_resource_id,
                "ResourceProperties": properties,
                **more,
            }
            result = request.aws_client_factory.lambda_.invoke(FunctionName=properties["ServiceToken"], Payload=json.dumps(event))
            payload = result["Payload"].read().decode()
            answer = server.answer or {"Status": "FAILED", "Reason": f"no answer: {payload}"}
        if answer["Status"] != "SUCCESS":
            return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=answer.get("Reason", payload))
        if kind == "Delete":
            return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})
        model = {**properties, "PhysicalResourceId": answer["PhysicalResourceId"]}
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


class CustomResourcePlugin(CloudFormationResourceProviderPlugin):
    name = TYPE

    def __init__(self):
        self.factory = None

    def load(self):
        self.factory = CustomResourceProvider
