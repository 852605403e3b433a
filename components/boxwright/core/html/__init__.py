"""Base of the HTML pages, and the charts on them."""
