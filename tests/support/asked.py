# environment: authoring
"""What a compiled graph asks of KFP, as one digest for each task: inputs, command, retries and pod.

Descriptions and image tags have no part in it.
"""

import re
from typing import Any

import yaml

from boxwright.core.runtime import digests


def of(text: str) -> dict[str, str]:
    """By task; `defaults` are the default values of the graph's parameters. text: a compiled graph, both documents."""
    return {name: digests.of_json(one)[:16] for name, one in {**_tasks(text), "defaults": _defaults(text)}.items()}


def _tasks(text: str) -> dict[str, Any]:
    spec, platform = yaml.load_all(text, Loader=yaml.CSafeLoader)
    executors = spec["deploymentSpec"]["executors"]
    kubernetes = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    components = {"root": spec["root"], **spec["components"]}
    tasks = {name: task for one in components.values() for name, task in one.get("dag", {}).get("tasks", {}).items()}
    found = {}
    for name, task in sorted(tasks.items()):
        label = components[task["componentRef"]["name"]].get("executorLabel", "")
        container = executors[label]["container"] if label else {}
        words = {key: container[key] for key in ("command", "args", "resources") if key in container}
        words |= {"image": re.sub(r":[\w.-]+$", "", container["image"])} if label else {}
        policies = {key: task[key] for key in ("retryPolicy", "triggerPolicy", "cachingOptions") if key in task}
        found[name] = policies | words | {"inputs": task.get("inputs", {}), "kubernetes": kubernetes.get(label, {})}
    return found


def _defaults(text: str) -> dict[str, Any]:
    spec = next(iter(yaml.load_all(text, Loader=yaml.CSafeLoader)))
    return {
        name: one.get("defaultValue") for name, one in sorted(spec["root"]["inputDefinitions"]["parameters"].items())
    }
