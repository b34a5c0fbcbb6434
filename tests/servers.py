"""Databases that tests start for themselves."""

from __future__ import annotations

import getpass
import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest


def postgres_programs() -> Path | None:
    """The folder with the server's programs, of the newest version that is installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return Path(folders[-1]).parent if folders else None


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server: the one that SCOREC_POSTGRES names, or one that is started here for
    the tests and ends with them."""
    given = os.environ.get("SCOREC_POSTGRES")
    if given:
        yield given
        return
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (and SCOREC_POSTGRES names no server)")
    folder = tempfile.mkdtemp(prefix="scorec-postgres-")
    # The server refuses to run as root.
    as_user: list[str] = []
    if getpass.getuser() == "root":
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = f"{folder}/data"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_locks_per_transaction=256"
    try:
        started = subprocess.run(
            [*as_user, programs / "initdb", "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "tests"],
            capture_output=True,
            text=True,
        )
        if started.returncode == 0:
            started = subprocess.run(
                [*as_user, programs / "pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        if started.returncode != 0:
            pytest.skip(f"PostgreSQL does not start: {started.stderr.strip()[-200:]}")
        yield f"host={folder} user=tests dbname=postgres"
    finally:
        subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def dbt_python() -> str:
    """The Python in which dbt is installed with its adapter for DuckDB: the one that SCOREC_DBT names, or this one."""
    given = os.environ.get("SCOREC_DBT")
    if given:
        return given
    try:
        for name in ("dbt-core", "dbt-duckdb", "dbt-postgres"):
            distribution(name)
    except PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed (pip install 'scorec[dbt]'; SCOREC_DBT may name another Python)")
    return sys.executable


def needs_spark() -> None:
    """Skips a test where there is no Apache Spark."""
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'scorec[spark]')")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, and there is none")
