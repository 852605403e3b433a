"""The csv of the OD API's tutorials: one row per object, with filename, width, height, class, xmin, ymin, xmax, ymax."""

from boxwright.convert.formats.csv.read_csv import READER as READER
