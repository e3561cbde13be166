"""Takes the DynamoDB Local that listens at DYNAMODB_LOCAL_PORT instead of downloading one."""

from localstack.runtime.hooks import on_infra_start


@on_infra_start(name="serverless_connect_dynamodb")
def use_running_dynamodb():
    from localstack.services.dynamodb.server import DynamodbServer

    def start(server):
        server.wait_for_dynamodb()
        return True

    DynamodbServer.start_dynamodb = start
    DynamodbServer.stop_dynamodb = lambda server: None
    DynamodbServer.wait_is_up = lambda server, timeout=None: True
