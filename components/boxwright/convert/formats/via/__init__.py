"""VGG Image Annotator (VIA) 1 and 2: the project, or its annotations as json or csv, beside the images.

A region has a shape and attributes. The attribute that names the class is decided by its name, or because it is the only one.
"""

from boxwright.convert.formats.via.read_via import READER as READER
