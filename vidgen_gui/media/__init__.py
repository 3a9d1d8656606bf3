"""Sound and picture: painting, composing, mixing, captions, rendering."""
