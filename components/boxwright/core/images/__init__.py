"""Opens images of strangers: only named formats, within limits."""
