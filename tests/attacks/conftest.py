"""The fixtures of convert's tests, in the environment that has convert."""

from importlib.util import find_spec

if find_spec("apache_beam"):
    from convert_fixtures import convert as convert
    from convert_fixtures import made as made
    from convert_fixtures import picture as picture
    from convert_fixtures import read as read
