"""operations/services"""
