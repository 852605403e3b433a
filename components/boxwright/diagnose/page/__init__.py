"""The HTML page of a diagnosis: its texts, its figures and the user's own images."""
