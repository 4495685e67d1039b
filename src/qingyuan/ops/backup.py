"""One archive of an installation: SQL, readings, journal, evidence, in that order, each file with its digest.

The order matters: what is in the readings is in the journal that is copied after them, so a restored installation
reads on from its offset and loses nothing that was acknowledged before the backup began.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from qingyuan import __version__, clock, config
from qingyuan.intake.journal_damage import DAMAGE_FILE, POSITIONS_FILE
from qingyuan.intake.journal_packed import PACKED, PLAIN
from qingyuan.ops import folder
from qingyuan.ops.errors import OpsError
from qingyuan.ops.leftovers import LEFTOVER, sweep_leftovers
from qingyuan.ops.private import keep_private, make_private

MANIFEST = "MANIFEST.json"
_OF_THE_MOMENT = frozenset({POSITIONS_FILE, DAMAGE_FILE})
"""How far the journal was written when it was copied is said by the copy itself."""
WITNESS = "audit/seals.txt"
KEYS = "keys/subjects.sqlite"
_PLAIN = ("FORMAT", "secret.key", "settings.toml", "demo/county.json", "demo/player.json")


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=2000)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backup(out: Path, *, with_keys: bool = False) -> dict[str, object]:
    """Write the archive while everything runs; returns facts of it. Raises OpsError.

    with_keys: also the keys of sealed fields. Without them a destroyed key is destroyed for this archive too.
    """
    data = config.data_dir()
    if not (data / "FORMAT").exists():
        raise OpsError(f"{data} 不是清源的数据目录；请用 --data-dir 指定")
    on_server = bool(os.environ.get("QINGYUAN_DATABASE_URL"))
    digests: dict[str, str] = {}
    keep_private()
    sweep_leftovers(out.parent)
    mark = f"{LEFTOVER}{os.getpid()}-"
    temporary = out.with_name(f"{mark}{out.name}.part")
    try:
        with (
            tempfile.TemporaryDirectory(dir=out.parent, prefix=mark) as work,
            open(temporary, "wb", opener=_private) as raw,
            tarfile.open(fileobj=raw, mode="w") as archive,
        ):
            copies = Path(work)
            if (data / WITNESS).is_file():  # before the database, which may only know more than it
                _add(archive, data / WITNESS, WITNESS, digests)
            for name in ("main.sqlite", "readings/readings.sqlite", *([KEYS] if with_keys else [])):
                if (data / name).exists():
                    copy = copies / Path(name).name
                    _copy_database(data / name, copy)
                    _add(archive, copy, name, digests)
                    copy.unlink()
            for name in _archive_files(data):
                _add(archive, data / name, name, digests)
            for name in _PLAIN:
                if (data / name).is_file():
                    _add(archive, data / name, name, digests)
            for part in ("journal", "evidence", "imports", "rulebooks", "rules"):
                for path in sorted((data / part).rglob("*")):
                    if path.is_file() and path.suffix != ".lock" and path.name not in _OF_THE_MOMENT:
                        copy = copies / "file"
                        path = _copied(path, copy)  # noqa: PLW2901
                        _add(archive, copy, str(path.relative_to(data)), digests)
            server = "postgresql: 另用 pg_dump 备份" if on_server else "sqlite"
            manifest = {
                "main_database": server,
                "made_at": clock.now().isoformat(),
                "made_by": __version__,
                "format": folder.FORMAT,
            }
            content = json.dumps(manifest | {"files": digests}, ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        temporary.replace(out)
    except OSError as error:
        raise OpsError(f"备份没有完成（{error.strerror or error}）；请检查 {out.parent} 的空间和权限") from error
    finally:
        temporary.unlink(missing_ok=True)
    facts = {"out": str(out), "files": len(digests), "bytes": out.stat().st_size}
    away = ["主数据库"] * on_server + ["读数库尾部"] * bool(config.READINGS_DATABASE_URL.get())
    note = f"{'、'.join(away)}在 PostgreSQL 中，不在本备份内；请在本备份之前用 pg_dump 备份"
    return facts | ({"note": note} if away else {})


def _copied(path: Path, copy: Path) -> Path:
    """Copy a file; a segment of the journal that was packed meanwhile is copied as it lies now. Gives what was copied."""
    try:
        shutil.copyfile(path, copy)
    except FileNotFoundError:
        if path.suffix != PLAIN:
            raise
        path = path.with_suffix(PACKED)
        shutil.copyfile(path, copy)
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _archive_files(data: Path) -> list[str]:
    """The files of the readings archive in one version, newer than the copy of the tail made before; never changed."""
    if not (data / "readings" / "archive").exists():
        return []
    from qingyuan.bureau.base.store import open_readings

    with closing(open_readings()) as store:
        return [str(path.relative_to(data)) for path in store.files()]


def _add(archive: tarfile.TarFile, path: Path, name: str, digests: dict[str, str]) -> None:
    digests[name] = _digest(path)
    archive.add(path, name)


def restore(source: Path) -> dict[str, object]:
    """Fill an empty data folder from an archive, every digest checked before anything is put in place."""
    data = config.data_dir()
    if data.exists() and any(data.iterdir()):
        raise OpsError(
            f"数据目录 {data} 不是空的；恢复只写入空目录，请用 --data-dir 指定一个新目录，原有数据不会被改动"
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    keep_private()
    sweep_leftovers(data.parent)
    waiting = Path(tempfile.mkdtemp(dir=data.parent, prefix=f"{LEFTOVER}{os.getpid()}-{data.name}-"))
    try:
        manifest = _unpack(source, waiting)
        if int(manifest["format"]) > folder.FORMAT:
            raise OpsError(f"备份的格式为 {manifest['format']}，本程序只认识到 {folder.FORMAT}；请使用更新的程序")
        for name, digest in manifest["files"].items():
            path = waiting / name
            if not path.is_file() or _digest(path) != digest:
                raise OpsError(f"备份中的 {name} 缺失或与摘要不符；备份已损坏，没有恢复任何内容")
        make_private(waiting)
        if data.exists():
            data.rmdir()
        waiting.rename(data)
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        first = next(iter(str(error).splitlines()), "").rstrip(":- ")
        raise OpsError(f"{source} 不是完整的清源备份（{first}）；没有恢复任何内容") from error
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return {"data_dir": str(data), "files": len(manifest["files"]), "made_at": manifest["made_at"]}


def _unpack(source: Path, target: Path) -> dict:  # type: ignore[type-arg]
    with tarfile.open(source) as archive:
        archive.extractall(target, filter="data")
    return dict(json.loads((target / MANIFEST).read_text(encoding="utf-8")))
