"""Reads COCO json, Pascal VOC or YOLO txt; writes TFRecords, tables, label map, manifest and quarantine.

Decides the format, the splits where the data has none, and which images and boxes are fit to use."""
