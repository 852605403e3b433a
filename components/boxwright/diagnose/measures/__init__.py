"""What is measured on the data: pure functions over tables, boxes and crops, which several findings use."""
