"""The frame of the boxes: on which image they were drawn, of which size, turned by EXIF or not."""
