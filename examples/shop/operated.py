"""The shop as it is operated: with the probes and metrics that manifests and alerts ask for."""

from __future__ import annotations

from jararaca import Microservice
from jararaca.integrations.health import Health
from jararaca.integrations.prometheus import Prometheus

from examples.shop.app import database, provider, sockets
from generated.accounts import routes as accounts
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse

app = Microservice(
    shop.SERVICE,
    warehouse.SERVICE,
    accounts.SERVICE,
    name="shop",
    providers=[provider],
    integrations=[database, sockets, Health(), Prometheus()],
)
