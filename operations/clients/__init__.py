"""operations/clients"""
