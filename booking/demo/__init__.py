"""A room for the demo studio, Stillwater: its plain data, and a generator that fills its diaries.

Only `manage.py seed_demo` comes in here. Everything is invented; all mail addresses are of example.com and
example.org, and the telephone numbers are ones that nobody has.
"""
