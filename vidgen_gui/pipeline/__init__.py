"""How a video is made, without Qt: stages, the queue at work, delivery, the set-up check."""
