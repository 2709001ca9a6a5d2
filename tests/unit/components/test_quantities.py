import pytest

from components.quantities import cpu, memory


@pytest.mark.parametrize(("mib", "text"), [(256, "256Mi"), (1024, "1Gi"), (1536, "1536Mi"), (2048, "2Gi")])
def test_memory_is_written_as_the_api_server_keeps_it(mib: int, text: str) -> None:
    assert memory(mib) == text


@pytest.mark.parametrize(("millicores", "text"), [(50, "50m"), (1000, "1"), (1500, "1500m"), (2000, "2")])
def test_cpu_is_written_as_the_api_server_keeps_it(millicores: int, text: str) -> None:
    assert cpu(millicores) == text
