"""Reads a trained model or a .tflite file and the records; writes COCO metrics, curves and detections.

It makes no decisions; it only measures."""
