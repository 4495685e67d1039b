"""Acts on enterprises, outlets, devices, limits and tags."""

from qingyuan.bureau.sources.actions.adopt import adopt, read_adopted_again
from qingyuan.bureau.sources.actions.ask import fetch_now, set_time_now, take_back
from qingyuan.bureau.sources.actions.devices_file import COLUMNS, DevicesReport, import_devices
from qingyuan.bureau.sources.actions.enterprises import find_enterprise, put_enterprise
from qingyuan.bureau.sources.actions.in_use import restore, retire
from qingyuan.bureau.sources.actions.limit_rows import LIMIT_COLUMNS
from qingyuan.bureau.sources.actions.limits_file import LimitsReport, Problem, import_limits, undo_limits
from qingyuan.bureau.sources.actions.meters import link_meter, unlink_meter
from qingyuan.bureau.sources.actions.replay import replay_frames
from qingyuan.bureau.sources.actions.settings import DeviceSettings, PolicySettings, set_device, set_policy
from qingyuan.bureau.sources.actions.tag_checks import check_tag
from qingyuan.bureau.sources.actions.tags import supply, tag, withdraw_tag

__all__ = [
    "COLUMNS",
    "LIMIT_COLUMNS",
    "DeviceSettings",
    "DevicesReport",
    "LimitsReport",
    "PolicySettings",
    "Problem",
    "adopt",
    "check_tag",
    "fetch_now",
    "find_enterprise",
    "import_devices",
    "import_limits",
    "link_meter",
    "put_enterprise",
    "read_adopted_again",
    "replay_frames",
    "restore",
    "retire",
    "set_device",
    "set_policy",
    "set_time_now",
    "supply",
    "tag",
    "take_back",
    "undo_limits",
    "unlink_meter",
    "withdraw_tag",
]
