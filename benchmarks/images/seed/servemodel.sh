#!/bin/sh
gunicorn --bind 127.0.0.1:8000 "app:create_app()" &
exec apache2ctl -DFOREGROUND
