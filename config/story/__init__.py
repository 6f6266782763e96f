"""The main job, told once by a running studio: a client books over HTTP, and mail arrives.

Nothing is played: the appointment is booked like any client would, the messages are written, sent and received by
the studio's own programs, and what is said of them is read from the files that arrived. Every wait has an end.
"""

from config.story.mail import Received
from config.story.telling import Story

__all__ = ["Received", "Story"]
