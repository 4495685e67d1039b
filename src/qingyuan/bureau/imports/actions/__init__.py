"""Acts on imports: take a file, dry run or for good, in the background with progress."""

from qingyuan.bureau.imports.actions.jobs import run_next_job, start_import, sweep_lost_jobs
from qingyuan.bureau.imports.actions.profiles import save_profile
from qingyuan.bureau.imports.actions.run import run_job

__all__ = ["run_job", "run_next_job", "save_profile", "start_import", "sweep_lost_jobs"]
