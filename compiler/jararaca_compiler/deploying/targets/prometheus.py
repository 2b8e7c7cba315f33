"""Prometheus: what to scrape, and when to call somebody; plain, and for its operator."""

from __future__ import annotations

from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files
from jararaca_compiler.deploying.targets.alert_rules import alert_rules
from jararaca_compiler.deploying.targets.kubernetes import documents, metadata, selector

SCRAPE_SECONDS = 15


def prometheus(deployment: Deployment) -> Files:
    """Rules, a configuration that scrapes the processes by their names, and the two as objects."""
    groups = {"groups": [{"name": f"jararaca-{deployment.name}", "rules": alert_rules(deployment)}]}
    return {
        "prometheus/rules.yaml": HEADER + yaml_text(groups),
        "prometheus/prometheus.yaml": HEADER + yaml_text(_configuration(deployment)),
        "prometheus/operator.yaml": documents(
            [_pod_monitor(deployment), _rules(deployment, groups)]
        ),
    }


def _configuration(deployment: Deployment) -> dict[str, Any]:
    """For compose, and wherever a process's name leads to all of its replicas."""
    names = [each.kind for each in deployment.processes if each.observed]
    found = {"names": names, "type": "A", "port": _port(deployment)}
    return {
        "global": {
            "scrape_interval": f"{SCRAPE_SECONDS}s",
            "evaluation_interval": f"{SCRAPE_SECONDS}s",
        },
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": deployment.name, "dns_sd_configs": [found]}],
    }


def _port(deployment: Deployment) -> int:
    return deployment.facts.metrics_port or 9090


def _pod_monitor(deployment: Deployment) -> dict[str, Any]:
    labels = selector(deployment, "any")["matchLabels"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": metadata(deployment, "metrics"),
        "spec": {
            "jobLabel": "app.kubernetes.io/name",
            "selector": {
                "matchLabels": {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}
            },
            "podMetricsEndpoints": [{"port": "metrics", "interval": f"{SCRAPE_SECONDS}s"}],
        },
    }


def _rules(deployment: Deployment, groups: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata(deployment, "alerts"),
        "spec": groups,
    }
