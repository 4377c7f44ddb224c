"""What outlives a reload, at which Gunicorn's master runs `serve/gunicorn.conf.py` again."""

from alpenglow._serve.process.room import Room, Rooms
from alpenglow._serve.process.settings import Settings
from alpenglow._serve.process.worker import Connections

connections = Connections()
rooms = Rooms(Room(0), Room(0))  # their sizes follow from the model
settings: Settings | None = None  # those in force
