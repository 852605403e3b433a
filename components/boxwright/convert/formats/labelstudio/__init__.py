"""Label Studio's own json (JSON or JSON-MIN): a list of tasks, with regions in percent of the image."""

from boxwright.convert.formats.labelstudio.read_tasks import READER as READER
