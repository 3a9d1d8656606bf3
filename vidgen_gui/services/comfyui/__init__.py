"""Speaking to a ComfyUI server: pictures made on somebody's graphics card, checked on arrival."""
