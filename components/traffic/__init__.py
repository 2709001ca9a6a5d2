"""Who talks to whom: declared once, and turned into both ends of network policies. No cloud SDK."""
