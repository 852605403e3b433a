"""Reads COCO, VOC, YOLO, the OD API's csv or TFRecords; writes TFRecords, tables, label map, manifest, quarantine.

Decides the format, the splits where the data has none, and which images and boxes are fit to use."""
