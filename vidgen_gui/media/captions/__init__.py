"""Captions that light up word by word: planned in pure code, drawn with Qt in a worker process."""
