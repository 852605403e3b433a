"""What two steps need lives here once: boxes, labels, anchors, records, tables, findings, recipe, step I/O, errors."""
