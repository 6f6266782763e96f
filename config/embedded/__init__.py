"""The studio on one machine: PostgreSQL and Valkey from wheels, and the programs that make `make run`.

Production never imports this package. Nothing here reads Django's settings: it decides what they will say.
"""
