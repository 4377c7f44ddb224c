"""What outlives a reload, at which Gunicorn's master runs `serve/gunicorn.conf.py` again."""

from serve.room import Room, Rooms
from serve.settings import Settings
from serve.worker import Connections

connections = Connections()
rooms = Rooms(Room(0), Room(0))  # their sizes follow from the model
settings: Settings | None = None  # those in force
