"""Secrets made once per installation and kept, readable by their owner only, in `secrets.json` under CHATTER_VAR."""

import fcntl
import json
import os
import secrets
from pathlib import Path


def generated_secret(var: Path, name: str) -> str:
    """The secret called `name` under `var`, made at the first call (384 bits, URL-safe text)."""
    var.mkdir(parents=True, exist_ok=True)
    path = var / "secrets.json"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known: dict[str, str] = json.loads(file.read() or "{}")
        if name not in known:
            known[name] = secrets.token_urlsafe(48)
            file.seek(0)
            file.truncate()
            json.dump(known, file, indent=2)
    return known[name]
