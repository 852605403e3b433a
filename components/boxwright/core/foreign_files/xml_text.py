"""Reads XML that strangers wrote.

A short document type definition can stand for gigabytes: entities that repeat each other, and attributes that every element gets.
Annotations need neither, so both are refused before the document is built. External entities are never opened.
"""

from typing import NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from boxwright.core.runtime import limits

# The least memory of an element, in bytes for each `<`: an element has 100 and two of them.
_ELEMENT = 50


class InvalidXml(ValueError):
    """A text that is not read as XML. Its message is the end of a sentence."""


class _Root(Exception):
    """The first element: the document type definition ends before it."""


def parse(content: bytes, what: object) -> ElementTree.Element:
    """The root element. what: the file. Raises InvalidXml, and TooLarge if the elements need more memory than there is."""
    if len(content) > limits.SMALL:
        limits.check_memory(content.count(b"<") * _ELEMENT, what)
    try:
        _check_definitions(content)
        return ElementTree.fromstring(content)
    except InvalidXml:
        raise
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last two: an unknown encoding
        raise InvalidXml(str(error)) from None


def _check_definitions(content: bytes) -> None:
    """Raises InvalidXml if the document defines entities or attributes. Takes about a microsecond for a document without."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _at_root
    parser.EntityDeclHandler = parser.AttlistDeclHandler = _refuse
    try:
        parser.Parse(content)
    except _Root:
        pass
    except expat.ExpatError:
        pass  # ElementTree finds the same error


def _at_root(*_: object) -> NoReturn:
    raise _Root


def _refuse(*_: object) -> NoReturn:
    raise InvalidXml("it defines entities or attributes (<!ENTITY ...>, <!ATTLIST ...>), which annotations do not need")
