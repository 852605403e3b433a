"""YOLO txt labels: with darknet's `obj.data`, Ultralytics' `data.yaml`, or labels beside or below `labels/`."""

from boxwright.convert.formats.yolo.read_yolo import READER as READER
