"""Language model servers: which one is there, what fits, what it writes. Prompts live above."""
