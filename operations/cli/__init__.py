"""operations/cli"""
