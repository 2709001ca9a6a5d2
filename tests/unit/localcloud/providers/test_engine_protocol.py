"""The stand-ins over gRPC, as the engine speaks to them: marks, replacements, refusals."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from localcloud.providers.random import RandomProvider
from localcloud.providers.server import start
from localcloud.providers.wire import UNKNOWN, Properties, Secret, Value, decode, encode

PASSWORD = "random:index/randomPassword:RandomPassword"
ID = "random:index/randomId:RandomId"


@pytest.fixture(scope="module")
def provider() -> Iterator[Value]:
    server, port = start(RandomProvider())
    stub: Value = ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))  # pyright: ignore[reportUnknownMemberType]
    yield stub
    server.stop(None)


def created(provider: Value, kind: str, inputs: Properties, *, preview: bool = False) -> Properties:
    request = pb.CreateRequest(type=kind, name="it", properties=encode(inputs), preview=preview)
    return decode(provider.Create(request).properties)


def test_marks_survive_the_wire() -> None:
    properties = {"a": Secret({"b": [1, "x"]}), "c": [Secret("y")], "d": UNKNOWN, "e": 1.5, "f": True}
    assert decode(encode(properties)) == properties
    assert decode(Struct()) == {}


def test_password_is_secret_and_holds_what_was_asked_for(provider: Value) -> None:
    outputs = created(provider, PASSWORD, {"length": 40, "special": False, "minNumeric": 10, "minUpper": 10})
    assert isinstance(outputs["result"], Secret)
    text: str = outputs["result"].value
    assert len(text) == 40
    assert text.isalnum()
    assert sum(letter.isdigit() for letter in text) >= 10
    assert sum(letter.isupper() for letter in text) >= 10


def test_special_characters_are_only_those_allowed(provider: Value) -> None:
    inputs = {"length": 30, "overrideSpecial": "!&", "lower": False, "upper": False, "numeric": False}
    assert set(created(provider, PASSWORD, inputs)["result"].value) <= set("!&")


def test_id_is_spelt_in_four_ways(provider: Value) -> None:
    outputs = created(provider, ID, {"byteLength": 4, "prefix": "p-"})
    assert int(outputs["hex"].removeprefix("p-"), 16) == int(outputs["dec"].removeprefix("p-"))


def test_preview_leaves_the_result_unknown(provider: Value) -> None:
    assert created(provider, PASSWORD, {"length": 8}, preview=True)["result"] == UNKNOWN


def test_any_changed_input_replaces(provider: Value) -> None:
    olds, news = {"length": 8, "keepers": {"a": "1"}}, {"length": 8, "keepers": {"a": "2"}}
    same = provider.Diff(pb.DiffRequest(type=PASSWORD, old_inputs=encode(olds), news=encode(olds)))
    assert same.changes == pb.DiffResponse.DIFF_NONE
    changed = provider.Diff(pb.DiffRequest(type=PASSWORD, old_inputs=encode(olds), news=encode(news)))
    assert list(changed.replaces) == ["keepers"]
    assert changed.detailedDiff["keepers"].kind == pb.PropertyDiff.UPDATE_REPLACE


def test_impossible_length_and_unknown_type_are_refused(provider: Value) -> None:
    checks: list[tuple[str, Properties]] = [
        (PASSWORD, {"length": 3, "minUpper": 4}),
        ("random:index/randomPet:RandomPet", {}),
    ]
    for kind, inputs in checks:
        answer = provider.Check(pb.CheckRequest(type=kind, news=encode(inputs)))
        assert [failure.reason.count("random stand-in") for failure in answer.failures] == [1]


def test_look_ups_are_refused_in_the_name_of_the_stand_in(provider: Value) -> None:
    with pytest.raises(grpc.RpcError, match=r"random stand-in: answers no look-ups; aws:x would"):
        provider.Invoke(pb.InvokeRequest(tok="aws:x"))
