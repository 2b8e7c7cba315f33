"""systemd: units of the processes, for a machine with the application in a folder of its own."""

from __future__ import annotations

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files, Process
from jararaca_compiler.deploying.names import systemd_assignment, systemd_text

HARDENING = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectControlGroups=yes",
    "RestrictSUIDSGID=yes",
    "RestrictNamespaces=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "LockPersonality=yes",
    "CapabilityBoundingSet=",
)
WORKER_NUMBER = "JARARACA_WORKER_NUMBER"


def systemd(deployment: Deployment) -> Files:
    """A unit a process; workers are instances, `NAME-worker@1`, each with ports of its own."""
    files = {
        f"systemd/{deployment.name}-{process.kind}{_instance(process)}.service": _unit(
            deployment, process
        )
        for process in deployment.processes
    }
    return {
        **files,
        f"systemd/{deployment.name}-topology.service": _topology(deployment),
    }


def directory(deployment: Deployment) -> str:
    """Where the application and its `.venv` stand."""
    return (deployment.settings.directory or f"/opt/{deployment.name}").rstrip("/")


def user(deployment: Deployment) -> str:
    """The account of the machine that the processes run under."""
    return deployment.settings.system_user or deployment.name[:31]


def _instance(process: Process) -> str:
    return "@" if process.kind == "worker" else ""


def _unit(deployment: Deployment, process: Process) -> str:
    number = [f"Environment={WORKER_NUMBER}=%i"] if process.kind == "worker" else []
    given = deployment.environment(process).items()
    return _text(
        _description(deployment, process.kind + (" %i" if process.kind == "worker" else "")),
        [
            "Type=exec",
            *_place(deployment, "env"),
            *(f"Environment={systemd_assignment(name, value)}" for name, value in given),
            *number,
            _start(deployment, process.command),
            "Restart=always",
            "RestartSec=5",
            "KillMode=mixed",
            f"TimeoutStopSec={deployment.grace}",
            *HARDENING,
        ],
        install=True,
    )


def _topology(deployment: Deployment) -> str:
    target = deployment.facts.target
    application = [f"Environment={systemd_assignment('APP_PATH', target)}"] if target else []
    return _text(
        _description(deployment, "topology"),
        [
            "Type=oneshot",
            *_place(deployment, "deploy.env"),
            *application,
            _start(deployment, ("jararaca", "topology", "apply")),
            *HARDENING,
        ],
        install=False,
    )


def _description(deployment: Deployment, kind: str) -> list[str]:
    return [
        f"Description={systemd_text(deployment.facts.name)[:80]} {kind}",
        "After=network-online.target",
        "Wants=network-online.target",
    ]


def _place(deployment: Deployment, environment: str) -> list[str]:
    return [
        f"User={user(deployment)}",
        f"WorkingDirectory={directory(deployment)}",
        f"EnvironmentFile=/etc/{deployment.name}/{environment}",
    ]


def _start(deployment: Deployment, command: tuple[str, ...]) -> str:
    return f"ExecStart={directory(deployment)}/.venv/bin/{' '.join(command)}"


def _text(unit: list[str], service: list[str], *, install: bool) -> str:
    sections = [["[Unit]", *unit], ["[Service]", *service]]
    if install:
        sections.append(["[Install]", "WantedBy=multi-user.target"])
    return HEADER + "\n\n".join("\n".join(section) for section in sections) + "\n"
