"""The battery: short exercises that a candidate must survive beside the default scheduler."""
