"""The stack's parts, in the order in which data flows: foundation, data stores, platform, workloads."""
