"""Names the tool that wrote annotations which no format reads, and what to export instead."""
