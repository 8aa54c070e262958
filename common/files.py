"""Files that others read while they are written, or after their writer was killed."""

import uuid
from pathlib import Path


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Put a file in its place at once: others find all of `content`, or what was there before. Raises OSError."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    part.touch(mode=mode)
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(path)
