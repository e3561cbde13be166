"""Lambda's Runtime API."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RuntimeApi:
    """The Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) for one environment, on a free port of 127.0.0.1."""

    def __init__(self):
        self.events = queue.Queue()
        self.answers = queue.Queue()
        self.asked = threading.Event()
        self.init_error = None
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An unbuffered writer sends headers and body apart, and each answer waits 40 ms for a delayed acknowledgement.
            wbufsize = -1

            def log_message(self, *_):
                pass

            def reply(self, status, body=b"", headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

            def do_GET(self):
                api.asked.set()
                event = api.events.get()
                if event is None:
                    self.reply(410)
                    return
                self.reply(200, event["payload"], event["headers"])

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.reply(202, b'{"status":"OK"}')
                *_, request_id, outcome = self.path.split("/")
                if self.path.endswith("/init/error"):
                    api.init_error = body
                    api.asked.set()
                else:
                    api.answers.put((request_id, body, outcome == "error"))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()
