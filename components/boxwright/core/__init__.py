"""Code that several steps share: boxes, labels, anchors, records, tables, findings, recipe, step I/O, errors."""
