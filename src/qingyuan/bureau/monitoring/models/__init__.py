from __future__ import annotations

from qingyuan.bureau.monitoring.models.files import ExportJob, ImportJob, ImportProfile
from qingyuan.bureau.monitoring.models.issued import IssuedValue
from qingyuan.bureau.values.models.stops import PlannedStop

__all__ = ["ExportJob", "ImportJob", "ImportProfile", "IssuedValue", "PlannedStop"]
