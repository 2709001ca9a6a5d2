"""What every stand-in provider shares: the gRPC service that the engine speaks to.

A stand-in subclasses :class:`StandIn` and sees plain Python values; this file alone knows gRPC.
"""

import os
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from localcloud.providers.wire import Properties, Value, decode, encode

grpc: Any = import_module("grpc")  # grpcio carries no types

_WORKERS = 64  # as many as the engine is likely to ask for at once: creates wait for moto and kubectl


class StandInError(Exception):
    """Refusal of an operation, worded as the cloud would; the engine shows it at the resource."""


@dataclass(frozen=True)
class Failure:
    """One input that would be refused: the property's path, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One difference between old and new inputs: ``kind`` is ADD, DELETE or UPDATE."""

    path: str
    kind: str
    replaces: bool


@dataclass(frozen=True)
class Request:
    """One call of the engine's; what a call does not carry is empty. Values may hold ``Secret``."""

    kind: str
    """Type token, e.g. ``aws:ec2/vpc:Vpc``."""
    name: str
    """Logical name in the program."""
    identity: str
    """The resource's id, once it has one."""
    inputs: Properties
    """New inputs."""
    olds: Properties
    """Inputs of the last update."""
    outputs: Properties
    """Outputs in the state."""
    preview: bool
    seed: bytes
    """Randomness for automatic names, the same in a plan and its update; empty for none."""


class StandIn:
    """A provider on plain values. As it stands it keeps everything in the state and nothing outside."""

    title = "stand-in"
    version = "0.0.0"

    def configure(self, config: Properties) -> None:
        """Take the provider's settings, or raise StandInError."""

    def check(self, request: Request) -> tuple[Properties, list[Failure]]:
        """The inputs with defaults filled in, and everything that is wrong with them."""
        return request.inputs, []

    def diff(self, request: Request) -> list[Change]:
        """What changed between two checked inputs, and whether it replaces."""
        raise NotImplementedError

    def create(self, request: Request) -> tuple[str, Properties]:
        """Identity and outputs; a preview creates nothing and leaves computed outputs unknown."""
        raise NotImplementedError

    def read(self, request: Request) -> tuple[Properties, Properties] | None:
        """Inputs and outputs as they are now, or None when the resource is gone."""
        return request.inputs, request.outputs

    def adopt(self, request: Request) -> tuple[str, Properties, Properties] | None:
        """Identity, inputs and outputs of what exists under an identity that no state knows, or None."""
        del request
        return None

    def update(self, request: Request) -> Properties:
        """Outputs after the inputs changed in place."""
        raise StandInError(f"{request.kind} cannot change in place")

    def delete(self, request: Request) -> None:
        """Remove the resource; one that is gone already is no error."""


class _Service:
    """The engine's calls, one method each, translated to a stand-in's."""

    def __init__(self, provider: StandIn) -> None:
        self._provider = provider

    def handshake(self, _: Value) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def plugin_info(self, _: Empty) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def check_config(self, message: pb.CheckRequest) -> pb.CheckResponse:
        return pb.CheckResponse(inputs=message.news)

    def diff_config(self, message: pb.DiffRequest) -> pb.DiffResponse:
        same = decode(message.old_inputs) == decode(message.news)
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE if same else pb.DiffResponse.DIFF_SOME)

    def configure(self, message: pb.ConfigureRequest) -> pb.ConfigureResponse:
        self._provider.configure(decode(message.args))
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def check(self, message: pb.CheckRequest) -> pb.CheckResponse:
        inputs, failures = self._provider.check(_request(message, inputs="news", olds="olds"))
        said = [pb.CheckFailure(property=failure.path, reason=failure.reason) for failure in failures]
        return pb.CheckResponse(inputs=encode(inputs), failures=said)

    def diff(self, message: pb.DiffRequest) -> pb.DiffResponse:
        changes = self._provider.diff(_request(message, inputs="news", olds="old_inputs", outputs="olds"))
        kinds = {change.path: change.kind + "_REPLACE" * change.replaces for change in changes}
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
            diffs=sorted({change.path.partition(".")[0] for change in changes}),
            replaces=sorted({change.path.partition(".")[0] for change in changes if change.replaces}),
            detailedDiff={
                path: pb.PropertyDiff(kind=pb.PropertyDiff.Kind.Value(kind), inputDiff=True)
                for path, kind in kinds.items()
            },
            hasDetailedDiff=True,
        )

    def create(self, message: pb.CreateRequest) -> pb.CreateResponse:
        identity, outputs = self._provider.create(_request(message, inputs="properties"))
        return pb.CreateResponse(id=identity, properties=encode(outputs))

    def read(self, message: pb.ReadRequest) -> pb.ReadResponse:
        # Of what is being imported the state knows nothing yet.
        if not message.properties.fields and not message.inputs.fields:
            found = self._provider.adopt(_request(message))
            if found is None:
                return pb.ReadResponse()
            identity, inputs, outputs = found
            return pb.ReadResponse(id=identity, properties=encode(outputs), inputs=encode(inputs))
        there = self._provider.read(_request(message, inputs="inputs", outputs="properties"))
        if there is None:
            return pb.ReadResponse()  # without an id: the resource is gone
        inputs, outputs = there
        return pb.ReadResponse(id=message.id, properties=encode(outputs), inputs=encode(inputs))

    def update(self, message: pb.UpdateRequest) -> pb.UpdateResponse:
        request = _request(message, inputs="news", olds="old_inputs", outputs="olds")
        return pb.UpdateResponse(properties=encode(self._provider.update(request)))

    def delete(self, message: pb.DeleteRequest) -> Empty:
        self._provider.delete(_request(message, olds="old_inputs", outputs="properties"))
        return Empty()

    def invoke(self, message: pb.InvokeRequest) -> pb.InvokeResponse:
        raise StandInError(f"answers no look-ups; {message.tok} would be an invention")

    def cancel(self, _: Empty) -> Empty:
        return Empty()


def _request(message: Value, *, inputs: str = "", olds: str = "", outputs: str = "") -> Request:
    """The message's facts, its three property sets taken from the fields named."""
    return Request(
        kind=message.type,
        name=message.name,
        identity=getattr(message, "id", ""),
        inputs=decode(getattr(message, inputs)) if inputs else {},
        olds=decode(getattr(message, olds)) if olds else {},
        outputs=decode(getattr(message, outputs)) if outputs else {},
        preview=getattr(message, "preview", False),
        seed=getattr(message, "randomSeed", b""),
    )


def _answering(provider: StandIn, method: Callable[[Any], Any]) -> Callable[[Value, Value], Value]:
    """The method with refusals as gRPC errors; anything else is a bug here and says so."""

    def call(message: Value, context: Value) -> Value:
        try:
            return method(message)
        except StandInError as error:
            text = f"{provider.title}: {error}"
        except Exception as error:  # noqa: BLE001 the engine must get an answer, whatever happened
            traceback.print_exc(file=sys.stderr)
            text = f"{provider.title} has a bug: {error!r}"
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return call


def _serialized(message: Value) -> bytes:
    return message.SerializeToString()


def start(provider: StandIn) -> tuple[Any, int]:
    """Serve on a free loopback port; gives the gRPC server and the port."""
    service = _Service(provider)
    methods: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "Handshake": (service.handshake, pb.ProviderHandshakeRequest),
        "GetPluginInfo": (service.plugin_info, Empty),
        "CheckConfig": (service.check_config, pb.CheckRequest),
        "DiffConfig": (service.diff_config, pb.DiffRequest),
        "Configure": (service.configure, pb.ConfigureRequest),
        "Check": (service.check, pb.CheckRequest),
        "Diff": (service.diff, pb.DiffRequest),
        "Create": (service.create, pb.CreateRequest),
        "Read": (service.read, pb.ReadRequest),
        "Update": (service.update, pb.UpdateRequest),
        "Delete": (service.delete, pb.DeleteRequest),
        "Invoke": (service.invoke, pb.InvokeRequest),
        "Cancel": (service.cancel, Empty),
    }
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            _answering(provider, method),
            request_deserializer=message.FromString,
            response_serializer=_serialized,
        )
        for name, (method, message) in methods.items()
    }
    server = grpc.server(
        ThreadPoolExecutor(_WORKERS),
        handlers=[grpc.method_handlers_generic_handler("pulumirpc.ResourceProvider", handlers)],
        options=[("grpc.max_receive_message_length", -1)],
    )
    port: int = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


ORPHAN_CHECK_S = 0.2
LAST_CALLS_S = 60.0
"""Seconds that calls may take which were under way when the engine was killed."""


def serve(provider: StandIn) -> None:
    """Run as a plugin: print the port on the first line, serve until the engine ends the process.

    When the engine is killed instead, calls under way are finished first: AWS finishes what it was asked for, too.
    """
    engine = os.getppid()
    server, port = start(provider)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while os.getppid() == engine:
        time.sleep(ORPHAN_CHECK_S)
    server.stop(LAST_CALLS_S).wait()
