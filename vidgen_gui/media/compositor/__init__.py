"""Moving pictures, crossfades and captions, drawn in a worker process and piped to FFmpeg."""
