"""Acts on imports: take a file, dry run or for good, in the background with progress."""

from qingyuan.bureau.imports.actions.enterprises_file import EnterprisesReport, import_enterprises
from qingyuan.bureau.imports.actions.jobs import run_next_job, start_import, sweep_lost_jobs
from qingyuan.bureau.imports.actions.places_file import PlacesReport, import_places
from qingyuan.bureau.imports.actions.points_file import PointsChoice, PointsReport, import_points, register_point
from qingyuan.bureau.imports.actions.profiles import save_profile
from qingyuan.bureau.imports.actions.rosters import put_area_in_roster
from qingyuan.bureau.imports.actions.run import run_job
from qingyuan.bureau.imports.actions.undo import run_undo, undo_import

__all__ = [
    "EnterprisesReport",
    "PlacesReport",
    "PointsChoice",
    "PointsReport",
    "import_enterprises",
    "import_places",
    "import_points",
    "put_area_in_roster",
    "register_point",
    "run_job",
    "run_next_job",
    "run_undo",
    "save_profile",
    "start_import",
    "sweep_lost_jobs",
    "undo_import",
]
