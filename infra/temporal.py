"""The way to Temporal: the client, by the usual variables, and how a case's process is started and signalled."""

import asyncio
import ctypes
import logging
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.ids import MATTERS, kind_of
from infra.observing import interceptors, sdk_metrics
from infra.problems import CannotStart
from infra.settings import Settings
from workflows.accreditation import AccreditationProcess
from workflows.matter import AppealProcess, ComplaintProcess, MatterProcess
from workflows.process import DEADLINE, PROVIDER, SCHEME, STAGE, Process, attributes
from workflows.situation import Situation, Start
from workflows.submission import SubmissionProcess
from workflows.window import WindowProcess

PROCESSES: Final[Mapping[str, type[Process]]] = {
    "submission": SubmissionProcess,
    "window": WindowProcess,
    "accreditation": AccreditationProcess,
    **dict.fromkeys(MATTERS, MatterProcess),
    "appeal": AppealProcess,
    "complaint": ComplaintProcess,
}
"""The kinds of streams that a process watches, and which."""

SLEEPING: Final = frozenset({"accreditation"})
"""The kinds of cases whose processes may have been started to wake later: only a signal with a start wakes them before."""

SEARCH_ATTRIBUTES: Final[Mapping[str, str]] = {
    SCHEME.name: "Keyword",
    STAGE.name: "Keyword",
    PROVIDER.name: "Keyword",
    DEADLINE.name: "Datetime",
}
"""What operations can look for a process by, with Temporal's name of its type."""

UNREACHABLE: Final = (RPCError, RuntimeError)
"""What the client raises while Temporal can't be reached; RuntimeError while it has never been connected."""

_RPC_LIMIT: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = 5.0
_log = structlog.get_logger(__name__)


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """Return a client of Temporal at `settings.temporal_address`; keys and certificates are what TEMPORAL_* say.

    A `lazy` one connects when first used. Raises one of UNREACHABLE.
    """
    config = ClientConfig.load_client_connect_config(disable_file="TEMPORAL_CONFIG_FILE" not in os.environ)
    config["target_host"] = settings.temporal_address or f"127.0.0.1:{settings.temporal_port}"
    config["namespace"] = settings.temporal_namespace
    return await Client.connect(**config, lazy=lazy, runtime=_runtime(), interceptors=interceptors())


@cache
def _runtime() -> Runtime:
    """The library's core, which would print its logs past ours; and no heartbeats, which go on after a worker's end."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    shown_at = sdk_metrics()
    metrics = (
        PrometheusConfig(shown_at, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True)
        if shown_at
        else None
    )
    telemetry = TelemetryConfig(logging=LoggingConfig(filter=levels, forwarding=forwarding), metrics=metrics)
    runtime = Runtime(telemetry=telemetry, worker_heartbeat_interval=None)
    # It must outlive the interpreter: to give it up waits for its thread that hands over logs, which then waits for the
    # interpreter for ever, so that a worker whose server was gone never ended.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(runtime))
    return runtime


async def connect_patiently(settings: Settings, stop: threading.Event) -> Client | None:
    """Like `connect`, but wait until Temporal answers; None if `stop` was set before."""
    pauses = Pauses()
    while not stop.is_set():
        try:
            return await connect(settings)
        except UNREACHABLE as error:
            if pauses.first:
                _log.warning("temporal.unreachable", address=settings.temporal_address, error=str(error))
            await pauses.pause(stop)
    return None


class Pauses:
    """Waits between attempts, which double up to five seconds."""

    def __init__(self) -> None:
        self.first = True
        self._seconds = 0.1

    async def pause(self, stop: threading.Event | None = None) -> None:
        """Wait for the next pause, or until `stop` is set."""
        self.first = False
        left = self._seconds
        self._seconds = min(self._seconds * 2, _LONGEST_PAUSE)
        while left > 0 and not (stop and stop.is_set()):
            await asyncio.sleep(min(left, 0.1))
            left -= 0.1


async def signal(client: Client, task_queue: str, case: str, name: str, *args: Any) -> None:
    """Send the signal `name` to the process of `case`, starting it if it does not run. Raises one of UNREACHABLE."""
    if kind_of(case) not in SLEEPING:
        # Signalling with a start at once would do as well, but costs the server more, and most processes run.
        try:
            await client.get_workflow_handle(case).signal(name, args=args, rpc_timeout=_RPC_LIMIT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            return
    await client.start_workflow(
        PROCESSES[kind_of(case)].__name__,
        Start(case=case),
        id=case,
        task_queue=task_queue,
        start_signal=name,
        start_signal_args=args,
        rpc_timeout=_RPC_LIMIT,
    )


async def begin(client: Client, task_queue: str, case: str, situation: Situation) -> bool:
    """Start the process of a case whose situation is known, to wake when something is due; false if it runs already.

    Until then it costs nothing but its place; `signal` wakes it before. Raises one of UNREACHABLE.
    """
    delay = situation.due.at - datetime.now(UTC) if situation.due else timedelta()
    try:
        await client.start_workflow(
            PROCESSES[kind_of(case)].__name__,
            Start(case=case, seen=situation.position, situation=situation),
            id=case,
            task_queue=task_queue,
            search_attributes=attributes(situation),
            start_delay=max(delay, timedelta()) or None,
            rpc_timeout=_RPC_LIMIT,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def register_search_attributes(client: Client) -> None:
    """Make Temporal know the search attributes. Raises CannotStart if it doesn't and we may not tell it."""
    namespace = client.namespace
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=namespace), timeout=_RPC_LIMIT
        )
    except RPCError as error:
        if error.status not in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED):
            raise
        _log.warning("search_attributes.not_listed", namespace=namespace, error=error.message)
        return  # whoever runs such a server has added them, as the operations handbook says
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in known.custom_attributes}
    try:
        await add_search_attributes(client, missing)
    except RPCError as error:
        wanted = ", ".join(f"{name} ({kind})" for name, kind in missing.items())
        raise CannotStart(
            f"Temporal's namespace {namespace} lacks the search attributes {wanted}, and adding them failed"
            f" ({error.message}); have its administrator add them."
        ) from error


async def add_search_attributes(client: Client, attributes: Mapping[str, str]) -> None:
    """Add search attributes to the namespace: names with Temporal's names of their types. Raises RPCError."""
    if attributes:
        types = {
            name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}") for name, kind in attributes.items()
        }
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
        await client.operator_service.add_search_attributes(request, timeout=_RPC_LIMIT)
