"""Self-contained HTML pages. Styles and images are embedded in the page, so it needs no network."""

import base64
import io
import re
import warnings
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from boxwright.core.runtime import printable

# Fonts with Chinese, Japanese and Korean characters. Matplotlib's own font lacks these. An installed font gives their widths.
_CJK = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans CJK TC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "IPAexGothic", "IPAGothic", "NanumGothic", "Unifont", "PingFang SC", "Hiragino Sans",
    "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS",
)  # fmt: skip
# A command with options, or an option with its value, and the mark that ends the sentence.
_COPIED = re.compile(r"`((?:boxwright [^`]*--|--[^` =]*[ =])[^`]*)`(?:[.;](?=\s|$)|$)")


def render(template: str, package: str, **values: Any) -> str:
    """Renders a jinja2 template of `package`. It may extend `base.html.j2` of boxwright.core.html.

    Values are escaped, and their control characters become codes. Only Markup, such as a chart from `svg`, is inserted as it is.
    """
    import jinja2

    loader = jinja2.FunctionLoader(lambda name: _text(package, name) or _text("boxwright.core.html", name))
    environment = jinja2.Environment(
        loader=loader, autoescape=True, finalize=_visible, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    environment.filters["prose"] = prose
    return environment.get_template(template).render(**values)


def prose(text: str) -> Markup:
    """A sentence as HTML. Text in backticks becomes code; everything else is escaped.

    A command with options, or an option with its value, gets a line of its own at the end of a sentence, without a full stop, so
    that it can be copied.
    """
    escaped = _COPIED.sub(r'<code class="command">\1</code>', str(escape(printable.visible(text))))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped))


def _text(package: str, name: str) -> str | None:
    file = files(package) / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _visible(value: Any) -> Any:
    return printable.visible(value) if type(value) is str else value


def svg(figure: Any) -> Markup:
    """A matplotlib figure as an inline SVG element. The same figure gives the same SVG.

    Text stays text, so that the browser can use a font that is not installed here.
    """
    import matplotlib

    text = io.StringIO()
    _letter(figure)
    with matplotlib.rc_context({"svg.hashsalt": "boxwright", "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    _, start, rest = printable.visible(text.getvalue()).partition("<svg")
    return Markup(start + rest)


def _letter(figure: Any) -> None:
    """Draws names literally, even `$5 bill $`. Only the tick labels of a logarithmic axis are formulas."""
    from matplotlib.axis import Axis
    from matplotlib.font_manager import fontManager
    from matplotlib.text import Text

    installed = set(fontManager.get_font_names())
    family = ["DejaVu Sans", *(name for name in _CJK if name in installed), "sans-serif"]
    logarithmic = (axis for axis in figure.findobj(Axis) if axis.get_scale() != "linear")
    powers = {label for axis in logarithmic for label in axis.get_ticklabels(which="both")}
    for text in figure.findobj(Text):
        text.set_parse_math(text in powers)
        text.set_fontfamily(family)


def data_uri(data: bytes, mime: str = "image/jpeg") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def svg_uri(picture: bytes) -> str:
    """An SVG file for the `src` of an <img>. A browser runs no script in it and loads nothing from outside, whoever wrote it."""
    return data_uri(picture, "image/svg+xml")
