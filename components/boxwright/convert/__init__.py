"""Reads COCO, VOC, YOLO, the OD API's csv or TFRecords; writes TFRecords, tables, label map, manifest, quarantine.

It detects the format, makes splits if the data has none, and decides which images and boxes are usable."""
