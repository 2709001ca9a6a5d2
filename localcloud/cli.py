"""Commands of the local cloud: ``python -m localcloud``; ``make`` has the usual ones."""

import shutil
import sys
from typing import Annotated

import typer
from rich.console import Console

from localcloud.cloud import LocalCloud
from localcloud.errors import LocalCloudError
from localcloud.paths import ROOT, Paths
from localcloud.report import show_kept, show_status, show_summary

app = typer.Typer(
    help="Intendly's whole platform on this machine: real engine, real Kubernetes API, no AWS account.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
PIPED_COLUMNS = 160
"""Width of what goes into a file or a pipe, where nobody could read what was cut off."""

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Stack = Annotated[str, typer.Option(help="Stack whose settings are used: Pulumi.<stack>.yaml.")]
STAGING = "staging"
"""The usual stack. A default is harmless here: nothing leaves this machine."""


def _cloud(stack: str) -> LocalCloud:
    return LocalCloud(stack, say=console.print)


@app.command()
def build(stack: Stack = STAGING) -> None:
    """Build the real programs that are missing, from their Go modules; takes minutes the first time."""
    _cloud(stack).build()
    console.print("everything is built")


@app.command()
def start(stack: Stack = STAGING) -> None:
    """Start the local cloud; what runs already is left alone, what died is started again with its data."""
    _cloud(stack).start()
    console.print(f"the local cloud of {stack} runs")


@app.command()
def stop(stack: Stack = STAGING) -> None:
    """End all processes of the local cloud; data and the engine's state stay."""
    _cloud(stack).stop()
    console.print(f"the local cloud of {stack} is stopped")


@app.command()
def up(stack: Stack = STAGING) -> None:
    """Build, start and update the stack with the real engine; again says "no changes"."""
    cloud = _cloud(stack)
    cloud.start()
    cloud.up()
    show_summary(cloud, console)


@app.command()
def preview(stack: Stack = STAGING) -> None:
    """Show what ``up`` would change."""
    cloud = _cloud(stack)
    cloud.start()
    cloud.preview()


@app.command()
def down(stack: Stack = STAGING) -> None:
    """Destroy the stack, prove that nothing is left of it, and stop."""
    cloud = _cloud(stack)
    cloud.start()
    kept, left = cloud.down()
    show_kept(kept, console)
    if left:
        names = "\n".join(f"  {name}" for name in left)
        raise LocalCloudError(
            f"the destroy left behind:\n{names}",
            "the local cloud still runs: look at them, then run down again",
        )
    console.print("nothing else is left, in the API server, the AWS stand-in or moto; stopped")


@app.command()
def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - a command's option
) -> None:
    """Stop all local clouds of this checkout and remove everything they keep: data, state, built programs."""
    local = Paths(ROOT, STAGING).local
    if not local.exists():
        console.print("there is nothing to remove")
        return
    if not yes:
        question = f"Stop everything and remove {local}? Building again takes minutes."
        if not typer.confirm(question):
            console.print("nothing was removed")
            return
    for folder in sorted(local.iterdir()):
        if (folder / "run").is_dir():
            console.print(f"stopping the local cloud of {folder.name}")
            _cloud(folder.name).stop()
    console.print("removing files")
    shutil.rmtree(local)
    console.print(f"removed {local}")


@app.command()
def env(stack: Stack = STAGING) -> None:
    """Print the environment for plain pulumi, kubectl and aws: eval "$(python -m localcloud env)"."""
    cloud = _cloud(stack)
    print(cloud.engine.exports(cloud.env()))  # noqa: T201 - for a shell, so unformatted


@app.command()
def status(stack: Stack = STAGING) -> None:
    """Show the processes; exit code 1 when one has died or none was started."""
    if not show_status(_cloud(stack), console):
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what a person can mend is a message and exit code 1."""
    try:
        app()
    except LocalCloudError as error:
        errors.print(f"error: {error.message}", style="red", markup=False)
        if error.hint:
            errors.print(error.hint, markup=False)
        sys.exit(1)
