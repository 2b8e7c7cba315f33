"""The shop as it is operated: with the probes and metrics that manifests and alerts ask for.

HEALTH_PORT and METRICS_PORT tell several processes on one machine apart.
"""

from __future__ import annotations

import os

from jararaca import Microservice
from jararaca.integrations.health import Health
from jararaca.integrations.prometheus import Prometheus

from examples.shop.app import database, provider, sockets
from generated.accounts import routes as accounts
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse

HEALTH_PORT = int(os.environ.get("HEALTH_PORT") or 8080)
METRICS_PORT = int(os.environ.get("METRICS_PORT") or 9090)

app = Microservice(
    shop.SERVICE,
    warehouse.SERVICE,
    accounts.SERVICE,
    name="shop",
    providers=[provider],
    integrations=[database, sockets, Health(HEALTH_PORT), Prometheus(METRICS_PORT)],
)
