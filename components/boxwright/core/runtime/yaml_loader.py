"""Reads YAML that users wrote."""

from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """yaml.SafeLoader that refuses recursive aliases, as in `&a [*a]`: their value would have no end."""

    def construct_document(self, node: yaml.Node) -> Any:
        return self.construct_object(node, deep=True)
