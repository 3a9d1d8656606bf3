"""What is kept on disk: the queue, finished artifacts, the settings file. No stages, no Qt."""
