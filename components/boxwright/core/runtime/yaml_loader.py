"""Reads YAML that users wrote."""

from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """yaml.SafeLoader that rejects recursive aliases such as `&a [*a]`, whose value would be infinite."""

    def construct_document(self, node: yaml.Node) -> Any:
        return self.construct_object(node, deep=True)
