"""Kubernetes quantities in the form the API server keeps them.

It rewrites `2048Mi` to `2Gi`; a refresh would then report a difference that nobody made.
"""

MIB_PER_GIB = 1024
MILLICORES_PER_CORE = 1000


def memory(mib: int) -> str:
    """An amount of memory or disk, given in MiB."""
    return f"{mib // MIB_PER_GIB}Gi" if mib % MIB_PER_GIB == 0 else f"{mib}Mi"


def cpu(millicores: int) -> str:
    """A share of CPU, given in thousandths of a core."""
    whole = millicores % MILLICORES_PER_CORE == 0
    return str(millicores // MILLICORES_PER_CORE) if whole else f"{millicores}m"
