"""Monitoring: what is measured, what is alarmed, and whom it reaches."""
