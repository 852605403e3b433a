"""The base template of the HTML pages, and their charts."""
