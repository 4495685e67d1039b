"""Series as people write them: by MN and factor code."""

from __future__ import annotations

from qingyuan.bureau.base.factors import item_of
from qingyuan.bureau.line.models import Channel, Device


def series_patterns(text: str) -> list[str]:
    """What a person writes for series, as patterns of the store: a device's MN and factor codes are looked up.

    `MN` stands for all points of the device, `MN/factor code` for that channel; anything else is taken as it is.
    """
    head, _, rest = text.partition("/")
    channels = Channel.objects.filter(device__mn=head)
    device = Device.objects.filter(mn=head).select_related("point").first()
    if device is None:
        return [text]
    points = set(channels.values_list("point__code", flat=True))
    if device.point:
        points.add(device.point.code)
    if not rest:
        return sorted(points)
    code, slash, tail = rest.partition("/")
    channel = channels.filter(factor_code=code).select_related("point").first()
    item = channel.item if channel else item_of(code, device.system_type)[0]
    return sorted({f"{point}/{item}{slash}{tail}" for point in ({channel.point.code} if channel else points)})
