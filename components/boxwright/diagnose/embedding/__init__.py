"""What the initial weights see in the pictures: the activations of their backbone on objects and backgrounds."""
