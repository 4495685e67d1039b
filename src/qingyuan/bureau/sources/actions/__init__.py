"""Acts on enterprises, outlets, devices, limits and tags."""

from qingyuan.bureau.sources.actions.adopt import adopt, read_adopted_again
from qingyuan.bureau.sources.actions.devices_file import COLUMNS, DevicesReport, import_devices
from qingyuan.bureau.sources.actions.replay import replay_frames
from qingyuan.bureau.sources.actions.settings import DeviceSettings, PolicySettings, set_device, set_policy
from qingyuan.bureau.sources.actions.tags import tag, withdraw_tag

__all__ = [
    "COLUMNS",
    "DeviceSettings",
    "DevicesReport",
    "PolicySettings",
    "adopt",
    "import_devices",
    "read_adopted_again",
    "replay_frames",
    "set_device",
    "set_policy",
    "tag",
    "withdraw_tag",
]
