"""`/healthz`: is everything that should run running, and how far behind is it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from qingyuan import __version__, clock, process
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.queries.watchdog import watchdog
from qingyuan.intake.journal_damage import Damage

_BEHIND_S = 30.0


def healthz(request: HttpRequest) -> JsonResponse:
    """200 with the state of every role, 503 if one is down. Open without sign-in; says nothing of the data."""
    roles = {role: process.role_state(role) for role in process.ROLES}
    gateway = process.last_beat("gateway") or {}
    work = process.last_beat("work") or {}
    demo = process.read_json(process.run_dir() / "demo.json")
    problems = [str(work["error"])] if work.get("error") else []
    if gateway.get("journal_error"):
        problems.append(str(gateway["journal_error"]))
    problems += journal_problems(gateway, work)
    if gateway.get("register_error"):
        problems.append("数采网关读不到设备登记，沿用上一份；请看 /api/v1/gateway")
    if gateway.get("wishes_error"):
        problems.append("数采网关读不懂待发的请求，什么也没有发；请看 /api/v1/gateway")
    silence = watchdog()
    if silence.is_bad and roles["work"] == "ok":
        problems.append(silence.word)
    if demo is not None:
        # All that the devices sent in the past is read and judged, its days included.
        behind = work.get("behind_s", work.get("lag_s", 1e9))
        demo["ready"] = demo.get("state") == "live" and behind < _BEHIND_S and not work.get("due_days")
    problems += (away := _away())
    healthy = all(state == "ok" for state in roles.values()) and not away
    body = {
        "status": "down" if not healthy else ("degraded" if problems else "ok"),
        "version": __version__,
        "roles": roles,
        "demo": demo,
        "last_packet_at": gateway.get("last_packet_at"),
        "lag_s": _lag(gateway, work),
        "behind_s": work.get("behind_s"),
        "waiting": _waiting(work),
        "problems": problems,
        "watchdog": {
            "state": silence.state,
            "looked_at": silence.looked_at.isoformat() if silence.looked_at else None,
            "swept_at": silence.swept_at.isoformat() if silence.swept_at else None,
        },
        "at": clock.now().isoformat(),
    }
    return JsonResponse(body, status=200 if healthy else 503)


def journal_problems(*beats: dict[str, object]) -> list[str]:
    """What the gateway and the reader find wrong with the journal, each once, with what to do."""
    found: dict[str, None] = {}
    for beat in beats:
        told = beat.get("journal_damages")
        for row in told if isinstance(told, list) else []:
            damage = Damage(**row)
            found[f"{damage.words}；{damage.advice}"] = None
    return list(found)


def _waiting(work: dict[str, object]) -> dict[str, int | None]:
    """What has come in and is not read, or read and not judged yet: bytes of the journal, hours of series, days of points,
    series to be asked by the quality rules.

    most: when the queue was longest since it was last empty; unread_of: bytes that came since only the present was unread.
    None before the first heartbeat.
    """
    names = {"hours": "dirty", "most": "dirty_most", "days": "due_days", "quality": "quality_due"}
    names |= {"unread": "unread", "unread_of": "unread_of"}
    return {name: None if work.get(key) is None else int(str(work[key])) for name, key in names.items()}


def _away() -> list[str]:
    """The databases that cannot be asked just now, in words."""
    found = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        connection.close()
        found.append(f"主数据库连不上（{_first_line(error)}）；恢复后自动继续，收到的报文照常留存")
    try:
        readings().offset()
    except Exception as error:  # whatever the engine behind the store raises
        found.append(f"读数库连不上（{_first_line(error)}）；恢复后自动继续，收到的报文照常留存")
    return found


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:120]


def _lag(gateway: dict[str, object], work: dict[str, object]) -> float | None:
    """Seconds between now and the newest packet that nobody looked at yet; 0 when all is; None before the first heartbeat.

    A history may be unread for longer, while what is live is read before it: see behind_s and waiting.
    """
    if "lag_s" not in work:
        return None
    lag = float(str(work["lag_s"]))
    last = gateway.get("last_packet_at")
    if lag == 0 and last and int(str(gateway.get("journal_end", 0))) > int(str(work.get("looked_to", 0))):
        beat = datetime.fromtimestamp(float(str(work["at"])), UTC)
        return round(max(0.0, (clock.SystemClock().now() - beat).total_seconds()), 1)
    return lag
