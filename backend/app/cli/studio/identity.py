"""Which user runs PostgreSQL. It refuses root, and `./easel up` as root (a container, a rented machine) must work.

Two ways, tried in this order unless the data already belongs to one of them:

1. become the user `nobody` (65534), when it can reach the binaries and the data folder;
2. a user namespace in which root is called 65534: the files stay root's own, so it works below a closed folder such
   as `/root`, where way 1 can't.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

NOBODY = 65534


class NoIdentity(Exception):
    """No user is left that PostgreSQL would accept; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`uid`: the user to become (None: stay). `prefix`: what to put before a command. `owner`: whose the files are."""

    uid: int | None = None
    prefix: tuple[str, ...] = ()
    owner: int | None = None

    def popen_arguments(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}


def choose_identity(folder: Path, binary: Path) -> Identity:
    """Who shall run `binary` on the data in `folder`."""
    owner = folder.stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise NoIdentity(
                f"{folder} belongs to user id {owner}, and PostgreSQL runs only as the owner of its data: "
                f"run ./easel as that user, or name another data folder with EASEL_HOME"
            )
        if not _has_name(os.geteuid()) and (named := _in_namespace()) is not None:
            return replace(named, owner=None)
        return Identity()
    candidates = [_as_user(NOBODY), _in_namespace()]
    if (folder / "data").exists():
        # Data keeps its owner when that still works, so that nothing is re-owned at each start.
        candidates.insert(0, _as_user(owner) if owner != 0 else _in_namespace())
    for candidate in candidates:
        if candidate is not None and _works(candidate, folder, binary):
            return candidate
    raise NoIdentity(
        "PostgreSQL refuses to run as root, the user nobody can't reach "
        f"{folder} or {binary}, and this system allows no user namespaces. Do one of these: run ./easel as an ordinary "
        "user; set EASEL_HOME to a folder outside closed ones such as /root (and put the clone there); "
        "or set EASEL_DATABASE_URL to a PostgreSQL of your own"
    )


def give_to(identity: Identity, path: Path) -> None:
    """Make `path`, and all below it, the identity's own."""
    if identity.owner is None or path.lstat().st_uid == identity.owner:
        return
    for parent, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.lchown(Path(parent, name), identity.owner, identity.owner)
    # The top last: an interrupted walk is found and repeated at the next start.
    os.lchown(path, identity.owner, identity.owner)


def _has_name(uid: int) -> bool:
    """A container may run as a number that /etc/passwd does not know, and PostgreSQL insists on a name."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _as_user(uid: int) -> Identity:
    return Identity(uid=uid, owner=uid)


def _in_namespace() -> Identity | None:
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    if unshare is None or setpriv is None:
        return None
    prefix = (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    # Entering the namespace clears the death signal that our fork set, so it is set again inside.
    return Identity(prefix=(*prefix, setpriv, "--pdeathsig", "INT"), owner=0)


def _works(identity: Identity, folder: Path, binary: Path) -> bool:
    """Whether it can run the binary and pass through to the folder."""
    for command in ([str(binary), "--version"], ["test", "-x", str(folder.parent)]):
        try:
            result = subprocess.run(
                [*identity.prefix, *command], capture_output=True, check=False, timeout=20, **identity.popen_arguments()
            )
        except (OSError, subprocess.SubprocessError):
            return False
        if result.returncode != 0:
            return False
    return True
