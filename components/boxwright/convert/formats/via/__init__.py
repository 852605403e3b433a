"""VGG Image Annotator (VIA): the project (of VIA 2 or 3), or the annotations as json or csv (of VIA 1 or 2).

A region has a shape and attributes. The attribute that names the class is decided by its name, or because it is the only one.
"""

from boxwright.convert.formats.via.read_via import READER as READER
