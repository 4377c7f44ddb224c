"""What outlives a reload, at which Gunicorn's master runs `serve/gunicorn.conf.py` again."""

from serve.settings import Settings
from serve.worker import Connections

connections = Connections()
settings: Settings | None = None  # those in force
