"""The WSGI application that granian serves."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

from qingyuan.web.static_files import StaticFiles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.settings")
application = StaticFiles(get_wsgi_application(), Path(__file__).with_name("static"))
