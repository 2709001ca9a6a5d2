"""One class per outside world; nothing else starts a program or opens a connection."""
