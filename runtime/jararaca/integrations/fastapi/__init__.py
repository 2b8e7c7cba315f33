"""FastAPI: requests as units of work, the services' documents and pages, and health probes."""

from jararaca.integrations.fastapi.bus import Bus
from jararaca.integrations.fastapi.dependencies import provided

__all__ = ["Bus", "provided"]
