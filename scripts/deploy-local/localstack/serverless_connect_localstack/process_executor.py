"""A Lambda executor (LAMBDA_RUNTIME_EXECUTOR=process): each execution environment is one Node process, with its deadline, log and end.

Variables: SERVERLESS_CONNECT_NODE (path of node), SERVERLESS_CONNECT_RUNTIME (client of the Runtime API, a file for node).
"""

import json
import os
import queue
import subprocess
import threading
import time

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from .runtime_api import RuntimeApi

INIT_LIMIT_S = 10
"""Init that takes longer is started over by Lambda; here it fails."""


def error_payload(error_type, message):
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def executor_class():
    """Made at load time: LocalStack's own classes import this plug-in's namespace."""
    from localstack import config
    from localstack.services.lambda_.invocation.lambda_models import InvocationResult
    from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

    class ProcessExecutor(RuntimeExecutor):
        def __init__(self, id, function_version):
            super().__init__(id, function_version)
            self.api = None
            self.process = None
            self.lines = []
            # Held while an event runs: an environment whose function is replaced finishes what it has begun, as on AWS.
            self.running = threading.Lock()

        def start(self, env_vars):
            settings = self.function_version.config
            root = str(settings.code.get_unzipped_code_location())
            self.api = RuntimeApi()
            env = {name: str(value) for name, value in env_vars.items() if value is not None}
            env.update(
                PATH=os.environ.get("PATH", ""),
                AWS_LAMBDA_RUNTIME_API=self.api.address,
                LAMBDA_TASK_ROOT=root,
                _HANDLER=settings.handler,
            )
            self.process = subprocess.Popen(
                [os.environ["SERVERLESS_CONNECT_NODE"], f"--max-old-space-size={settings.memory_size}", os.environ["SERVERLESS_CONNECT_RUNTIME"]],
                env=env,
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            threading.Thread(target=self._read_log, daemon=True).start()
            until = time.monotonic() + INIT_LIMIT_S
            while not self.api.asked.wait(0.01):
                if self.process.poll() is not None:
                    raise LambdaRuntimeException(f"the environment ended with {self.process.returncode} during init: {self.get_logs()}")
                if time.monotonic() > until:
                    raise LambdaRuntimeException(f"init took longer than {INIT_LIMIT_S} s: {self.get_logs()}")
            if self.api.init_error is not None:
                raise LambdaRuntimeException(self.api.init_error.decode())

        def _read_log(self):
            for line in self.process.stdout:
                self.lines.append(line.decode(errors="replace"))

        def stop(self):
            with self.running:
                if self.process is not None:
                    self.process.kill()
                    self.process.wait()
                if self.api is not None:
                    self.api.close()

        def invoke(self, payload):
            with self.running:
                return self._invoke(payload)

        def _invoke(self, payload):
            request_id = payload["invoke-id"]
            limit = self.function_version.config.timeout
            started = time.time()
            self.lines.clear()
            body = payload["payload"]
            headers = (
                ("Lambda-Runtime-Aws-Request-Id", request_id),
                ("Lambda-Runtime-Invoked-Function-Arn", payload["invoked-function-arn"]),
                ("Lambda-Runtime-Deadline-Ms", str(int((started + limit) * 1000))),
                ("Lambda-Runtime-Trace-Id", payload.get("trace-id") or ""),
            )
            self.api.events.put({"payload": body if isinstance(body, bytes) else body.encode(), "headers": headers})
            answer, failed = self._wait(request_id, started + limit, limit)
            if self.process.poll() is None:
                # What it wrote last is still in the pipe.
                time.sleep(0.01)
            duration_ms = (time.time() - started) * 1000
            log = f"START RequestId: {request_id}\n{self.get_logs()}END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\n"
            return InvocationResult(request_id, answer, failed, log)

        def _wait(self, request_id, deadline, limit):
            while True:
                try:
                    answered, body, failed = self.api.answers.get(timeout=max(0.001, min(0.05, deadline - time.time())))
                    if answered == request_id:
                        return body, failed
                except queue.Empty:
                    pass
                if self.process.poll() is not None:
                    return error_payload("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with {self.process.returncode}"), True
                if time.time() >= deadline:
                    self.process.kill()
                    return error_payload("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {limit:.2f} seconds"), True

        def get_address(self):
            return "127.0.0.1"

        def get_endpoint_from_executor(self):
            return "127.0.0.1"

        def get_runtime_endpoint(self):
            return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

        def get_logs(self):
            return "".join(self.lines)

        @classmethod
        def prepare_version(cls, function_version):
            function_version.config.code.prepare_for_execution()

        @classmethod
        def cleanup_version(cls, function_version):
            pass

    return ProcessExecutor


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *_, **__):
        return executor_class()
