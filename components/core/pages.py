"""Self-contained HTML pages: one template, styles and pictures inside, nothing fetched from a network."""

import base64
import io
from importlib.resources import files
from typing import Any


def render(template: str, package: str, **values: Any) -> str:
    """Renders `package`'s jinja2 template; it may extend `base.html.j2` of boxwright.core. Values are escaped."""
    import jinja2

    loader = jinja2.FunctionLoader(lambda name: _text(package, name) or _text("boxwright.core", name))
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    return environment.get_template(template).render(**values)


def _text(package: str, name: str) -> str | None:
    file = files(package) / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def svg(figure: Any) -> str:
    """A matplotlib figure as an inline SVG element (mark it `|safe` in the template); the same figure gives the same text."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "boxwright"}):
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    return text.getvalue().partition("<svg")[1] + text.getvalue().partition("<svg")[2]


def data_uri(data: bytes, mime: str = "image/jpeg") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
