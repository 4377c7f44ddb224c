"""What outlives a reload, at which Gunicorn's master runs `serve/gunicorn.conf.py` again."""

from alpenglow._serve.room import Room, Rooms
from alpenglow._serve.settings import Settings
from alpenglow._serve.worker import Connections

connections = Connections()
rooms = Rooms(Room(0), Room(0))  # their sizes follow from the model
settings: Settings | None = None  # those in force
