"""The testing kit: drive handlers without a broker and without sleeping, and make messages."""

from jararaca.testing.bus import BusyError, TestBus
from jararaca.testing.contract import ContractCase, contract_cases
from jararaca.testing.fixture import bus_fixture
from jararaca.testing.payloads import NoExampleError, example, generated
from jararaca.testing.recorded import RecordedCase, recorded_cases

__all__ = [
    "BusyError",
    "ContractCase",
    "NoExampleError",
    "RecordedCase",
    "TestBus",
    "bus_fixture",
    "contract_cases",
    "example",
    "generated",
    "recorded_cases",
]
