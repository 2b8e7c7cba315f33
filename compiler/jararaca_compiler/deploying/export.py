"""All targets together, and the record by which a later export tells its files from others'."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.targets.compose import compose
from jararaca_compiler.deploying.targets.docker import docker
from jararaca_compiler.deploying.targets.grafana import grafana
from jararaca_compiler.deploying.targets.keda import keda
from jararaca_compiler.deploying.targets.kubernetes import kubernetes
from jararaca_compiler.deploying.targets.prometheus import prometheus
from jararaca_compiler.deploying.targets.rabbitmq import rabbitmq
from jararaca_compiler.deploying.targets.readme import readme
from jararaca_compiler.deploying.targets.systemd import systemd
from jararaca_compiler.pipeline.recorded import Record

RECORD = Record("exported.json", "jararaca deploy export", "output in [tool.jararaca.deploy]")
MAKERS: Mapping[str, Callable[[Deployment], Files]] = {
    "docker": docker,
    "compose": compose,
    "kubernetes": kubernetes,
    "keda": keda,
    "systemd": systemd,
    "rabbitmq": rabbitmq,
    "prometheus": prometheus,
    "grafana": grafana,
}


def exported(deployment: Deployment) -> Files:
    """The texts of the chosen targets, by their paths below the output."""
    chosen = [make for name, make in MAKERS.items() if name in deployment.settings.targets]
    files = {path: text for make in (*chosen, readme) for path, text in make(deployment).items()}
    return dict(sorted(files.items()))
