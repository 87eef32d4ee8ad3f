"""A cache that forgets."""
import time

# How long an entry lives, in seconds.
LIFETIME = 60


def now():
    return time.monotonic()


@decorate
# Counts what is asked for.
class Cache:
    """Keeps values for some time."""

    hits: int = 0

    def __init__(self, lifetime=LIFETIME):
        self._entries = {}
        self._lifetime = lifetime

    @property
    def size(self):
        return len(self._entries)

    def get(self, key):
        """The value, or None when there is none or it is too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, stored = entry
        if now() - stored > self._lifetime:
            del self._entries[key]
            return None
        self.hits += 1
        return value


async def refresh(cache, keys, load):
    """Longer than a chunk may be, so it is cut between its statements."""
    def wanted(key):
        return cache.get(key) is None

    missing = [key for key in keys if wanted(key)]
    for key in missing:
        try:
            value = await load(key)
        except KeyError:
            value = None
        if value is not None:
            cache.put(key, value)

    for key in keys:
        if key not in missing:
            cache.touch(key)
            cache.count(key, kind="refresh", reason="asked for again")
