"""The program that the Pulumi engine runs: settings first, then the stack.

The cloud SDKs are imported only after the settings stand, so that a mistake in them shows at once and
nothing has been registered.
"""

import gc
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from infra.settings import SettingsError, StackSettings, load_config
from infra.settings.environment_file import load_environment_file


def read() -> tuple[StackSettings, dict[str, str]]:
    """Settings and the applications' configuration; a mistake ends the program with a message, no traceback."""
    try:
        settings = load_config(get_config_env(), get_config_secret_keys_env())
        file = Path(__file__).parent / "config" / f"backend.{settings.environment}.env"
        return settings, load_environment_file(file)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def main() -> None:
    """Register the whole stack and export its outputs."""
    settings, backend_config = read()
    # A run takes seconds and needs nearly all it makes to its end: looking for garbage took a seventh of it.
    gc.disable()
    from infra.stack import build  # noqa: PLC0415 - imports the cloud SDKs, which takes a second

    for name, value in build(settings, backend_config).items():
        pulumi.export(name, value)


main()
