"""What a model may ask for. Pure functions over what the engine has; none changes a target."""
