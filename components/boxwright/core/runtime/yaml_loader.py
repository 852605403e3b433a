"""YAML of the user's, in which nothing holds itself."""

from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """As it is, but an alias within what it stands for, as in `&a [*a]`, is an error: what comes of it has no end."""

    def construct_document(self, node: yaml.Node) -> Any:
        return self.construct_object(node, deep=True)
