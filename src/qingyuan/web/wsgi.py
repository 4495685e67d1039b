"""The WSGI application that granian serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from django.core.wsgi import get_wsgi_application

from qingyuan.web.static_files import Application, StaticFiles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.settings")
application = StaticFiles(cast("Application", get_wsgi_application()), Path(__file__).with_name("static"))
