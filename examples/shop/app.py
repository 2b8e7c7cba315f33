"""The example: three services that one worker runs."""

from __future__ import annotations

from jararaca import Microservice

from generated.accounts import routes as accounts
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse

app = Microservice(shop.SERVICE, warehouse.SERVICE, accounts.SERVICE, name="shop")
