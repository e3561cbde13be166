"""Accepts event source mappings of Kafka, which the community edition refuses.

It only keeps their state: the poller itself is ours (lib/local/event-source-mapping) and delivers through Invoke, outside LocalStack.
"""

from localstack.runtime.hooks import on_infra_start
from localstack.services.lambda_.hooks import create_event_source_poller

STOP_LIMIT_S = 5


@create_event_source_poller(name="serverless_connect_kafka")
def kafka_poller(holder, source_service, esm_config):
    from localstack.services.lambda_.event_source_mapping.pollers.poller import EmptyPollResultsException, Poller

    if not esm_config.get("SelfManagedEventSource") and source_service != "kafka":
        return

    class Elsewhere(Poller):
        def __init__(self):
            # Not the base class's: it makes a processor of events, and none come here.
            self.source_arn = None
            self.filter_patterns = []

        def event_source(self):
            return "SelfManagedKafka"

        def poll_events(self):
            raise EmptyPollResultsException("kafka", "")

    holder.create_poller_fn = lambda **_: Elsewhere()


@on_infra_start(name="serverless_connect_mapping_updates")
def stop_before_update():
    """An updated mapping gets a new worker while the old one's thread still runs, and that one may write "Disabled" last."""
    from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker

    stop = EsmWorker.stop

    def stop_and_wait(worker):
        stop(worker)
        if worker._poller_thread is not None:
            worker._poller_thread.join(STOP_LIMIT_S)

    EsmWorker.stop = stop_and_wait
